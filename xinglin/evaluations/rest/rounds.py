"""Rounds: opened, moved on, published."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from xinglin.evaluations import actions, permissions, queries
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.documents import notice_paper, paper_response
from xinglin.evaluations.events import Event
from xinglin.evaluations.figures import not_computed_again
from xinglin.evaluations.models import Round
from xinglin.evaluations.rest import shapes as s
from xinglin.evaluations.rules.plans import as_kept, plans
from xinglin.indicators import api as indicators
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()


@router.get("/evaluations/plans", response={200: s.EvaluationPlansOut, **ERRORS}, operation_id="list_evaluation_plans")
def list_plans(request: Request) -> Any:
    """Plans of assessment, as they read today."""
    permissions.takes_part(request.actor).require()
    audit.record(Event.LISTED, by=request.actor, at=clock.now())
    return s.EvaluationPlansOut(items=[s.EvaluationPlanOut.of(each) for each in plans()])


@router.get(
    "/evaluations/rounds", response={200: s.EvaluationRoundsOut, **ERRORS}, operation_id="list_evaluation_rounds"
)
def list_rounds(request: Request, cursor: s.Cursor = "") -> Any:
    """Rounds the caller sees, the latest first."""
    actor = request.actor
    permissions.takes_part(actor).require()
    paging = queries.rounds_page(actor, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(paging.rows)})
    items = [s.EvaluationRoundOut(**s.EvaluationRoundOut.fields_of(each)) for each in paging.rows]
    return s.EvaluationRoundsOut(items=items, next_cursor=paging.next_cursor)


@router.post(
    "/evaluations/rounds", response={201: s.EvaluationRoundDetailOut, **ERRORS}, operation_id="open_evaluation_round"
)
def open_round(request: Request, body: s.EvaluationOpenIn) -> Any:
    """Open a round from a plan and frozen figures."""

    def run() -> s.EvaluationRoundDetailOut:
        actor = request.actor
        asked = Asked(
            body.plan, body.period, body.figures, [network.facility_by_uuid(each).id for each in body.facilities],
            body.self_check_until, body.review_until,
        )  # fmt: skip
        return detail(actor, actions.open_round(asked=asked, by=actor, at=clock.now()))

    return write(request, run, status=201)


@router.get(
    "/evaluations/rounds/{uuid}", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="get_evaluation_round",
)  # fmt: skip
def get_round(request: Request, uuid: UUID) -> Any:
    """One round with the units the caller sees."""
    actor = request.actor
    found = queries.visible_round(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.round", key=str(uuid))
    return detail(actor, found)


def detail(actor: Any, found: Round) -> s.EvaluationRoundDetailOut:
    """A round with its sheets; points from the time the caller may know them."""
    sheets = [
        s.EvaluationSheetLineOut(
            uuid=each.uuid, facility=each.facility.uuid, name=each.name, status=each.status,
            points=s.told(each.points) if queries.is_told(actor, found, each) else None,
        )
        for each in queries.sheets_of(actor, found)
    ]  # fmt: skip
    return s.EvaluationRoundDetailOut(**s.EvaluationRoundOut.fields_of(found), sheets=sheets)


def _step(request: Request, uuid: UUID, action: Callable[..., Any], **given: Any) -> Any:
    def run() -> s.EvaluationRoundDetailOut:
        actor = request.actor
        found = queries.visible_round(actor, uuid)
        action(of_round=found, by=actor, at=clock.now(), **given)
        return detail(actor, queries.visible_round(actor, uuid))

    return write(request, run)


@router.post(
    "/evaluations/rounds/{uuid}/begin-review", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="begin_evaluation_review",
)  # fmt: skip
def begin_review(request: Request, uuid: UUID) -> Any:
    """End the self-checks: when the time is over, or every unit has sent its own."""
    return _step(request, uuid, actions.begin_review)


@router.post(
    "/evaluations/rounds/{uuid}/tell", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="tell_evaluation_results",
)  # fmt: skip
def tell(request: Request, uuid: UUID, body: s.EvaluationTellIn) -> Any:
    """Show each unit its result; it may appeal from now on."""
    return _step(request, uuid, actions.tell_results, until=body.until)


@router.post(
    "/evaluations/rounds/{uuid}/publish", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="publish_evaluation_round",
)  # fmt: skip
def publish(request: Request, uuid: UUID, body: s.EvaluationPublishIn) -> Any:
    """Publish the ranking: when no appeal waits, and the time for appeals is over or every unit agreed."""
    return _step(request, uuid, actions.publish_round, **body.model_dump())


@router.post(
    "/evaluations/rounds/{uuid}/correct", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="correct_evaluation_notice",
)  # fmt: skip
def correct(request: Request, uuid: UUID, body: s.EvaluationCorrectIn) -> Any:
    """Publish the ranking anew after an objection was upheld."""
    return _step(request, uuid, actions.correct_notice, **body.model_dump())


@router.post(
    "/evaluations/rounds/{uuid}/close", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="close_evaluation_round",
)  # fmt: skip
def close(request: Request, uuid: UUID) -> Any:
    """End a round: its scores are final."""
    return _step(request, uuid, actions.close_round)


@router.post(
    "/evaluations/rounds/{uuid}/cancel", response={200: s.EvaluationRoundDetailOut, **ERRORS},
    operation_id="cancel_evaluation_round",
)  # fmt: skip
def cancel(request: Request, uuid: UUID, body: s.EvaluationReasonIn) -> Any:
    """Give a round up before anything was published."""
    return _step(request, uuid, actions.cancel_round, reason=body.reason)


@router.get(
    "/evaluations/rounds/{uuid}/ranking", response={200: s.EvaluationRankingOut, **ERRORS},
    operation_id="get_evaluation_ranking",
)  # fmt: skip
def ranking(request: Request, uuid: UUID, revision: int | None = None) -> Any:
    """The ranking as it was published, or a former revision of it."""
    actor = request.actor
    notice = queries.notice_of(actor, queries.visible_round(actor, uuid), revision=revision)
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.publication", key=str(notice.uuid))
    return s.EvaluationRankingOut.of(notice)


@router.get("/evaluations/rounds/{uuid}/notice", response={200: None, **ERRORS}, operation_id="get_evaluation_notice")
def notice(request: Request, uuid: UUID, form: str = "pdf", revision: int | None = None) -> HttpResponse:
    """The notice with its ranking as ``pdf``, ``docx`` or ``xlsx``."""
    actor = request.actor
    found = queries.notice_of(actor, queries.visible_round(actor, uuid), revision=revision)
    audit.record(Event.EXPORTED, by=actor, at=clock.now(), kind="evaluations.publication", key=str(found.uuid))
    return paper_response(notice_paper(found), form)


@router.get(
    "/evaluations/rounds/{uuid}/recomputed", response={200: s.EvaluationDifferencesOut, **ERRORS},
    operation_id="recompute_evaluation_round",
)  # fmt: skip
def recompute(request: Request, uuid: UUID, figures: bool = False) -> Any:
    """Compute every score again from the frozen figures; with `figures`, the figures from the facts, too."""
    actor = request.actor
    found = queries.visible_round(actor, uuid)
    permissions.may_run(actor, found).require()
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.round", key=str(uuid))
    return s.EvaluationDifferencesOut(
        scores=not_computed_again(found, as_kept(found.plan)),
        figures=indicators.not_reproduced(found.snapshot_id) if figures else [],
    )
