"""REST of consultations: reading, and the writes of `rest_write`."""

import dataclasses
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from pydantic import BaseModel, Field

from xinglin.consultations import directory, documents, packs, queries, rest_write, slots, statistics
from xinglin.consultations import schemas as s
from xinglin.consultations.events import Look
from xinglin.platform import audit, clock
from xinglin.platform.paging import Page
from xinglin.web.api import ERRORS
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request

router = rest_write.router  # one address is read and written: both belong to one router
Cursor = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(max_length=40)]


class FiguresLineOut(BaseModel):
    """Figures of one unit, one expert, or all; minutes and score are null where nothing was measured."""

    name: str
    n_asked: int
    n_immediate: int
    n_accepted: int
    n_given: int
    n_ended: int
    answer_minutes: float | None
    opinion_minutes: float | None
    score: float | None


class ConsultationFiguresOut(BaseModel):
    """Statistics over days ``[since, until)``."""

    since: date
    until: date
    total: FiguresLineOut
    by_unit: list[FiguresLineOut]
    by_expert: list[FiguresLineOut]


@router.get("/consultation-experts", response={200: s.ExpertPageOut, **ERRORS}, operation_id="listConsultationExperts")
def list_experts(request: Request, specialty: Word = "", q: Word = "", cursor: Cursor = "") -> Any:
    """The directory of experts."""
    actor = request.actor
    page = directory.experts(actor, specialty=specialty, query=q, cursor=cursor)
    audit.record(Look.CASES, by=actor, at=clock.now(), detail={"experts": len(page.rows)})
    return s.ExpertPageOut(items=[s.ExpertOut.of(each) for each in page.rows], next_cursor=page.next_cursor)


@router.get(
    "/consultation-experts/{uuid}/slots", response={200: list[s.SlotOut], **ERRORS}, operation_id="listExpertSlots"
)
def list_slots(request: Request, uuid: UUID) -> Any:
    """The times of the next two weeks at which an expert can be booked."""
    actor, at = request.actor, clock.now()
    found = slots.slots_of(directory.visible_expert(actor, uuid), at=at)
    audit.record(Look.CASES, by=actor, at=at, detail={"slots": len(found)})
    return [s.SlotOut(**dataclasses.asdict(each)) for each in found]


@router.get("/consultations", response={200: s.ConsultationPageOut, **ERRORS}, operation_id="listConsultations")
def list_consultations(request: Request, side: Word = "sent", box: Word = "", cursor: Cursor = "") -> Any:
    """Cases: ``side`` ``sent`` by the actor's units, ``desk`` of his centre, or ``invited``; ``box`` as the tabs."""
    actor = request.actor
    page: Page[Any]
    if side == "desk":
        page = queries.desk(actor, box=box or "new", cursor=cursor)
    elif side == "invited":
        invited = queries.invited(actor, box=box or "invited", cursor=cursor)
        page = Page([each.case for each in invited.rows], invited.next_cursor)
    else:
        page = queries.sent(actor, box=box or "open", cursor=cursor)
    audit.record(Look.CASES, by=actor, at=clock.now(), detail={"n": len(page.rows)})
    return s.ConsultationPageOut(
        items=[s.ConsultationLineOut.of(each) for each in page.rows], next_cursor=page.next_cursor
    )


@router.get("/consultations/{uuid}", response={200: s.ConsultationOut, **ERRORS}, operation_id="getConsultation")
def get_consultation(request: Request, uuid: UUID) -> Any:
    """One case, as the actor may see it."""
    actor, at = request.actor, clock.now()
    case = queries.visible_case(actor, uuid)
    audit.look(
        Look.CASE, by=actor, at=at, subject=case.resident.uuid, kind="consultations.case", key=str(uuid),
        number=case.number,
    )  # fmt: skip
    return s.ConsultationOut.of(case, actor, at=at)


@router.get(
    "/consultations/{uuid}/pack/{item}", response={200: s.OpenedOut, **ERRORS}, operation_id="openConsultationItem"
)
def open_item(request: Request, uuid: UUID, item: UUID) -> Any:
    """Open one part of the pack: a look at the resident. After the pack's time it is not found."""
    actor, at = request.actor, clock.now()
    return s.OpenedOut.of(packs.open_item(actor, queries.readable_item(actor, uuid, item, at=at), at=at))


@router.get("/consultations/{uuid}/opinion.pdf", response=ERRORS, operation_id="getConsultationOpinion")
def opinion_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The standing opinions for printing."""
    actor = request.actor
    case = queries.opinions_case(actor, uuid)
    return pdf_response(documents.opinion_pdf(case, actor=actor, at=clock.now()), case.number)


@router.get("/consultation-fees", response={200: s.FeePageOut, **ERRORS}, operation_id="listConsultationFees")
def list_fees(request: Request, box: Word = "due", cursor: Cursor = "") -> Any:
    """Fees of the centre: ``due`` or ``done``."""
    actor = request.actor
    page = queries.fees(actor, box=box, cursor=cursor)
    audit.record(Look.FEES, by=actor, at=clock.now(), detail={"n": len(page.rows)})
    return s.FeePageOut(items=[s.FeeOut.of(each) for each in page.rows], next_cursor=page.next_cursor)


@router.get(
    "/consultation-figures", response={200: ConsultationFiguresOut, **ERRORS}, operation_id="countConsultations"
)
def figures(request: Request, since: date | None = None, until: date | None = None) -> Any:
    """How many, how fast, how good: the last 90 days unless told otherwise."""
    actor = request.actor
    first, end = statistics.period(since, until, today=clock.today())
    found = statistics.figures(actor, since=first, until=end)
    audit.record(Look.FIGURES, by=actor, at=clock.now(), detail={"n": found.total.n_asked})
    return ConsultationFiguresOut(**dataclasses.asdict(found))
