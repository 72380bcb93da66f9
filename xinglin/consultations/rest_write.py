"""REST writes of consultations: fetch in scope, call one action, answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router

from xinglin.consultations import actions, directory, queries
from xinglin.consultations import schemas as s
from xinglin.consultations.models import Case
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()
CASE: dict[Any, Any] = {200: s.ConsultationOut, **ERRORS}


@router.post("/consultations", response={201: s.ConsultationOut, **ERRORS}, operation_id="requestConsultation")
def request_consultation(request: Request, body: s.ConsultationIn) -> Any:
    """Ask for a consultation, with the resident's consent and what may be read for it."""

    def run() -> s.ConsultationOut:
        actor, at = request.actor, clock.now()
        from_id = network.facility_by_uuid(body.from_facility).id if body.from_facility else actor.place
        if from_id is None:
            raise InvalidInput(_("请选择邀请单位。"), fields={"from_facility": _("必填。")})
        case = actions.request_consultation(
            resident=residents.visible_resident(actor, body.resident, at=at),
            visit=visits.visible_visit(actor, body.visit, at=at) if body.visit else None, from_facility_id=from_id,
            to_facility_id=network.facility_by_uuid(body.to_facility).id, asked=body.asked(), consent=body.consent(),
            pack=body.chosen(), experts=[directory.visible_expert(actor, each) for each in body.experts], by=actor, at=at,
        )  # fmt: skip
        return s.ConsultationOut.of(queries.visible_case(actor, case.uuid), actor, at=at)

    return write(request, run, status=201)


def _do(request: Request, uuid: UUID, act: Callable[[Any, Case, dict[str, Any]], object]) -> Any:
    """One action on a visible case; who no longer sees it afterwards gets it as it was left."""

    def run() -> s.ConsultationOut:
        actor, at = request.actor, clock.now()
        case = queries.visible_case(actor, uuid)
        act(actor, case, {"by": actor, "at": at})
        case.refresh_from_db()
        return s.ConsultationOut.of(case, actor, at=at)

    return write(request, run)


@router.post("/consultations/{uuid}/invite", response=CASE, operation_id="inviteExpert")
def invite(request: Request, uuid: UUID, body: s.InviteIn) -> Any:
    """Ask one more expert."""
    return _do(
        request, uuid,
        lambda actor, case, who: actions.invite_expert(
            case=case, expert=directory.visible_expert(actor, body.expert), **who
        ),
    )  # fmt: skip


@router.post("/consultations/{uuid}/accept", response=CASE, operation_id="acceptConsultation")
def accept(request: Request, uuid: UUID, body: s.ConsultationAcceptIn) -> Any:
    """Say yes to one's own invitation."""
    return _do(
        request, uuid,
        lambda actor, case, who: actions.accept_invitation(
            invitation=queries.invitation_of(actor, uuid), starts_at=body.starts_at, **who
        ),
    )  # fmt: skip


@router.post("/consultations/{uuid}/decline", response=CASE, operation_id="declineConsultation")
def decline(request: Request, uuid: UUID, body: s.ConsultationReasonIn) -> Any:
    """Say no to one's own invitation, with the reason."""
    return _do(
        request, uuid,
        lambda actor, case, who: actions.decline_invitation(
            invitation=queries.invitation_of(actor, uuid), **body.model_dump(), **who
        ),
    )  # fmt: skip


@router.post("/consultations/{uuid}/refuse", response=CASE, operation_id="refuseConsultation")
def refuse(request: Request, uuid: UUID, body: s.ConsultationReasonIn) -> Any:
    """The desk says no to the case."""
    return _do(request, uuid, lambda actor, case, who: actions.decline_case(case=case, **body.model_dump(), **who))


@router.post("/consultations/{uuid}/schedule", response=CASE, operation_id="scheduleConsultation")
def schedule(request: Request, uuid: UUID, body: s.ScheduleIn) -> Any:
    """Set when they meet."""
    return _do(request, uuid, lambda actor, case, who: actions.schedule_case(case=case, **body.model_dump(), **who))


