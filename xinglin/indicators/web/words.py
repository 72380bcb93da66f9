"""How figures, units, groups and states are called on a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import api as diagnostics
from xinglin.indicators.definitions.language import measures
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.values import Value, Why, rounded
from xinglin.platform.actors import Actor
from xinglin.platform.facts import tables
from xinglin.platform.language import in_language, is_english
from xinglin.programmes import api as programmes
from xinglin.recognition import api as recognition
from xinglin.referrals import api as referrals
from xinglin.visits import api as visits
from xinglin.web.formats import listed_text

UNITS: dict[str, Promise] = {
    "visits": _("人次"), "referrals": pgettext_lazy("referrals", "人次"), "requests": _("份"), "reports": _("份"), "minutes": _("分钟"), "%": _("%"),
    "persons": _("人"), "yuan": _("元"), "days": _("天"), "items": _("项"), "cases": _("例"), "medicines": _("种"),
    "ratio": _("比值"), "per 1,000": _("每千人"), "per 100,000": _("每10万"), "certificates": _("份"),
}  # fmt: skip
GROUPS: dict[str, Promise] = {
    "daily": _("日常"), "national-2024": _("国家14项（2024）"), "flow": _("就医流向与费用"), "contracts": _("家庭医生签约"),
    "programmes": _("慢病管理"), "centres": _("共享中心"), "quality": _("诊疗质量"), "workforce": _("人员"),
    "network": _("机构与设备"), "prevention": _("妇幼与预防"), "voice": _("诉求与投诉"),
    "payment": _("收费与财务"),
}  # fmt: skip
LEVELS: dict[str, Promise] = {
    "facility": _("机构"), "township": _("乡镇（街道）"), "area": _("片区"), "consortium": _("医共体"), "county": _("全县"),
}  # fmt: skip
BASES: dict[str, Promise] = {
    "units": _("在县内机构就诊的人，不论哪里人"), "insured": _("本县参保人员，不论在哪里就诊"),
    "settled": _("在县内机构就诊、由本县医保结算的人"),
    "residents": _("在册居民"), "organisation": _("县内机构与人员"),
}  # fmt: skip
#: Who is left out, by base.
NOT_COUNTED: dict[str, Promise] = {
    "units": _("本县居民在县外的就诊；已作废的记录"), "insured": _("未参保人员，外县参保人员；自费且未结算的就诊"),
    "settled": _("在县外的就诊；未参保人员，外县参保人员；自费且未结算的就诊"),
    "residents": _("已死亡、已迁出的人，未在册的流动人口"), "organisation": _("县外机构，已停办的机构"),
}  # fmt: skip
#: Which way is better.
BETTER: dict[str, Promise] = {"up": _("越高越好"), "down": _("越低越好"), "none": _("不分高低，看变化")}
REASONS: dict[Why, Promise] = {
    Why.NO_FACTS: _("统计期内没有“%(table)s”数据"), Why.NONE_HERE: _("本单位在统计期内没有此类记录"),
    Why.ZERO_DENOMINATOR: _("分母为零"), Why.NOT_KNOWN: _("所需数据不全"), Why.NOT_APPLICABLE: _("不适用于这一层级"),
    Why.SMALL: _("人数太少，不予公布"),
}  # fmt: skip
#: What is implausible about rows, by the words of the check.
IMPLAUSIBLE: dict[str, Promise] = {
    "arrived before it was sent": _("到达早于发出"),
    "ends before it begins": _("结束早于开始"),
    "closed before arrival": _("到达之前就已办结"),
    "begins after it was recorded": _("开始晚于录入"),
    "the fund paid more than the whole": _("基金支付超过总费用"),
    "a part is more than its whole": _("部分大于整体"),
    "parts are more than the whole": _("各部分之和大于总额"),
    "less than nothing": _("小于零"),
    "nobody knows how it was paid": _("没有支付方式"),
    "older than 120 years": _("年龄超过120岁"),
    "older than 115 years": _("年龄超过115岁"),
    "no part of a day": _("不是一天中的比例"),
    "parts are more than the whole income": _("各部分之和大于总收入"),
    "systolic not above diastolic": _("收缩压不高于舒张压"),
    "before the month of birth": _("早于出生月份"),
    "on record before the month of birth": _("建档早于出生月份"),
    "staff cost more than everything": _("人员支出大于总支出"),
    "acknowledged before it was notified": _("确认早于通报"),
    "opinion before it was asked": _("意见早于申请"),
    "reported before it was asked": _("报告早于申请"),
    "closed before it opened": _("关闭早于开始"),
    "after it was recorded": _("晚于录入"),
    "measured after it was received": _("测量晚于接收"),
    "for more than 90 days": _("超过90天"),
}
TIERS: dict[str, Promise] = {"COUNTY": _("县级"), "TOWNSHIP": _("乡级"), "VILLAGE": _("村级")}
DIRECTIONS: dict[str, Promise] = {"UP": _("上转"), "DOWN": _("下转"), "SIDEWAYS": _("平转")}
REQUEST_LABELS = {each.value: each.label for each in diagnostics.state_tables()["diagnostics.request"]}
STATUS_LABELS = {each.value: each.label for each in referrals.state_tables()["referrals.referral"]}
CRITICAL_LABELS = {each.value: each.label for each in diagnostics.state_tables()["diagnostics.critical-value"]}
VISIT_LABELS = {each.value: each.label for each in visits.state_tables()["visits.visit"]}
ENROLMENT_LABELS = dict(programmes.Status.choices)
#: How groups are called, by fact and column.
GROUP_LABELS: dict[str, dict[str, Any]] = {
    "tier": TIERS, "direction": DIRECTIONS, "referrals.status": STATUS_LABELS, "requests.status": REQUEST_LABELS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Records:
    """Of one kind of fact: the page that shows a record by its uuid, who may open which, and how its states are called."""

    page: str
    visible_to: Callable[[Actor], QuerySet[Any]]
    labels: Mapping[str, Any]


RECORDS = {
    "visits": Records("visits:detail", visits.visits_visible_to, VISIT_LABELS),
    "referrals": Records("referrals:detail", referrals.referrals_visible_to, STATUS_LABELS),
    "requests": Records("diagnostics:detail", diagnostics.requests_readable_by, REQUEST_LABELS),
    "recognitions": Records(
        "recognition:decision", recognition.decisions_visible_to, dict(recognition.Outcome.choices)
    ),
    "critical_values": Records("diagnostics:critical", diagnostics.criticals_visible_to, CRITICAL_LABELS),
    "enrolments": Records("programmes:enrolment", programmes.enrolments_visible_to, ENROLMENT_LABELS),
    "candidates": Records("programmes:enrolment", programmes.enrolments_visible_to, ENROLMENT_LABELS),
    "programme_visits": Records("programmes:visit", programmes.programme_visits_visible_to, {}),
    "alerts": Records("programmes:visit", programmes.programme_visits_visible_to, {}),
}


#: Months that are named where returns are lacking.
MOST_MONTHS = 3


def table_title(name: str) -> str:
    """How a fact table is called."""
    table = tables().get(name)
    return name if table is None else table.title_en if is_english() else table.title


def implausible(meaning: str) -> str:
    """What a check of rows finds, in the reader's language."""
    return str(IMPLAUSIBLE.get(meaning, meaning))


