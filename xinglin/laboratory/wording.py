"""Results as the text of a report: in the county's language, whoever releases them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import catalogue
from xinglin.laboratory.data import Flag
from xinglin.laboratory.models import Result
from xinglin.laboratory.states import NOT_COLLECTED
from xinglin.platform import clock
from xinglin.web.formats import listed_text

ARROWS = {
    Flag.LOW: "↓", Flag.HIGH: "↑", Flag.CRITICAL_LOW: "↓↓", Flag.CRITICAL_HIGH: "↑↑", Flag.ABNORMAL: "*",
}  # fmt: skip
MOST = 3900
#: The parts a conclusion is made of.
ABNORMAL, NORMAL, WITHOUT_RANGE = "异常：", "有参考范围的项目未见异常", "项没有适用的参考范围，请结合临床"


def arrow(flag: str) -> str:
    """The sign beside a value; empty where nothing is to be marked."""
    return ARROWS.get(Flag(flag), "")


def is_abnormal(result: Result) -> bool:
    """Whether it lies outside what is known to be its range."""
    return result.flag not in {Flag.NORMAL, Flag.UNKNOWN}


def range_text(low: Decimal | None, high: Decimal | None, *, known: bool) -> str:
    """A range as it is printed; empty where none is known."""
    if not known:
        return ""
    if low is None and high is None:
        return ""
    if low is None:
        return f"≤{_plain(high)}"
    if high is None:
        return f"≥{_plain(low)}"
    return f"{_plain(low)}–{_plain(high)}"


def findings_of(request: Any, results: Sequence[Result], *, partial: bool) -> str:
    """One line for each item, and what could not be measured."""
    lines = []
    for each in results:
        title = catalogue.analyte(each.analyte).titles["zh"]
        known = range_text(each.low, each.high, known=each.range_known)
        if not known and not each.range_known:
            known = "无参考范围"
        tail = f"（{known}）" if known else ""
        lines.append(f"{title} {each.text} {each.unit} {arrow(each.flag)}".strip() + tail)
    for specimen in request.specimens.exclude(refusal="").order_by("pk"):
        why = "标本未能采集"
        if specimen.refusal != NOT_COLLECTED:
            why = f"标本{diagnostics.reject_reason_text('LAB', specimen.refusal)}，已拒收"
        lines.append(f"未检：{'、'.join(_titles(request, specimen.panels))}（{why}）")
    if partial:
        lines.append("其余项目待报。")
    return "\n".join(lines)[:MOST]


def undone(request: Any) -> list[tuple[str, str]]:
    """What was ordered and could not be measured, with the reason, in the reader's language."""
    on = clock.today(request.requested_at)
    return [
        (
            listed_text(catalogue.panel_titles(each.panels, on=on)),
            str(_("标本未能采集")) if each.refusal == NOT_COLLECTED
            else _("标本%(why)s，已拒收") % {"why": diagnostics.reject_reason_text("LAB", each.refusal)},
        )
        for each in request.specimens.exclude(refusal="").order_by("pk")
    ]  # fmt: skip


def conclusion_of(request: Any, results: Sequence[Result]) -> str:
    """What stands out; where a range is not known that is said, and nothing is called normal for it."""
    abnormal = [each for each in results if is_abnormal(each)]
    unknown = [each for each in results if each.flag == Flag.UNKNOWN]
    parts = []
    if abnormal:
        names = [f"{catalogue.analyte(each.analyte).titles['zh']} {each.text}{arrow(each.flag)}" for each in abnormal]
        parts.append(ABNORMAL + "，".join(names))
    elif len(unknown) < len(results):
        parts.append(NORMAL)
    if unknown:
        parts.append(f"{len(unknown)}{WITHOUT_RANGE}")
    return "；".join(parts)[:1900]


def _titles(request: Any, panels: Sequence[str]) -> list[str]:
    kept = {each["code"]: each["title"] for each in request.items}
    return [kept.get(code, code) for code in panels]


def _plain(number: Decimal | None) -> str:
    assert number is not None
    return f"{number.normalize():f}"


def in_words(conclusion: str) -> str:
    """A conclusion as `conclusion_of` makes it, in the reader's language; one that a person wrote stands as it is."""
    said = [_part_in_words(each) for each in conclusion.split("；")]
    return _("；").join(said) if all(said) else conclusion


def _part_in_words(part: str) -> str:
    """One part of a conclusion; empty for what no rule made."""
    if part == NORMAL:
        return _("有参考范围的项目未见异常")
    if part.endswith(WITHOUT_RANGE) and (n := part.removesuffix(WITHOUT_RANGE)).isdecimal():
        return _("%(n)s项没有适用的参考范围，请结合临床") % {"n": n}
    if part.startswith(ABNORMAL):
        items = [_item_in_words(each) for each in part.removeprefix(ABNORMAL).split("，")]
        return _("异常：%(items)s") % {"items": _("，").join(items)} if all(items) else ""
    return ""


def _item_in_words(item: str) -> str:
    """An item with its value and arrow; empty when it names none that we know."""
    title, _space, value = item.partition(" ")
    known = next((each for each in catalogue.analytes().values() if each.titles["zh"] == title), None)
    return f"{known.title} {value}" if known and value else ""
