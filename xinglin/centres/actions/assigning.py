"""A request is suggested to a reader on duty, started by him, or falls to anyone."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from xinglin.centres import choosing, permissions, policies
from xinglin.centres.events import Event
from xinglin.centres.models import Assignment, Roster
from xinglin.centres.states import ASSIGNMENT_TRANSITIONS, AssignmentStatus
from xinglin.diagnostics.api import locked_request
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status


@transaction.atomic
def assign_request(*, request: Any, by: Actor, at: datetime) -> Assignment | None:
    """Suggest a request that waits to the reader on duty with the least open work. None: there is nothing to do.

    The roster is locked before anybody's work is counted: two requests that come at once see each other. What lapsed
    at its present step falls to anyone and is not assigned again.

    :raises NotPermitted: not the system
    """
    permissions.may_assign(by).require()
    roster = Roster.objects.select_for_update().filter(centre=request.centre_id, is_on=True).first()
    if roster is None:
        return None
    request = locked_request(request)
    step = policies.step_of(request)
    if not step or _is_given(request, step):
        return None
    shift = choosing.choose(request, step, at=at)
    if shift is None:
        return None
    urgent = request.priority_rank <= choosing.URGENT
    minutes = roster.minutes_start_urgent if urgent else roster.minutes_start
    assignment = Assignment.objects.create(
        request=request, shift=shift, step=step, reader_id=shift.reader_id, reader_name=shift.reader_name,
        status_changed_at=at, assigned_at=at, until=at + timedelta(minutes=minutes),
    )  # fmt: skip
    note_status(assignment, by=by, at=at, place=request.centre.facility_id)
    _announce(Event.ASSIGNED, assignment, by, at)
    return assignment


def _is_given(request: Any, step: str) -> bool:
    """Whether somebody has it, or had his time for it, since it began to wait."""
    given = request.assignments.filter(step=step)
    if given.filter(status=AssignmentStatus.ASSIGNED).exists():
        return True
    return bool(given.filter(status=AssignmentStatus.LAPSED, assigned_at__gte=request.status_changed_at).exists())


@transaction.atomic
def settle_assignment(*, request: Any, by: Actor, at: datetime) -> Assignment | None:
    """End the suggestion of a request that no longer waits: started, if its reader has it, else withdrawn.

    :raises NotPermitted: not the system
    """
    permissions.may_assign(by).require()
    request = locked_request(request)
    open_ones = Assignment.objects.select_for_update().filter(request=request, status=AssignmentStatus.ASSIGNED)
    found = open_ones.first()
    if found is None or policies.step_of(request) == found.step:
        return None
    started = _has_it(request, found)
    move(
        found, table=ASSIGNMENT_TRANSITIONS, to=AssignmentStatus.STARTED if started else AssignmentStatus.WITHDRAWN,
        by=by, at=at, reason_code="" if started else request.status.lower(), place=request.centre.facility_id,
    )  # fmt: skip
    found.request = request
    _announce(Event.ASSIGNMENT_STARTED if started else Event.ASSIGNMENT_WITHDRAWN, found, by, at)
    return found


def _has_it(request: Any, found: Assignment) -> bool:
    if found.step == Assignment.Step.REVIEW:
        newest = request.reports.order_by("-version").first()
        return bool(newest and newest.author_id == found.reader_id)
    return bool(request.claimed_by == found.reader_id)


@transaction.atomic
def lapse_assignment(*, assignment: Assignment, by: Actor, at: datetime) -> Assignment | None:
    """The reader has not started in time: it falls to anyone. Done once, however often it is asked.

    :raises NotPermitted: not the system
    """
    permissions.may_assign(by).require()
    request = locked_request(assignment.request)
    found = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if found.status != AssignmentStatus.ASSIGNED or at < found.until or policies.step_of(request) != found.step:
        return None
    move(
        found, table=ASSIGNMENT_TRANSITIONS, to=AssignmentStatus.LAPSED, by=by, at=at, place=request.centre.facility_id
    )
    found.request = request
    _announce(Event.ASSIGNMENT_LAPSED, found, by, at)
    return found


def _announce(event: Event, assignment: Assignment, by: Actor, at: datetime) -> None:
    request = assignment.request
    announce(
        event, obj=assignment, subject=request.resident.uuid, by=by, at=at, place=request.centre.facility_id,
        reader=assignment.reader_id, step=assignment.step, request=str(request.uuid),
    )  # fmt: skip
