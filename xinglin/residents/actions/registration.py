"""Register a resident, and change what is registered."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import note_status
from xinglin.residents import duplicates, identity, names, permissions, policies, roster
from xinglin.residents.events import Event
from xinglin.residents.fields import check_plain
from xinglin.residents.models import Resident


@transaction.atomic
def register_resident(  # noqa: PLR0913 - a registration form has this many boxes
    *,
    name: str,
    sex: str,
    born_on: date,
    managed_by_id: int,
    by: Actor,
    at: datetime,
    id_kind: str = Resident.IdKind.RESIDENT_ID,
    id_number: str = "",
    guardian_id_number: str = "",
    phone: str = "",
    card: str = "",
    division_code: str = "",
    registered_at_id: int | None = None,
    acknowledged_matches: Collection[UUID] = (),
    **plain: Any,
) -> Resident:
    """Register a person who has no registration yet.

    People without a document (`id_kind` NONE) are told apart by name, sex, birth date, and a guardian's identity number
    or a telephone number. Without `division_code` the managing facility's is taken. `plain` takes the fields of `fields.PLAIN`. Every probable match found must be named in
    `acknowledged_matches`: somebody looked at it and says it is another person.

    :raises NotPermitted: no right to register at `registered_at_id` (default: where the actor works)
    :raises InvalidInput: by field
    :raises AlreadyRegistered: the same identity is registered; says so, masked
    :raises ProbableMatches: likely the same person; carries the matches with reasons
    """
    place = registered_at_id or by.place or managed_by_id
    permissions.may_register(by, facility_id=place).require()
    today = clock.today(at)
    resident = Resident(
        managed_by_id=managed_by_id, born_on=born_on, sex=_sex(sex), status_changed_at=at,
        registered_at=at, registered_by=by.user_id, registered_at_facility_id=place, **check_plain(plain),
    )  # fmt: skip
    managers = _division_of_manager(resident)
    resident.division_code = _division(division_code) if division_code else managers
    _write_name(resident, name)
    identity.check_birth_date(born_on, on=today)
    _write_phone(resident, phone)
    _write_document(resident, id_kind, id_number, anchor=guardian_id_number or resident.phone or "", today=today)
    resident.card_index = identity.card_index(card) if card.strip() else None
    duplicates.refuse_exact(resident, by=by)
    duplicates.refuse_unseen_matches(resident, acknowledged=acknowledged_matches, by=by)
    _insert(resident, at=at, by=by)
    note_status(resident, by=by, at=at, place=place)
    roster.place_under_management(resident, at=at)
    if place not in roster.managing_ids(resident):
        roster.note_on_roster(resident=resident, facility_id=place, basis=roster.Basis.VISIT, at=at)
    announce(
        Event.REGISTERED, obj=resident, subject=resident.uuid, by=by, at=at, place=place, id_kind=resident.id_kind,
        n_acknowledged=len(set(acknowledged_matches)),
    )  # fmt: skip
    return resident


def _insert(resident: Resident, *, by: Actor, at: datetime) -> None:
    """Save; of two registrations at the same moment the constraint lets one through."""
    resident.number = next_number("P", at)
    try:
        with transaction.atomic():
            resident.save(force_insert=True)
    except IntegrityError as error:
        if "one_resident_per_identity" not in str(error):
            raise
        duplicates.refuse_exact(resident, by=by)
        raise
    resident.refresh_from_db()  # the database wrote the tenant


@transaction.atomic
def edit_resident(*, resident: Resident, changes: Mapping[str, Any], by: Actor, at: datetime) -> Resident:
    """Change named fields: name, sex, born_on, id_kind with id_number, guardian_id_number, phone, card, division_code,
    and those of `fields.PLAIN`. What is not named stays.

    :raises NotPermitted: no right to edit where the resident is on a roster
    :raises Conflict: merged meanwhile
    :raises InvalidInput: by field
    :raises AlreadyRegistered: the new identity belongs to another registration
    """
    permissions.may_edit(by, resident).require()
    fresh = Resident.objects.select_for_update(of=("self",)).select_related("managed_by").get(pk=resident.pk)
    policies.can_be_edited(fresh).require()
    wanted = dict(changes)
    special = {"name", "sex", "born_on", "id_kind", "id_number", "guardian_id_number", "phone", "card", "division_code"}
    plain = check_plain({field: wanted.pop(field) for field in list(wanted) if field not in special})
    before = _comparable(fresh)
    for field, value in plain.items():
        setattr(fresh, field, value)
    _apply(fresh, wanted, today=clock.today(at))
    changed = sorted(field for field, value in _comparable(fresh).items() if before[field] != value)
    if not changed:
        return fresh
    if "identity_index" in changed:
        duplicates.refuse_exact(fresh, by=by)
    try:
        with transaction.atomic():
            fresh.save()
    except IntegrityError as error:
        if "one_resident_per_identity" not in str(error):
            raise
        duplicates.refuse_exact(fresh, by=by)
        raise
    if "name" in changed:
        roster.rename_on_rosters(fresh)
    announce(Event.EDITED, obj=fresh, subject=fresh.uuid, by=by, at=at, fields=[f for f in changed if not f.endswith("_index")])
    return fresh


def _apply(resident: Resident, wanted: dict[str, Any], *, today: date) -> None:
    if "name" in wanted:
        _write_name(resident, wanted["name"])
    if "sex" in wanted:
        resident.sex = _sex(wanted["sex"])
    if "born_on" in wanted:
        identity.check_birth_date(wanted["born_on"], on=today)
        resident.born_on = wanted["born_on"]
    if "division_code" in wanted:
        resident.division_code = _division(wanted["division_code"])
    if "phone" in wanted:
        _write_phone(resident, wanted["phone"])
    if "card" in wanted:
        resident.card_index = identity.card_index(wanted["card"]) if wanted["card"].strip() else None
    kind = wanted.get("id_kind", resident.id_kind)
    if {"id_kind", "id_number"} & wanted.keys():
        anchor = wanted.get("guardian_id_number") or resident.phone or ""
        _write_document(resident, kind, wanted.get("id_number", resident.id_number or ""), anchor=anchor, today=today)
    elif {"sex", "born_on"} & wanted.keys() and resident.id_number:
        document = identity.check_document(kind, resident.id_number, on=today)
        identity.check_agreement(document, born_on=resident.born_on, sex=resident.sex)


def _comparable(resident: Resident) -> dict[str, Any]:
    values = {field.attname: getattr(resident, field.attname) for field in Resident._meta.concrete_fields}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}


def _write_name(resident: Resident, name: str) -> None:
    resident.name = names.normalise(name)
    resident.pinyin, resident.initials = names.pinyin(resident.name), names.initials(resident.name)


def _write_phone(resident: Resident, phone: str) -> None:
    number = identity.normalise_phone(phone or "")
    resident.phone = number or None
    resident.phone_index = identity.phone_index(number) if number else None


def _write_document(resident: Resident, kind: str, number: str, *, anchor: str, today: date) -> None:
    if kind == Resident.IdKind.NONE:
        if not anchor.strip():
            message = _("没有证件的，请填写监护人身份证号或联系电话，用来与同名的人区分。")
            raise InvalidInput(message, fields={"guardian_id_number": message}, code="id-anchor")
        resident.id_number = None
        resident.identity_index = identity.identity_without_document(
            name=resident.name, sex=resident.sex, born_on=resident.born_on, anchor=anchor
        )
    else:
        document = identity.check_document(kind, number, on=today)
        identity.check_agreement(document, born_on=resident.born_on, sex=resident.sex)
        resident.id_number, resident.identity_index = document.number, document.index
    resident.id_kind = kind


def _division_of_manager(resident: Resident) -> str:
    try:
        return str(resident.managed_by.division.code)
    except ObjectDoesNotExist:
        message = _("没有这个机构。")
        raise InvalidInput(message, fields={"managed_by": message}) from None


def _sex(value: str) -> str:
    if value not in Resident.Sex.values:
        raise InvalidInput(_("请选择性别。"), fields={"sex": _("请选择性别。")})
    return value


def _division(code: str) -> str:
    if not (code.isascii() and code.isdigit() and len(code) in {2, 4, 6, 9, 12}):
        message = _("行政区划代码应为 6、9 或 12 位数字。")
        raise InvalidInput(message, fields={"division_code": message})
    return code
