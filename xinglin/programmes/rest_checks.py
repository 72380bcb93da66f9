"""REST of quality control: visits are drawn by the rule, and somebody else asks the residents whether they are true."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router
from pydantic import BaseModel, Field

from xinglin.platform import audit, clock
from xinglin.programmes import actions, leading, permissions
from xinglin.programmes.events import Event
from xinglin.programmes.models import QualityCheck
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()


class DrawIn(In):
    """Of which programme visits are drawn."""

    programme: Annotated[str, text(40, least=1)]


class CheckIn(In):
    """What the call-back found; what is not true wants words."""

    result: Literal["TRUE", "PARTLY", "FALSE", "UNREACHED"]
    note: Annotated[str, text(500)] = ""


class CheckOut(BaseModel):
    """A drawn visit. `result` is empty until somebody has asked."""

    uuid: UUID
    programme: str
    seed: str
    resident: UUID
    visit: UUID
    facility: str
    clinician: str
    happened_at: datetime
    result: str
    note: str
    checked_by: str

    @classmethod
    def of(cls, row: QualityCheck) -> "CheckOut":
        """From a row with its visit, its resident and facility."""
        visit = row.visit
        return cls(
            uuid=row.uuid, programme=row.programme, seed=row.seed, resident=visit.resident.uuid, visit=visit.uuid,
            facility=str(visit.facility), clinician=visit.clinician_name, happened_at=visit.happened_at,
            result=row.result, note=row.note, checked_by=row.checked_by_name,
        )  # fmt: skip


class ChecksOut(BaseModel):
    """Drawn visits, the open ones first; how many of them were asked about, and how many of those were true."""

    items: list[CheckOut]
    drawn: int
    asked: int
    true: int


def _checks(request: Request, programme: str) -> ChecksOut:
    actor, at = request.actor, clock.now()
    rows = leading.checks_of(actor, programme)
    shown = {each.visit.resident.uuid for each in rows}
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=sorted(shown), of="quality-checks", n=len(rows))
    return ChecksOut(items=[CheckOut.of(each) for each in rows], **leading.truth(actor, programme))


@router.get("/quality-checks", response={200: ChecksOut, **ERRORS}, operation_id="list_quality_checks")
def list_checks(request: Request, programme: Annotated[str, Field(max_length=40)]) -> Any:
    """The visits of a programme that were drawn where the actor leads."""
    permissions.may_lead(request.actor).require()
    return _checks(request, programme)


@router.post("/quality-checks", response={201: ChecksOut, **ERRORS}, operation_id="draw_quality_checks")
def draw(request: Request, body: DrawIn) -> Any:
    """Draw this month's visits; drawn again they are the same."""

    def run() -> ChecksOut:
        actions.draw_sample(programme=body.programme, by=request.actor, at=clock.now())
        return _checks(request, body.programme)

    return write(request, run, status=201)


@router.post("/quality-checks/{uuid}/result", response={200: CheckOut, **ERRORS}, operation_id="check_programme_visit")
def check(request: Request, uuid: UUID, body: CheckIn) -> Any:
    """Write down what the resident said when he was called back."""

    def run() -> CheckOut:
        actor, at = request.actor, clock.now()
        found = leading.visible_check(actor, uuid)
        return CheckOut.of(actions.check_visit(check=found, result=body.result, note=body.note, by=actor, at=at))

    return write(request, run)
