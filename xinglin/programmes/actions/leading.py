"""While in a programme, and out of it: pause, resume, lose, graduate, end, hand over, another version."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.programmes import judging, permissions, policies, secrecy
from xinglin.programmes.actions import agenda, alerting
from xinglin.programmes.actions.settling import settle_resident
from xinglin.programmes.actions.texts import code, required, text
from xinglin.programmes.data import Because, EndReason, Preview
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment, VersionMove
from xinglin.programmes.queries import may_be_lost
from xinglin.programmes.states import ACTIVE, TRANSITIONS, Status


@transaction.atomic
def pause_enrolment(*, enrolment: Enrolment, reason: str, by: Actor, at: datetime) -> Enrolment:
    """Stop the clock for a while, e.g. a long stay elsewhere, with the reason."""
    return _step(enrolment, Status.PAUSED, Event.PAUSED, reason=required("reason", reason), by=by, at=at)


@transaction.atomic
def resume_enrolment(*, enrolment: Enrolment, by: Actor, at: datetime) -> Enrolment:
    """Go on managing, due today."""
    policies.can_be_managed(enrolment.resident).require()
    return _step(enrolment, Status.ENROLLED, Event.RESUMED, by=by, at=at, next_due_on=clock.today(at))


@transaction.atomic
def mark_lost(*, enrolment: Enrolment, by: Actor, at: datetime) -> Enrolment:
    """Note that the resident cannot be found; possible after tries on several days.

    :raises Conflict: there were too few tries
    """
    permissions.may_step(by, enrolment, Status.LOST).require()
    may_be_lost(enrolment.resident_id).require()
    return _step(enrolment, Status.LOST, Event.LOST, by=by, at=at)


@transaction.atomic
def graduate_enrolment(*, enrolment: Enrolment, reason_code: str, note: str = "", by: Actor, at: datetime) -> Enrolment:
    """End because an aim of the programme is reached. Where the latest visit does not show it, who knows it says how.

    :raises InvalidInput: the programme has no such aim; or the record does not show it and nobody wrote why
    """
    permissions.may_step(by, enrolment, Status.GRADUATED).require()
    reasons = judging.graduation_reasons(enrolment)
    if reason_code not in reasons:
        raise InvalidInput(_("请选择结案原因。"), fields={"reason_code": _("请从列表中选择。")})
    said = text("note", note)
    if not said and not judging.shows_reached(enrolment, reason_code):
        raise InvalidInput(
            _("最近一次随访未显示“%(aim)s”，请写明依据。") % {"aim": reasons[reason_code]},
            fields={"note": _("请写明依据。")}, code="aim-not-shown",
        )  # fmt: skip
    ended = {"ended_on": clock.today(at), "end_reason": reason_code}
    return _step(
        enrolment, Status.GRADUATED, Event.GRADUATED, reason_code=reason_code, reason=said, by=by, at=at, **ended,
    )  # fmt: skip


@transaction.atomic
def end_enrolment(*, enrolment: Enrolment, reason_code: str, note: str = "", by: Actor, at: datetime) -> Enrolment:
    """End managing with a coded reason; “other” wants words."""
    chosen = code("reason_code", reason_code, EndReason)
    note = required("note", note) if chosen == EndReason.OTHER else text("note", note)
    ended = {"ended_on": clock.today(at), "end_reason": chosen}
    return _step(enrolment, Status.ENDED, Event.ENDED, reason_code=chosen, reason=note, by=by, at=at, **ended)


@transaction.atomic
def move_to_version(*, enrolment: Enrolment, version: str, by: Actor, at: datetime) -> Preview:
    """Have an enrolment run by another version of its programme from now on; answers with what that changed.

    :raises InvalidInput: the programme has no such version in force
    """
    permissions.may_change_version(by, enrolment).require()
    preview = judging.preview_version(enrolment, version, on=clock.today(at))
    if preview.version == enrolment.version:
        raise Conflict(_("已经是这个版本。"), code="same-version")
    moved = Enrolment.objects.filter(pk=enrolment.pk, version=enrolment.version).update(
        version=preview.version, next_due_on=preview.next_due_on
    )
    if moved != 1:
        raise Conflict(_("别人刚刚处理过这一条，请刷新后再看。"), code="stale-status")
    VersionMove.objects.create(
        enrolment=enrolment, was=enrolment.version, became=preview.version, moved_at=at, moved_by=by.user_id,
        moved_by_name=by.name[:40], changes={each.what: [each.was, each.becomes] for each in preview.changes},
    )  # fmt: skip
    was, enrolment.version = enrolment.version, preview.version
    settle_resident(resident=enrolment.resident, since=date.max, because=Because.NIGHT, by=by, at=at)
    announce(
        Event.VERSION_MOVED, obj=enrolment, subject=enrolment.resident.uuid, by=by, at=at, place=enrolment.facility_id,
        was=secrecy.told(was), became=secrecy.told(preview.version),
    )  # fmt: skip
    return preview


@transaction.atomic
def end_all_of(*, resident: Any, reason_code: str, on: date, by: Actor, at: datetime) -> int:
    """End everything a resident is in, because he died or left the county; how many. Called by the system."""
    found = Enrolment.objects.select_related("resident").filter(resident=resident, status__in=ACTIVE)
    rows = list(found.select_for_update(of=("self",)).order_by("id"))
    for each in rows:
        _step(
            each, Status.ENDED, Event.ENDED, reason_code=reason_code, by=by, at=at, ended_on=on, end_reason=reason_code
        )
    return len(rows)


@transaction.atomic
def hand_over(*, resident: Any, by: Actor, at: datetime) -> int:
    """The resident's new managing facility is responsible from now on; how many enrolments went over."""
    found = Enrolment.objects.select_related("resident").filter(resident=resident, status__in=ACTIVE)
    rows = list(
        found.exclude(facility_id=resident.managed_by_id).select_for_update(of=("self",)).order_by("id")
    )  # fmt: skip
    for each in rows:
        was = each.facility_id
        Enrolment.objects.filter(pk=each.pk).update(facility_id=resident.managed_by_id)
        announce(
            Event.HANDED_OVER, obj=each, subject=resident.uuid, by=by, at=at, place=resident.managed_by_id,
            was_place=was, programme=secrecy.told(each.programme),
        )  # fmt: skip
    agenda.refresh(resident.pk)
    return len(rows)


def _step(enrolment: Enrolment, to: Status, event: Event, *, by: Actor, at: datetime, **said: Any) -> Enrolment:
    permissions.may_step(by, enrolment, to).require()
    move(enrolment, table=TRANSITIONS, to=to, by=by, at=at, place=enrolment.facility_id, **said)
    if to in {Status.ENDED, Status.GRADUATED}:
        alerting.close_all_of(enrolment, to, by=by, at=at)
    agenda.refresh(enrolment.resident_id)
    announce(
        event, obj=enrolment, subject=enrolment.resident.uuid, by=by, at=at, place=enrolment.facility_id,
        programme=secrecy.told(enrolment.programme), why=said.get("reason_code", ""),
    )  # fmt: skip
    return enrolment
