"""The control board, and the table of a month."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.data import Permission
from xinglin.labcontrol import boards, queries, summaries, tables
from xinglin.labcontrol.data import Verdict
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.web.common import for_control, may, tabs
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput
from xinglin.web.answers import download, page
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX


@require_GET
@for_control
def board(request: Request) -> HttpResponse:
    """Every assay with its levels, what needs somebody first; one instrument when it is chosen."""
    actor, at = request.actor, clock.now()
    instruments = list(queries.instruments_visible_to(actor).filter(is_active=True).order_by("name", "id")[:50])
    chosen = next((each for each in instruments if str(each.uuid) == request.GET.get("instrument")), None)
    assays = queries.assays_visible_to(actor).filter(is_active=True, instrument__is_active=True)
    if chosen is not None:
        assays = assays.filter(instrument=chosen)
    rows = boards.board(list(assays.order_by("instrument_id", "analyte", "id")[: boards.MOST_ASSAYS]), at=at)
    today = clock.today(at)
    audit.record(Event.VIEWED, by=actor, at=at, detail={"what": "board", "n": len(rows)})
    return page(
        request, "labcontrol/board.html", tabs=tabs("board"), rows=rows, instruments=instruments, chosen=chosen,
        counts=_counts(rows), filters=_filters(instruments, chosen), month=f"{today:%Y-%m}",
        may_record=may(actor, Permission.CONTROL_RECORD), may_manage=may(actor, Permission.CONTROL_MANAGE),
        ending=[(each, queries.ends_on(each), queries.ends_on(each) < today) for each in queries.materials_ending(actor, on=today)],
    )  # fmt: skip


def _counts(rows: list[boards.BoardRow]) -> dict[str, int]:
    states = [row.state for row in rows]
    return {
        "out": states.count(Verdict.OUT), "late": states.count(boards.NOT_RUN), "warning": states.count(Verdict.WARNING),
        "ok": states.count(Verdict.IN),
    }  # fmt: skip


def _filters(instruments: list[Any], chosen: Any) -> list[dict[str, Any]]:
    url = reverse("labcontrol:board")
    if len(instruments) < 2:  # noqa: PLR2004
        return []
    return [{"label": _("全部仪器"), "url": url, "active": chosen is None}] + [
        {"label": each.name, "url": f"{url}?instrument={each.uuid}", "active": each == chosen} for each in instruments
    ]


@require_GET
@for_control
def month_table(request: Request) -> HttpResponse:
    """A month's values of the reader's laboratories as a workbook."""
    actor, at = request.actor, clock.now()
    first, since, until = summaries.month_of(request.GET.get("month", ""), today=clock.today(at))
    facilities = set(queries.instruments_visible_to(actor).values_list("facility_id", flat=True))
    values = list(queries.values_of_facility(facilities, since, until)[: tables.MOST_ROWS + 1])
    if len(values) > tables.MOST_ROWS:
        raise InvalidInput(_("这个月的结果太多，无法一次导出。"), fields={"month": _("结果太多。")})
    audit.record(Event.EXPORTED, by=actor, at=at, detail={"month": f"{first:%Y-%m}", "n": len(values)})
    return download(tables.month_workbook(values), f"control-{first:%Y-%m}.xlsx", media_type=XLSX)
