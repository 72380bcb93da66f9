"""REST of follow-up."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from xinglin.followups import actions, queries, rest_read, rest_write
from xinglin.followups.data import Outcome
from xinglin.followups.events import Event
from xinglin.followups.models import FollowUpTask
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import new_uuid
from xinglin.residents import api as residents
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
router.add_router("", rest_read.router)
router.add_router("", rest_write.router)


Text = Annotated[str, text(2000)]
Code = Annotated[str, text(20)]


class PlanIn(In):
    """A follow-up to plan. `facility` is the actor's own unit when absent; `risk` 0 ordinary, 1 raised, 2 high."""

    resident: UUID
    facility: UUID | None = None
    due_on: date
    plan: Text
    risk: Literal[0, 1, 2] = 1


class OutcomeIn(In):
    """What a follow-up found: mmHg, per minute, mmol/L."""

    channel: Literal["CLINIC", "HOME", "PHONE", "MESSAGE"]
    systolic: int | None = Field(default=None, ge=0, le=400)
    diastolic: int | None = Field(default=None, ge=0, le=300)
    pulse: int | None = Field(default=None, ge=0, le=400)
    glucose: Decimal | None = Field(default=None, ge=0, le=100, max_digits=4, decimal_places=1)
    symptoms: list[Code] = Field(default=[], max_length=20)
    adherence: Code = ""
    advice: Text = ""
    confirmed_unusual: bool = False
    not_measured: Text = Field(default="", description="Why neither pressure nor glucose was taken; then required")
    critical_note: Text = Field(default="", description="What was done about a dangerous value; then required")
    note: Text = ""


class UnreachedIn(In):
    """Why nobody was reached, and when to try again."""

    why: Code
    try_again_on: date


class CancelIn(In):
    """Why it is no longer owed."""

    reason: Text


class FollowUpOut(BaseModel):
    """A follow-up task."""

    uuid: UUID
    resident: UUID
    resident_name: str
    facility: str
    kind: str
    kind_label: str
    status: str
    due_on: date
    risk: int
    plan: str
    level: str
    script: str
    outcome: dict[str, Any]
    note: str
    done_at: datetime | None
    done_by: str
    visit: UUID | None
    origin_kind: str
    origin: UUID

    @classmethod
    def of(cls, task: FollowUpTask) -> "FollowUpOut":
        """From a row with its resident and facility."""
        return cls(
            uuid=task.uuid,
            resident=task.resident.uuid,
            resident_name=task.resident.name,
            facility=str(task.facility),
            kind=task.kind,
            kind_label=str(task.get_kind_display()),
            status=task.status,
            due_on=task.due_on,
            risk=task.risk,
            plan=task.plan_said,
            level=task.level,
            script=task.script,
            outcome=task.outcome,
            note=task.note,
            done_at=task.done_at,
            done_by=task.done_by_name,
            visit=task.visit.uuid if task.visit else None,
            origin_kind=task.origin_kind,
            origin=task.origin_uuid,
        )


class FollowUpPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[FollowUpOut]
    next_cursor: str


WRITES: dict[Any, Any] = {200: FollowUpOut, **ERRORS}


@router.get("/followups", response={200: FollowUpPageOut, **ERRORS}, operation_id="list_followups")
def list_followups(
    request: Request,
    box: Annotated[str, Field(max_length=10)] = "due",
    cursor: Annotated[str, Field(max_length=200)] = "",
) -> Any:
    """Follow-ups of the actor's facilities: ``due`` (and overdue), ``week``, ``later``, ``done``; by risk and day."""
    actor, at = request.actor, clock.now()
    page = queries.due_list(actor, box=box, at=at, cursor=cursor)
    shown = [each.resident.uuid for each in page.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, box=box, n=len(shown))
    return FollowUpPageOut(items=[FollowUpOut.of(task) for task in page.rows], next_cursor=page.next_cursor)


@router.post("/followups", response={201: FollowUpOut, **ERRORS}, operation_id="plan_followup")
def plan(request: Request, body: PlanIn) -> Any:
    """Plan a follow-up by hand."""

    def run() -> FollowUpOut:
        actor, at = request.actor, clock.now()
        facility_id = network.facility_by_uuid(body.facility).id if body.facility else actor.place
        if facility_id is None:
            raise InvalidInput(_("请选择随访机构。"), fields={"facility": _("必填。")})
        task = actions.schedule_followup(
            resident=residents.visible_resident(actor, body.resident, at=at),
            facility_id=facility_id,
            due_on=body.due_on,
            plan=body.plan,
            risk=body.risk,
            origin_uuid=new_uuid(),
            by=actor,
            at=at,
        )
        return FollowUpOut.of(task)

    return write(request, run, status=201)


@router.get("/followups/{uuid}", response={200: FollowUpOut, **ERRORS}, operation_id="get_followup")
def get_followup(request: Request, uuid: UUID) -> Any:
    """One follow-up."""
    actor = request.actor
    task = queries.visible_followup(actor, uuid)
    audit.look(
        Event.VIEWED, by=actor, at=clock.now(), subject=task.resident.uuid, kind="followups.followuptask", key=str(uuid)
    )
    return FollowUpOut.of(task)


def _do(request: Request, uuid: UUID, action: Any, **given: Any) -> Any:
    def run() -> FollowUpOut:
        actor = request.actor
        return FollowUpOut.of(action(task=queries.visible_followup(actor, uuid), by=actor, at=clock.now(), **given))

    return write(request, run)


@router.post("/followups/{uuid}/complete", response=WRITES, operation_id="complete_followup")
def complete(request: Request, uuid: UUID, body: OutcomeIn) -> Any:
    """Write down what it found; measured face to face, it becomes a visit, too."""
    content = body.model_dump(exclude={"note"}) | {"symptoms": tuple(body.symptoms)}
    return _do(request, uuid, actions.complete_followup, outcome=Outcome(**content), note=body.note)


@router.post("/followups/{uuid}/unreached", response=WRITES, operation_id="note_unreached")
def unreached(request: Request, uuid: UUID, body: UnreachedIn) -> Any:
    """Nobody was reached; try again on a day."""
    return _do(request, uuid, actions.note_unreached, why=body.why, try_again_on=body.try_again_on)


@router.post("/followups/{uuid}/cover", response=WRITES, operation_id="cover_followup")
def cover(request: Request, uuid: UUID, body: rest_write.CoverIn) -> Any:
    """Another's call of this week has answered it: no second call."""
    call = queries.visible_call(request.actor, body.call)
    return _do(request, uuid, actions.cover_followup, call=call)


@router.post("/followups/{uuid}/put-off", response=WRITES, operation_id="put_off_followup")
def put_off(request: Request, uuid: UUID) -> Any:
    """It waits until the week after the last contact is over."""
    return _do(request, uuid, actions.put_off_followup)


@router.post("/followups/{uuid}/cancel", response=WRITES, operation_id="cancel_followup")
def cancel(request: Request, uuid: UUID, body: CancelIn) -> Any:
    """It is no longer owed."""
    return _do(request, uuid, actions.cancel_followup, reason=body.reason)
