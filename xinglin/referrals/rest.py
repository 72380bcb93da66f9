"""REST of referrals: verbs as sub-resources; the caller asks for an action, never for a state."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from pydantic import Field

from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.referrals import actions, queries, rest_write, slips
from xinglin.referrals.data import Hold
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.rest_write import department_id
from xinglin.referrals.schemas import (
    AcceptIn,
    AdmitIn,
    CountOut,
    CountPeriodOut,
    DischargeIn,
    ReasonIn,
    ReceiveBackIn,
    RedirectIn,
    ReferralDetailOut,
    ReferralOut,
    ReferralPageOut,
    ReturnIn,
    SubmitIn,
)
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import PDF, pdf_response
from xinglin.web.request import Request

router = rest_write.router  # one router: two that share a path hide each other's methods
WRITES: dict[Any, Any] = {200: ReferralOut, **ERRORS}


def _do(request: Request, uuid: UUID, action: Callable[..., Referral], *, status: int = 200, **given: Any) -> Any:
    """One verb on one visible referral."""

    def run() -> ReferralOut:
        actor, at = request.actor, clock.now()
        referral = queries.visible_referral(actor, uuid)
        return ReferralOut.of(action(referral=referral, by=actor, at=at, **given))

    return write(request, run, status=status)


@router.get("/referrals", response={200: ReferralPageOut, **ERRORS}, operation_id="list_referrals")
def list_referrals(
    request: Request,
    box: Annotated[str, Field(max_length=10)] = "desk",
    status: Annotated[str, Field(max_length=14)] = "",
    cursor: Annotated[str, Field(max_length=200)] = "",
) -> Any:
    """Referrals received (``box=desk``) or sent (``box=sent``), newest first."""
    page = queries.listed(request.actor, box=box, status=status, cursor=cursor)
    shown = [each.resident.uuid for each in page.rows]
    audit.look_many(Event.LISTED, by=request.actor, at=clock.now(), subjects=shown, box=box, n=len(shown))
    return ReferralPageOut(items=[ReferralOut.of(row) for row in page.rows], next_cursor=page.next_cursor)


@router.get("/referrals/{uuid}", response={200: ReferralDetailOut, **ERRORS}, operation_id="get_referral")
def get_referral(request: Request, uuid: UUID) -> Any:
    """One referral with slip, steps, and what the asking actor may do."""
    actor = request.actor
    referral = queries.visible_referral(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=clock.now(), subject=referral.resident.uuid, kind="referrals.referral", key=str(uuid)
    )
    chain = [each for each in queries.chain_of(referral) if each.sent_at or each.from_facility_id == actor.place]
    return ReferralDetailOut.told(referral, actor=actor, changes=queries.changes_of(referral), chain=chain)


@router.get("/referrals/{uuid}/slip.pdf", response=ERRORS, operation_id="get_referral_slip", openapi_extra=PDF)
def get_slip(request: Request, uuid: UUID) -> HttpResponse:
    """The slip as PDF."""
    actor, at = request.actor, clock.now()
    referral = queries.visible_referral(actor, uuid)
    return pdf_response(slips.slip_pdf(referral, actor=actor, at=at), referral.number)


@router.post("/referrals/{uuid}/submit", response=WRITES, operation_id="submit_referral")
def submit(request: Request, uuid: UUID, body: SubmitIn) -> Any:
    """Send a draft, or send again what came back for completion."""

    def action(*, referral: Referral, **given: Any) -> Referral:
        department = department_id(referral.to_facility_id, body.to_department)
        return actions.complete_and_resend(referral=referral, to_department_id=department, **given)

    return _do(request, uuid, action, slip=body.slip(), consent=body.consent(), consent_waived=body.consent_waived,
               acknowledged_open=body.acknowledged_open)  # fmt: skip


@router.post("/referrals/{uuid}/withdraw", response=WRITES, operation_id="withdraw_referral")
def withdraw(request: Request, uuid: UUID, body: ReasonIn) -> Any:
    """Take it back before the patient has arrived."""
    return _do(request, uuid, actions.withdraw_referral, **body.model_dump())


@router.post("/referrals/{uuid}/accept", response=WRITES, operation_id="accept_referral")
def accept(request: Request, uuid: UUID, body: AcceptIn) -> Any:
    """Accept and hold a bed or slot."""
    return _do(request, uuid, actions.accept_referral, hold=Hold(body.hold_kind, body.hold_text, body.hold_until))


@router.post("/referrals/{uuid}/decline", response=WRITES, operation_id="decline_referral")
def decline(request: Request, uuid: UUID, body: ReasonIn) -> Any:
    """Refuse with a coded reason."""
    return _do(request, uuid, actions.decline_referral, **body.model_dump())


@router.post("/referrals/{uuid}/send-back", response=WRITES, operation_id="send_back_referral")
def send_back(request: Request, uuid: UUID, body: ReasonIn) -> Any:
    """Return it to the sender for completion."""
    return _do(request, uuid, actions.send_back, **body.model_dump())


@router.post("/referrals/{uuid}/redirect", response={201: ReferralOut, **ERRORS}, operation_id="redirect_referral")
def redirect(request: Request, uuid: UUID, body: RedirectIn) -> Any:
    """Pass it on to another unit; answers with the new referral."""
    target = network.facility_by_uuid(body.to_facility).id
    return _do(
        request, uuid, actions.redirect_referral, status=201, to_facility_id=target,
        to_department_id=department_id(target, body.to_department), reason_code=body.reason_code, reason=body.reason,
    )  # fmt: skip


@router.post("/referrals/{uuid}/arrive", response=WRITES, operation_id="mark_arrived")
def arrive(request: Request, uuid: UUID) -> Any:
    """The patient is here."""
    return _do(request, uuid, actions.mark_arrived)


@router.post("/referrals/{uuid}/no-show", response=WRITES, operation_id="mark_no_show")
def no_show(request: Request, uuid: UUID, body: ReasonIn) -> Any:
    """Nobody came."""
    return _do(request, uuid, actions.mark_no_show, **body.model_dump())


@router.post("/referrals/{uuid}/admit", response=WRITES, operation_id="admit_referral")
def admit(request: Request, uuid: UUID, body: AdmitIn) -> Any:
    """Take the patient into care."""
    return _do(request, uuid, actions.admit, **body.model_dump())


@router.post("/referrals/{uuid}/discharge", response=WRITES, operation_id="discharge_referral")
def discharge(request: Request, uuid: UUID, body: DischargeIn) -> Any:
    """End the stay."""
    return _do(request, uuid, actions.discharge, **body.model_dump())


@router.post("/referrals/{uuid}/return", response={201: ReferralOut, **ERRORS}, operation_id="return_referral")
def return_down(request: Request, uuid: UUID, body: ReturnIn) -> Any:
    """Send the discharged patient down with a plan; answers with the down-referral."""
    target = network.facility_by_uuid(body.to_facility).id
    return _do(
        request, uuid, actions.return_down, status=201, to_facility_id=target,
        to_department_id=department_id(target, body.to_department), slip=body.slip(),
    )  # fmt: skip


@router.post("/referrals/{uuid}/receive-back", response=WRITES, operation_id="receive_back")
def receive_back(request: Request, uuid: UUID, body: ReceiveBackIn) -> Any:
    """The lower unit has the patient: follow-up is planned, the way up is closed."""
    return _do(request, uuid, actions.receive_back, note=body.note)


@router.post("/referrals/{uuid}/close", response=WRITES, operation_id="close_referral")
def close(request: Request, uuid: UUID, body: ReasonIn) -> Any:
    """End it with a coded reason."""
    return _do(request, uuid, actions.close_referral, **body.model_dump())


@router.get("/referral-counts", response={200: CountPeriodOut, **ERRORS}, operation_id="count_referrals")
def count(request: Request, since: date, until: date, facility: UUID | None = None) -> Any:
    """Referrals by direction, channel and pair of units, over days ``[since, until)``."""
    place = network.facility_by_uuid(facility).id if facility else None
    period = queries.referral_counts(request.actor, since=since, until=until, facility_id=place)
    names = network.facility_names({i for row in period.rows for i in (row.from_facility_id, row.to_facility_id)})
    return CountPeriodOut(since=since, until=until, rows=[CountOut.of(row, names) for row in period.rows])
