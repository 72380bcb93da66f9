"""Lists: what was sent, the desk, the bench, the reading room, the archive, and the figures of a centre."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import catalogue, figures, policies, queries
from xinglin.pathology.events import Look
from xinglin.pathology.models import FrozenSection, PathologyCase, Slide
from xinglin.pathology.web.pills import case_pill, kind_pill, priority_pill
from xinglin.platform import audit, clock
from xinglin.platform.errors import NotPermitted
from xinglin.platform.paging import Page
from xinglin.web.answers import done, page
from xinglin.web.formats import listed_text, parted_text
from xinglin.web.pills import Pill
from xinglin.web.request import Request

#: Periods of the figures, in days.
PERIODS = (7, 30, 90, 365)


@dataclass(frozen=True)
class Line:
    """One case in a list."""

    case: PathologyCase
    url: str
    status: Pill
    kind: Pill
    priority: Pill | None
    specimens: str
    is_open: bool


def line_of(case: PathologyCase) -> Line:
    """A case as a line; no query when its parts are there already."""
    parts = sorted(case.parts.all(), key=lambda part: part.letter)
    return Line(
        case=case, url=reverse("pathology:case", args=[case.uuid]), status=case_pill(case), kind=kind_pill(case),
        priority=priority_pill(case), specimens=parted_text(f"{part.letter} {part.site}×{part.n_pieces}" for part in parts),
        is_open=case.status in policies.OPEN,
    )  # fmt: skip


def _tabs(url_name: str, words: list[tuple[str, str, str]], show: str) -> list[dict[str, Any]]:
    url = reverse(url_name)
    return [
        {"label": label, "url": f"{url}?show={name}", "active": name == show, "icon": icon, "count": None}
        for name, label, icon in words
    ]


def _noted(request: Request, cases: Sequence[PathologyCase], show: str, now: datetime) -> None:
    """Lists are recorded once a page; one that asks for its rows again is not another look."""
    if not request.htmx:
        shown = [each.request.resident.uuid for each in cases]
        audit.look_many(Look.WORKLIST, by=request.actor, at=now, subjects=shown, rows=len(shown), show=show)


def _need(request: Request, permission: Permission) -> None:
    """:raises NotPermitted: the reader holds it nowhere"""
    if permission not in request.actor.permissions:
        raise NotPermitted(_("您的角色没有这项权限。"), code="no-permission")


@require_GET
@signed_in
def sent(request: Request) -> HttpResponse:
    """What the reader's units have sent."""
    _need(request, Permission.REQUEST_PLACE)
    now = clock.now()
    found = queries.sent_by(request.actor, cursor=request.GET.get("cursor", ""))
    _noted(request, found.rows, "sent", now)
    lines = [line_of(each) for each in found.rows]
    return page(request, "pathology/sent.html", lines=lines, next_cursor=found.next_cursor, now=now)


@require_GET
@signed_in
def desk(request: Request) -> HttpResponse:
    """The receipt desk: scan a number, or take from the list."""
    _need(request, Permission.PATHOLOGY_RECEIVE)
    now, show = clock.now(), request.GET.get("show", "waiting")
    code = request.GET.get("code", "").strip()
    if code and (case := queries.case_by_code(request.actor, code)):
        return done(request, reverse("pathology:case", args=[case.uuid]))
    if show == "received":
        found = queries.received(request.actor, cursor=request.GET.get("cursor", ""))
    else:
        show = show if show == "held" else "waiting"
        found = Page(queries.at_desk(request.actor, show=show))
    frozen = queries.frozen_open(request.actor)
    _noted(request, [*found.rows, *(each.case for each in frozen)], show, now)
    words = [
        ("waiting", _("待核收"), "inbox"),
        ("held", _("存疑待复"), "help"),
        ("received", _("已核收"), "check"),
    ]
    return page(
        request, "pathology/desk.html", fragment="rows", lines=[line_of(each) for each in found.rows], show=show, now=now,
        tabs=_tabs("pathology:desk", words, show), next_cursor=found.next_cursor, code=code,
        frozen=[_frozen(each) for each in frozen],
    )  # fmt: skip


def _frozen(frozen: FrozenSection) -> dict[str, Any]:
    """A frozen section: until receipt its booked time, then the clock of the answer."""
    case = frozen.case
    due = case.received_at + timedelta(minutes=frozen.minutes) if case.received_at else None
    return {
        "frozen": frozen, "case": case, "due": due, "url": reverse("pathology:case", args=[case.uuid]),
        "status": case_pill(case),
    }  # fmt: skip


@dataclass(frozen=True)
class Group:
    """The slides of one case that are to be made."""

    line: Line
    slides: list[tuple[Slide, str]]
    blocks: list[Any]


