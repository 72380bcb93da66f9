"""REST of laboratory control: runs from instruments, the state of release, and the handling of lost control."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Router
from pydantic import AwareDatetime, BaseModel, Field

from xinglin.accounts.data import Permission
from xinglin.labcontrol import actions, boards, permissions, queries, releasing
from xinglin.labcontrol.data import GivenValue, Source
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import ControlRun, OutOfControl
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.finding import known_box
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
Text = Annotated[str, text(1000)]
Code = Annotated[str, text(24)]


class ControlValueIn(In):
    """One value. `level` by code (1, 2, 3); `lot` only where several lots of the level are in use."""

    analyte: Code
    level: Annotated[str, text(8)]
    value: Decimal = Field(ge=-100_000_000, le=100_000_000, max_digits=14, decimal_places=5)
    lot: Annotated[str, text(40)] = ""


class ControlRunIn(In):
    """A run of an instrument at a moment; kept whole or not at all."""

    instrument: UUID
    run_at: AwareDatetime
    values: list[ControlValueIn] = Field(min_length=1, max_length=300)
    note: Annotated[str, text(200)] = ""


class LossCauseIn(In):
    """Why control was lost: a code of `definitions/qc-reasons`, and in words."""

    code: Code
    text: Text


class LossActionIn(In):
    """What was done, and what became of results of patients since the last run in control."""

    code: Code
    text: Text
    patients: Text


class LossReviewIn(In):
    """The reviewer's remark."""

    review: Text = ""


class LossSendBackIn(In):
    """Why the reviewer does not agree."""

    reason: Text


class ControlValueOut(BaseModel):
    """A kept value; `z` in SDs from the mean of its day, absent while there was none; `counts`: the rules looked at it."""

    level: str
    lot: str
    value: Decimal
    z: Decimal | None
    counts: bool


class ControlResultOut(BaseModel):
    """What the rules said of an analyte: IN, WARNING, OUT, TRIAL; `loss` names the loss of control it belongs to."""

    analyte: str
    verdict: str
    rules: list[str]
    loss: UUID | None
    values: list[ControlValueOut]


class ControlRunOut(BaseModel):
    """A run with its verdicts."""

    uuid: UUID
    instrument: UUID
    run_at: datetime
    results: list[ControlResultOut]

    @classmethod
    def of(cls, run: ControlRun) -> "ControlRunOut":
        """From a run of `queries.visible_run`."""
        return cls(
            uuid=run.uuid, instrument=run.instrument.uuid, run_at=run.run_at,
            results=[
                ControlResultOut(
                    analyte=each.assay.analyte, verdict=each.verdict, rules=[rule["code"] for rule in each.broken],
                    loss=each.loss.uuid if each.loss else None,
                    values=[
                        ControlValueOut(
                            level=v.level, lot=v.target.material.lot, value=Decimal(f"{v.value.normalize():f}"),
                            z=None if v.z is None else round(v.z, 3), counts=v.counts,
                        )
                        for v in sorted(each.values.all(), key=lambda value: (value.level, value.pk))
                    ],
                )
                for each in sorted(run.results.all(), key=lambda result: result.assay.analyte)
            ],
        )  # fmt: skip


class ControlStateOut(BaseModel):
    """Whether control holds the results of an analyte back. `blocks`, and a stable `code` with the reason in words."""

    instrument: UUID | None
    analyte: str
    blocks: bool
    warns: bool
    code: str
    reason: str
    suspect_from: datetime | None
    loss: UUID | None


class ControlBoardOut(BaseModel):
    """The state of every assay the actor may see, what needs somebody first."""

    items: list[ControlStateOut]


class LossOut(BaseModel):
    """A loss of control and how far it was handled. Results after `suspect_from` are to be looked at."""

    uuid: UUID
    instrument: UUID
    analyte: str
    rules: list[str]
    status: str
    opened_at: datetime
    suspect_from: datetime | None
    cause_code: str
    cause: str
    action_code: str
    action: str
    patients: str
    retested_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by: str

    @classmethod
    def of(cls, loss: OutOfControl) -> "LossOut":
        """From a row with its assay and instrument."""
        return cls(
            uuid=loss.uuid, instrument=loss.assay.instrument.uuid, analyte=loss.assay.analyte, rules=loss.rules_broken,
            status=loss.status, opened_at=loss.opened_at, suspect_from=loss.suspect_from, cause_code=loss.cause_code,
            cause=loss.cause, action_code=loss.action_code, action=loss.action, patients=loss.patients,
            retested_at=loss.retested_at, reviewed_at=loss.reviewed_at, reviewed_by=loss.reviewed_by_name,
        )  # fmt: skip


class LossPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[LossOut]
    next_cursor: str


class EqaStateOut(BaseModel):
    """Whether the external assessment of an analyte stands: ``valid``, ``failed``, ``lapsed``, ``none``."""

    analyte: str
    valid: bool
    code: str
    reason: str
    organiser: str
    until: date | None


@router.post("/control/runs", response={201: ControlRunOut, **ERRORS}, operation_id="recordControlRun")
def record_run(request: Request, body: ControlRunIn) -> Any:
    """Keep and judge a run. The answer says what was lost."""

    def run() -> ControlRunOut:
        actor = request.actor
        kept = actions.record_run(
            instrument=queries.visible_instrument(actor, body.instrument), run_at=body.run_at, source=Source.REST,
            values=[GivenValue(each.analyte, each.level, each.value, each.lot) for each in body.values], note=body.note,
            by=actor, at=clock.now(),
        )  # fmt: skip
        return ControlRunOut.of(queries.visible_run(actor, kept.uuid))

    return write(request, run, status=201)