@router.post("/consultations/{uuid}/begin", response=CASE, operation_id="beginConsultation")
def begin(request: Request, uuid: UUID) -> Any:
    """They meet."""
    return _do(request, uuid, lambda actor, case, who: actions.begin_session(case=case, **who))


@router.post("/consultations/{uuid}/messages", response=CASE, operation_id="sendConsultationMessage")
def message(request: Request, uuid: UUID, body: s.MessageIn) -> Any:
    """Say something in the case."""
    return _do(request, uuid, lambda actor, case, who: actions.send_message(case=case, text=body.text, **who))


@router.post("/consultations/{uuid}/opinions", response=CASE, operation_id="writeOpinion")
def opinion(request: Request, uuid: UUID, body: s.ConsultationOpinionIn) -> Any:
    """Write and sign an opinion."""
    return _do(
        request, uuid,
        lambda actor, case, who: actions.write_opinion(case=case, said=body.said(), is_joint=body.is_joint, **who),
    )  # fmt: skip


@router.post("/consultations/{uuid}/ratings", response=CASE, operation_id="rateConsultation")
def rate(request: Request, uuid: UUID, body: s.RatingIn) -> Any:
    """Judge the other side."""
    return _do(
        request, uuid,
        lambda actor, case, who: actions.rate(
            case=case, expert=directory.visible_expert(actor, body.expert), side=body.side, score=body.score,
            remark=body.remark, **who,
        ),
    )  # fmt: skip


@router.post("/consultations/{uuid}/close", response=CASE, operation_id="closeConsultation")
def close(request: Request, uuid: UUID, body: s.ConclusionIn) -> Any:
    """Write down what was decided, and end the case."""
    return _do(request, uuid, lambda actor, case, who: actions.close_case(case=case, **body.model_dump(), **who))


@router.post("/consultations/{uuid}/withdraw", response=CASE, operation_id="withdrawConsultation")
def withdraw(request: Request, uuid: UUID, body: s.ConsultationReasonIn) -> Any:
    """Take the request back."""
    return _do(request, uuid, lambda actor, case, who: actions.withdraw_case(case=case, **body.model_dump(), **who))


@router.post("/consultation-opinions/{uuid}/sign", response={200: s.OpinionOut, **ERRORS}, operation_id="signOpinion")
def sign(request: Request, uuid: UUID) -> Any:
    """Add one's signature to a joint opinion."""

    def run() -> s.OpinionOut:
        actor, at = request.actor, clock.now()
        return s.OpinionOut.of(actions.sign_opinion(opinion=queries.visible_opinion(actor, uuid), by=actor, at=at))

    return write(request, run)


@router.post("/consultation-opinions/{uuid}/amend", response={200: s.OpinionOut, **ERRORS}, operation_id="amendOpinion")
def amend(request: Request, uuid: UUID, body: s.AmendmentIn) -> Any:
    """Correct an opinion by a new version."""

    def run() -> s.OpinionOut:
        actor, at = request.actor, clock.now()
        former = queries.visible_opinion(actor, uuid)
        return s.OpinionOut.of(
            actions.amend_opinion(opinion=former, said=body.said(), reason=body.reason, by=actor, at=at)
        )

    return write(request, run)


@router.post("/consultation-fees/{uuid}/settle", response={200: s.FeeOut, **ERRORS}, operation_id="settleFee")
def settle(request: Request, uuid: UUID, body: s.SettlementIn) -> Any:
    """Note that a fee was paid."""

    def run() -> s.FeeOut:
        actor, at = request.actor, clock.now()
        fee = queries.visible_fee(actor, uuid)
        return s.FeeOut.of(actions.settle_fee(fee=fee, reference=body.reference, by=actor, at=at))

    return write(request, run)


@router.post("/consultation-fees/{uuid}/waive", response={200: s.FeeOut, **ERRORS}, operation_id="waiveFee")
def waive(request: Request, uuid: UUID, body: s.WaiverIn) -> Any:
    """Do without a fee, with the reason."""

    def run() -> s.FeeOut:
        actor, at = request.actor, clock.now()
        fee = queries.visible_fee(actor, uuid)
        return s.FeeOut.of(actions.waive_fee(fee=fee, reason=body.reason, by=actor, at=at))

    return write(request, run)
