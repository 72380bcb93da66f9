"""REST of the population: screening, who is at high risk, residents who go over to another facility."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router
from pydantic import BaseModel, Field

from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.programmes import actions, evidence, queries, screening, transferring
from xinglin.programmes.events import Event
from xinglin.programmes.models import Alert, ScreeningResult, Transfer
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
Code = Annotated[str, text(60)]
Answer = bool | int | float | Annotated[str, text(2000)] | Annotated[list[Code], Field(max_length=60)] | None


class ScreeningIn(In):
    """Answers by code of the item, as their definition says."""

    answers: Annotated[dict[Code, Answer], Field(max_length=200)]


class ScreeningResultOut(BaseModel):
    """What a screening came to for one programme. `is_positive` null: `missing` items would decide."""

    programme: str
    version: str
    screened_at: datetime
    is_positive: bool | None
    is_high_risk: bool | None
    score: str
    reasons: list[str]
    missing: list[str]
    again_on: date | None

    @classmethod
    def of(cls, row: ScreeningResult) -> "ScreeningResultOut":
        """From a row with its screening."""
        return cls(
            programme=row.programme, version=row.version, screened_at=row.screening.screened_at,
            is_positive=row.is_positive, is_high_risk=row.is_high_risk, score=row.score, reasons=evidence.said(row.reasons),
            missing=row.missing, again_on=row.again_on,
        )  # fmt: skip


class ScreeningFormOut(BaseModel):
    """For what a resident is screened today, by which items, and the latest results."""

    programmes: list[str]
    items: list[str]
    required: list[str]
    latest: list[ScreeningResultOut]


class ScreeningsOut(BaseModel):
    """The latest results of a resident."""

    items: list[ScreeningResultOut]


class HighRiskOut(BaseModel):
    """One resident at high risk in one programme."""

    resident: UUID
    name: str
    facility: str
    programme: str
    reasons: list[str]
    again_on: date | None


class HighRiskPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[HighRiskOut]
    next_cursor: str


@router.get(
    "/residents/{uuid}/programme-screenings", response={200: ScreeningFormOut, **ERRORS},
    operation_id="get_programme_screening",
)  # fmt: skip
def get_screening(request: Request, uuid: UUID) -> Any:
    """The joint form of a resident and his latest results."""
    actor, at = request.actor, clock.now()
    resident = queries.visible_resident(actor, uuid, at=at)
    audit.look(Event.FORM_OPENED, by=actor, at=at, subject=resident.uuid, kind="residents.resident", key=str(uuid))
    form = screening.form_for(actor, resident, at=at)
    return ScreeningFormOut(
        programmes=[each.slug for each in form.programmes], items=[each.item.code for each in form.items],
        required=[each.item.code for each in form.items if each.is_required],
        latest=[ScreeningResultOut.of(each) for each in screening.latest_results(actor, resident)],
    )  # fmt: skip


@router.post(
    "/residents/{uuid}/programme-screenings", response={201: ScreeningsOut, **ERRORS},
    operation_id="record_programme_screening",
)  # fmt: skip
def record_screening(request: Request, uuid: UUID, body: ScreeningIn) -> Any:
    """Screen a resident for every programme that foresees him; what is positive makes him a candidate."""

    def run() -> ScreeningsOut:
        actor, at = request.actor, clock.now()
        resident = queries.visible_resident(actor, uuid, at=at)
        place = actor.place or resident.managed_by_id
        actions.record_screening(resident=resident, facility_id=place, answers=body.answers, by=actor, at=at)
        return ScreeningsOut(items=[ScreeningResultOut.of(each) for each in screening.latest_results(actor, resident)])

    return write(request, run, status=201)


@router.get("/programme-high-risk", response={200: HighRiskPageOut, **ERRORS}, operation_id="list_high_risk_residents")
def list_high_risk(
    request: Request,
    programme: Annotated[str, Field(max_length=40)] = "",
    cursor: Annotated[str, Field(max_length=200)] = "",
) -> Any:
    """Residents at high risk who are in no such programme, whoever is to be screened again first in front."""
    actor, at = request.actor, clock.now()
    page = screening.high_risk(actor, programme=programme, cursor=cursor)
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=[each.resident.uuid for each in page.rows])
    return HighRiskPageOut(
        items=[
            HighRiskOut(
                resident=each.resident.uuid, name=each.resident.name, facility=str(each.resident.managed_by),
                programme=each.programme, reasons=evidence.said(each.reasons), again_on=each.again_on,
            )
            for each in page.rows
        ],
        next_cursor=page.next_cursor,
    )  # fmt: skip


class TransferIn(In):
    """Whose residents go where, and why; all of them, or `only` some."""

    former: UUID
    facility: UUID
    why: Literal["CLOSED", "REGROUPED", "MOVED"]
    reason: Annotated[str, text(200)] = ""
    only: Annotated[list[UUID], Field(max_length=transferring.MOST)] = []


class PopulationTransferOut(BaseModel):
    """One transfer."""

    uuid: UUID
    former: str
    facility: str
    why: str
    reason: str
    residents: int
    made_at: datetime
    by: str
    undone_at: datetime | None

    @classmethod
    def of(cls, row: Transfer) -> "PopulationTransferOut":
        """From a row with both facilities."""
        return cls(
            uuid=row.uuid, former=str(row.former), facility=str(row.facility), why=row.why, reason=row.reason,
            residents=row.n_residents, made_at=row.made_at, by=row.made_by_name, undone_at=row.undone_at,
        )  # fmt: skip


class PopulationTransfersOut(BaseModel):
    """Transfers, the newest first."""

    items: list[PopulationTransferOut]


class TransferPreviewOut(BaseModel):
    """What would go over; names nobody."""

    residents: int
    enrolments: int
    agreements: int
    followups: int
    teams: list[str]


@router.get(
    "/population-transfers", response={200: PopulationTransfersOut, **ERRORS}, operation_id="list_population_transfers"
)
def list_transfers(request: Request) -> Any:
    """The latest transfers from or to facilities where the actor keeps the register."""
    rows = transferring.transfers_visible_to(request.actor).order_by("-made_at", "-id")[:50]
    return PopulationTransfersOut(items=[PopulationTransferOut.of(each) for each in rows])


@router.get(
    "/population-transfers/preview", response={200: TransferPreviewOut, **ERRORS},
    operation_id="preview_population_transfer",
)  # fmt: skip
def preview_transfer(request: Request, former: UUID, facility: UUID) -> Any:
    """What would go over with the residents of a facility whom the actor may hand over."""
    actor = request.actor
    shown = transferring.preview(
        actor, network.facility_by_uuid(former).id, network.facility_by_uuid(facility).id, on=clock.today(clock.now())
    )
    return TransferPreviewOut(
        residents=shown.n_residents, enrolments=shown.n_enrolments, agreements=shown.n_agreements,
        followups=shown.n_followups, teams=list(shown.teams),
    )  # fmt: skip


@router.post(
    "/population-transfers", response={201: PopulationTransferOut, **ERRORS}, operation_id="transfer_population"
)
def transfer(request: Request, body: TransferIn) -> Any:
    """Hand residents over; enrolments, agreements and follow-ups go with them."""

    def run() -> PopulationTransferOut:
        actor = request.actor
        return PopulationTransferOut.of(
            actions.transfer_residents(
                former_id=network.facility_by_uuid(body.former).id,
                facility_id=network.facility_by_uuid(body.facility).id, why=body.why, reason=body.reason,
                only=body.only, by=actor, at=clock.now(),
            )
        )  # fmt: skip

    return write(request, run, status=201)


@router.post(
    "/population-transfers/{uuid}/undo", response={200: PopulationTransferOut, **ERRORS},
    operation_id="undo_population_transfer",
)  # fmt: skip
def undo_transfer(request: Request, uuid: UUID) -> Any:
    """Hand back who is still where the transfer brought him."""

    def run() -> PopulationTransferOut:
        actor = request.actor
        found = transferring.visible_transfer(actor, uuid)
        return PopulationTransferOut.of(actions.undo_transfer(transfer=found, by=actor, at=clock.now()))

    return write(request, run)


class AlertAnswerIn(In):
    """What was done about a finding otherwise than by a referral sent here."""

    answer: Literal["REFERRED", "REFUSED", "OTHER"]
    note: Annotated[str, text(500, least=1)]


class AlertAnswerOut(BaseModel):
    """A finding with its answer."""

    uuid: UUID
    programme: str
    code: str
    answer: str
    note: str
    answered_at: datetime

    @classmethod
    def of(cls, row: Alert) -> "AlertAnswerOut":
        """From a row that was answered."""
        assert row.answered_at is not None
        return cls(
            uuid=row.uuid, programme=row.enrolment.programme, code=row.code, answer=row.answer, note=row.answer_note,
            answered_at=row.answered_at,
        )  # fmt: skip


@router.post(
    "/programme-alerts/{uuid}/answer", response={200: AlertAnswerOut, **ERRORS}, operation_id="answer_programme_alert"
)
def answer_alert(request: Request, uuid: UUID, body: AlertAnswerIn) -> Any:
    """Say what was done about a finding that stands."""

    def run() -> AlertAnswerOut:
        actor = request.actor
        found = queries.visible_alert(actor, uuid)
        return AlertAnswerOut.of(
            actions.answer_alert(alert=found, answer=body.answer, note=body.note, by=actor, at=clock.now())
        )

    return write(request, run)
