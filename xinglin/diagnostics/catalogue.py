"""Definitions of this capability: report templates, the list of critical values, the promises of a kind of centre."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.platform.definitions import Definition, load, one
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.language import in_language


@dataclass(frozen=True, slots=True)
class Template:
    """A report template: findings and conclusion to start from, with its code. Texts in the reader's language."""

    code: str
    group: str
    title: str
    findings: str
    conclusion: str
    is_abnormal: bool
    critical: str
    keywords: str


@dataclass(frozen=True, slots=True)
class CriticalItem:
    """One entry of the list of critical values, as of a version of the list."""

    code: str
    group: str
    text: str
    kept: str  # the text as a record keeps it: in the county's language, whoever writes it
    advice: str
    list_version: str


@dataclass(frozen=True, slots=True)
class ExamItem:
    """An examination a unit may ask for: the device it needs and the part of the body."""

    code: str
    title: str
    modality: str
    body_part: str


def exam_items(kind: str, *, on: date) -> list[ExamItem]:
    """What may be asked of a kind of centre on a day, in the order of the definitions; titles in the reader's language."""
    return [
        ExamItem(item["code"], in_language(item["title"]), item["modality"], item["body_part"])
        for item in _exam_items(kind, on)
    ]


def skills(kind: str, *, on: date) -> tuple[list[str], list[str]]:
    """Devices and regions of the body that the items of a kind of centre name, each once, in their order."""
    items = exam_items(kind, on=on)
    modalities, parts = (each.modality for each in items), (each.body_part for each in items)
    return list(dict.fromkeys(modalities)), list(dict.fromkeys(parts))


def chosen_items(kind: str, codes: Iterable[str], *, on: date) -> list[dict[str, str]]:
    """Items as a request keeps them, each once, all of one modality.

    :raises InvalidInput: none, one that is not in the definitions, or of several kinds of devices
    """
    known = {item["code"]: item for item in _exam_items(kind, on)}
    chosen = list(dict.fromkeys(codes))
    if not chosen:
        raise InvalidInput(_("请选择检查项目。"), fields={"item": _("请选择检查项目。")})
    if unknown := [code for code in chosen if code not in known]:
        raise wrong("item", _("没有这个检查项目：%(code)s。") % {"code": unknown[0][:40]})
    if len({known[code]["modality"] for code in chosen}) > 1:
        raise InvalidInput(
            _("一份申请只能用一种设备，请分开申请。"), fields={"item": _("请分开申请。")}, code="several-modalities"
        )
    return [
        {"code": code, "title": known[code]["title"]["zh"], "modality": known[code]["modality"],
         "body_part": known[code]["body_part"]}
        for code in chosen
    ]  # fmt: skip


def item_title(kind: str, kept: Mapping[str, str]) -> str:
    """An item of a request in the reader's language; as it was kept when it is no longer on the list."""
    for definition in load("exam-items"):
        for item in definition.content["items"] if definition.content["kind"] == kind else ():
            if item["code"] == kept["code"]:
                return in_language(item["title"])
    return kept["title"]


def _exam_items(kind: str, on: date) -> list[dict[str, Any]]:
    return [
        item
        for definition in load("exam-items")
        if definition.content["kind"] == kind and definition.is_valid_on(on)
        for item in definition.content["items"]
    ]


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why a centre sends an examination of a kind back; `needs_remark`: a word must be added."""

    code: str
    title: str
    needs_remark: bool


def reject_reasons(kind: str, *, on: date) -> list[RejectReason]:
    """The reasons of a kind in force on a day, in the reader's language; those common to all where it has no own."""
    return [
        RejectReason(item["code"], in_language(item["title"]), item.get("remark", False))
        for definition in _reject_definitions(kind)
        if definition.is_valid_on(on)
        for item in definition.content["items"]
    ]


def reject_reason_text(kind: str, code: str) -> str:
    """A reason in the reader's language, whatever list it stood on when it was given; its code when on none."""
    for definition in [*_reject_definitions(kind), *load("reject-reasons")]:
        for item in definition.content["items"]:
            if item["code"] == code:
                return in_language(item["title"])
    return code


def _reject_definitions(kind: str) -> list[Definition]:
    own = [each for each in load("reject-reasons") if each.content["kind"] == kind]
    return own or [each for each in load("reject-reasons") if each.content["kind"] == "*"]


def templates(kind: str, *, on: date) -> list[Template]:
    """The report templates of a kind of examination in force on a day, in the order of the definitions."""
    found = [
        (each.content.get("order", 999), _template(each))
        for each in load(f"{kind.lower()}-reports")
        if each.is_valid_on(on)
    ]
    return [template for _order, template in sorted(found, key=lambda pair: (pair[0], pair[1].code))]