@require_GET
@signed_in
def bench(request: Request) -> HttpResponse:
    """The bench: cases to gross, and slides to make."""
    _need(request, Permission.PATHOLOGY_PREPARE)
    now, show = clock.now(), request.GET.get("show", "gross")
    code = request.GET.get("code", "").strip()
    if code and (case := queries.case_by_code(request.actor, code)):
        return done(request, reverse("pathology:case", args=[case.uuid]))
    show = show if show == "slides" else "gross"
    lines = [line_of(each) for each in queries.to_gross(request.actor)] if show == "gross" else []
    groups = _groups(queries.slides_to_make(request.actor)) if show == "slides" else []
    _noted(request, [each.case for each in (*lines, *(group.line for group in groups))], show, now)
    words = [("gross", _("待取材"), "ruler"), ("slides", _("待制片"), "grid")]
    return page(
        request, "pathology/bench.html", lines=lines, groups=groups, show=show, now=now, code=code,
        tabs=_tabs("pathology:bench", words, show),
    )  # fmt: skip


def _groups(slides: list[Slide]) -> list[Group]:
    by_case: dict[int, list[Slide]] = defaultdict(list)
    for slide in slides:
        by_case[slide.case_id].append(slide)
    titles = {each.code: each.title for each in catalogue.stains()}
    found = []
    for rows in by_case.values():
        blocks = {each.block.pk: each.block for each in rows if each.block and each.block.embedded_at is None}
        named = [(each, titles.get(each.stain, each.stain)) for each in rows]
        found.append(Group(line_of(rows[0].case), named, list(blocks.values())))
    return found


@require_GET
@signed_in
def reading(request: Request) -> HttpResponse:
    """The work list of the pathologists; asks for its rows again every 30 seconds."""
    centres = [each for each in diagnostics.centres_read_by(request.actor) if each.kind == queries.KIND]
    if not centres:
        raise NotPermitted(_("您不是病理诊断中心的医师，或中心尚未开通。"), code="no-centre")
    now, show = clock.now(), request.GET.get("show", "ready")
    code = request.GET.get("code", "").strip()
    if code and (case := queries.case_by_code(request.actor, code)):
        return done(request, reverse("pathology:case", args=[case.uuid]))
    show = show if show in {"ready", "mine", "coming", "reported"} else "ready"
    cursor = request.GET.get("cursor", "")
    is_done = show == "reported"
    found = (
        queries.reported(request.actor, cursor=cursor) if is_done else Page(queries.to_read(request.actor, show=show))
    )
    frozen, opinions = queries.frozen_open(request.actor), queries.opinions_waiting(request.actor)
    beside = [*(each.case for each in frozen), *(each.case for each in opinions)]
    _noted(request, [*found.rows, *beside], show, now)
    words = [
        ("ready", _("可阅片"), "microscope"), ("mine", _("我的"), "user"), ("coming", _("制片中"), "clock"),
        ("reported", _("已报告"), "check"),
    ]  # fmt: skip
    return page(
        request, "pathology/reading.html", fragment="rows", lines=[line_of(each) for each in found.rows], show=show,
        now=now, tabs=_tabs("pathology:reading", words, show), next_cursor=found.next_cursor, code=code,
        frozen=[_frozen(each) for each in frozen],
        opinions=opinions, centres=listed_text(each.name for each in centres),
    )  # fmt: skip


@require_GET
@signed_in
def loans(request: Request) -> HttpResponse:
    """What is out of the archive, what is past its day, what came back."""
    _need(request, Permission.PATHOLOGY_LEND)
    now, show = clock.now(), request.GET.get("show", "out")
    today = timezone.localdate(now)
    if show == "returned":
        found = queries.loans_returned(request.actor, cursor=request.GET.get("cursor", ""))
    else:
        show = show if show == "overdue" else "out"
        found = Page(queries.loans_out(request.actor, on=today, overdue_only=show == "overdue"))
    shown = [each.case.request.resident.uuid for each in found.rows]
    audit.look_many(Look.LOANS, by=request.actor, at=now, subjects=shown, rows=len(shown), show=show)
    words = [
        ("out", _("借出中"), "book"),
        ("overdue", _("逾期未还"), "alert-triangle"),
        ("returned", _("已归还"), "check"),
    ]
    rows = [{"loan": each, "pieces": each.pieces, "is_overdue": policies.is_overdue(each, now)} for each in found.rows]
    return page(
        request, "pathology/loans.html", rows=rows, show=show, tabs=_tabs("pathology:loans", words, show),
        next_cursor=found.next_cursor, now=now,
    )  # fmt: skip


@require_GET
@signed_in
def quality(request: Request) -> HttpResponse:
    """How fast and how well the centre works."""
    centres = [each for each in diagnostics.centres_managed_by(request.actor) if each.kind == queries.KIND]
    if not centres:
        raise NotPermitted(_("您不负责病理诊断中心。"), code="no-centre")
    now, days = clock.now(), request.GET.get("days", "")
    n_days = int(days) if days.isdecimal() and int(days) in PERIODS else 30
    found = figures.figures([each.pk for each in centres], since=now - timedelta(days=n_days), until=now, at=now)
    url = reverse("pathology:quality")
    tabs = [
        {"label": _("近%(days)d天") % {"days": each}, "url": f"{url}?days={each}", "active": each == n_days, "count": None}
        for each in PERIODS
    ]  # fmt: skip
    return page(
        request, "pathology/quality.html", figures=found, tabs=tabs, centres=listed_text(each.name for each in centres),

    )  # fmt: skip