@router.get("/control/runs/{uuid}", response={200: ControlRunOut, **ERRORS}, operation_id="getControlRun")
def get_run(request: Request, uuid: UUID) -> Any:
    """One run."""
    actor = request.actor
    found = queries.visible_run(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="labcontrol.controlrun", key=str(uuid))
    return ControlRunOut.of(found)


@router.get("/control/board", response={200: ControlBoardOut, **ERRORS}, operation_id="readControlBoard")
def read_board(request: Request) -> Any:
    """The state of every assay under control."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.CONTROL_VIEW).require()
    assays = queries.assays_visible_to(actor).filter(is_active=True, instrument__is_active=True)
    rows = boards.board(list(assays.order_by("instrument_id", "analyte", "id")[: boards.MOST_ASSAYS]), at=at)
    audit.record(Event.VIEWED, by=actor, at=at, detail={"what": "board", "n": len(rows)})
    return ControlBoardOut(items=[_state(row.assay.instrument.uuid, row.assay.analyte, row.release) for row in rows])


@router.get("/control/release", response={200: ControlStateOut, **ERRORS}, operation_id="readReleaseState")
def read_release(request: Request, facility: UUID, analyte: Code, instrument: UUID | None = None) -> Any:
    """Whether control holds the results of an analyte at a facility (of one instrument) back now."""
    place, at = _place(request, facility), clock.now()
    found = releasing.blocks_release(place, instrument, analyte, at)
    audit.record(
        Event.VIEWED, by=request.actor, at=at, place=place.facility_id, detail={"what": "release", "analyte": analyte}
    )
    return _state(instrument, analyte, found)


@router.get("/control/eqa", response={200: EqaStateOut, **ERRORS}, operation_id="readEqaState")
def read_eqa(request: Request, facility: UUID, analyte: Code) -> Any:
    """Whether the external assessment of an analyte at a facility stands today."""
    place, at = _place(request, facility), clock.now()
    found = releasing.eqa_valid(place, analyte, at)
    audit.record(
        Event.VIEWED, by=request.actor, at=at, place=place.facility_id, detail={"what": "eqa", "analyte": analyte}
    )
    return EqaStateOut(
        analyte=analyte, valid=found.valid, code=found.code, reason=str(found.reason), organiser=found.organiser,
        until=found.until,
    )  # fmt: skip


class _Place:
    """A facility as a place of control."""

    def __init__(self, facility_id: int) -> None:
        self._facility_id = facility_id

    @property
    def facility_id(self) -> int:
        return self._facility_id


def _place(request: Request, facility: UUID) -> _Place:
    actor, found = request.actor, network.facility_by_uuid(facility)
    permissions.may_look(actor, found.id).require()
    return _Place(found.id)


def _state(instrument: UUID | None, analyte: str, found: Any) -> ControlStateOut:
    return ControlStateOut(
        instrument=instrument, analyte=analyte, blocks=found.blocks, warns=found.warns, code=found.code,
        reason=str(found.reason), suspect_from=found.suspect_from, loss=found.event,
    )  # fmt: skip


@router.get("/control/losses", response={200: LossPageOut, **ERRORS}, operation_id="listLosses")
def list_losses(
    request: Request,
    box: Annotated[str, Field(max_length=10)] = "open",
    cursor: Annotated[str, Field(max_length=200)] = "",
) -> Any:
    """Losses of control: ``open`` (not finished) or ``closed``, newest first."""
    actor = request.actor
    known_box(("open", "closed"), box)
    found = queries.losses(actor, box=box, cursor=cursor)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), detail={"what": "losses", "n": len(found.rows)})
    return LossPageOut(items=[LossOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.get("/control/losses/{uuid}", response={200: LossOut, **ERRORS}, operation_id="getLoss")
def get_loss(request: Request, uuid: UUID) -> Any:
    """One loss of control."""
    actor = request.actor
    found = queries.visible_loss(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="labcontrol.outofcontrol", key=str(uuid))
    return LossOut.of(found)


def _do(request: Request, uuid: UUID, action: Any, **given: Any) -> Any:
    def run() -> LossOut:
        actor = request.actor
        done = action(loss=queries.visible_loss(actor, uuid), by=actor, at=clock.now(), **given)
        return LossOut.of(queries.visible_loss(actor, done.uuid))

    return write(request, run)


STEP: dict[Any, Any] = {200: LossOut, **ERRORS}


@router.post("/control/losses/{uuid}/cause", response=STEP, operation_id="noteLossCause")
def note_cause(request: Request, uuid: UUID, body: LossCauseIn) -> Any:
    """Write down the cause."""
    return _do(request, uuid, actions.note_cause, code=body.code, text=body.text)


@router.post("/control/losses/{uuid}/action", response=STEP, operation_id="noteLossAction")
def note_action(request: Request, uuid: UUID, body: LossActionIn) -> Any:
    """Write down what was done; control is run next."""
    return _do(request, uuid, actions.note_action, code=body.code, text=body.text, patients=body.patients)


@router.post("/control/losses/{uuid}/close", response=STEP, operation_id="closeLoss")
def close(request: Request, uuid: UUID, body: LossReviewIn) -> Any:
    """Agree, as somebody who did not handle it."""
    return _do(request, uuid, actions.close_loss, review=body.review)


@router.post("/control/losses/{uuid}/send-back", response=STEP, operation_id="sendBackLoss")
def send_back(request: Request, uuid: UUID, body: LossSendBackIn) -> Any:
    """Do not agree: results are held again."""
    return _do(request, uuid, actions.send_back, reason=body.reason)
