"""Plans, scores and factors in the words of those who read them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.evaluations.rules.funds import Factor, Fund, Part
from xinglin.evaluations.rules.plans import Item, Plan, Rule, Treatment
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.states import LOOKS
from xinglin.indicators import api as indicators
from xinglin.indicators.data import Value
from xinglin.network.data import Merger
from xinglin.web.formats import aside_text
from xinglin.web.pills import Pill

RHYTHMS = {
    "month": gettext_lazy("每月一次"),
    "quarter": gettext_lazy("每季度一次"),
    "half-year": gettext_lazy("半年一次"),
    "year": gettext_lazy("每年一次"),
}
KINDS = {
    "COUNTY_HOSPITAL": gettext_lazy("县级综合医院"),
    "TCM_HOSPITAL": gettext_lazy("县级中医医院"),
    "MATERNAL_CHILD": gettext_lazy("妇幼保健机构"),
    "SPECIALIST_HOSPITAL": gettext_lazy("专科医院"),
    "CDC": gettext_lazy("疾病预防控制机构"),
    "TOWNSHIP_HOSPITAL": gettext_lazy("乡镇卫生院"),
    "COMMUNITY_CENTRE": gettext_lazy("社区卫生服务中心"),
    "COMMUNITY_STATION": gettext_lazy("社区卫生服务站"),
    "VILLAGE_CLINIC": gettext_lazy("村卫生室"),
    "CONSORTIUM": gettext_lazy("医共体（由牵头医院代表）"),
}
NO_DATA: dict[Treatment, Promise] = {
    Treatment.HOLD: gettext_lazy("无数据时由复核人评定并写明理由"),
    Treatment.REDISTRIBUTE: gettext_lazy("无数据时不计，权重由其他项目承担"),
    Treatment.FULL: gettext_lazy("无数据时记满分"),
    Treatment.ZERO: gettext_lazy("无数据时记0分"),
}
BASES: dict[Basis, Promise] = {
    Basis.COMPUTED: gettext_lazy("由数据计算"),
    Basis.REVIEWED: gettext_lazy("复核评定"),
    Basis.APPEALED: gettext_lazy("申诉后更正"),
    Basis.WAITING: gettext_lazy("待复核"),
    Basis.HELD: gettext_lazy("无数据，待复核评定"),
    Basis.NO_DATA_ZERO: gettext_lazy("无数据，按方案记0分"),
    Basis.NO_DATA_FULL: gettext_lazy("无数据，按方案记满分"),
    Basis.NO_DATA_LEFT_OUT: gettext_lazy("不计，权重由其他项目承担"),
    Basis.NOT_APPLICABLE_FULL: gettext_lazy("不适用，按方案记满分"),
    Basis.NOT_APPLICABLE: gettext_lazy("不适用，权重由其他项目承担"),
}
WHYS = {
    "no-facts": gettext_lazy("数据表没有数据"),
    "none-here": gettext_lazy("本单位没有数据"),
    "zero-denominator": gettext_lazy("分母为0"),
    "not-known": gettext_lazy("算不出"),
    "not-applicable": gettext_lazy("不适用"),
    "small": gettext_lazy("数量太少"),
}
LEVELS = {
    "facility": gettext_lazy("本机构"),
    "township": gettext_lazy("全乡镇"),
    "consortium": gettext_lazy("全医共体"),
    "county": gettext_lazy("全县"),
}


def score(hundredths: int | None) -> str:
    """Points with two decimals; empty where there are none."""
    return "" if hundredths is None else f"{Decimal(hundredths) / 100:.2f}"


def merged(line: Mapping[str, Any]) -> str:
    """That the unit of a line of a ranking had been merged, into which and when; empty for any other."""
    into, on = line.get("merged_into"), line.get("merged_on")
    return Merger(into, date.fromisoformat(on)).said if into and on else ""


def yuan(fen: int) -> str:
    """An amount in yuan, with its thousands."""
    return f"{Decimal(fen) / 100:,.2f}"


def number(value: Fraction | float | None) -> str:
    """A number with at most two decimals, without zeros behind."""
    if value is None:
        return ""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def look(status: Any) -> Pill:
    """The pill of a status."""
    return Pill(str(status.label), *LOOKS[type(status)][status])


def rule_words(rule: Rule, unit: str = "") -> str:
    """How a figure becomes points."""
    n = {key: number(each) for key, each in rule.numbers.items()}
    is_up = rule.direction == "up"
    if rule.kind in {"full-at", "yes-no"}:
        at = n.get("target") or n.get("yes_at")
        words = (
            _("达到%(at)s%(unit)s及以上得满分，否则不得分") if is_up else _("不超过%(at)s%(unit)s得满分，否则不得分")
        )
        return words % {"at": at, "unit": unit}
    if rule.kind == "proportional":
        return _("%(floor)s%(unit)s得0分，%(target)s%(unit)s得满分，中间按比例") % {**n, "unit": unit}
    if rule.kind == "deduct":
        words = (
            _("比%(target)s%(unit)s每低%(per)s扣%(points)s分")
            if is_up
            else _("比%(target)s%(unit)s每高%(per)s扣%(points)s分")
        )
        return words % {**n, "unit": unit}
    if rule.kind == "rank":
        words = (
            _("按名次：第一名得%(first)s%%，最后一名得%(last)s%%")
            if is_up
            else _("按名次，越低越好：第一名得%(first)s%%，最后一名得%(last)s%%")
        )
        return words % n
    return _("；").join(
        _("%(range)s得%(percent)s%%") % {"range": _range(each.begin, each.end, unit), "percent": number(each.percent)}
        for each in rule.steps
    )


def _range(begin: Fraction | None, end: Fraction | None, unit: str) -> str:
    if begin is None:
        return _("%(end)s%(unit)s以下") % {"end": number(end), "unit": unit}
    if end is None:
        return _("%(begin)s%(unit)s及以上") % {"begin": number(begin), "unit": unit}
    return f"{number(begin)}—{number(end)}{unit}"


def item_words(item: Item, units: Mapping[str, str]) -> list[str]:
    """How an item is judged, sentence by sentence."""
    if item.rule is None:
        words = [f"{each.title} {number(Fraction(each.points, 100))}" for each in item.checks]
        return [*words, _("须上传佐证")] if item.needs_evidence else words
    found = [rule_words(item.rule, units.get(item.indicator, "")), str(NO_DATA[item.no_data])]
    if item.least:
        found.append(_("分母不足%(n)d的按无数据") % {"n": item.least})
    if item.kinds:
        found.append(_("只评：%(kinds)s") % {"kinds": _("、").join(str(KINDS[each]) for each in sorted(item.kinds))})
    return found


def units_of_indicators() -> dict[str, str]:
    """Units of indicators by slug, as short words: only percent is said."""
    return {slug: "%" if each.unit == "%" else "" for slug, each in indicators.known_indicators().items()}


def plan_view(plan: Plan) -> dict[str, Any]:
    """A plan as people read it: groups, items, and how each is judged."""
    units = units_of_indicators()
    return {
        "plan": plan, "rhythm": RHYTHMS[plan.rhythm], "full": score(plan.full).removesuffix(".00"),
        "kinds": [KINDS[each] for each in sorted(plan.kinds)],
        "not_applicable": _("不适用的项目记满分。")
        if plan.not_applicable is Treatment.FULL
        else _("不适用的项目不计，权重由其他项目按比例承担：得分÷应得分×满分。"),
        "groups": [
            {
                "title": group.title, "weight": number(Fraction(group.weight, 100)),
                "items": [
                    {
                        "code": each.code, "title": each.title, "weight": number(Fraction(each.weight, 100)),
                        "level": LEVELS.get(each.level, ""), "words": item_words(each, units),
                        "url": reverse("indicators:figure", args=[each.indicator]) if each.indicator else "",
                    }
                    for each in group.items
                ],
            }
            for group in plan.groups
        ],
    }  # fmt: skip


def figure_view(figure: Mapping[str, Any] | None, period: str) -> dict[str, Any] | None:
    """A frozen figure with its parts and the address at which it opens."""
    if figure is None:
        return None
    known = indicators.known_indicators().get(figure["slug"])
    unit = known.unit if known else ""
    value, parts = figure.get("v"), ""
    if figure.get("n") is not None and figure.get("d") is not None:
        parts = f"{number(figure['n'])} / {number(figure['d'])}"
    return {
        "value": None if value is None else f"{number(value)}{'%' if unit == '%' else ''}",
        "parts": parts, "why": WHYS.get(figure.get("why", ""), ""), "level": LEVELS.get(figure["level"], ""),
        "url": f"{reverse('indicators:figure', args=[figure['slug']])}?period={period}&level={figure['level']}",
    }  # fmt: skip


def figure_text(value: Value, slug: str) -> str:
    """A figure with its parts on one line."""
    known = indicators.known_indicators().get(slug)
    if value.value is None:
        return f"{_('无数据')} {WHYS.get(value.why.value, '')}".strip()
    unit = "%" if known and known.unit == "%" else ""
    parts = f" {number(value.numerator)} / {number(value.denominator)}" if value.denominator is not None else ""
    return f"{number(value.value)}{unit}{parts}"


def factor_words(factor: Mapping[str, Any]) -> str:
    """One factor of a weight, with its value and why it is so."""
    kind, value = factor["kind"], factor["value"]
    if kind == "equal":
        return _("平均")
    if kind == "coefficient":
        return _("系数%(value)s") % {"value": value}
    if kind == "score":
        words = _("得分率%(value)s") % {"value": value}
        if factor.get("of"):
            words = _("%(of)s的得分率%(value)s") % {"of": factor["of"], "value": value}
        why = {"no-score": _("没有考核得分"), "below-least": _("低于最低得分，不参加")}.get(factor.get("why", ""))
        return aside_text(words, why)
    known = indicators.known_indicators().get(factor["indicator"])
    title = known.title if known else factor["indicator"]
    if factor["part"] != "value":
        title = {"denominator": _("%(title)s的分母"), "numerator": _("%(title)s的分子")}[factor["part"]] % {
            "title": title
        }
    if factor.get("why") == "no-data":
        return _("%(title)s：无数据，按0计") % {"title": title}
    if factor.get("why") == "capped":
        return _("%(title)s%(value)s（实为%(figure)s，封顶）") % {
            "title": title,
            "value": value,
            "figure": factor["figure"],
        }
    return f"{title} {value}"


def part_words(part: Part) -> str:
    """How a part is shared."""
    return " × ".join(_factor_rule(each) for each in part.factors)


def _factor_rule(factor: Factor) -> str:
    if factor.kind == "equal":
        return _("平均")
    if factor.kind == "score":
        least = number(factor.least * 100)
        return _("考核得分（%(least)s分以下不参加）") % {"least": least} if factor.least else _("考核得分")
    if factor.kind == "coefficient":
        pairs = _("、").join(f"{KINDS[kind]} {number(value)}" for kind, value in factor.by.items())
        return _("机构系数（%(pairs)s）") % {"pairs": pairs}
    known = indicators.known_indicators().get(factor.indicator)
    title = known.title if known else factor.indicator
    if factor.part != "value":
        title = {"denominator": _("%(title)s的分母"), "numerator": _("%(title)s的分子")}[factor.part] % {"title": title}
    return _("%(title)s（最多%(most)s）") % {"title": title, "most": number(factor.most)} if factor.most else title


def fund_view(fund: Fund) -> dict[str, Any]:
    """A fund as people read it."""
    return {
        "fund": fund,
        "parts": [
            {
                "part": each, "percent": number(each.percent), "words": part_words(each),
                "kinds": _("、").join(str(KINDS[kind]) for kind in sorted(each.kinds)),
            }
            for each in fund.parts
        ],
    }  # fmt: skip
