"""The Levey-Jennings chart of an assay, and its month as a printed page."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.accounts.data import Permission
from xinglin.labcontrol import boards, catalogue, charts, queries, summaries
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import Assay, ControlValue
from xinglin.labcontrol.web.common import for_control, may, rounded, shown, tabs
from xinglin.platform import audit, clock
from xinglin.platform.language import language_code
from xinglin.web import documents
from xinglin.web.answers import page
from xinglin.web.request import Request

PERIODS = (14, 30, 90, 365)
DEFAULT_PERIOD = 30
#: So many of the newest values stand in the table under the chart.
MOST_LISTED = 30


@require_GET
@for_control
def chart(request: Request, uuid: UUID) -> HttpResponse:
    """The chart of a period, the figures of its lots, and the newest values."""
    assay, at = queries.visible_assay(request.actor, uuid), clock.now()
    days = next((each for each in PERIODS if str(each) == request.GET.get("days")), DEFAULT_PERIOD)
    values = queries.values_between(assay, at - timedelta(days=days), at + timedelta(hours=1))
    audit.record(Event.VIEWED, by=request.actor, at=at, kind="labcontrol.assay", key=str(uuid), detail={"days": days})
    drawn = charts.chart_of(values)
    url = reverse("labcontrol:chart", args=[uuid])
    row = boards.board([assay], at=at)[0]
    return page(
        request, "labcontrol/chart.html", tabs=tabs("board"), assay=assay, row=row, title=row.title,
        svg=charts.levey_jennings(drawn, label=_chart_words(row.title, drawn)) if drawn.marks else "",
        legend=[(level, catalogue.level_short(level)) for level in drawn.levels],
        periods=[{"label": _("近%(n)d天") % {"n": n}, "url": f"{url}?days={n}", "active": n == days} for n in PERIODS],
        summaries=[_summary_row(each, assay.decimals) for each in summaries.summarise(assay, values, on=clock.today(at))],
        values=[_value_row(each, assay) for each in reversed(values[-MOST_LISTED:])],
        month=f"{clock.today(at):%Y-%m}", may_record=may(request.actor, Permission.CONTROL_RECORD),
    )  # fmt: skip


def _chart_words(title: str, drawn: charts.Chart) -> str:
    """The chart for who cannot see it."""
    out = sum(mark.state == "OUT" for mark in drawn.marks)
    return _("%(analyte)s 质控图：%(n)d个结果，%(out)d个失控") % {"analyte": title, "n": len(drawn.marks), "out": out}


def _value_row(value: ControlValue, assay: Assay) -> dict[str, Any]:
    mine = [each for each in value.result.broken if value.level in each["levels"]]
    out = any(each["rejects"] for each in mine)
    return {
        "at": value.result.run_at, "level": catalogue.level_short(value.level), "lot": value.target.material.lot,
        "value": shown(value.value, assay.decimals), "z": rounded(value.z, 2), "counts": value.counts,
        "rules": _("、").join(each["code"] for each in mine), "tone": "critical" if out else "warning" if mine else "",
        "by": value.result.run.entered_by_name, "url": reverse("labcontrol:run", args=[value.result.run.uuid]),
        "loss_url": reverse("labcontrol:loss", args=[value.result.loss.uuid]) if value.result.loss and out else "",
    }  # fmt: skip


def _summary_row(each: summaries.LevelSummary, decimals: int) -> dict[str, Any]:
    return {
        "level": each.level_title, "lot": each.lot, "n": each.n, "n_out": each.n_out, "n_warning": each.n_warning,
        "mean": rounded(each.mean, decimals + 1), "sd": rounded(each.sd, decimals + 2), "cv": rounded(each.cv, 2),
        "target": f"{shown(each.target_mean, decimals)} ± {shown(each.target_sd, decimals)}",
        "bias": rounded(each.bias, 2), "bias_from": each.bias_from, "tea": rounded(each.tea, 1),
        "sigma": rounded(each.sigma, 1), "is_low": each.sigma is not None and each.sigma < 3,  # noqa: PLR2004
    }  # fmt: skip


@require_GET
@for_control
def month_print(request: Request, uuid: UUID) -> HttpResponse:
    """A month of an assay on one page: chart, figures, losses of control with what was done."""
    assay, at = queries.visible_assay(request.actor, uuid), clock.now()
    first, since, until = summaries.month_of(request.GET.get("month", ""), today=clock.today(at))
    values = queries.values_between(assay, since, until)
    audit.record(
        Event.EXPORTED,
        by=request.actor,
        at=at,
        kind="labcontrol.assay",
        key=str(uuid),
        detail={"month": f"{first:%Y-%m}"},
    )
    drawn = charts.chart_of(values)
    title = catalogue.analyte_title(assay.analyte, assay.title)
    picture = charts.levey_jennings(drawn, label=title, printed=True)
    content = documents.render(
        documents.source_of("labcontrol/month.typ"), {**_month_data(assay, title, first, values, at), "legend": _legend(drawn)},
        images={"chart.svg": picture.encode()},
    )  # fmt: skip
    return documents.pdf_response(content, f"control-{assay.analyte}-{first:%Y-%m}")


def _month_data(assay: Assay, title: str, first: date, values: list[ControlValue], at: datetime) -> dict[str, Any]:
    rows = [_summary_row(each, assay.decimals) for each in summaries.summarise(assay, values, on=clock.today(at))]
    losses = {value.result.loss.pk: value.result.loss for value in values if value.result.loss}
    return {
        "language": language_code(),
        "title": _("室内质控月报"), "subject": f"{title}（{assay.analyte}） {assay.unit}",
        "facts": [
            [_("月份"), f"{first:%Y-%m}"], [_("机构"), str(assay.instrument.facility)], [_("仪器"), assay.instrument.name],
            [_("规则"), catalogue.rule_set(assay.instrument.rules).title],
        ],
        "headings": [_("水平"), _("批号"), "n", _("失控"), _("靶值"), _("本月均值"), "SD", "CV%", f"{_('偏倚')}%", "TEa%", "σ"],
        "rows": [
            [r["level"], r["lot"], str(r["n"]), str(r["n_out"]), r["target"], r["mean"], r["sd"], r["cv"], r["bias"], r["tea"], r["sigma"]]
            for r in rows
        ],
        "losses_title": _("失控处理"), "none": _("本月没有失控。"), "empty": _("本月没有质控结果。") if not values else "",
        "losses": [
            [f"{timezone.localtime(x.opened_at):%m-%d %H:%M}", _("、").join(x.rules_broken), x.cause, x.action, x.get_status_display(), x.reviewed_by_name]
            for x in sorted(losses.values(), key=lambda each: each.opened_at)
        ],
        "loss_headings": [_("时间"), _("规则"), _("原因"), _("处理"), _("状态"), _("审核人")],
        "note": _("均值、SD、CV不含失控结果。σ＝（TEa－|偏倚|）÷CV；偏倚取自室间质评，没有时取自说明书定值。"),
        "printed": _("打印时间 %(at)s") % {"at": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
        "signatures": [_("制表人"), _("审核人")],
    }  # fmt: skip


def _legend(drawn: charts.Chart) -> str:
    """Which shape is which level, for a print in black and white."""
    return "   ".join(f"{charts.SIGNS.get(level, '●')} {catalogue.level_short(level)}" for level in drawn.levels)
