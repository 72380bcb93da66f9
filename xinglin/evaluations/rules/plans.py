"""Assessment plans: rounds, units and items with weights, read from definitions and checked with the place of each fault."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from xinglin.evaluations.rules.reading import HUNDRED, Place, said
from xinglin.indicators import api as indicators
from xinglin.platform.definitions import Definition, DefinitionError, cited, load
from xinglin.platform.language import either

TOPIC = "evaluation-plans"
#: How often, and how the period of such a round is written.
RHYTHMS = {
    "quarter": r"20\d\d-Q[1-4]",
    "half-year": r"20\d\d-06-YTD",
    "year": r"20\d\d",
    "month": r"20\d\d-(0[1-9]|1[0-2])",
}
KINDS = (
    "COUNTY_HOSPITAL", "TCM_HOSPITAL", "MATERNAL_CHILD", "SPECIALIST_HOSPITAL", "CDC", "TOWNSHIP_HOSPITAL",
    "COMMUNITY_CENTRE", "COMMUNITY_STATION", "VILLAGE_CLINIC",
)  # fmt: skip
#: A consortium as a whole, in the name of its lead hospital.
CONSORTIUM = "CONSORTIUM"
LEVELS = ("facility", "township", "consortium", "county")
RULES = {
    "full-at": {"target"},
    "proportional": {"floor", "target"},
    "steps": {"steps"},
    "deduct": {"target", "per", "points"},
    "rank": {"first", "last"},
    "yes-no": {"yes_at"},
}


class Treatment(StrEnum):
    """What becomes of an item without a figure. `HOLD`: a reviewer decides, with a reason, before results are told."""

    HOLD = "hold"
    REDISTRIBUTE = "redistribute"
    FULL = "full"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Step:
    """From `begin` (included) to `end` (not included; None: without end): so many percent of the weight."""

    begin: Fraction | None
    end: Fraction | None
    percent: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """How a figure becomes a share of the weight. `direction`: ``up`` more is better, ``down`` less is."""

    kind: str
    direction: str
    numbers: Mapping[str, Fraction]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a list that is looked through on site: points in hundredths."""

    title_zh: str
    title_en: str
    points: int

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a plan. With `indicator`, `rule` says what its figure is worth; else `checks` are looked through.

    `least`: a denominator below it is too small to judge by, and counts as no data. `kinds`: applies to these only.
    """

    code: str
    title_zh: str
    title_en: str
    weight: int
    group: str
    indicator: str = ""
    level: str = ""
    rule: Rule | None = None
    no_data: Treatment = Treatment.HOLD
    least: int = 0
    kinds: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    needs_evidence: bool = False

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)

    def applies_to(self, kind: str) -> bool:
        """Whether units of a kind are judged by it."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Group:
    """Items that stand together."""

    code: str
    title_zh: str
    title_en: str
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)

    @property
    def weight(self) -> int:
        """Of all its items."""
        return sum(each.weight for each in self.items)


@dataclass(frozen=True, slots=True)
class Days:
    """How many days units, reviewers, appeals and objections have."""

    self_check: int
    review: int
    appeal: int
    objection: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `not_applicable`: an item that does not apply gives its weight to the others, or counts as full."""

    slug: str
    version: str
    title_zh: str
    title_en: str
    source: str
    source_en: str
    mark: str
    rhythm: str
    full: int
    kinds: frozenset[str]
    not_applicable: Treatment
    days: Days
    groups: tuple[Group, ...]
    content: Mapping[str, Any]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)

    @property
    def cited(self) -> str:
        """Where it comes from, in the reader's language as far as it was given."""
        return cited(self.source, self.source_en)

    @property
    def items(self) -> list[Item]:
        """All items in order."""
        return [item for group in self.groups for item in group.items]

    def item(self, code: str) -> Item:
        """One item. :raises KeyError: there is none of that code"""
        return next(each for each in self.items if each.code == code)


