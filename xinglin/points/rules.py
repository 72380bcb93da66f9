"""Behaviours that earn points and goods they buy: definitions read, decisions made. Pure; no database."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.language import either

#: Slug of the file that says how long goods are kept for somebody.
SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Rule:
    """A behaviour that earns points.

    `events` → the field of the event that names the cause, empty for its object; `voids` the same for what takes the
    points back. `when` are facts of the event that must hold, `measured` bounds that every given value must keep.
    """

    slug: str
    version: str
    definition: Definition
    points: int
    per_day: int
    per_year: int
    valid_months: int
    by_hand: bool
    events: Mapping[str, str]
    voids: Mapping[str, str]
    when: Mapping[str, Any]
    measured: Mapping[str, Mapping[str, Decimal]]
    plain_zh: str
    plain_en: str
    order: int

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    @property
    def plain(self) -> str:
        """What the resident is told about it."""
        return either(self.plain_zh, self.plain_en)

    def is_met(self, facts: Mapping[str, Any], values: Mapping[str, Decimal] | None = None) -> bool:
        """Whether an event with these facts, and these measured values, is the behaviour."""
        if any(facts.get(name) != wanted for name, wanted in self.when.items()):
            return False
        if not self.measured:
            return True
        given = [item for item in self.measured if item in (values or {})]
        return bool(given) and all(self._keeps(item, (values or {})[item]) for item in given)

    def _keeps(self, item: str, value: Decimal) -> bool:
        bounds = self.measured[item]
        return bounds.get("from", value) <= value and ("below" not in bounds or value < bounds["below"])

    def earns(self, earlier: Sequence[date], on: date) -> bool:
        """Whether it earns on a day, after it was earned on these days: not beyond what a day and a calendar year allow."""
        return (
            sum(day == on for day in earlier) < self.per_day
            and sum(day.year == on.year for day in earlier) < self.per_year
        )

    def expires_on(self, on: date) -> date:
        """The last day on which what was earned on a day can be spent."""
        year, month = divmod(on.year * 12 + on.month - 1 + self.valid_months, 12)
        return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1])) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Good:
    """Something that points buy."""

    slug: str
    version: str
    definition: Definition
    points: int
    most_a_year: int
    order: int

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title


def rules(on: date) -> dict[str, Rule]:
    """Behaviours in force on a day, by slug, in the order they are shown."""
    found = [_rule(each) for each in load("points-rules") if each.is_valid_on(on)]
    return {each.slug: each for each in sorted(found, key=lambda each: (each.order, each.slug))}


def rule(slug: str) -> Rule | None:
    """A behaviour as it reads today, in force or not, to be explained."""
    return next((_rule(each) for each in load("points-rules") if each.slug == slug), None)


def goods(on: date) -> dict[str, Good]:
    """Goods in force on a day, by slug."""
    found = [_good(each) for each in load("points-goods") if each.slug != SETTINGS and each.is_valid_on(on)]
    return {each.slug: each for each in sorted(found, key=lambda each: (each.order, each.slug))}


def good(slug: str) -> Good | None:
    """A good, offered today or not."""
    return next((_good(each) for each in load("points-goods") if each.slug == slug != SETTINGS), None)


def days_kept() -> int:
    """How many days goods are kept for somebody who does not fetch them."""
    return next(int(each.content["days_kept"]) for each in load("points-goods") if each.slug == SETTINGS)


def events() -> frozenset[str]:
    """Every event that may earn, whatever the day."""
    return frozenset(event for each in load("points-rules") for event in _rule(each).events)


def voids() -> frozenset[str]:
    """Every event that may take points back."""
    return frozenset(event for each in load("points-rules") for event in _rule(each).voids)


@lru_cache(maxsize=256)
def _rule(definition: Definition) -> Rule:
    """One behaviour, checked. :raises DefinitionError: says what is wrong with it"""
    raw, slug = definition.content, definition.slug
    if missing := {"points", "per_day", "per_year", "valid_months", "plain"} - raw.keys():
        raise DefinitionError(f"{slug}: missing {', '.join(sorted(missing))}")
    if any(
        not isinstance(raw[name], int) or raw[name] < 1 for name in ("points", "per_day", "per_year", "valid_months")
    ):
        raise DefinitionError(f"{slug}: points, per_day, per_year and valid_months are whole numbers from 1")
    if bool(raw.get("events")) == bool(raw.get("by_hand")):
        raise DefinitionError(f"{slug}: a behaviour is shown by events, or written down by hand (by_hand = true)")
    if not {"zh", "en"} <= raw["plain"].keys():
        raise DefinitionError(f"{slug}: plain needs zh and en")
    bounds = {
        item: {name: Decimal(str(value)) for name, value in each.items()}
        for item, each in raw.get("measured", {}).items()
    }
    if any(not each or set(each) - {"from", "below"} for each in bounds.values()):
        raise DefinitionError(f"{slug}: a measured value has from, below or both")
    return Rule(
        slug, definition.version, definition, raw["points"], raw["per_day"], raw["per_year"], raw["valid_months"],
        bool(raw.get("by_hand")), raw.get("events", {}), raw.get("voids", {}), raw.get("when", {}), bounds,
        raw["plain"]["zh"], raw["plain"]["en"], raw.get("order", 100),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _good(definition: Definition) -> Good:
    raw, slug = definition.content, definition.slug
    if any(not isinstance(raw.get(name), int) or raw[name] < 1 for name in ("points", "most_a_year")):
        raise DefinitionError(f"{slug}: points and most_a_year are whole numbers from 1")
    return Good(slug, definition.version, definition, raw["points"], raw["most_a_year"], raw.get("order", 100))
