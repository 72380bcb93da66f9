"""Pages of assessments: rounds, plans, sheets, rankings."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.evaluations import permissions, queries
from xinglin.evaluations.documents import notice_paper, paper_response, sheet_paper
from xinglin.evaluations.events import Event
from xinglin.evaluations.rest.sheets import evidence_answer
from xinglin.evaluations.rules.plans import plan as plan_called
from xinglin.evaluations.web import pages, words
from xinglin.evaluations.web.pages import NOTHING, Given
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotVisible
from xinglin.web.answers import page
from xinglin.web.request import Request


@require_safe
@for_staff
def home(request: Request) -> HttpResponse:
    """Rounds."""
    return home_page(request)


def home_page(request: Request, given: Given = NOTHING) -> HttpResponse:
    """Rounds, with the form that opens one."""
    actor = request.actor
    if not (actor.may(Permission.EVALUATION_MANAGE) or actor.may(Permission.EVALUATION_REVIEW)):
        permissions.may_manage(actor).require()
    built = pages.home(actor, cursor=request.GET.get("cursor", ""), given=given)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(built["rows"])})
    return page(request, "evaluations/home.html", status=given.error.status if given.error else 200, page=built)


@require_safe
@for_staff
def own(request: Request) -> HttpResponse:
    """Sheets of the own unit."""
    actor = request.actor
    actor.may(Permission.EVALUATION_ANSWER).require()
    paging = queries.own_sheets_page(actor, cursor=request.GET.get("cursor", ""))
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(paging.rows)})
    asked = [pages.sheet_line(actor, each) for each in queries.to_review(actor)]
    built = {"rows": [pages.sheet_line(actor, each) for each in paging.rows], "paging": paging, "asked": asked}
    return page(request, "evaluations/own.html", page=built)


@require_safe
@for_staff
def review(request: Request) -> HttpResponse:
    """What waits for the reader's judgement: units to review, appeals to decide."""
    actor = request.actor
    if not actor.may(Permission.EVALUATION_ANSWER):
        actor.may(Permission.EVALUATION_REVIEW).require()
    sheets, appeals = queries.to_review(actor), queries.open_appeals(actor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"n": len(sheets) + len(appeals)})
    built = {
        "rows": [pages.sheet_line(actor, each) for each in sheets],
        "appeals": [
            {**pages.sheet_line(actor, each.item.sheet), "reason": each.reason, "raised_at": each.raised_at, "code": each.item.code}
            for each in appeals
        ],
    }  # fmt: skip
    return page(request, "evaluations/review.html", page=built)


@require_safe
@for_staff
def plan_list(request: Request) -> HttpResponse:
    """Every plan."""
    _may_read(request)
    audit.record(Event.LISTED, by=request.actor, at=clock.now())
    return page(request, "evaluations/plans.html", page={"rows": pages.plan_lines()})


@require_safe
@for_staff
def plan(request: Request, slug: str) -> HttpResponse:
    """One plan as people read it."""
    _may_read(request)
    try:
        found = plan_called(slug)
    except KeyError as error:
        raise NotVisible("evaluations.plan", slug) from error
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="evaluations.plan", key=slug)
    return page(request, "evaluations/plan.html", page=words.plan_view(found))


def _may_read(request: Request) -> None:
    if not request.actor.may(Permission.EVALUATION_ANSWER):
        permissions.may_manage(request.actor).require()


@require_safe
@for_staff
def round_page(request: Request, uuid: UUID) -> HttpResponse:
    """One round."""
    return show_round(request, uuid)


def show_round(request: Request, uuid: UUID, given: Given = NOTHING) -> HttpResponse:
    """One round, with what was refused."""
    actor, at = request.actor, clock.now()
    found = queries.visible_round(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=at, kind="evaluations.round", key=str(uuid))
    built = pages.round_page(actor, found, at=at, cursor=request.GET.get("cursor", ""), given=given)
    return page(request, "evaluations/round.html", status=given.error.status if given.error else 200, page=built)


@require_safe
@for_staff
def ranking(request: Request, uuid: UUID) -> HttpResponse:
    """The ranking as it was published."""
    actor = request.actor
    built = pages.ranking(actor, queries.visible_round(actor, uuid), _whole(request.GET.get("revision", "")))
    audit.record(Event.VIEWED, by=actor, at=clock.now(), kind="evaluations.publication", key=str(built["notice"].uuid))
    return page(request, "evaluations/ranking.html", page=built)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


@require_safe
@for_staff
def sheet(request: Request, uuid: UUID) -> HttpResponse:
    """One unit's sheet."""
    return show_sheet(request, uuid)


def show_sheet(request: Request, uuid: UUID, given: Given = NOTHING) -> HttpResponse:
    """One sheet, with what was refused."""
    actor, at = request.actor, clock.now()
    found = queries.visible_sheet(actor, uuid)
    audit.record(Event.VIEWED, by=actor, at=at, kind="evaluations.sheet", key=str(uuid))
    built = pages.sheet_page(actor, found, at=at, given=given)
    return page(request, "evaluations/sheet.html", status=given.error.status if given.error else 200, page=built)


@require_safe
@for_staff
def evidence(request: Request, uuid: UUID) -> HttpResponse:
    """A file of proof."""
    found = queries.visible_evidence(request.actor, uuid)
    audit.record(Event.EVIDENCE_VIEWED, by=request.actor, at=clock.now(), kind="evaluations.evidence", key=str(uuid))
    return evidence_answer(found)


@require_safe
@for_staff
def notice_file(request: Request, uuid: UUID, form: str) -> HttpResponse:
    """The notice with its ranking, to keep."""
    actor, revision = request.actor, request.GET.get("revision", "")
    found = queries.notice_of(actor, queries.visible_round(actor, uuid), revision=_whole(revision))
    audit.record(Event.EXPORTED, by=actor, at=clock.now(), kind="evaluations.publication", key=str(found.uuid))
    return paper_response(notice_paper(found), form)


@require_safe
@for_staff
def sheet_file(request: Request, uuid: UUID, form: str) -> HttpResponse:
    """The sheet of a unit, to be signed."""
    actor, at = request.actor, clock.now()
    found = queries.told_sheet(actor, uuid)
    audit.record(Event.EXPORTED, by=actor, at=at, kind="evaluations.sheet", key=str(uuid))
    return paper_response(sheet_paper(found, at=at), form)
