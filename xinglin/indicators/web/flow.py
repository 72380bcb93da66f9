"""Who is treated where, as a page, a picture and a table."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.indicators import flows, queries, readiness
from xinglin.indicators.charts import sankey
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.figure import TREND
from xinglin.indicators.flows import Flows
from xinglin.indicators.web import words
from xinglin.indicators.web.files import chart_file, table_file
from xinglin.indicators.web.waiting import waiting
from xinglin.platform import clock
from xinglin.web.answers import page
from xinglin.web.request import Request

KINDS: dict[str, Promise] = {"OUTPATIENT": gettext_lazy("门诊"), "INPATIENT": gettext_lazy("住院")}
#: The figure behind a destination: by kind of care.
BEHIND = {
    "OUTPATIENT": {"V": "grassroots-share", "T": "grassroots-share", "X": "v02-out-rate"},
    "INPATIENT": {"X": "m11-in-county-admissions", "C": "m11-in-county-admissions"},
}


@dataclass(frozen=True, slots=True)
class FlowPage:
    """The picture and its table."""

    flows: Flows
    kind: str
    tabs: list[dict[str, Any]]
    periods: list[tuple[str, str]]
    chart: SafeString
    heads: list[tuple[str, str]]
    rows: list[dict[str, Any]]
    missing: list[str]
    export_url: str
    chart_url: str
    n_left_out: int

    @classmethod
    def build(cls, found: Flows) -> "FlowPage":
        """Words and addresses around the flows."""
        own, period = reverse("indicators:flow"), found.period.text
        asked = {"period": period, "kind": found.kind}
        month = parse(found.period.last_month)
        months = [each.text for each in month.months_back(TREND)][::-1]
        periods = dict.fromkeys([period, *months, f"{month.text}-YTD", month.text[:4]])
        heads = [(name, _behind(found, key)) for key, name in found.destinations]
        return cls(
            flows=found, kind=str(KINDS[found.kind]),
            tabs=[
                {"label": label, "url": f"{own}?{urlencode(asked | {'kind': kind})}", "active": kind == found.kind}
                for kind, label in KINDS.items()
            ],
            periods=[(each, each) for each in periods], chart=chart_of(found), heads=heads, rows=_rows(found),
            missing=[words.table_title(each) for each in found.missing],
            export_url=f"{reverse('indicators:flow-export')}?{urlencode(asked)}",
            chart_url=f"{reverse('indicators:flow-chart')}?{urlencode(asked)}",
            n_left_out=sum(value.value is None for origin in found.origins for value in origin.cells.values()),
        )  # fmt: skip


def _behind(found: Flows, key: str) -> str:
    slug = BEHIND[found.kind].get(key[:1], "")
    if not slug:
        return ""
    return (
        f"{reverse('indicators:figure', args=[slug])}?{urlencode({'period': found.period.text, 'level': 'township'})}"
    )


def _rows(found: Flows) -> list[dict[str, Any]]:
    """Each township with its cells: a number, few people (“<5”), or nobody (0, as the table it is of is there)."""
    rows = []
    for origin in found.origins:
        cells = []
        for key, name in found.destinations:
            value = origin.cells.get(key)
            text = "0" if value is None else _("人少") if value.value is None else words.part(value.value)
            share = None if value is None or value.value is None or not origin.total else value.value / origin.total
            cells.append({"name": name, "text": text, "share": share})
        url = ""
        if origin.key:
            asked = {"period": found.period.text, "level": "facility", "within": origin.key}
            url = f"{reverse('indicators:figure', args=['grassroots-share'])}?{urlencode(asked)}"
        rows.append({"name": origin.name, "total": words.part(origin.total), "cells": cells, "url": url})
    return rows


def chart_of(found: Flows) -> SafeString:
    """The picture; empty where nothing may be drawn."""
    names = {f"o{each.key}": each.name for each in found.origins} | dict(found.destinations)
    ribbons = [
        sankey.Ribbon(
            f"o{origin.key}",
            key,
            value.value,
            f"{origin.name} → {names[key]} {value.value:,.0f}",
            is_out=key == flows.OUTSIDE,
        )
        for origin in found.origins
        for key, value in origin.cells.items()
        if value.value
    ]
    if not ribbons:
        return mark_safe("")
    label = f"{_('就医流向')} · {KINDS[found.kind]} · {found.period.text}"
    return sankey.draw(ribbons, label=label, names=names)


def _chosen(request: Request) -> dict[str, str]:
    period = request.GET.get("period") or queries.current_period(clock.now())
    return {"period": period, "kind": request.GET.get("kind") or "OUTPATIENT"}


def _waiting(request: Request) -> HttpResponse | None:
    return waiting(request, readiness.needs_of_flow(**_chosen(request)), at=clock.now())


def _asked(request: Request) -> Flows:
    return flows.flows_for(request.actor, **_chosen(request), at=clock.now())


@require_GET
@signed_in
def show(request: Request) -> HttpResponse:
    """Who is treated where."""
    if soon := _waiting(request):
        return soon
    return page(request, "indicators/flow.html", page=FlowPage.build(_asked(request)))


@require_GET
@signed_in
def chart(request: Request) -> HttpResponse:
    """The picture to keep: SVG, or PNG."""
    if soon := _waiting(request):
        return soon
    found = _asked(request)
    name = f"flow-{found.kind.lower()}-{found.period.text}"
    return chart_file(chart_of(found), name, form=request.GET.get("form", "svg"))


@require_GET
@signed_in
def export(request: Request) -> HttpResponse:
    """The table to keep: Excel, or CSV. Cells of few people are empty."""
    if soon := _waiting(request):
        return soon
    found = _asked(request)
    headings = [_("居住地"), *(name for _key, name in found.destinations), _("合计"), _("统计期")]
    rows = [
        [
            origin.name,
            *(origin.cells[key].value if key in origin.cells else 0 for key, _name in found.destinations),
            origin.total, found.period.text,
        ]
        for origin in found.origins
    ]  # fmt: skip
    name = f"flow-{found.kind.lower()}-{found.period.text}"
    form = request.GET.get("format", "xlsx")
    return table_file(headings, rows, name, title=str(KINDS[found.kind]), form=form)
