"""What follows an event of a request: it is assigned, its assignment ends; and the sweep of every minute."""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.centres import actions, choosing, queries
from xinglin.centres.events import Event
from xinglin.centres.models import Assignment
from xinglin.diagnostics import api as diagnostics
from xinglin.notifications import api as notifications
from xinglin.platform import clock, jobs
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import subscribe

logger = logging.getLogger(__name__)
CLOCK = system_actor("值班分配")  # read by people, in the look-up log
SOON, NOW = 1, 2
FELL_TO_ANYONE = "assignment.fell-to-anyone"
#: Events after which a request may wait for a reader, and after which it no longer does.
WAITS = (
    diagnostics.Event.REQUEST_PLACED,
    diagnostics.Event.EXAMINATION_PERFORMED,
    diagnostics.Event.REQUEST_RELEASED,
    diagnostics.Event.REPORT_PRELIMINARY,
)
ENDS = (
    diagnostics.Event.REQUEST_CLAIMED,
    diagnostics.Event.REQUEST_CANCELLED,
    diagnostics.Event.EXAMINATION_UNDONE,
    diagnostics.Event.REPORT_SIGNED,
)


def connect() -> None:
    """Subscribe the jobs and describe the messages; called while applications load."""
    for event in WAITS:
        subscribe(event, "centres.assign")
    for event in ENDS:
        subscribe(event, "centres.settle")
    subscribe(Event.ASSIGNED, "centres.tell-assigned")
    subscribe(Event.ASSIGNMENT_LAPSED, "centres.tell-lapsed")
    notifications.describe(
        Event.ASSIGNED, _("诊断申请 %(number)s 已分配给您，请在 %(until)s 前开始"), "diagnostics:detail", _told
    )
    notifications.describe(
        FELL_TO_ANYONE, _("诊断申请 %(number)s 分配后超时未开始，值班医生均可领取"), "diagnostics:detail"
    )


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a message with its moment in the county's time."""
    return {**facts, "until": f"{timezone.localtime(datetime.fromisoformat(facts['until'])):%H:%M}"}


@jobs.task("centres.assign", queue="urgent")
def assign(*, event_uuid: str, object_uuid: str) -> None:
    """Suggest the request to somebody on duty."""
    _assign(diagnostics.Request.objects.select_related("centre").get(uuid=object_uuid))


def _assign(request: diagnostics.Request) -> None:
    at = clock.now()
    made = actions.assign_request(request=request, by=CLOCK, at=at)
    if made is not None:
        jobs.defer("centres.lapse", at=made.until, assignment_uuid=str(made.uuid))


@jobs.task("centres.settle", queue="urgent")
def settle(*, event_uuid: str, object_uuid: str) -> None:
    """End the suggestion of a request that no longer waits."""
    request = diagnostics.Request.objects.get(uuid=object_uuid)
    actions.settle_assignment(request=request, by=CLOCK, at=clock.now())


@jobs.task("centres.lapse", queue="urgent")
def lapse(*, assignment_uuid: str) -> None:
    """At its moment, let an assignment that was not started fall to anyone."""
    found = Assignment.objects.select_related("request").get(uuid=assignment_uuid)
    actions.lapse_assignment(assignment=found, by=CLOCK, at=clock.now())


@jobs.periodic("centres.sweep", "* * * * *")
def sweep(timestamp: int) -> None:
    """Every minute: what ended, what ran out while no job looked, and what waits since somebody came on duty."""
    at = clock.now()
    for each in queries.assignments_to_end(at=at):
        actions.settle_assignment(request=each.request, by=CLOCK, at=at)
        actions.lapse_assignment(assignment=each, by=CLOCK, at=at)
    for request in queries.requests_to_assign():
        _assign(request)


@jobs.periodic("centres.go-on", "20 * * * *")
def go_on(timestamp: int) -> None:
    """Every hour, where the head asked for it: the second readings of the month that is over, and the roster of the
    next four weeks. Asked again, both do only what is missing, so an hour without a worker is made up for.
    """
    at = clock.now()
    last = clock.today(at).replace(day=1) - timedelta(days=1)
    for roster in queries.rosters_that("draws_seconds"):
        _quietly(
            lambda centre: actions.draw_seconds(centre=centre, since=last.replace(day=1), until=last, by=CLOCK, at=at),
            roster.centre,
        )
    for roster in queries.rosters_that("goes_on"):
        for week in queries.weeks_to_copy(roster.centre, today=clock.today(at)):
            _quietly(partial(_copied, to=week, at=at), roster.centre)


def _copied(centre: Any, *, to: date, at: datetime) -> object:
    return actions.copy_week(centre=centre, to=to, by=CLOCK, at=at)


def _quietly(act: Callable[[Any], object], centre: Any) -> None:
    """Nothing to draw from, nobody to read, an empty week before: the next hour asks again; other centres go on."""
    try:
        act(centre)
    except Conflict as nothing:
        logger.info("centre %s: %s", centre.code, nothing.code)


@jobs.task("centres.tell-assigned", queue="urgent")
def tell_assigned(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the reader, and until when it is his."""
    found = Assignment.objects.select_related("request").get(uuid=object_uuid)
    facts = {"number": found.request.number, "until": found.until.isoformat()}
    _tell(found, event_uuid, Event.ASSIGNED, user_id=found.reader_id, facts=facts)


@jobs.task("centres.tell-lapsed", queue="urgent")
def tell_lapsed(*, event_uuid: str, object_uuid: str) -> None:
    """Tell who is next on the roster; when nobody else is on duty, everybody who reads at the centre."""
    found = Assignment.objects.select_related("request__centre").get(uuid=object_uuid)
    following = choosing.choose(found.request, found.step, at=clock.now(), without=[found.reader_id])
    facts = {"number": found.request.number}
    if following is not None:
        _tell(found, event_uuid, FELL_TO_ANYONE, user_id=following.reader_id, facts=facts)
    else:
        place = found.request.centre.facility_id
        _tell(found, event_uuid, FELL_TO_ANYONE, facility_id=place, permission=Permission.REPORT_WRITE, facts=facts)


def _tell(found: Assignment, event_uuid: str, kind: str, **told: object) -> None:
    urgency = NOW if found.request.priority_rank == 0 else SOON
    notifications.tell(
        event_uuid=UUID(event_uuid), kind=str(kind), urgency=urgency, at=clock.now(), object_kind="request",
        object_uuid=found.request.uuid, **told,  # type: ignore[arg-type]
    )  # fmt: skip
