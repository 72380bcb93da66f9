"""Pages of the county board."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.indicators import figure as figures
from xinglin.indicators import permissions, queries, readiness
from xinglin.indicators.behind import records_behind
from xinglin.indicators.charts import ranking
from xinglin.indicators.engine.values import Why
from xinglin.indicators.web import charts, pages, words
from xinglin.indicators.web import files as keeping_files
from xinglin.indicators.web.figures import FigurePage
from xinglin.indicators.web.kinds import CHARTS, VIEWS
from xinglin.indicators.web.lines import table_of
from xinglin.indicators.web.waiting import waiting
from xinglin.platform import clock
from xinglin.web.answers import page
from xinglin.web.request import Request


@require_GET
@signed_in
def board(request: Request) -> HttpResponse:
    """The figures of a period."""
    now = clock.now()
    this_month = queries.current_period(now)
    period, group = request.GET.get("period") or this_month, request.GET.get("group") or queries.DAILY
    if soon := waiting(request, readiness.needs_of_board(request.actor, period=period, group=group), at=now):
        return soon
    found = queries.board_for(request.actor, period=period, group=group, at=now)
    may_keep = bool(permissions.may_keep_figures(request.actor))
    return page(
        request, "indicators/board.html", board=pages.BoardPage.build(found, this_month=this_month, may_keep=may_keep)
    )


@require_GET
@signed_in
def board_export(request: Request) -> HttpResponse:
    """The figures of a group and period as a table: Excel, or CSV."""
    now = clock.now()
    period, group = request.GET.get("period") or queries.current_period(now), request.GET.get("group") or queries.DAILY
    if soon := waiting(request, readiness.needs_of_board(request.actor, period=period, group=group), at=now):
        return soon
    found = queries.board_for(request.actor, period=period, group=group, at=now)
    headings, rows = pages.table_of(found, at=now)
    form = request.GET.get("format", "xlsx")
    head = keeping_files.head_of(
        f"{_('医共体看板')} · {words.GROUPS.get(group, group)}", period=found.period.text,
        is_whole_county=found.is_whole_county, as_of=found.extracted_at,
    )  # fmt: skip
    return keeping_files.table_file(headings, rows, f"board-{group}-{found.period.text}", head, form=form)


@require_GET
@signed_in
def figure(request: Request, slug: str) -> HttpResponse:
    """One figure opened."""
    if soon := _waiting(request, slug):
        return soon
    view, q, cursor = (request.GET.get(name, "") for name in ("view", "q", "cursor"))
    built = FigurePage.build(_opened(request, slug), view=view, q=q, cursor=cursor)
    return page(request, "indicators/figure.html", page=built, units=built.units)


@require_GET
@signed_in
def export(request: Request, slug: str) -> HttpResponse:
    """The units of a figure as a table to publish: Excel, or CSV."""
    if soon := _waiting(request, slug, leaves=True):
        return soon
    opened = _opened(request, slug)
    headings, rows = table_of(opened, at=clock.now())
    name, form = f"{slug}-{opened.period.text}", request.GET.get("format", "xlsx")
    return keeping_files.table_file(headings, rows, name, _head(opened), form=form)


@require_GET
@signed_in
def chart(request: Request, slug: str, kind: str) -> HttpResponse:
    """A chart of a figure to keep: SVG, or PNG. What few people are in is not drawn."""
    if soon := _waiting(request, slug, leaves=True):
        return soon
    opened = figures.published(_opened(request, slug), at=clock.now())
    drawn = CHARTS[kind].to_keep(opened) if kind in CHARTS else ""
    name, form = f"{slug}-{kind}-{opened.period.text}", request.GET.get("form", "svg")
    return keeping_files.chart_file(drawn, name, _head(opened, kind), form=form)


def _waiting(request: Request, slug: str, *, leaves: bool = False) -> HttpResponse | None:
    now = clock.now()
    period, level = request.GET.get("period") or queries.current_period(now), request.GET.get("level", "")
    needs_of = readiness.needs_of_publication if leaves else readiness.needs_of_figure
    needs = needs_of(request.actor, slug=slug, period=period, level=level)
    return waiting(request, needs, at=now)


def _head(opened: figures.Opened, kind: str = "") -> keeping_files.Head:
    """What stands over a chart or table of a figure."""
    indicator = opened.indicator
    title = " ".join(filter(None, (str(indicator.content.get("code", "")), indicator.definition.title)))
    level = "" if kind == "trend" else str(words.LEVELS.get(opened.level, ""))
    unit = f"{_('计量单位')} {words.UNITS.get(indicator.unit, indicator.unit)}"
    n = 0 if kind == "trend" else sum(each.why is Why.SMALL for each in opened.told.values())
    left_out = _("%(n)d个单位人数太少，不列出") % {"n": n} if n else ""
    first = {"n": ranking.MOST, "total": len(opened.units)}
    cut = _("前%(n)d个，共%(total)d个单位") % first if kind == "ranking" and first["n"] < first["total"] else ""
    return keeping_files.head_of(
        f"{title} · {VIEWS[kind]}" if kind in VIEWS else title, period=opened.period.text,
        is_whole_county=opened.is_whole_county, as_of=opened.extracted_at,
        more=(level, unit, cut, left_out, "" if kind == "trend" else charts.mergers_words(opened)),
    )  # fmt: skip


def _opened(request: Request, slug: str) -> figures.Opened:
    now = clock.now()
    return figures.open_figure(
        request.actor,
        slug=slug,
        period=request.GET.get("period") or queries.current_period(now),
        level=request.GET.get("level", ""),
        within=request.GET.get("within", ""),
        at=now,
    )


@require_GET
@signed_in
def records(request: Request, slug: str) -> HttpResponse:
    """The records behind a figure."""
    now = clock.now()
    period, part = request.GET.get("period") or queries.current_period(now), request.GET.get("part", "")
    found = records_behind(
        request.actor, slug=slug, period=period, part=part, after=request.GET.get("after", ""), at=now
    )
    return page(
        request, "indicators/records.html", fragment="rows", behind=found, rows=pages.rows_of(found, request.actor),
        period=period, part=part,
    )  # fmt: skip
