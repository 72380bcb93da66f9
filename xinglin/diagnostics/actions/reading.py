"""What a reader does before the report: claim, put back, take over, send back for quality."""

from datetime import datetime

from django.db import transaction

from xinglin.diagnostics import permissions, policies
from xinglin.diagnostics.actions.rows import locked_request
from xinglin.diagnostics.actions.texts import clean, reasoned
from xinglin.diagnostics.events import Event
from xinglin.diagnostics.models import Request
from xinglin.diagnostics.states import REQUEST_TRANSITIONS, RequestStatus
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move


@transaction.atomic
def claim_request(*, request: Request, by: Actor, at: datetime) -> Request:
    """Take a request from the work list. One reader wins; the others learn who has it.

    :raises NotPermitted: not a reader of the centre
    :raises Conflict: another reader has it, or it has ended
    """
    request = locked_request(request)
    permissions.may_claim(by, request).require()
    _give_to(request, by, at)
    announce(
        Event.REQUEST_CLAIMED,
        obj=request,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=request.centre.facility_id,
    )
    return request


@transaction.atomic
def release_request(*, request: Request, reason: str = "", by: Actor, at: datetime) -> Request:
    """Put a claimed request back on the work list.

    :raises NotPermitted: another reader has it
    :raises Conflict: it is not claimed
    """
    request = locked_request(request)
    permissions.may_release(by, request).require()
    _put_back(request, by, at, reason=clean(reason, "reason", most=200))
    announce(
        Event.REQUEST_RELEASED,
        obj=request,
        subject=request.resident.uuid,
        by=by,
        at=at,
        place=request.centre.facility_id,
    )
    return request


@transaction.atomic
def take_over_request(*, request: Request, by: Actor, at: datetime) -> Request:
    """Go on with what another reader has had for longer than the centre allows (`Centre.minutes_claim`).

    :raises NotPermitted: not a reader of the centre, or it is the actor's own
    :raises Conflict: it is not claimed, or not for so long
    """
    request = locked_request(request)
    permissions.may_take_over(by, request, at).require()
    former = request.claimed_by
    _put_back(request, by, at, reason_code="taken-over")
    _give_to(request, by, at)
    announce(
        Event.REQUEST_TAKEN_OVER, obj=request, subject=request.resident.uuid, by=by, at=at,
        place=request.centre.facility_id, former=former,
    )  # fmt: skip
    return request


@transaction.atomic
def reject_request(*, request: Request, reason: str, remark: str = "", by: Actor, at: datetime) -> Request:
    """Send an examination back because it cannot be read as it is; the sender repeats it with a new request.

    `reason`: a code of the kind's own list (``definitions/reject-reasons``).

    :raises NotPermitted: another reader has it
    :raises Conflict: it is not claimed, or a preliminary report is out
    :raises InvalidInput: no such reason for this kind, or one that wants a remark without it
    """
    request = locked_request(request)
    permissions.may_reject(by, request).require()
    remark = reasoned(request.kind, reason, remark, at=at)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.REJECTED, by=by, at=at, reason_code=reason, reason=remark,
        place=request.centre.facility_id,
    )  # fmt: skip
    announce(
        Event.REQUEST_REJECTED, obj=request, subject=request.resident.uuid, by=by, at=at,
        place=request.centre.facility_id, why=reason,
    )  # fmt: skip
    return request


@transaction.atomic
def refuse_on_receipt(*, request: Request, reason: str, remark: str = "", by: Actor, at: datetime) -> Request:
    """Refuse what was sent with a request before it was taken in; the sender repeats it with a new request.

    :raises NotPermitted: not the receipt desk of the centre
    :raises Conflict: it was taken in already, or has ended
    :raises InvalidInput: no such reason, or ``OTHER`` without a remark
    """
    request = locked_request(request)
    permissions.may_refuse_on_receipt(by, request).require()
    remark = reasoned(request.kind, reason, remark, at=at)
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.REJECTED, by=by, at=at, reason_code=reason, reason=remark,
        place=request.centre.facility_id,
    )  # fmt: skip
    announce(
        Event.REQUEST_REJECTED, obj=request, subject=request.resident.uuid, by=by, at=at,
        place=request.centre.facility_id, why=reason,
    )  # fmt: skip
    return request


def _give_to(request: Request, by: Actor, at: datetime) -> None:
    # The system claims in nobody's name: 0 keeps the pair of the moment and the account complete.
    move(
        request, table=REQUEST_TRANSITIONS, to=RequestStatus.CLAIMED, by=by, at=at, place=request.centre.facility_id,
        claimed_at=at, claimed_by=by.user_id or 0, claimed_by_name=by.name[:40],
    )  # fmt: skip


def _put_back(request: Request, by: Actor, at: datetime, *, reason: str = "", reason_code: str = "") -> None:
    move(
        request, table=REQUEST_TRANSITIONS, to=policies.returns_to(request), by=by, at=at, place=request.centre.facility_id,
        reason=reason, reason_code=reason_code, claimed_at=None, claimed_by=None, claimed_by_name="",
    )  # fmt: skip
