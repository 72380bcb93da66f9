"""REST interface of visits; the hot write is in `rest_write`."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query
from pydantic import StringConstraints

from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.visits import actions, documents, queries, rest_write
from xinglin.visits import schemas as s
from xinglin.visits.events import Event
from xinglin.visits.models import Visit
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import pdf_response
from xinglin.web.request import Request

router = rest_write.router  # one router: two that share a path hide each other's methods
Short = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]


def _look(request: Request, visit: Visit, event: str = Event.VIEWED) -> None:
    audit.look(
        event, by=request.actor, at=clock.now(), subject=visit.resident.uuid,
        kind="visits.visit", key=str(visit.uuid),
    )  # fmt: skip


@router.get("/visits", response={200: s.VisitsOut, **ERRORS}, operation_id="listVisits", summary="本机构就诊")
def list_visits(request: Request, facility: UUID | None = None, cursor: Cursor = "") -> Any:
    """Visits at the facilities where the caller may look (or at one of them), newest first."""
    by = request.actor
    facility_id = network.facility_by_uuid(facility).id if facility else None
    rows = queries.visits_at(by, facility_id=facility_id, cursor=cursor)
    shown = [each.resident.uuid for each in rows.rows]
    audit.look_many(Event.LISTED, by=by, at=clock.now(), subjects=shown, n=len(shown))
    return s.VisitsOut(rows=[s.VisitLine.of(visit) for visit in rows.rows], next_cursor=rows.next_cursor)


@router.get("/visits/{uuid:uuid}", response={200: s.VisitOut, **ERRORS}, operation_id="viewVisit", summary="查看就诊")
def view_visit(request: Request, uuid: UUID) -> Any:
    """One visit."""
    visit = queries.visible_visit(request.actor, uuid, at=clock.now())
    _look(request, visit)
    return s.VisitOut.of(visit)


@router.post("/visits/{uuid:uuid}/sign", response={200: s.VisitOut, **ERRORS}, operation_id="signVisit", summary="签名")
def sign_visit(request: Request, uuid: UUID) -> HttpResponse:
    """Sign a visit the caller recorded."""
    by, now = request.actor, clock.now()
    visit = queries.visible_visit(by, uuid, at=now)
    return write(request, lambda: s.VisitOut.of(actions.sign_visit(visit=visit, by=by, at=now)))


@router.post("/visits/{uuid:uuid}/void", response={200: s.VisitOut, **ERRORS}, operation_id="voidVisit", summary="作废")
def void_visit(request: Request, uuid: UUID, payload: s.VoidIn) -> HttpResponse:
    """Make a visit void; the row stays, with the reason."""
    by, now = request.actor, clock.now()
    visit = queries.visible_visit(by, uuid, at=now)
    return write(request, lambda: s.VisitOut.of(actions.void_visit(visit=visit, reason=payload.reason, by=by, at=now)))


@router.post(
    "/visits/{uuid:uuid}/correct", response={201: s.VisitOut, **ERRORS}, operation_id="correctVisit", summary="更正"
)
def correct_visit(request: Request, uuid: UUID, payload: s.CorrectIn) -> HttpResponse:
    """Void a visit and record the right one in its place; answers with the new one, whose `replaces` names the old."""
    by, now = request.actor, clock.now()
    visit = queries.visible_visit(by, uuid, at=now)

    def correct() -> s.VisitOut:
        right = actions.correct_visit(
            visit=visit, reason=payload.reason, content=payload.to_content(), sign=payload.sign, by=by, at=now
        )
        return s.VisitOut.of(right)

    return write(request, correct, status=201)


_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/visits/{uuid:uuid}/summary.pdf",
    response=ERRORS,
    operation_id="printVisit",
    summary="就诊小结",
    openapi_extra={"responses": {200: {"description": "the summary", "content": _PDF}}},
)
def summary_pdf(request: Request, uuid: UUID) -> HttpResponse:
    """The summary as PDF."""
    now = clock.now()
    visit = queries.visible_visit(request.actor, uuid, at=now)
    content = documents.visit_summary_pdf(visit, at=now)
    _look(request, visit, Event.PRINTED)
    return pdf_response(content, visit.number)


@router.get(
    "/diagnosis-terms",
    response={200: list[s.TermOut], **ERRORS},
    operation_id="searchDiagnosisTerms",
    summary="诊断检索",
)
def search_terms(
    request: Request, q: Short = "", system: Short = "", limit: Annotated[int, Query(ge=1, le=50)] = 12
) -> Any:
    """Diagnoses in force today, by part of the name, pinyin initials, or start of the code; common ones first."""
    rows = queries.search_terms(q, on=clock.today(), system=system, limit=limit)
    return [s.TermOut.of(term) for term in rows]
