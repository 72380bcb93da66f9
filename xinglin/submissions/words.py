"""How forms, faults, parts and outcomes are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.indicators import api as indicators
from xinglin.indicators.data import Value, Why
from xinglin.platform.errors import NotVisible
from xinglin.submissions import forms
from xinglin.submissions.data import FaultCode
from xinglin.submissions.events import Event
from xinglin.submissions.formats.fhir import scoring_of
from xinglin.submissions.formats.made import part_of
from xinglin.submissions.models import Cell

PARTS: dict[str, Promise] = {
    "value": gettext_lazy("数值"), "numerator": gettext_lazy("分子"), "denominator": gettext_lazy("分母"),
}  # fmt: skip
FORMATS: dict[str, Promise] = {
    "xlsx": gettext_lazy("Excel表"), "csv": gettext_lazy("CSV表"), "dhis2-json": gettext_lazy("DHIS2数据集"),
    "dhis2-csv": gettext_lazy("DHIS2数据集（CSV）"), "fhir": gettext_lazy("FHIR指标报告"),
}  # fmt: skip
PERIODS: dict[str, Promise] = {
    "month": gettext_lazy("月报"), "quarter": gettext_lazy("季报"), "year": gettext_lazy("年报"),
}  # fmt: skip
LEVELS: dict[str, Promise] = {
    "facility": gettext_lazy("机构"), "township": gettext_lazy("乡镇（街道）"), "area": gettext_lazy("片区"),
    "consortium": gettext_lazy("医共体"), "county": gettext_lazy("全县"),
}  # fmt: skip
#: Messages to who keeps the figures.
MESSAGES: dict[Event, Promise] = {
    Event.DUE_SOON: gettext_lazy("《%(title)s》%(period)s 应于 %(due_on)s 前上报。"),
    Event.OVERDUE: gettext_lazy("《%(title)s》%(period)s 已过上报期限 %(due_on)s。"),
    Event.CHECKED: gettext_lazy("《%(title)s》%(period)s 已核对，等待另一人复核。"),
    Event.NOT_DELIVERED: gettext_lazy("《%(title)s》%(period)s 没有被对方系统全部接收。"),
    Event.DRIFTED: gettext_lazy("《%(title)s》%(period)s 报出后数据有变动，请决定是否更正。"),
}


def told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a message with the form's title."""
    return {**facts, "title": title_of(str(facts.get("form", "")))}


def title_of(slug: str) -> str:
    """A form in the reader's language; its slug when its file is gone."""
    try:
        return forms.found(slug).title
    except NotVisible:
        return slug


def fault_text(form: forms.Form, fault: Mapping[str, str]) -> str:
    """One fault in words."""
    code = FaultCode(fault["code"])
    item = next((each.title for each in form.items if each.name == fault.get("item")), fault.get("item", ""))
    facts = {"item": item, "unit": fault.get("unit", ""), "why": ""}
    if code == FaultCode.MISSING:
        facts["why"] = indicators.reason(Value(why=Why(fault.get("why", "")), missing=fault.get("missing", "")))
    return str(code.label) % facts


def conflict_text(conflict: Mapping[str, Any]) -> str:
    """One refused row in words."""
    said = " · ".join(str(each) for each in (conflict["code"], conflict["object"], conflict["words"]) if each)
    return _("第%(row)d行：%(words)s") % {"row": conflict["row"], "words": said} if conflict["row"] else said


def said(form: forms.Form, cell: Cell, part: str = "value") -> str:
    """A part of a cell as people read it: the number of the file with separators, a count without decimals, an amount that
    stands for itself with its unit; empty for no data.
    """
    found, indicator = part_of(form, cell, part), form.item(cell.item).indicator
    if found is None:
        return ""
    if part == "value":
        is_count = scoring_of(indicator) == "cohort" and found == found.to_integral_value()
        return f"{found:,.0f}" if is_count else f"{found:,f}"
    return f"{found:,f} {indicators.UNITS['yuan']}" if indicator.is_money(part) else f"{found:,f}"
