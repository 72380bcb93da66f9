"""An end that was none: a death entered by mistake, somebody who came back to the county, a merge that was taken back."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.programmes import secrecy
from xinglin.programmes.actions import agenda, alerting
from xinglin.programmes.actions.enrolling import enrol_again
from xinglin.programmes.actions.settling import settle_resident
from xinglin.programmes.data import Because, EndReason
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment
from xinglin.programmes.states import ACTIVE, TAKEN_UP, Status

#: A move taken back within so many days was none. After more he was away, and nobody managed him.
AWAY_AFTER_DAYS = 30


@transaction.atomic
def take_up_all_of(*, resident: Any, reason_code: str, on: date, by: Actor, at: datetime) -> int:
    """Go on with what ended when he died or left, as it seemed, due today; how many. What was found and not acted on is open again.
    Who was away for long begins anew `on` the day of his return.

    Called by the system; safe to repeat.
    """
    agenda.lock_all(resident.pk)
    rows = Enrolment.objects.select_related("resident").filter(resident=resident)
    latest = {each.programme: each for each in rows.order_by("id")}.values()
    ended = [each for each in latest if each.status == Status.ENDED and each.end_reason == reason_code]
    n_going_on = 0
    for each in ended:
        if _was_away(each, on):
            n_going_on += _begin_anew(each, on=on, by=by, at=at)
            continue
        due = {} if each.next_due_on is None else {"next_due_on": clock.today(at)}
        take_up(each, by=by, at=at, facility=resident.managed_by, **due)
        alerting.take_up_all_of(each, by=by, at=at)
        n_going_on += 1
    if n_going_on:
        settle_resident(resident=resident, since=date.min, because=Because.NIGHT, by=by, at=at)
    return n_going_on


def _was_away(enrolment: Enrolment, on: date) -> bool:
    """Whether he was managed and left for longer than a mistake stands; a candidate was managed by nobody before either."""
    if enrolment.end_reason != EndReason.MOVED or enrolment.enrolled_on is None or enrolment.ended_on is None:
        return False
    return on - enrolment.ended_on > timedelta(days=AWAY_AFTER_DAYS)


def _begin_anew(enrolment: Enrolment, *, on: date, by: Actor, at: datetime) -> bool:
    """Not where the programme is in force no longer, or excludes him by now: then his clinic decides."""
    try:
        enrol_again(former=enrolment, on=on, by=by, at=at)
    except InvalidInput:
        return False
    return True


def take_up(enrolment: Enrolment, *, by: Actor, at: datetime, **changes: Any) -> Enrolment:
    """Take an enrolment that ended back to where it stood. Called inside the transaction of an action."""
    last = enrolment.status_changes.filter(became=Status.ENDED).last()
    assert last is not None  # every step is written down
    move(
        enrolment, table=TAKEN_UP, to=Status(last.was), by=by, at=at, place=enrolment.facility_id, ended_on=None,
        end_reason="", **changes,
    )  # fmt: skip
    announce(
        Event.TAKEN_UP, obj=enrolment, subject=enrolment.resident.uuid, by=by, at=at, place=enrolment.facility_id,
        programme=secrecy.told(enrolment.programme),
    )  # fmt: skip
    return enrolment


def is_free(resident: Any, programme: str) -> bool:
    """Whether the resident is not in a programme, not even as a candidate."""
    return not Enrolment.objects.filter(resident=resident, programme=programme, status__in=ACTIVE).exists()