def plans() -> list[Plan]:
    """Every plan, each in force or to come. :raises DefinitionError: names the plan and the place"""
    return list(_plans(tuple(load(TOPIC))))


@lru_cache(maxsize=8)
def _plans(found: tuple[Definition, ...]) -> tuple[Plan, ...]:
    return tuple(check(said(each)) for each in found)


def plan(slug: str) -> Plan:
    """One plan. :raises KeyError: there is none of that slug"""
    found = next((each for each in plans() if each.slug == slug), None)
    if found is None:
        raise KeyError(slug)
    return found


_KEYS = {
    "slug",
    "version",
    "mark",
    "source",
    "source_en",
    "title",
    "rhythm",
    "full",
    "units",
    "not_applicable",
    "days",
    "groups",
    "order",
}
_ITEM = {
    "code", "title", "weight", "indicator", "level", "rule", "no_data", "least", "kinds", "checks", "needs_evidence",
}  # fmt: skip


def check(content: Mapping[str, Any], *, known: Mapping[str, Any] | None = None) -> Plan:
    """The plan of what a definition, or a round, says. `known`: indicators by slug; all there are unless given.

    :raises DefinitionError: names the plan, the place, and what is wrong
    """
    at = Place(str(content.get("slug", "?")), content)
    at.only(_KEYS)
    full = at.points("full")
    kinds = at.texts("units", (*KINDS, CONSORTIUM))
    if not kinds or (CONSORTIUM in kinds and len(kinds) > 1):
        raise at.refuse("units", "names kinds of facilities, or the consortium alone")
    days = Place(f"{at.path}: days", content.get("days", {}))
    title = at.words("title")
    of = indicators.known_indicators() if known is None else known
    groups = tuple(_group(each, of, kinds) for each in at.places("groups"))
    items = [item for group in groups for item in group.items]
    codes = [each.code for each in items]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise at.refuse("groups", f"the code {twice[0]!r} stands twice")
    if (total := sum(each.weight for each in items)) != full:
        raise at.refuse("groups", f"weights come to {total / HUNDRED:g}, not to the full mark of {full / HUNDRED:g}")
    return Plan(
        at.text("slug"), at.text("version"), *title, *at.cited(), at.text("mark"), at.among("rhythm", RHYTHMS), full,
        kinds, Treatment(at.among("not_applicable", (Treatment.REDISTRIBUTE, Treatment.FULL))),
        Days(*(days.whole(key, least=0, most=90) for key in ("self_check", "review", "appeal", "objection"))), groups, content,
    )  # fmt: skip


def _group(at: Place, known: Mapping[str, Any], kinds: frozenset[str]) -> Group:
    at.only({"code", "title", "items"})
    code, title = at.text("code"), at.words("title")
    return Group(code, *title, tuple(_item(each, code, known, kinds) for each in at.places("items")))


def _item(at: Place, group: str, known: Mapping[str, Any], kinds: frozenset[str]) -> Item:
    at.only(_ITEM)
    at = Place(f"{at.path} {at.text('code')}", at.raw)
    code, title, weight = at.text("code"), at.words("title"), at.points("weight")
    of = at.texts("kinds", kinds)
    if ("indicator" in at.raw) == ("checks" in at.raw):
        raise at.refuse("indicator", "an item has an indicator, or checks")
    if "checks" in at.raw:
        checks = tuple(Check(*each.words("title"), each.points("points")) for each in at.places("checks"))
        if (total := sum(each.points for each in checks)) != weight:
            raise at.refuse("checks", f"points come to {total / HUNDRED:g}, not to the weight of {weight / HUNDRED:g}")
        needs = bool(at.raw.get("needs_evidence", False))
        return Item(code, *title, weight, group, kinds=of, checks=checks, needs_evidence=needs)
    slug = at.text("indicator")
    if slug not in known:
        raise at.refuse("indicator", f"there is no indicator {slug!r}")
    level = at.among("level", LEVELS)
    if level not in known[slug].levels:
        raise at.refuse("level", f"{slug} is not told of a {level}")
    rule = _rule(Place(f"{at.path}: rule", at.raw.get("rule")), known[slug].direction)
    return Item(
        code, *title, weight, group, slug, level, rule, Treatment(at.among("no_data", list(Treatment))),
        at.whole("least", least=0, most=1_000_000, default=0), of,
    )  # fmt: skip


