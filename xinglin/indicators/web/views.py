"""Pages of the county board."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.indicators import queries
from xinglin.indicators.web import pages
from xinglin.platform import clock
from xinglin.web.answers import page
from xinglin.web.request import Request


@require_GET
@signed_in
def board(request: Request) -> HttpResponse:
    """The figures of a period."""
    now = clock.now()
    period = request.GET.get("period") or queries.current_period(now)
    found = queries.board_for(request.actor, period=period, at=now)
    return page(
        request, "indicators/board.html", board=pages.BoardPage.build(found), this_month=queries.current_period(now)
    )


@require_GET
@signed_in
def records(request: Request, slug: str) -> HttpResponse:
    """The records behind a figure."""
    now = clock.now()
    behind = queries.records_behind(
        request.actor,
        slug=slug,
        period=request.GET.get("period") or queries.current_period(now),
        part=request.GET.get("part", ""),
        after=request.GET.get("after", ""),
        at=now,
    )
    return page(
        request, "indicators/records.html", fragment="rows", behind=behind, rows=pages.rows_of(behind, request.actor),
        period=request.GET.get("period", ""), part=request.GET.get("part", ""),
    )  # fmt: skip
