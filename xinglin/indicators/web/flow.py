"""Who is treated where, as a page, a picture and a table."""

from dataclasses import dataclass, replace
from functools import partial
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
from xinglin.indicators import flow_counts, flows, queries, readiness
from xinglin.indicators.chapters import titles
from xinglin.indicators.charts import sankey
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.figure import TREND
from xinglin.indicators.flow_counts import OUTSIDE, OWN_CLINIC, OWN_HOSPITAL
from xinglin.indicators.flows import Asked, Flows, Origin
from xinglin.indicators.web import words
from xinglin.indicators.web.charts import for_both
from xinglin.indicators.web.files import Head, chart_file, head_of, table_file
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
#: Where small illness should stay, and what leaves the county.
AT_HOME = (OWN_CLINIC, OWN_HOSPITAL)


@dataclass(frozen=True, slots=True)
class FlowPage:
    """The picture and its table. `near`: the share treated in their own township, and in the county; empty where few people
    are left out, or a table is missing.
    """

    flows: Flows
    kind: str
    title: str
    tabs: list[dict[str, Any]]
    periods: list[tuple[str, str]]
    levels: list[tuple[str, str]]
    chapters: list[tuple[str, str]]
    chart: SafeString
    heads: list[dict[str, str]]
    rows: list[dict[str, Any]]
    near: list[tuple[str, float]]
    missing: list[str]
    closed_url: str
    export_url: str
    chart_url: str

    @classmethod
    def build(cls, found: Flows) -> "FlowPage":
        """Words and addresses around the flows."""
        own, asked = reverse("indicators:flow"), _address(found)
        month = parse(found.period.last_month)
        months = [each.text for each in month.months_back(TREND)][::-1]
        quarters = list(dict.fromkeys(f"{each[:4]}-Q{(int(each[-2:]) + 2) // 3}" for each in months))
        periods = dict.fromkeys([found.period.text, *months, *quarters, f"{month.text}-YTD", month.text[:4]])
        return cls(
            flows=found, kind=str(KINDS[found.kind]), title=title_of(found),
            tabs=[
                {"label": label, "url": f"{own}?{urlencode(asked | {'kind': kind})}", "active": kind == found.kind}
                for kind, label in KINDS.items()
            ],
            periods=[(each, each) for each in periods],
            levels=[(each, str(words.LEVELS[each])) for each in found.levels],
            chapters=[("", str(_("全部诊断"))), *titles().items()], chart=for_both(partial(chart_of, found)),
            heads=[_head(found, key, name) for key, name in found.destinations],
            rows=[*(_row(found, each) for each in found.origins), *([_row(found, found.whole)] if found.whole else [])],
            near=_near(found), missing=[words.table_title(each) for each in found.missing],
            closed_url=f"{own}?{urlencode(asked | {'to': ''})}" if found.to else "",
            export_url=f"{reverse('indicators:flow-export')}?{urlencode(asked)}",
            chart_url=f"{reverse('indicators:flow-chart')}?{urlencode(asked)}",
        )  # fmt: skip


def _address(found: Flows) -> dict[str, str]:
    return {
        "period": found.period.text, "kind": found.kind, "level": found.level, "chapter": found.chapter, "to": found.to
    }  # fmt: skip


def title_of(found: Flows) -> str:
    """What a flow is of, in words."""
    parts = [str(KINDS[found.kind]), found.period.text]
    if found.chapter:
        parts.append(titles()[found.chapter])
    if found.to:
        parts.append(str(flows.WORDS[found.to]))
    return " · ".join(parts)


def _head(found: Flows, key: str, name: str) -> dict[str, str]:
    """A destination: it opens to its facilities, and has a figure behind it."""
    opens = not found.to and key in flows.OPENED and not (found.is_guarded and found.chapter)
    url = f"{reverse('indicators:flow')}?{urlencode(_address(found) | {'to': key})}" if opens else ""
    slug = "" if found.to else BEHIND[found.kind].get(key, "")
    asked = urlencode({"period": found.period.text, "level": "township"})
    return {"name": name, "url": url, "figure": f"{reverse('indicators:figure', args=[slug])}?{asked}" if slug else ""}


def _near(found: Flows) -> list[tuple[str, float]]:
    whole = found.whole
    if whole is None or not whole.total or found.to or found.missing or None in whole.cells.values():
        return []
    home = sum(whole.cells.get(each) or 0 for each in AT_HOME)
    out = whole.cells.get(OUTSIDE) or 0
    return [(_("在本乡镇就诊"), home / whole.total), (_("在县内就诊"), 1 - out / whole.total)]


