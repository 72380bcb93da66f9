"""What happens to a request while its examination is done: begun at a device, done, or undone."""

from datetime import datetime

from django.db import transaction

from xinglin.diagnostics import permissions, policies
from xinglin.diagnostics.actions.requests import promised
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.states import REQUEST_TRANSITIONS, RequestStatus
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move


@transaction.atomic
def start_examination(*, request: Request, by: Actor, at: datetime) -> Request:
    """A device says that it begins. Said twice, it is done once.

    :raises NotPermitted: the actor performs no examinations for that unit or centre
    :raises Conflict: it has ended
    """
    request = locked_request(request)
    permissions.may_perform(by, request).require()
    if request.status in {RequestStatus.IN_PROGRESS, RequestStatus.PERFORMED}:
        return request
    policies.can_be_started(request).require()
    move(request, table=REQUEST_TRANSITIONS, to=RequestStatus.IN_PROGRESS, by=by, at=at, place=request.from_facility_id)
    _announce(Event.EXAMINATION_STARTED, request, by, at)
    return request


@transaction.atomic
def note_performed(*, request: Request, due_at: datetime | None = None, by: Actor, at: datetime) -> Request:
    """The examination is done, or its first images or specimens are there: the centre's promise runs from now. Said
    twice, done once. `due_at`: the promise of what was ordered, where it is not the centre's for the priority.

    :raises NotPermitted: the actor performs no examinations for that unit or centre
    :raises Conflict: it has ended
    """
    request = locked_request(request)
    permissions.may_perform(by, request).require()
    if request.performed_at is not None:
        return request
    policies.can_be_performed(request).require()
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.PERFORMED, by=by, at=at, place=request.from_facility_id,
        performed_at=at, due_at=due_at or at + promised(request.centre, request.priority),
    )  # fmt: skip
    _announce(Event.EXAMINATION_PERFORMED, request, by, at)
    return request


@transaction.atomic
def undo_performed(*, request: Request, reason: str, by: Actor, at: datetime) -> Request:
    """The examination was broken off, or its only images were somebody else's: it waits again.

    :raises NotPermitted: the actor performs no examinations for that unit or centre
    :raises Conflict: a reader has it, or it has ended
    """
    request = locked_request(request)
    permissions.may_perform(by, request).require()
    policies.can_be_undone(request).require()
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.REQUESTED, by=by, at=at, place=request.from_facility_id,
        reason=reason, performed_at=None,
    )  # fmt: skip
    _announce(Event.EXAMINATION_UNDONE, request, by, at)
    return request


def _announce(event: Event, request: Request, by: Actor, at: datetime) -> None:
    announce(event, obj=request, subject=request.resident.uuid, by=by, at=at, place=request.from_facility_id)
