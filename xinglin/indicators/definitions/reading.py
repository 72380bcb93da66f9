"""Indicators from their definitions, each checked before anything is computed."""

import ast
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from xinglin.indicators.definitions.checking import check_denominator, check_formula, check_needs
from xinglin.indicators.definitions.constants import says_nothing
from xinglin.indicators.definitions.language import BAND, LanguageError, in_fen, measures, parse, tables_in
from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.facts import tables

TOPIC = "indicators"
#: From the smallest to the largest; a definition says at which it makes sense.
LEVELS = ("facility", "township", "area", "consortium", "county")
#: Whose figures: visits at units in the county, whoever came; the county's insured wherever they go; residents; the units.
BASES = {"units", "insured", "residents", "organisation"}
METHODS = {"", "premature-mortality"}
DIRECTIONS = {"", "up", "down", "none"}
#: How figures are computed. When it changes, none that was kept before is taken over.
_COMPUTED = 2
_KEYS = {
    "code", "group", "why", "unit", "direction", "order", "per", "levels", "base", "numerator", "denominator", "group_by",
    "may_be_empty", "target", "growth_of", "method", "bands", "of", "records", "anchors", "decimals", "window",
    "see_also", "needs",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Indicator:
    """One indicator. Exactly one of `numerator` and `growth_of` says how it is computed; without `denominator` it is a
    number, not a ratio. `per` is what the ratio is multiplied by: 100 for percent. `needs` counts rows without which it says
    nothing: where the whole county has none, there is no data.
    """

    definition: Definition
    numerator: ast.expr | None
    denominator: ast.expr | None
    content: Mapping[str, Any] = field(default_factory=dict)
    needs: ast.expr | None = None

    @property
    def slug(self) -> str:
        """The stable name."""
        return self.definition.slug

    @property
    def unit(self) -> str:
        """What the value is counted in."""
        return str(self.content["unit"])

    @property
    def per(self) -> float:
        """What a ratio is multiplied by."""
        return float(self.content.get("per", 100 if self.unit == "%" else 1))

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels at which it makes sense: what does of a township does of an area."""
        said = tuple(self.content.get("levels", LEVELS))
        return tuple(each for each in LEVELS if each in said or (each == "area" and "township" in said))

    @property
    def window(self) -> int:
        """Months up to the end of the period that it is taken over, whatever the period; 0: the period itself."""
        return int(self.content.get("window", 0))

    @property
    def group_by(self) -> str:
        """The column a count is split by."""
        return str(self.content.get("group_by", ""))

    @property
    def growth_of(self) -> str:
        """The indicator whose change against the same period of last year this is."""
        return str(self.content.get("growth_of", ""))

    @property
    def see_also(self) -> tuple[str, ...]:
        """Indicators that look alike and say something else: whoever reads one should know of the other."""
        return tuple(self.content.get("see_also", ()))

    @property
    def method(self) -> str:
        """A method of putting age bands together, where there is one."""
        return str(self.content.get("method", ""))

    def is_money(self, part: str) -> bool:
        """Whether its numerator or denominator is an amount, which facts keep in fen and people read in yuan."""
        return part in self._amounts

    @cached_property
    def _amounts(self) -> frozenset[str]:
        parts = {"numerator": self.numerator, "denominator": self.denominator}
        return frozenset(part for part, formula in parts.items() if formula is not None and in_fen(formula))

    @cached_property
    def is_count(self) -> bool:
        """Whether it counts: no share, no growth, no middle of what was measured, which may fall between two whole numbers."""
        between = self.numerator is not None and any(
            each.kind in {"median", "quantile"} for each in measures(self.numerator)
        )
        return self.denominator is None and not self.growth_of and self.per == 1 and not between

    @property
    def whole(self) -> float | None:
        """What a share comes to where all are counted: only then is it written so; None for what is no share."""
        return self.per if self.unit == "%" and self.denominator is not None and not self.growth_of else None

    @cached_property
    def texts(self) -> dict[str, str]:
        """Its formulas, by part, each written one way however the definition lays it out."""
        parts = {"numerator": self.numerator, "denominator": self.denominator}
        return {part: ast.unparse(tree) for part, tree in parts.items() if tree is not None}

    @property
    def tables(self) -> set[str]:
        """Tables it reads."""
        return set().union(*(tables_in(each) for each in (self.numerator, self.denominator) if each is not None))

    @property
    def records(self) -> str:
        """The table its records are opened from."""
        found = [each.rows.table for each in measures(self.numerator)] if self.numerator is not None else []
        return str(self.content.get("records") or (found[0] if found else ""))

    @cached_property
    def key(self) -> str:
        """What a computed figure is kept under: slug, day in force, the text itself, and how it is computed."""
        text = json.dumps([_COMPUTED, said(self.definition)], sort_keys=True, default=str)
        return f"{self.definition.version}#{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def said(definition: Definition) -> dict[str, Any]:
    """What a definition says, for a snapshot: everything its value depends on."""
    return {
        "slug": definition.slug, "title_zh": definition.title_zh, "title_en": definition.title_en,
        "valid_from": definition.valid_from.isoformat(), **json.loads(json.dumps(dict(definition.content), default=str)),
    }  # fmt: skip


def indicators() -> list[Indicator]:
    """All indicators in the order of the board. :raises DefinitionError: names the file and the place"""
    return list(_indicators(tuple(load(TOPIC))))


@lru_cache(maxsize=4)
def _indicators(found: tuple[Definition, ...]) -> tuple[Indicator, ...]:
    checked = [check(each) for each in found]
    slugs = {each.slug for each in checked}
    for each in checked:
        if each.growth_of and each.growth_of not in slugs:
            raise DefinitionError(f"{each.slug}: growth_of: there is no indicator {each.growth_of!r}")
        if lost := set(each.see_also) - slugs:
            raise DefinitionError(f"{each.slug}: see_also: there is no indicator {sorted(lost)[0]!r}")
    return tuple(sorted(checked, key=lambda each: (each.content.get("order", 1000), each.slug)))


def indicator(slug: str) -> Indicator:
    """One indicator. :raises KeyError: there is none of that slug"""
    return next((each for each in indicators() if each.slug == slug), None) or _none(slug)


def _none(slug: str) -> Indicator:
    raise KeyError(f"no indicator {slug}")


def check(definition: Definition) -> Indicator:
    """The indicator of a definition. :raises DefinitionError: names the file, the place, and what is wrong"""
    content = definition.content

    def refuse(place: str, words: object) -> DefinitionError:
        return DefinitionError(f"{definition.slug}: {place}: {words}")

    if unknown := content.keys() - _KEYS:
        raise refuse(sorted(unknown)[0], "unknown key")
    for each in content.get("anchors", ()):
        if not isinstance(each, dict) or each.keys() != {"mark", "zh", "en"}:
            raise refuse("anchors", "each needs mark, zh and en")
    for key in ("why", "unit", "base"):
        if key not in content:
            raise refuse(key, "missing")
    if not isinstance(content["why"], dict) or not {"zh", "en"} <= content["why"].keys():
        raise refuse("why", "needs zh and en")
    for key, allowed in (("base", BASES), ("method", METHODS), ("direction", DIRECTIONS)):
        if content.get(key, "") not in allowed:
            raise refuse(key, f"{content[key]!r} is not one of {sorted(allowed)}")
    if wrong := set(content.get("levels", ())) - set(LEVELS):
        raise refuse("levels", f"{sorted(wrong)[0]!r} is not one of {', '.join(LEVELS)}")
    if ("numerator" in content) == ("growth_of" in content):
        raise refuse("numerator", "there is one, or growth_of")
    if "per" in content and not content["per"]:
        raise refuse("per", "is not 0")
    found: dict[str, ast.expr | None] = {"numerator": None, "denominator": None, "needs": None}
    for part, checker in (("numerator", check_formula), ("denominator", check_denominator), ("needs", check_needs)):
        if part in content:
            try:
                found[part] = tree = parse(content[part])
                checker(tree)
            except LanguageError as error:
                raise refuse(part, error) from error
            if BAND & {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)} and not content.get("method"):
                raise refuse(part, "age bands need a method")
    _check_group(definition, found["numerator"])
    checked = Indicator(definition, found["numerator"], found["denominator"], content, found["needs"])
    for level in checked.levels:
        if words := says_nothing(level, checked.numerator, checked.denominator):
            raise refuse("levels", words)
    return checked


def _check_group(definition: Definition, numerator: ast.expr | None) -> None:
    column = definition.content.get("group_by")
    if column is None:
        return
    split = list(measures(numerator)) if isinstance(numerator, ast.Call) else []
    if len(split) != 1 or split[0].kind != "count":
        raise DefinitionError(f"{definition.slug}: group_by: only one count can be split")
    if column not in tables()[split[0].rows.table].columns:
        raise DefinitionError(f"{definition.slug}: group_by: {split[0].rows.table} has no column {column!r}")
