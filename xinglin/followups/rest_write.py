"""REST of the follow-up centre, writing: calls, wishes, plans at discharge, what another call has answered."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from xinglin.followups import actions, desk, queries
from xinglin.followups.data import CallEnd
from xinglin.followups.rest_read import CallOut, ContactWishOut, DischargePlanOut
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
Line = Annotated[str, text(200)]
Text = Annotated[str, text(2000)]


class OpenCallIn(In):
    """Whom to contact, and how."""

    resident: UUID
    channel: Literal["PHONE", "HOME", "MESSAGE"] = "PHONE"


class EndCallIn(In):
    """How it went. Answers by code of the question; `again_on` only where the resident asked for another day."""

    dialled: Literal["ANSWERED", "NO_ANSWER", "BUSY", "ASKED_BACK", "REFUSED", "WRONG_NUMBER", "MOVED", "DIED"]
    answers: dict[Annotated[str, text(40)], str | int | float | list[Annotated[str, text(40)]] | None] = Field(
        default={}, max_length=80
    )
    note: Text = ""
    again_on: date | None = None
    no_more_calls: bool = Field(default=False, description="The resident does not want to be reached this way any more")


class WishIn(In):
    """How a resident wants to be reached."""

    resident: UUID
    channel: Literal["PHONE", "HOME", "MESSAGE"]
    is_agreed: bool
    words: Line = ""


class DischargePlanIn(In):
    """A discharge to plan the follow-up of. `facility` is the actor's own hospital when absent."""

    resident: UUID
    facility: UUID | None = None
    ward: Annotated[str, text(60)] = ""
    discharge: Literal["ORDERED", "TRANSFERRED", "AGAINST_ADVICE"]
    diagnosis_code: Annotated[str, text(20)]
    diagnosis_name: Annotated[str, text(120)]
    discharged_on: date
    advice: Text = ""


class CancelDischargeIn(In):
    """Why."""

    reason: Text


class CoverIn(In):
    """The call that has answered it."""

    call: UUID


@router.post("/followup-calls", response={201: CallOut, **ERRORS}, operation_id="open_followup_call")
def open_call(request: Request, body: OpenCallIn) -> Any:
    """Take a resident to contact him about everything that is due. At most one is open for a resident."""

    def run() -> CallOut:
        actor, at = request.actor, clock.now()
        resident, facility_id = desk.resident_to_contact(actor, body.resident, at=at)
        call = actions.open_call(resident=resident, facility_id=facility_id, channel=body.channel, by=actor, at=at)
        return CallOut.of(call, actor)

    return write(request, run, status=201)


@router.post("/followup-calls/{uuid}/end", response={200: CallOut, **ERRORS}, operation_id="end_followup_call")
def end_call(request: Request, uuid: UUID, body: EndCallIn) -> Any:
    """Write down how it went, with the answers to the script."""

    def run() -> CallOut:
        actor = request.actor
        end = CallEnd(**body.model_dump())
        return CallOut.of(
            actions.end_call(call=queries.visible_call(actor, uuid), end=end, by=actor, at=clock.now()), actor
        )

    return write(request, run)


@router.post("/followup-calls/{uuid}/release", response={200: CallOut, **ERRORS}, operation_id="release_followup_call")
def release_call(request: Request, uuid: UUID) -> Any:
    """Let a resident go whom nobody dialled."""

    def run() -> CallOut:
        actor = request.actor
        return CallOut.of(actions.release_call(call=queries.visible_call(actor, uuid), by=actor, at=clock.now()), actor)

    return write(request, run)


@router.post("/followup-wishes", response={201: ContactWishOut, **ERRORS}, operation_id="note_contact_wish")
def note_wish(request: Request, body: WishIn) -> Any:
    """A resident agrees to, or does not want, a way of being reached."""

    def run() -> ContactWishOut:
        actor, at = request.actor, clock.now()
        resident, facility_id = desk.resident_to_contact(actor, body.resident, at=at)
        return ContactWishOut.of(
            actions.note_wish(
                resident=resident, facility_id=facility_id, channel=body.channel, is_agreed=body.is_agreed,
                words=body.words, by=actor, at=at,
            )
        )  # fmt: skip

    return write(request, run, status=201)


@router.post("/followup-discharges", response={201: DischargePlanOut, **ERRORS}, operation_id="plan_discharge")
def plan_discharge(request: Request, body: DischargePlanIn) -> Any:
    """Make the plan of a discharge: a task for each step, at county, township and village."""

    def run() -> DischargePlanOut:
        actor, at = request.actor, clock.now()
        facility_id = network.facility_by_uuid(body.facility).id if body.facility else actor.place
        if facility_id is None:
            raise InvalidInput(_("请选择随访机构。"), fields={"facility": _("必填。")})
        given = body.model_dump(exclude={"resident", "facility"})
        resident = residents.visible_resident(actor, body.resident, at=at)
        return DischargePlanOut.of(
            actions.plan_discharge(resident=resident, facility_id=facility_id, **given, by=actor, at=at)
        )

    return write(request, run, status=201)


@router.post(
    "/followup-discharges/{uuid}/cancel", response={200: DischargePlanOut, **ERRORS},
    operation_id="cancel_discharge_plan",
)  # fmt: skip
def cancel_discharge_plan(request: Request, uuid: UUID, body: CancelDischargeIn) -> Any:
    """End what is still open of a plan, at all levels."""

    def run() -> DischargePlanOut:
        actor = request.actor
        plan = queries.visible_discharge_plan(actor, uuid)
        return DischargePlanOut.of(
            actions.cancel_discharge_plan(plan=plan, reason=body.reason, by=actor, at=clock.now())
        )

    return write(request, run)
