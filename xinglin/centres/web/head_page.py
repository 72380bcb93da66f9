"""What the head of a centre sees: what waits, how fast, how well, by whom; and the same as a workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.centres import permissions
from xinglin.centres.figures import RECORDS, Figures, figures_of
from xinglin.diagnostics.api import centres_managed_by, reject_reason_text, words_of
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotPermitted
from xinglin.web.sheets import Sheet

#: Periods offered, in days.
PERIODS = (1, 7, 30, 90, 365)
LONGEST = 1_100


@dataclass(frozen=True)
class Period:
    """Whole moments of a choice: the last days, or from a day to a day."""

    since: datetime
    until: datetime
    days: int  # 0: chosen by dates

    @property
    def first(self) -> date:
        """The first day."""
        return clock.today(self.since)

    @property
    def last(self) -> date:
        """The last day."""
        return clock.today(self.until - timedelta(microseconds=1))


def period_of(days: str, since: str, until: str, at: datetime) -> Period:
    """The period of an address; the last 30 days when it says none that can be understood."""
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
        if timedelta(0) <= last - first <= timedelta(days=LONGEST):
            return Period(clock.start_of(first), clock.start_of(last + timedelta(days=1)), 0)
    except ValueError:
        pass
    n_days = int(days) if days.isdecimal() and int(days) in PERIODS else 30
    return Period(at - timedelta(days=n_days), at, n_days)


@dataclass(frozen=True)
class HeadPage:
    """The figures of one centre over a period, each with the list behind it."""

    centre: Any
    centres: list[tuple[str, str]]
    period: Period
    figures: Figures
    rejections: list[tuple[str, int]]

    @property
    def words(self) -> Any:
        """The words of this kind of examination."""
        return words_of(self.centre.kind)

    @property
    def is_taken(self) -> bool:
        """Whether examinations are taken with a device: repeated, graded by their picture and read a second time."""
        return self.centre.kind in {"ECG", "IMAGING"}

    @property
    def query(self) -> str:
        """Centre and period, for addresses."""
        said: dict[str, Any] = {"centre": self.centre.uuid}
        if self.period.days:
            said["days"] = self.period.days
        else:
            said |= {"since": self.period.first, "until": self.period.last}
        return urlencode(said)

    @property
    def centre_tabs(self) -> list[dict[str, Any]]:
        """The centres the head answers for."""
        url = f"{reverse('centres:head')}?days={self.period.days or 30}&centre="
        return [
            {"label": name, "url": url + uuid, "active": uuid == str(self.centre.uuid)} for uuid, name in self.centres
        ]

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """The periods."""
        url = reverse("centres:head")
        return [
            {
                "label": _("近24小时") if days == 1 else _("近%(days)d天") % {"days": days},
                "url": f"{url}?centre={self.centre.uuid}&days={days}", "active": days == self.period.days, "count": None,
            }
            for days in PERIODS
        ]  # fmt: skip

    @property
    def records(self) -> dict[str, str]:
        """Address of the list behind each figure."""
        return {what: f"{reverse('centres:records')}?{self.query}&what={what}" for what in RECORDS}

    @property
    def by_unit(self) -> str:
        """Beginning of the address of the list of one unit."""
        return f"{reverse('centres:records')}?{self.query}&what=all&unit="

    @property
    def by_reader(self) -> str:
        """Beginning of the address of the list of one reader."""
        return f"{reverse('centres:records')}?{self.query}&what=all&reader="

    @property
    def export_url(self) -> str:
        """The workbook."""
        return f"{reverse('centres:export_head')}?{self.query}"

    @property
    def stages(self) -> list[tuple[str, Any, Any]]:
        """Each stage with its words, and the same of the period before."""
        words = {
            "perform": _("申请到检查"), "wait": _("等待领取"), "read": _("领取到报告"), "total": _("申请到报告"),
        }  # fmt: skip
        pairs = zip(self.figures.now.stages, self.figures.before.stages, strict=True)
        return [(words[now.label], now, before) for now, before in pairs if now.n or now.label != "perform"]

    @property
    def chart(self) -> dict[str, Any]:
        """Requests and reports by day or month."""
        form = "%Y-%m" if self.figures.is_by_month else "%m-%d"
        labels = [f"{timezone.localtime(on):{form}}" for on, _n, _r in self.figures.volume]
        return {
            "legend": {},
            "grid": {"left": 40, "right": 12, "top": 32, "bottom": 24},
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "minInterval": 1},
            "series": [
                {"name": _("申请"), "type": "bar", "data": [n for _on, n, _r in self.figures.volume]},
                {"name": _("已报告"), "type": "bar", "data": [r for _on, _n, r in self.figures.volume]},
            ],
        }

    @property
    def volume(self) -> list[tuple[str, int, int]]:
        """The same as rows."""
        form = "%Y-%m" if self.figures.is_by_month else "%Y-%m-%d"
        return [(f"{timezone.localtime(on):{form}}", n, r) for on, n, r in self.figures.volume]


def build(actor: Actor, *, centre: str, period: Period, at: datetime) -> HeadPage:
    """Build the page. :raises NotPermitted: the actor answers for no centre"""
    centres = list(centres_managed_by(actor))
    if not centres:
        raise NotPermitted(_("您不负责任何诊断中心。"), code="no-centre")
    chosen = next((each for each in centres if str(each.uuid) == centre), centres[0])
    permissions.may_manage(actor, chosen).require()
    figures = figures_of(chosen, since=period.since, until=period.until, at=at)
    return HeadPage(
        centre=chosen,
        centres=[(str(each.uuid), each.name) for each in centres],
        period=period,
        figures=figures,
        rejections=[(reject_reason_text(chosen.kind, code), n) for code, n in figures.now.rejections],
    )


def sheets(page: HeadPage) -> Iterator[Sheet]:
    """The page as sheets, figures unrounded where they are shares (0 to 1) or minutes."""
    now = page.figures.now
    yield Sheet(_("概况"), (_("项目"), _("数值")), _overview(page))
    yield Sheet(
        _("各环节用时（分钟）"), (_("环节"), _("份数"), _("中位数"), _("九成在内"), _("上期中位数")),
        [(label, each.n, each.median, each.p90, before.median) for label, each, before in page.stages],
    )  # fmt: skip
    heads = (_("申请"), _("已报告"), _("退回"), _("等待领取"), _("领取到报告"), _("中位数"), _("九成在内"), _("按时"))
    yield Sheet(_("申请单位"), (_("申请单位"), *heads), [_group_row(each) for each in now.by_unit])
    yield Sheet(_("紧急程度"), (_("紧急程度"), *heads), [_group_row(each) for each in now.by_priority])
    yield Sheet(
        _("医生"), (_("医生"), _("正式报告"), _("初步报告"), _("更正报告"), _("阳性"), _("用时中位数（分钟）")),
        [
            (each.name, each.n_final, each.n_preliminary, each.n_amended, each.n_positive, each.median)
            for each in page.figures.doctors
        ],
    )  # fmt: skip
    yield Sheet(_("退回原因"), (_("退回原因"), _("份数")), page.rejections)
    yield Sheet(_("工作量"), (_("时间"), _("申请"), _("已报告")), page.volume)


def _group_row(each: Any) -> Sequence[Any]:
    return (
        each.label, each.n_requests, each.n_reported, each.n_rejected, each.wait, each.read, each.median, each.p90,
        each.share_in_time,
    )  # fmt: skip


def _overview(page: HeadPage) -> list[tuple[str, Any]]:
    figures = page.figures
    now, quality, waiting = figures.now, figures.quality, figures.waiting
    rows = [
        (_("诊断中心"), page.centre.name),
        (_("时段"), f"{page.period.first} – {page.period.last}"),
        (_("现在待领取"), waiting.n_unread),
        (_("现在诊断中"), waiting.n_reading),
        (_("现在待审核"), waiting.n_review),
        (_("现在超时"), waiting.n_overdue),
        (_("申请"), now.whole.n_requests),
        (_("已报告"), now.whole.n_reported),
        (_("按时报告"), now.whole.share_in_time),
        (_("上期按时报告"), figures.before.whole.share_in_time),
        (_("危急值按时确认"), now.criticals.share_in_time),
        (_("阳性率"), quality.share_positive),
        (_("更正率"), quality.share_amended),
        (_("退回"), now.whole.n_rejected),
    ]
    if page.is_taken:
        rows += [
            (_("重拍率"), quality.share_repeats),
            (_("甲级率"), quality.share_grade_a),
            (_("复阅份数"), quality.n_compared),
            (_("复阅符合率"), quality.share_agrees),
        ]
    return [*rows, (_("分配后按时开始"), figures.assigned.share_started)]


__all__ = ["HeadPage", "Period", "build", "period_of", "sheets"]