def _rule(at: Place, usual: str) -> Rule:
    kind = at.among("kind", RULES)
    at.only({"kind", "direction", *RULES[kind]})
    direction = at.among("direction", ("up", "down"), usual if usual in {"up", "down"} else "")
    if kind == "steps":
        return Rule(kind, direction, {}, _steps(at, direction))
    numbers = {key: at.number(key) for key in sorted(RULES[kind])}
    if kind == "proportional":
        if numbers["floor"] == numbers["target"]:
            raise at.refuse("floor", "is the target: between them there is nothing to divide by")
        if (numbers["floor"] < numbers["target"]) != (direction == "up"):
            raise at.refuse("floor", f"lies on the wrong side of the target where {direction} is better")
    if kind == "deduct" and (numbers["per"] <= 0 or numbers["points"] <= 0):
        raise at.refuse("per" if numbers["per"] <= 0 else "points", "is above 0")
    if kind == "rank" and not 0 <= numbers["last"] <= numbers["first"] <= HUNDRED:
        raise at.refuse("last", "0 ≤ last ≤ first ≤ 100")
    return Rule(kind, direction, numbers)


def _steps(at: Place, direction: str) -> tuple[Step, ...]:
    found = []
    for each in at.places("steps"):
        each.only({"from", "below", "percent"})
        begin, end = (each.number(key) if key in each.raw else None for key in ("from", "below"))
        percent = each.number("percent")
        if not 0 <= percent <= HUNDRED:
            raise each.refuse("percent", "is from 0 to 100")
        if begin is not None and end is not None and begin >= end:
            raise each.refuse("below", "is above from")
        found.append((each, Step(begin, end, percent)))
    if found[0][1].begin is not None:
        raise found[0][0].refuse("from", "the first step has no beginning, so that every figure falls on one")
    for (_before, one), (place, two) in zip(found, found[1:], strict=False):
        if one.end is None or two.begin is None or two.begin < one.end:
            raise place.refuse("from", "overlaps the step before")
        if two.begin > one.end:
            raise place.refuse("from", f"leaves a gap from {float(one.end):g} to {float(two.begin):g}")
        if (two.percent < one.percent) if direction == "up" else (two.percent > one.percent):
            raise place.refuse("percent", "a better figure gets less")
    if found[-1][1].end is not None:
        raise found[-1][0].refuse("below", "the last step has no end, so that every figure falls on one")
    return tuple(step for _place, step in found)


def kept(found: Plan) -> dict[str, Any]:
    """What a round keeps of a plan: all it says, with the direction of each figure written down."""
    said_now = copy.deepcopy(dict(found.content))
    for group in said_now["groups"]:
        for each in group["items"]:
            if "rule" in each:
                rule = found.item(each["code"]).rule
                each["rule"]["direction"] = rule.direction if rule else ""
    return said_now


def as_kept(content: Mapping[str, Any]) -> Plan:
    """The plan as a round keeps it: its indicators were known when it was opened, and are not looked up again."""
    return check(content, known=_Kept())


class _Kept(dict[str, Any]):
    """Every indicator at every level."""

    levels, direction = LEVELS, ""

    def __contains__(self, slug: object) -> bool:
        return True

    def __missing__(self, slug: str) -> "_Kept":
        return self


__all__ = [
    "CONSORTIUM",
    "DefinitionError",
    "Item",
    "Plan",
    "Rule",
    "Treatment",
    "as_kept",
    "check",
    "kept",
    "plan",
    "plans",
    "said",
]
