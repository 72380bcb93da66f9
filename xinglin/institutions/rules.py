"""Packages for institutions as definitions: what is promised, how often, and whom it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

from xinglin.contracts.api import add_months
from xinglin.platform import definitions
from xinglin.platform.definitions import Definition, DefinitionError

TOPIC = "institution-packages"
#: Of how many months one period is.
PERIODS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing promised: `times` in each period. `sees_residents`: those who were seen are written down at each time;
    `proofs` is what it shows of the residents' own family-doctor contracts.
    """

    code: str
    title_zh: str
    title_en: str
    times: int
    per: str
    sees_residents: bool
    proofs: frozenset[str]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh


@dataclass(frozen=True, slots=True)
class Package:
    """One package. `kinds` are the kinds of institutions it is for; a term is of `years`; it may be renewed so many days
    before its end.
    """

    slug: str
    version: str
    definition: Definition
    kinds: tuple[str, ...]
    years: tuple[int, ...]
    renew_days: int
    promise_zh: str
    promise_en: str
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    @property
    def promise(self) -> str:
        """The sentence of the agreement, in the reader's language."""
        return self.promise_en if (get_language() or "").startswith("en") else self.promise_zh


@dataclass(frozen=True, slots=True)
class Due:
    """The `n`-th time an item is due in a term."""

    item: str
    n: int
    opens_on: date
    due_on: date


def packages(on: date, *, kind: str = "") -> list[Package]:
    """The packages in force on a day, for a kind of institution or for all."""
    found = [parse(each) for each in definitions.load(TOPIC) if each.is_valid_on(on)]
    return sorted((each for each in found if not kind or kind in each.kinds), key=lambda each: each.slug)


def version(name: str) -> Package:
    """A package by its version. :raises LookupError: the county has removed it"""
    slug = name.partition("@")[0]
    found = [parse(each) for each in definitions.load(TOPIC) if each.slug == slug]
    exact = [each for each in found if each.version == name]
    if not (exact or found):
        raise LookupError(name)
    return (exact or found)[0]


def parse(definition: Definition) -> Package:
    """One package, checked. :raises DefinitionError: says what is wrong with it"""
    content, slug = definition.content, definition.slug
    items = tuple(_item(slug, raw) for raw in content.get("items", ()))
    if not items or len({each.code for each in items}) != len(items):
        raise DefinitionError(f"{slug}: a package needs items, each code once")
    years, kinds = tuple(content.get("years", ())), tuple(content.get("kinds", ()))
    if not years or any(not 1 <= each <= 5 for each in years) or not kinds:
        raise DefinitionError(f"{slug}: needs kinds, and years of 1 to 5")
    if not {"zh", "en"} <= content.get("promise", {}).keys():
        raise DefinitionError(f"{slug}: promise needs zh and en")
    return Package(
        slug, definition.version, definition, kinds, years, content.get("renew_days", 30), content["promise"]["zh"],
        content["promise"]["en"], items,
    )  # fmt: skip


def _item(slug: str, raw: dict[str, Any]) -> Item:
    where = f"{slug}: item {raw.get('code', '?')}"
    if missing := {"code", "zh", "en", "times", "per", "sees_residents"} - raw.keys():
        raise DefinitionError(f"{where}: missing {', '.join(sorted(missing))}")
    if raw["per"] not in PERIODS:
        raise DefinitionError(f"{where}: per is one of {', '.join(PERIODS)}")
    if not 1 <= raw["times"] <= 8:
        raise DefinitionError(f"{where}: times is 1 to 8 in a period")
    if raw.get("proofs") and not raw["sees_residents"]:
        raise DefinitionError(f"{where}: who sees nobody proves nothing of anybody")
    return Item(
        raw["code"], raw["zh"], raw["en"], raw["times"], raw["per"], raw["sees_residents"], frozenset(raw.get("proofs", ()))
    )  # fmt: skip


def plan(package: Package, *, starts_on: date, ends_on: date) -> list[Due]:
    """Every time each item is due in a term, by the last day."""
    found = [
        Due(item.code, n, *span) for item in package.items for n, span in enumerate(_spans(item, starts_on, ends_on), 1)
    ]
    return sorted(found, key=lambda each: (each.due_on, each.item, each.n))


def _spans(item: Item, starts_on: date, ends_on: date) -> Iterable[tuple[date, date]]:
    """Periods from the first day on, each cut into as many spans of days as the item is due in it."""
    k, months = 0, PERIODS[item.per]
    while (first := add_months(starts_on, k * months)) <= ends_on:
        last = min(add_months(starts_on, (k + 1) * months) - timedelta(days=1), ends_on)
        length = (last - first).days + 1
        cuts = [first + timedelta(days=length * each // item.times) for each in range(item.times)]
        for opens, following in zip(cuts, [*cuts[1:], last + timedelta(days=1)], strict=True):
            if opens < following:
                yield opens, following - timedelta(days=1)
        k += 1
