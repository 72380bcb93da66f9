"""The record of an institution: opened, corrected, closed."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.institutions import permissions
from xinglin.institutions.actions.agreements import end_at_once
from xinglin.institutions.actions.stays import empty
from xinglin.institutions.actions.texts import text
from xinglin.institutions.data import InstitutionIn
from xinglin.institutions.events import Event
from xinglin.institutions.models import Institution
from xinglin.institutions.states import INSTITUTION_TRANSITIONS, InstitutionStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, wrong
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

MOST_BEDS = 20_000


@transaction.atomic
def record_institution(*, content: InstitutionIn, keeper_id: int, by: Actor, at: datetime) -> Institution:
    """Write down an institution in the place of a unit, which keeps its record.

    :raises NotPermitted: the actor does not sign for that unit
    :raises Conflict: one of that name is open there
    """
    permissions.may_record(by, keeper_id).require()
    try:
        with transaction.atomic():
            found = Institution.objects.create(
                keeper_id=keeper_id,
                status_changed_at=at,
                created_at=at,
                created_by=by.user_id,
                **_facts(content, at=at),
            )
    except IntegrityError as error:
        raise _twice() from error
    note_status(found, by=by, at=at, place=keeper_id)
    announce(Event.RECORDED, obj=found, by=by, at=at, place=keeper_id, kind=found.kind)
    return found


@transaction.atomic
def edit_institution(*, institution: Institution, content: InstitutionIn, by: Actor, at: datetime) -> Institution:
    """Correct what is written down.

    :raises NotPermitted: the actor neither keeps nor serves it
    :raises Conflict: it is closed, or another of that name is open there
    """
    fresh = Institution.objects.select_for_update(of=("self",)).select_related("keeper").get(pk=institution.pk)
    permissions.may_edit(by, fresh).require()
    facts = _facts(content, at=at)
    changed = sorted(name for name, value in facts.items() if getattr(fresh, name) != value)
    for name, value in facts.items():
        setattr(fresh, name, value)
    try:
        with transaction.atomic():
            fresh.save(update_fields=changed)
    except IntegrityError as error:
        raise _twice() from error
    announce(Event.EDITED, obj=fresh, by=by, at=at, place=fresh.keeper_id, fields=changed)
    return fresh


@transaction.atomic
def close_institution(*, institution: Institution, reason: str, by: Actor, at: datetime) -> Institution:
    """Close it for good: its agreements end, and nobody lives there any more. :raises Conflict: it is closed"""
    permissions.may_close(by, institution).require()
    why, today = text("reason", reason, 200, required=True), clock.today(at)
    move(
        institution, table=INSTITUTION_TRANSITIONS, to=InstitutionStatus.CLOSED, by=by, at=at,
        place=institution.keeper_id, reason=why, closed_on=today,
    )  # fmt: skip
    end_at_once(institution, "closed", by=by, at=at)
    empty(institution, on=today, by=by, at=at)
    announce(Event.CLOSED, obj=institution, by=by, at=at, place=institution.keeper_id, reason=why)
    return institution


def _facts(content: InstitutionIn, *, at: datetime) -> dict[str, object]:
    if content.kind not in Institution.Kind.values:
        raise wrong("kind", _("请选择机构类别。"))
    if content.opened_on > clock.today(at):
        raise wrong("opened_on", _("不能晚于今天。"))
    if content.beds is not None and not 0 <= content.beds <= MOST_BEDS:
        raise wrong("beds", _("请核对床位数。"))
    phone = text("phone", content.phone, 20)
    if phone and not all(each.isdecimal() or each in "+- " for each in phone):
        raise wrong("phone", _("电话只含数字。"))
    return {
        "name": text("name", content.name, 80, required=True), "kind": content.kind,
        "address": text("address", content.address, 120, required=True),
        "responsible": text("responsible", content.responsible, 40, required=True), "phone": phone or None,
        "beds": content.beds, "opened_on": content.opened_on,
    }  # fmt: skip


def _twice() -> Conflict:
    return Conflict(_("本机构辖区内已有同名的在营机构。"), code="name-taken")
