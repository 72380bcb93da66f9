"""The report of a check-up as PDF, in the reader's language, with the course of the years as small pictures."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.checkups.models import CheckupReport
from xinglin.checkups.web.pages import ReportPage
from xinglin.platform.language import language_code
from xinglin.web.documents import Form, qr_svg, render, source_of
from xinglin.web.formats import age_text, parted_text
from xinglin.web.marks import cited

TEMPLATE = "checkups/report.typ"


def report_document(report: CheckupReport, *, at: datetime, form: Form = "pdf") -> bytes:
    """The pages that the resident takes home. Identity and telephone numbers do not stand on them."""
    shown = ReportPage.build(report, actor=None)
    images = {"code.svg": qr_svg(report.checkup.number)}
    for each in (*shown.notable, *shown.ordinary):
        if each["trend"]:
            images[f"trend-{each['item']}.svg"] = trend_svg(each["trend"]).encode()
    return render(source_of(TEMPLATE), report_data(shown, at=at), images=images, form=form)


def report_data(shown: ReportPage, *, at: datetime) -> dict[str, Any]:
    """What the report says, as plain data."""
    report, checkup = shown.report, shown.checkup
    resident, held_on = checkup.resident, checkup.session.held_on
    return {
        "language": language_code(), "title": _("健康体检报告"),
        "package": shown.title, "facility": checkup.facility.name, "number": checkup.number,
        "person": [
            [_("姓名"), resident.name], [_("性别"), str(resident.get_sex_display())],
            [_("年龄"), age_text(resident.born_on, held_on)], [_("档案号"), resident.number],
            [_("体检日期"), held_on.isoformat()], [_("上次体检"), shown.last_on.isoformat() if shown.last_on else _("无")],
        ],
        "conclusion": [_("总检结论"), report.conclusion],
        "notable": [_("需要留意的"), [_row(each) for each in shown.notable]],
        "ordinary": [_("其他项目"), [_row(each) for each in shown.ordinary]], "head": [_("项目"), _("本次"), _("上次"), _("历年")],
        "plan": [_("接下来"), [[each["on"].isoformat(), each["label"], each["words"]] for each in shown.plan]],
        "sources": _("解释的依据") + _("：") + parted_text(cited(source, mark) for source, mark in shown.sources),
        "signed": [_("总检医生"), report.signed_by_name, f"{timezone.localtime(report.signed_at):%Y-%m-%d %H:%M}"],
        "version": _("第%(n)d版") % {"n": report.version} if report.version > 1 else "",
        "foot": _("打印时间 %(time)s · 由杏林平台生成 · 结果只对本次检查负责，不舒服请及时就诊")
        % {"time": f"{timezone.localtime(at):%Y-%m-%d %H:%M}"},
    }  # fmt: skip


def _row(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": each["title"], "value": each["value"], "last": each["last"] or "—", "words": each["words"], "level": each["level"],
        "rank": each["rank"], "trend": f"trend-{each['item']}.svg" if each["trend"] else "",
    }  # fmt: skip


def trend_svg(figures: list[float]) -> str:
    """A small line of the years, the newest a dot."""
    low, high = min(figures), max(figures)
    span, step = (high - low) or 1.0, 96 / (len(figures) - 1)
    flat = 9.0 if high == low else 0.0  # in the middle
    points = [(2 + index * step, 22 - flat - (figure - low) / span * 18) for index, figure in enumerate(figures)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 26" width="100" height="26">'
        f'<polyline points="{line}" fill="none" stroke="#0f5c55" stroke-width="1.6"/>'
        f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="2.4" fill="#0f5c55"/></svg>'
    )
