"""Funds: worked out, compared with what if, approved, published."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from xinglin.evaluations import actions, permissions, queries, sharing
from xinglin.evaluations.documents import fund_paper, paper_response
from xinglin.evaluations.events import Event
from xinglin.evaluations.models import Distribution
from xinglin.evaluations.rest import fund_shapes as f
from xinglin.evaluations.rest import shapes as s
from xinglin.evaluations.rules.funds import POOLS, funds
from xinglin.evaluations.simulating import compared
from xinglin.platform import audit, clock
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()
DETAIL: dict[Any, Any] = {200: f.FundDistributionDetailOut, **ERRORS}


@router.get("/evaluations/funds", response={200: f.FundsOut, **ERRORS}, operation_id="list_funds")
def list_funds(request: Request) -> Any:
    """Funds, as they read today."""
    permissions.takes_part(request.actor).require()
    audit.record(Event.LISTED, by=request.actor, at=clock.now())
    items = [
        f.FundOut(
            slug=each.slug, version=each.version, title=each.title, pool=each.pool, source=each.cited, mark=each.mark,
            parts=[f.FundPartOut(code=p.code, title=p.title, percent=float(p.percent)) for p in each.parts],
        )
        for each in funds()
    ]  # fmt: skip
    return f.FundsOut(items=items)


@router.get(
    "/evaluations/distributions", response={200: f.FundDistributionsOut, **ERRORS},
    operation_id="list_fund_distributions",
)  # fmt: skip
def list_distributions(request: Request, cursor: s.Cursor = "") -> Any:
    """Distributions the caller sees, the latest first."""
    actor = request.actor
    permissions.takes_part(actor).require()
    paging = sharing.distributions_page(actor, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(paging.rows)})
    items = [f.FundDistributionOut(**f.FundDistributionOut.fields_of(each)) for each in paging.rows]
    return f.FundDistributionsOut(items=items, next_cursor=paging.next_cursor)


def _detail(actor: Any, found: Distribution) -> f.FundDistributionDetailOut:
    lines = [
        f.FundLineOut(
            facility=each.facility.uuid, name=each.name, part=each.part, factors=each.factors, weight=each.weight,
            fen=each.fen,
        )
        for each in sharing.lines_visible_to(actor, found)
    ]  # fmt: skip
    return f.FundDistributionDetailOut(**f.FundDistributionOut.fields_of(found), lines=lines)


@router.post(
    "/evaluations/distributions", response={201: f.FundDistributionDetailOut, **ERRORS},
    operation_id="draft_fund_distribution",
)  # fmt: skip
def draft(request: Request, body: f.FundDraftIn) -> Any:
    """Work a fund out from a closed round."""

    def run() -> f.FundDistributionDetailOut:
        actor = request.actor
        permissions.may_share_funds(actor).require()
        amounts = {"amount": body.amount, "budget": body.budget, "spent": body.spent}
        wanted = POOLS[sharing.fund_in_force(body.fund).pool]
        made = actions.draft_fund(
            slug=body.fund, of_round=queries.visible_round(actor, body.round),
            given={key: amount for key, amount in amounts.items() if amount is not None or key in wanted},  # type: ignore[misc]
            replaces=sharing.visible_distribution(actor, body.replaces) if body.replaces else None, reason=body.reason,
            by=actor, at=clock.now(),
        )  # fmt: skip
        return _detail(actor, made)

    return write(request, run, status=201)


@router.get("/evaluations/distributions/{uuid}", response=DETAIL, operation_id="get_fund_distribution")
def get_distribution(request: Request, uuid: UUID) -> Any:
    """One distribution: every line with its factors; a unit reads its own."""
    actor = request.actor
    found = sharing.visible_distribution(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.distribution", key=str(uuid))
    return _detail(actor, found)


@router.get("/evaluations/distributions/{uuid}/file", response={200: None, **ERRORS}, operation_id="get_fund_file")
def fund_file(request: Request, uuid: UUID, form: str = "pdf") -> HttpResponse:
    """The table of a distribution to be signed, as ``pdf``, ``docx`` or ``xlsx``; of a unit its own lines."""
    actor, at = request.actor, clock.now()
    found = sharing.visible_distribution(actor, uuid)
    audit.record(Event.EXPORTED, by=actor, at=at, kind="evaluations.distribution", key=str(uuid))
    return paper_response(fund_paper(found, sharing.lines_visible_to(actor, found), at=at), form)


@router.post(
    "/evaluations/distributions/{uuid}/simulate", response={200: f.FundSimulationOut, **ERRORS},
    operation_id="simulate_fund_distribution",
)  # fmt: skip
def simulate(request: Request, uuid: UUID, body: f.FundChangesIn) -> Any:
    """The distribution beside what it would be with other percentages or another least score. Nothing is kept."""
    actor = request.actor
    found = sharing.visible_distribution(actor, uuid)
    permissions.may_keep(actor, found).require()
    percents = {code: Fraction(each) for code, each in body.percents.items()}
    rows = compared(found, percents=percents, least=None if body.least is None else Fraction(body.least))
    audit.record(Event.SIMULATED, by=actor, at=clock.now(), kind="evaluations.distribution", key=str(uuid))
    lines = [
        f.FundComparedOut(facility=each.uuid, name=each.name, fen=each.fen, what_if_fen=each.what_if_fen)
        for each in rows
    ]
    return f.FundSimulationOut(pool_fen=found.pool_fen, lines=lines)


def _step(request: Request, uuid: UUID, action: Callable[..., Any], **given: Any) -> Any:
    def run() -> f.FundDistributionDetailOut:
        actor = request.actor
        action(distribution=sharing.visible_distribution(actor, uuid), by=actor, at=clock.now(), **given)
        return _detail(actor, sharing.visible_distribution(actor, uuid))

    return write(request, run)


@router.post("/evaluations/distributions/{uuid}/submit", response=DETAIL, operation_id="submit_fund_distribution")
def submit(request: Request, uuid: UUID) -> Any:
    """Send a draft to be approved."""
    return _step(request, uuid, actions.submit_fund)


@router.post("/evaluations/distributions/{uuid}/approve", response=DETAIL, operation_id="approve_fund_distribution")
def approve(request: Request, uuid: UUID) -> Any:
    """Approve what somebody else worked out."""
    return _step(request, uuid, actions.approve_fund)


@router.post("/evaluations/distributions/{uuid}/send-back", response=DETAIL, operation_id="send_back_fund_distribution")
def send_back(request: Request, uuid: UUID, body: s.EvaluationReasonIn) -> Any:
    """Do not approve it yet."""
    return _step(request, uuid, actions.send_back_fund, reason=body.reason)


@router.post("/evaluations/distributions/{uuid}/drop", response=DETAIL, operation_id="drop_fund_distribution")
def drop(request: Request, uuid: UUID, body: s.EvaluationReasonIn) -> Any:
    """Give up what was not published."""
    return _step(request, uuid, actions.drop_fund, reason=body.reason)


@router.post("/evaluations/distributions/{uuid}/publish", response=DETAIL, operation_id="publish_fund_distribution")
def publish(request: Request, uuid: UUID, body: f.FundPublishIn) -> Any:
    """Publish what was approved; what it replaces says so from now on."""
    return _step(request, uuid, actions.publish_fund, **body.model_dump())
