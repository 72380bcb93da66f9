"""REST of recognition."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field, StringConstraints

from xinglin.diagnostics.api import Order
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.recognition import actions, catalogue, figures, permissions, queries, validity
from xinglin.recognition import schemas as s
from xinglin.recognition.events import Look
from xinglin.recognition.models import Mark
from xinglin.recognition.periods import period
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.api import ERRORS, write

router = Router()
Cursor = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Day = Annotated[str, Field(max_length=10)]
Word = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


@router.get(
    "/recognition/items", response={200: s.RecognitionCatalogueOut, **ERRORS}, operation_id="list_recognition_items"
)
def list_items(request: HttpRequest, kind: Word = "") -> Any:
    """The catalogue: what is recognised, for how long and how far; and the coded reasons to examine again."""
    permissions.may_see_catalogue(_actor(request)).require()
    today = clock.today()
    return s.RecognitionCatalogueOut(
        items=[s.RecognitionItemOut.of(each) for each in catalogue.items(on=today, kind=kind)],
        reasons=[
            s.RecognitionReasonOut(
                code=each.code, title=each.title, refusal=each.is_refusal, needs_text=each.needs_text
            )
            for each in catalogue.reasons(on=today)
        ],
    )


@router.post("/recognition/offers", response={200: s.OffersOut, **ERRORS}, operation_id="find_recognisable_results")
def find_offers(request: HttpRequest, payload: s.OffersIn) -> Any:
    """Before an order: results that may stand for its items. A look at the person, recorded with its reason."""

    def run() -> s.OffersOut:
        by, now = _actor(request), clock.now()
        order = _order(payload, by)
        found = actions.show(order=order, by=by, at=now)
        return s.OffersOut(
            items=[
                s.OfferOut.of(known, each)
                for known in found
                for each in (*known.recognisable, *(known.misses if payload.misses else ()))
            ]
        )

    return write(request, run)


def _order(payload: s.OffersIn, by: Actor) -> Order:
    now = clock.now()
    visit = visits.visible_visit(by, payload.visit, at=now) if payload.visit else None
    if visit is None and payload.resident is None:
        raise InvalidInput(_("请说明为哪位居民、由哪个机构申请。"), fields={"resident": _("请填写。")})
    resident = visit.resident if visit else residents.visible_resident(by, payload.resident, at=now)  # type: ignore[arg-type]
    facility_id = network.facility_by_uuid(payload.facility).id if payload.facility else None
    facility_id = facility_id or (visit.facility_id if visit else by.place)
    if facility_id is None:
        raise InvalidInput(_("请选择机构。"), fields={"facility": _("请选择机构。")})
    permissions.may_order(by, facility_id).require()
    items = tuple({"code": code, "title": code} for code in dict.fromkeys(payload.items))
    return Order(payload.kind, items, resident, visit, facility_id, payload.priority)


@router.get(
    "/recognition/decisions", response={200: s.DecisionPageOut, **ERRORS}, operation_id="list_recognition_decisions"
)
def list_decisions(
    request: HttpRequest, since: Day = "", until: Day = "", outcome: Word = "", item: Word = "", reason: Word = "",
    cursor: Cursor = "",
) -> Any:  # fmt: skip
    """What was decided at the actor's units, newest first; the last thirty days unless said otherwise."""
    by = _actor(request)
    first, last = period(since, until, today=clock.today())
    wanted = queries.Filters(first, last, outcome=outcome, item=item, reason=reason)
    found = queries.listed(by, wanted, cursor=cursor)
    names = queries.names_for(by, found.rows)
    named = [each.resident.uuid for each in found.rows if each.resident_id in names]
    audit.look_many(Look.LISTED, by=by, at=clock.now(), subjects=named, n=len(found.rows), outcome=outcome)
    return s.DecisionPageOut(
        items=[s.DecisionOut.of(each, names.get(each.resident_id, "")) for each in found.rows],
        next_cursor=found.next_cursor,
    )


