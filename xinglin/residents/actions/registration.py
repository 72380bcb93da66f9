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
from xinglin.residents.banner import known_conditions
from xinglin.residents.events import Event
from xinglin.residents.fields import check_plain
from xinglin.residents.models import Resident

#: Fields with a rule of their own; the others are those of `fields.PLAIN`.
SPECIAL = ("name", "sex", "born_on", "division_code", "phone", "card", "id_kind", "id_number", "guardian_id_number")


@transaction.atomic
def register_resident(
    *,
    managed_by_id: int,
    by: Actor,
    at: datetime,
    registered_at_id: int | None = None,
    acknowledged_matches: Collection[UUID] = (),
    **fields: Any,
) -> Resident:
    """Register a person who has no registration yet.

    `fields` are `SPECIAL` and `fields.PLAIN`: name, sex and born_on are needed; id_kind is RESIDENT_ID unless said.
    People without a document (NONE) are told apart by name, sex, birth date, and a guardian's identity number or a
    telephone number. Without division_code the managing facility's is taken. Every probable match found must be named
    in `acknowledged_matches`: somebody looked at it and says it is another person.

    :raises NotPermitted: no right to register at `registered_at_id` (default: where the actor works)
    :raises InvalidInput: by field
    :raises AlreadyRegistered: the same identity is registered; says so, masked
    :raises ProbableMatches: likely the same person; carries the matches with reasons
    """
    place = registered_at_id or by.place or managed_by_id
    permissions.may_register(by, facility_id=place).require()
    resident = _draft(managed_by_id, place, by=by, at=at)
    needed = {"name": "", "sex": "", "born_on": None, "id_kind": Resident.IdKind.RESIDENT_ID, "id_number": ""}
    _write(resident, needed | fields, today=clock.today(at))
    duplicates.refuse_exact(resident, by=by)
    duplicates.refuse_unseen_matches(resident, acknowledged=acknowledged_matches, by=by)
    resident.number = next_number("P", at)
    _save(resident, by=by)
    resident.refresh_from_db()  # the database wrote the tenant
    _enter(resident, place, by=by, at=at, n_acknowledged=len(set(acknowledged_matches)))
    return resident


@transaction.atomic
def edit_resident(*, resident: Resident, changes: Mapping[str, Any], by: Actor, at: datetime) -> Resident:
    """Change named fields, those of `SPECIAL` and `fields.PLAIN`. What is not named stays.

    :raises NotPermitted: no right to edit where the resident is on a roster
    :raises Conflict: merged meanwhile
    :raises InvalidInput: by field
    :raises AlreadyRegistered: the new identity belongs to another registration
    """
    permissions.may_edit(by, resident).require()
    fresh = Resident.objects.select_for_update(of=("self",)).select_related("managed_by").get(pk=resident.pk)
    policies.can_be_edited(fresh).require()
    before, changes = _comparable(fresh), dict(changes)
    if "conditions" in changes:  # what the editor may not know of, he did not see and cannot have taken away
        hidden = [slug for slug in fresh.conditions if slug not in known_conditions(fresh, by)]
        changes["conditions"] = [
            *(changes["conditions"] or []),
            *(slug for slug in hidden if slug not in (changes["conditions"] or [])),
        ]
    _write(fresh, changes, today=clock.today(at))
    changed = sorted(field for field, value in _comparable(fresh).items() if before[field] != value)
    if not changed:
        return fresh
    if "identity_index" in changed:
        duplicates.refuse_exact(fresh, by=by)
    _save(fresh, by=by)
    if "name" in changed:
        roster.rename_on_rosters(fresh)
    named = [field for field in changed if not field.endswith("_index")]
    announce(Event.EDITED, obj=fresh, subject=fresh.uuid, by=by, at=at, fields=named)
    return fresh


def _draft(managed_by_id: int, place: int, *, by: Actor, at: datetime) -> Resident:
    resident = Resident(
        managed_by_id=managed_by_id,
        status_changed_at=at,
        registered_at=at,
        registered_by=by.user_id,
        registered_at_facility_id=place,
    )
    resident.division_code = _division_of_manager(resident)
    return resident


def _enter(resident: Resident, place: int, *, by: Actor, at: datetime, n_acknowledged: int) -> None:
    """The first status, and the rosters: of who manages him, of the units above, and of where he was registered."""
    note_status(resident, by=by, at=at, place=place)
    roster.place_under_management(resident, at=at)
    if place not in roster.managing_ids(resident):
        roster.note_on_roster(resident=resident, facility_id=place, basis=roster.Basis.VISIT, at=at)
    announce(
        Event.REGISTERED,
        obj=resident,
        subject=resident.uuid,
        by=by,
        at=at,
        place=place,
        id_kind=resident.id_kind,
        n_acknowledged=n_acknowledged,
    )


def _save(resident: Resident, *, by: Actor) -> None:
    """Save; of two registrations of one identity at the same moment the constraint lets one through."""
    try:
        with transaction.atomic():
            resident.save()
    except IntegrityError as error:
        if "one_resident_per_identity" not in str(error):
            raise
        duplicates.refuse_exact(resident, by=by)
        raise


def _write(resident: Resident, values: dict[str, Any], *, today: date) -> None:
    """Put the fields named into the row, each checked. The document comes last: it must agree with the others."""
    plain = check_plain({field: value for field, value in values.items() if field not in SPECIAL})
    for field, value in plain.items():
        setattr(resident, field, value)
    if "name" in values:
        resident.name = names.normalise(values["name"])
        resident.pinyin, resident.initials = names.pinyin(resident.name), names.initials(resident.name)
    if "sex" in values:
        resident.sex = _sex(values["sex"])
    if "born_on" in values:
        resident.born_on = _born_on(values["born_on"], today)
    if values.get("division_code"):
        resident.division_code = _division(values["division_code"])
    if "phone" in values:
        _write_phone(resident, values["phone"])
    if "card" in values:
        resident.card_index = identity.card_index(values["card"]) if values["card"].strip() else None
    if {"id_kind", "id_number"} & values.keys():
        anchor = values.get("guardian_id_number") or resident.phone or ""
        number = values.get("id_number", resident.id_number or "")
        _write_document(resident, values.get("id_kind", resident.id_kind), number, anchor=anchor, today=today)
    elif {"sex", "born_on"} & values.keys() and resident.id_number:
        document = identity.check_document(resident.id_kind, resident.id_number, on=today)
        identity.check_agreement(document, born_on=resident.born_on, sex=resident.sex)


def _comparable(resident: Resident) -> dict[str, Any]:
    values = {field.attname: getattr(resident, field.attname) for field in Resident._meta.concrete_fields}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}


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


def _born_on(value: Any, today: date) -> date:
    if not isinstance(value, date):
        raise InvalidInput(_("请填写出生日期。"), fields={"born_on": _("请填写出生日期。")})
    identity.check_birth_date(value, on=today)
    return value


def _sex(value: str) -> str:
    if value not in Resident.Sex.values:
        raise InvalidInput(_("请选择性别。"), fields={"sex": _("请选择性别。")})
    return value


def _division(code: str) -> str:
    if not (code.isascii() and code.isdecimal() and len(code) in {2, 4, 6, 9, 12}):
        message = _("行政区划代码应为 6、9 或 12 位数字。")
        raise InvalidInput(message, fields={"division_code": message})
    return code