def _row(found: Flows, origin: Origin) -> dict[str, Any]:
    """Each origin with its cells: a number, one that is not listed for small cells, or nobody (0, as the table it is of is there)."""
    cells = []
    for key, name in found.destinations:
        n = origin.cells[key]
        share = n / origin.total if n is not None and origin.total else None
        cells.append({"name": name, "text": _n(n), "share": share})
    url = ""
    if origin.key and found.level == flows.LEVELS[0]:
        asked = {"period": found.period.text, "level": "facility", "within": origin.key}
        url = f"{reverse('indicators:figure', args=['grassroots-share'])}?{urlencode(asked)}"
    return {"name": origin.name, "total": _n(origin.total), "cells": cells, "url": url}


def _n(n: int | None) -> str:
    return _("不列出") if n is None else f"{n:,}"


def chart_of(found: Flows, *, narrow: bool = False) -> SafeString:
    """The picture; empty where nothing may be drawn."""
    names = {f"o{each.key}": each.name for each in found.origins} | dict(found.destinations)
    ribbons = [
        sankey.Ribbon(
            f"o{origin.key}", key, n, f"{origin.name} → {names[key]} {n:,}", is_out=not found.to and key == OUTSIDE
        )
        for origin in found.origins
        for key, n in origin.cells.items()
        if n
    ]  # fmt: skip
    if not ribbons:
        return mark_safe("")
    return sankey.draw(ribbons, label=f"{_('就医流向')} · {title_of(found)}", names=names, narrow=narrow)


def _chosen(request: Request) -> Asked:
    asked = request.GET
    return Asked(
        asked.get("period") or queries.current_period(clock.now()), asked.get("kind") or flow_counts.KINDS[0],
        asked.get("level") or flows.LEVELS[0], asked.get("chapter", ""), asked.get("to", ""),
    )  # fmt: skip


def _leaving(request: Request) -> Asked:
    """The same as it may leave the house."""
    return replace(_chosen(request), leaves=True)


def _waiting(request: Request, asked: Asked) -> HttpResponse | None:
    return waiting(request, readiness.needs_of_flow(request.actor, asked), at=clock.now())


@require_GET
@signed_in
def show(request: Request) -> HttpResponse:
    """Who is treated where."""
    asked = _chosen(request)
    if soon := _waiting(request, asked):
        return soon
    return page(
        request, "indicators/flow.html", page=FlowPage.build(flows.flows_for(request.actor, asked, at=clock.now()))
    )


@require_GET
@signed_in
def chart(request: Request) -> HttpResponse:
    """The picture to keep: SVG, or PNG. Cells of few people are not drawn, whoever keeps it."""
    asked = _leaving(request)
    if soon := _waiting(request, asked):
        return soon
    found = flows.flows_for(request.actor, asked, at=clock.now())
    return chart_file(chart_of(found), _file_name(found), _file_head(found), form=request.GET.get("form", "svg"))


@require_GET
@signed_in
def export(request: Request) -> HttpResponse:
    """The table to keep: Excel, or CSV. Cells of few people are empty, whoever keeps it."""
    asked = _leaving(request)
    if soon := _waiting(request, asked):
        return soon
    found = flows.flows_for(request.actor, asked, at=clock.now())
    chapter = titles()[found.chapter] if found.chapter else _("全部诊断")
    headings = [_("居住地"), *(name for _key, name in found.destinations), _("合计"), _("统计期"), _("诊断")]
    rows = [
        [each.name, *(each.cells[key] for key, _name in found.destinations), each.total, found.period.text, chapter]
        for each in [*found.origins, *([found.whole] if found.whole else [])]
    ]
    return table_file(
        headings, rows, _file_name(found), _file_head(found), form=request.GET.get("format", "xlsx")
    )  # fmt: skip


def _file_head(found: Flows) -> Head:
    left_out = _("%(n)d条流向人数太少，不列出") % {"n": found.n_left_out} if found.n_left_out else ""
    return head_of(
        f"{_('就医流向')} · {title_of(found)}", period=found.period.text, is_whole_county=found.is_whole_county,
        as_of=found.extracted_at, more=(str(words.LEVELS[found.level]), f"{_('计量单位')} {words.UNITS['visits']}", left_out),
    )  # fmt: skip


def _file_name(found: Flows) -> str:
    parts = ["flow", found.kind.lower(), found.level, found.period.text, found.chapter, found.to]
    return "-".join(each for each in parts if each)