@router.get(
    "/recognition/decisions/{uuid}", response={200: s.DecisionOut, **ERRORS}, operation_id="get_recognition_decision"
)
def get_decision(request: HttpRequest, uuid: UUID) -> Any:
    """One decision. A look at the person."""
    by = _actor(request)
    found = queries.visible_decision(by, uuid)
    audit.look(
        Look.DECISION, by=by, at=clock.now(), subject=found.resident.uuid, kind="recognition.decision", key=str(uuid)
    )
    return s.DecisionOut.of(found, queries.names_for(by, [found]).get(found.resident_id, ""))


@router.get(
    "/recognition/report", response={200: s.RecognitionReportOut, **ERRORS}, operation_id="read_recognition_report"
)
def read_report(
    request: HttpRequest, since: Day = "", until: Day = "",
    group: Literal["facility", "doctor", "item", "unit", "reason"] = "facility",
) -> Any:  # fmt: skip
    """How often results were taken over or examined again in a period, and what was saved."""
    by = _actor(request)
    permissions.may_see_report(by).require()
    first, last = period(since, until, today=clock.today())
    audit.record(Look.REPORT, by=by, at=clock.now(), detail={"by": group})
    return s.RecognitionReportOut.of(figures.report(by, queries.Filters(first, last), by=group))


@router.get("/recognition/marks", response={200: s.MarkPageOut, **ERRORS}, operation_id="list_recognition_marks")
def list_marks(request: HttpRequest, q: Word = "", kind: Word = "", level: Word = "", cursor: Cursor = "") -> Any:
    """Marks of the county's units, those that end last first."""
    permissions.may_see_catalogue(_actor(request)).require()
    found = queries.marks(text=q, kind=kind, level=level, cursor=cursor)
    return s.MarkPageOut(items=_marks(list(found.rows)), next_cursor=found.next_cursor)


def _marks(rows: list[Mark]) -> list[s.MarkOut]:
    holding, _ended = validity.in_force(rows, on=clock.today())
    holds = {each.pk for each in holding}
    return [s.MarkOut.of(each, holds=each.pk in holds) for each in rows]


@router.post("/recognition/marks", response={201: s.MarkOut, **ERRORS}, operation_id="grant_recognition_mark")
def grant(request: HttpRequest, payload: s.MarkIn) -> Any:
    """Write down that a unit's results carry a mark."""
    by = _actor(request)

    def run() -> s.MarkOut:
        permissions.may_manage(by).require()
        mark = actions.grant_mark(
            facility_id=network.facility_by_uuid(payload.facility).id, by=by, at=clock.now(),
            **payload.model_dump(exclude={"facility"}),
        )  # fmt: skip
        return _marks([queries.mark_by_uuid(mark.uuid)])[0]

    return write(request, run, status=201)


@router.post("/recognition/marks/{uuid}/end", response={200: s.MarkOut, **ERRORS}, operation_id="end_recognition_mark")
def end(request: HttpRequest, uuid: UUID, payload: s.EndMarkIn) -> Any:
    """Withdraw a mark at once."""
    by = _actor(request)

    def run() -> s.MarkOut:
        if not permissions.may_see_catalogue(by):
            raise NotVisible("recognition.mark", uuid)
        mark = queries.mark_by_uuid(uuid)
        actions.end_mark(mark=mark, reason=payload.reason, by=by, at=clock.now())
        return _marks([queries.mark_by_uuid(uuid)])[0]

    return write(request, run)


@router.get("/me/recognised", response={200: s.DecisionPageOut, **ERRORS}, operation_id="my_recognised_results")
def mine(request: HttpRequest, cursor: Cursor = "") -> Any:
    """A resident's own results that were taken over, and why something was done again."""
    by = _actor(request)
    found = queries.own_decisions(by, cursor=cursor)
    if by.self_uuid is None:
        raise NotVisible("residents.resident", "")
    audit.look(Look.OWN, by=by, at=clock.now(), subject=by.self_uuid)
    return s.DecisionPageOut(items=[s.DecisionOut.of(each) for each in found.rows], next_cursor=found.next_cursor)