def _template(definition: Definition) -> Template:
    content = definition.content
    return Template(
        code=definition.slug,
        group=in_language(content["group"]),
        title=definition.title,
        findings=in_language(content["findings"]),
        conclusion=in_language(content["conclusion"]),
        is_abnormal=content["abnormal"],
        critical=content.get("critical", ""),
        keywords=content.get("keywords", ""),
    )


def coded(kind: str, codes: Iterable[str], *, on: date) -> list[dict[str, str]]:
    """Coded conclusions as a report keeps them: ``{"code", "title"}``, each once.

    :raises InvalidInput: a code is not in the templates
    """
    titles = {each.slug: each.title_zh for each in load(f"{kind.lower()}-reports") if each.is_valid_on(on)}
    chosen = list(dict.fromkeys(codes))
    if unknown := [code for code in chosen if code not in titles]:
        raise wrong("codes", _("没有这个报告术语：%(code)s。") % {"code": unknown[0][:40]})
    return [{"code": code, "title": titles[code]} for code in chosen]


def title_of(kind: str, coded_conclusion: Mapping[str, str]) -> str:
    """A coded conclusion in the reader's language; as it was kept when its definition is gone."""
    try:
        return one(f"{kind.lower()}-reports", coded_conclusion["code"]).title
    except KeyError:
        return coded_conclusion["title"]


def implied_criticals(kind: str, codes: Iterable[str], *, on: date) -> list[CriticalItem]:
    """The critical values that coded conclusions stand for, each once."""
    wanted = set(codes)
    implied = {each.critical for each in templates(kind, on=on) if each.code in wanted and each.critical}
    return [item for item in critical_list(kind, on=on) if item.code in implied]


def critical_list(kind: str, *, on: date) -> list[CriticalItem]:
    """The list of critical values of a kind of examination in force on a day."""
    return [item for definition in _critical_definitions(kind, on) for item in _items(definition)]


def critical_items(kind: str, codes: Iterable[str], *, on: date) -> list[CriticalItem]:
    """The entries with these codes, each once. :raises InvalidInput: a code is not on the list"""
    known = {item.code: item for item in critical_list(kind, on=on)}
    chosen = list(dict.fromkeys(codes))
    if unknown := [code for code in chosen if code not in known]:
        raise wrong("criticals", _("危急值清单里没有：%(code)s。") % {"code": unknown[0][:40]})
    return [known[code] for code in chosen]


def critical_text(kind: str, code: str, kept: str) -> str:
    """A critical value in the reader's language; as it was kept when it is no longer on the list."""
    for definition in load("critical-values"):
        if definition.content["kind"] == kind:
            for item in definition.content["items"]:
                if item["code"] == code:
                    return in_language(item["text"])
    return kept


def critical_advice(kind: str, code: str) -> str:
    """What the list tells the sending unit to do first; empty when it says nothing."""
    for definition in load("critical-values"):
        for item in definition.content["items"] if definition.content["kind"] == kind else ():
            if item["code"] == code:
                return in_language(item["advice"])
    return ""


def suggested(kind: str, measurements: Mapping[str, float], *, on: date) -> list[str]:
    """Codes of the list that the measurements of the device alone point to. A reader decides; this raises nothing."""
    found = []
    for definition in _critical_definitions(kind, on):
        for item in definition.content["items"]:
            rule = item.get("suggest")
            if rule and _points_to(rule, measurements):
                found.append(item["code"])
    return found


def _points_to(rule: Mapping[str, Any], measurements: Mapping[str, float]) -> bool:
    value = measurements.get(rule["measurement"])
    if value is None:
        return False
    return ("at_least" not in rule or value >= rule["at_least"]) and ("at_most" not in rule or value <= rule["at_most"])


def _critical_definitions(kind: str, on: date) -> list[Definition]:
    return [each for each in load("critical-values") if each.content["kind"] == kind and each.is_valid_on(on)]


def _items(definition: Definition) -> list[CriticalItem]:
    return [
        CriticalItem(
            code=item["code"],
            group=in_language(item["group"]),
            text=in_language(item["text"]),
            kept=item["text"]["zh"],
            advice=in_language(item["advice"]),
            list_version=definition.version,
        )
        for item in definition.content["items"]
    ]


def recorded_within(kind: str) -> tuple[timedelta, timedelta]:
    """How long before its request a recording is made, and how far the clock of a device may be ahead, unremarked."""
    for definition in load("centres"):
        if definition.content["kind"] == kind:
            limits = definition.content["recorded"]
            return timedelta(hours=limits["hours_before"]), timedelta(minutes=limits["minutes_ahead"])
    raise wrong("kind", _("没有这一类中心。"))


def promises(kind: str) -> dict[str, int]:
    """The minutes a centre of this kind promises unless it says otherwise."""
    for definition in load("centres"):
        if definition.content["kind"] == kind:
            return {key: int(value) for key, value in definition.content["minutes"].items()}
    raise wrong("kind", _("没有这一类中心。"))
