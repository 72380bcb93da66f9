"""Definitions of this capability: rule sets, levels, allowable errors, reasons, scoring of external assessment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol.rules import Rule
from xinglin.platform.definitions import load
from xinglin.platform.errors import InvalidInput, wrong
from xinglin.platform.language import either, in_language

MOST_CODE = 24


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A set of rules an instrument may be judged by; `version` is kept with each judgement."""

    slug: str
    version: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Analyte:
    """An analyte as definitions know it: its usual unit, and its allowable total error in percent."""

    code: str
    title_zh: str
    title_en: str
    unit: str
    decimals: int
    tea_percent: Decimal | None


@lru_cache(maxsize=32)
def _parsed(raw: Any) -> tuple[Rule, ...]:
    return tuple(Rule.of_definition(each) for each in raw.content["rules"])


def rule_sets() -> list[RuleSet]:
    """Every set of rules, in the order of the definitions; titles in the reader's language."""
    found = sorted(load("qc-rules"), key=lambda each: (each.content.get("order", 999), each.slug))
    return [RuleSet(each.slug, each.version, each.title, _parsed(each)) for each in found]


def rule_set(slug: str) -> RuleSet:
    """One set. :raises InvalidInput: there is none of that slug"""
    for each in rule_sets():
        if each.slug == slug:
            return each
    raise wrong("rules", _("没有这套质控规则。"))


def default_rules() -> str:
    """The set of a new instrument."""
    return next(each.slug for each in load("qc-rules") if each.content.get("is_default"))


def rule_title(code: str) -> str:
    """A broken rule in the reader's words; empty for one no definition knows."""
    for each in rule_sets():
        for rule in each.rules:
            if rule.code == code:
                return either(rule.title_zh, rule.title_en)
    return ""


def levels() -> dict[str, str]:
    """Levels by code, in order; titles in the reader's language."""
    return {each["code"]: in_language(each["title"]) for each in _entries("qc-levels", "levels")}


def level_short(code: str) -> str:
    """A level in a table or a chart."""
    found = (in_language(each["short"]) for each in _entries("qc-levels", "levels") if each["code"] == code)
    return next(found, code)


def reasons(kind: str) -> dict[str, str]:
    """``causes`` or ``actions`` of a loss of control by code; titles in the reader's language."""
    return {each["code"]: in_language(each["title"]) for each in _entries("qc-reasons", kind)}


def analytes() -> dict[str, Analyte]:
    """Analytes by code: those with an allowable error, and those of the laboratory, whose titles and units stand."""
    errors = {each["code"]: each for each in _entries("qc-tea", "analytes")}
    known = {**errors, **{each["code"]: each for each in reversed(_laboratory())}}
    return {code: _analyte(code, each, errors.get(code, {})) for code, each in known.items()}


def _analyte(code: str, raw: Mapping[str, Any], error: Mapping[str, Any]) -> Analyte:
    title, tea = raw.get("title") or error["title"], error.get("tea_percent")
    return Analyte(
        code, title["zh"], title["en"], str(raw.get("shown") or raw.get("unit") or error.get("unit", "")),
        int(raw.get("decimals", error.get("decimals", 2))), None if tea is None else Decimal(str(tea)),
    )  # fmt: skip


def _laboratory() -> list[dict[str, Any]]:
    """What the laboratory's own definitions say of what it measures. `control` names what is controlled together
    (glucose, fasting or not); else it is the item's own code, in small letters."""
    return [
        {**each, "code": each.get("control", each["code"].lower())}
        for definition in load("lab-analytes")
        for each in definition.content["analytes"]
    ]


def analyte_title(code: str, kept: str = "") -> str:
    """An analyte in the reader's language; as it was kept, or its code, when no definition knows it."""
    found = analytes().get(code)
    if found is None:
        return kept or code
    return either(found.title_zh, found.title_en)


def allowable_error(code: str) -> Decimal | None:
    """Allowable total error in percent of the target; None when no definition says."""
    for each in _entries("qc-tea", "analytes"):
        if each["code"] == code:
            return Decimal(str(each["tea_percent"]))
    return None


def checked_code(code: str) -> str:
    """An analyte's code as it is kept.

    :raises InvalidInput: the code is empty, too long, or one that no definition has
    """
    code = code.strip().lower()
    if not 0 < len(code) <= MOST_CODE or not all(sign.isalnum() or sign in "-_." for sign in code):
        raise InvalidInput(
            _("项目代码由字母、数字、“-”组成，最多%(n)d个字符。") % {"n": MOST_CODE},
            fields={"analyte": _("代码不对。")},
        )
    if code not in analytes():
        raise InvalidInput(_("检验项目目录里没有：%(code)s。") % {"code": code}, fields={"analyte": code})
    return code


@dataclass(frozen=True, slots=True)
class Scoring:
    """When a round is passed, and how z is read."""

    pass_percent: Decimal
    z_good: Decimal
    z_doubtful: Decimal


def scoring() -> Scoring:
    """The scoring in force."""
    content = load("eqa-scoring")[0].content
    return Scoring(*(Decimal(str(content[key])) for key in ("pass_percent", "z_good", "z_doubtful")))


def _entries(topic: str, key: str) -> Iterable[dict[str, Any]]:
    return (entry for definition in load(topic) for entry in definition.content.get(key, ()))