def said_of(text: Mapping[str, str]) -> str:
    """A text of a definition in the reader's language."""
    return in_language(text)


def why_of(indicator: Indicator) -> str:
    """What an indicator means, in plain words."""
    return said_of(indicator.content["why"])


def counted(indicator: Indicator) -> tuple[str, str]:
    """Who is counted and who is not. What units did is known of everybody, but what was paid only of whom the fund pays for."""
    base = indicator.content["base"]
    if base == "units" and "settlements" in indicator.tables:
        base = "settled"
    return str(BASES[base]), str(NOT_COUNTED[base])


def reason(value: Value) -> str:
    """Why there is no value, in words."""
    if value.why is Why.KNOWN:
        return ""
    if value.lacking:
        months = listed_text(value.lacking[:MOST_MONTHS])
        if len(value.lacking) > MOST_MONTHS:
            months = _("%(months)s等%(n)d个月") % {"months": months, "n": len(value.lacking)}
        return str(
            _("“%(table)s”%(months)s没有上报，或上报不全") % {"table": table_title(value.missing), "months": months}
        )
    return str(REASONS[value.why]) % {"table": table_title(value.missing)} if value.missing else str(
        REASONS[value.why] % {"table": "—"} if value.why is Why.NO_FACTS else REASONS[value.why]
    )  # fmt: skip


def number(value: float | None, indicator: Indicator) -> str:
    """A value as people read it; empty for none."""
    if value is None:
        return ""
    usual = 0 if indicator.is_count and value == int(value) else 2 if indicator.unit in {"ratio", "yuan"} else 1
    return f"{rounded(value, int(indicator.content.get('decimals', usual)), whole=indicator.whole):,f}"


def parts(value: Value, indicator: Indicator) -> tuple[str, str]:
    """Numerator and denominator as they are read: money in yuan, though it is kept in fen; "—" where it is not known."""
    return (
        _part(value.numerator, is_money=indicator.is_money("numerator")),
        _part(value.denominator, is_money=indicator.is_money("denominator")),
    )


def both_parts(value: Value, indicator: Indicator) -> str:
    """The two with a stroke between them; empty where there is no denominator."""
    return "" if value.denominator is None else " / ".join(parts(value, indicator))


def amounts(value: Value, indicator: Indicator) -> list[float | None]:
    """Numerator and denominator as numbers of a table that is kept: money in yuan, too."""
    known = (("numerator", value.numerator), ("denominator", value.denominator))
    return [n / 100 if n is not None and indicator.is_money(part) else n for part, n in known]


def money_note(indicator: Indicator) -> str:
    """Which of the two are amounts in yuan; empty where neither is."""
    numerator, denominator = (indicator.is_money(part) for part in ("numerator", "denominator"))
    if numerator and denominator:
        return gettext("分子、分母为金额，单位：元")
    return gettext("分子为金额，单位：元") if numerator else gettext("分母为金额，单位：元") if denominator else ""


def _part(value: float | None, *, is_money: bool) -> str:
    if value is None:
        return "—"
    if is_money:
        return f"{value / 100:,.2f} {UNITS['yuan']}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def labels_of(indicator: Indicator) -> dict[str, Any]:
    """How the groups of an indicator are called."""
    column = indicator.group_by
    if not column or indicator.numerator is None:
        return {}
    table = next(measures(indicator.numerator)).rows.table
    return GROUP_LABELS.get(f"{table}.{column}") or GROUP_LABELS.get(column, {})
