"""An end that was none: a death entered by mistake, somebody who came back to the county, a merge that was taken back."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from xinglin.followups import api as followups
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.programmes import secrecy
from xinglin.programmes.actions import agenda
from xinglin.programmes.actions.settling import settle_resident
from xinglin.programmes.data import Because
from xinglin.programmes.events import Event
from xinglin.programmes.models import Alert, Enrolment
from xinglin.programmes.states import ACTIVE, TAKEN_UP, Status


@transaction.atomic
def take_up_all_of(*, resident: Any, reason_code: str, by: Actor, at: datetime) -> int:
    """Go on with what ended when he died or left, as it seemed, due today; how many. What was found and not acted on is open again.

    Called by the system; safe to repeat.
    """
    agenda.lock_all(resident.pk)
    rows = Enrolment.objects.select_related("resident").filter(resident=resident)
    latest = {each.programme: each for each in rows.order_by("id")}.values()
    ended = [each for each in latest if each.status == Status.ENDED and each.end_reason == reason_code]
    for each in ended:
        due = {} if each.next_due_on is None else {"next_due_on": clock.today(at)}
        take_up(each, by=by, at=at, facility=resident.managed_by, **due)
        _open_again(each, by=by, at=at)
    if ended:
        settle_resident(resident=resident, since=date.min, because=Because.NIGHT, by=by, at=at)
    return len(ended)


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


def _open_again(enrolment: Enrolment, *, by: Actor, at: datetime) -> None:
    """Findings that only the end had closed, and who was to follow them."""
    closed = Alert.objects.filter(enrolment=enrolment, answer=Status.ENDED, answered_at__isnull=False)
    for alert in closed.order_by("id"):
        alert.answered_at, alert.answer = None, ""
        alert.save(update_fields=["answered_at", "answer"])
        for task in followups.tasks_of_origin(alert.uuid):
            followups.take_up(task=task, by=by, at=at)
