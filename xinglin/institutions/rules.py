"""Packages for institutions as definitions: what is promised, how often, and whom it concerns."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from xinglin.contracts.data import (
    Due,
    PromisedItem,
    PromisedPackage,
    periods,
    read_items,
    read_promise,
    require_keys,
    spread,
)
from xinglin.platform import definitions
from xinglin.platform.definitions import Definition, DefinitionError

TOPIC = "institution-packages"
#: Why an agreement ends, in `contract-rules`.
END_REASONS = "institution-end-reasons"
#: Of how many months one period is.
PERIODS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Item(PromisedItem):
    """One thing promised: `times` in each period. `sees_residents`: those who were seen are written down at each time;
    `proofs` is what it shows of the residents' own family-doctor contracts.
    """

    per: str
    sees_residents: bool


@dataclass(frozen=True, slots=True)
class Package(PromisedPackage):
    """One package. `kinds` are the kinds of institutions it is for; a term is of `years`; it may be renewed so many days
    before its end.
    """

    kinds: tuple[str, ...]
    years: tuple[int, ...]
    renew_days: int
    items: tuple[Item, ...]


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
    years, kinds = tuple(content.get("years", ())), tuple(content.get("kinds", ()))
    if not years or any(not 1 <= each <= 5 for each in years) or not kinds:
        raise DefinitionError(f"{slug}: needs kinds, and years of 1 to 5")
    return Package(
        slug, definition.version, definition, *read_promise(definition), kinds, years, content.get("renew_days", 30),
        read_items(definition, _item),
    )  # fmt: skip


def _item(where: str, raw: dict[str, Any]) -> Item:
    require_keys(where, raw, "code", "zh", "en", "times", "per", "sees_residents")
    if raw["per"] not in PERIODS:
        raise DefinitionError(f"{where}: per is one of {', '.join(PERIODS)}")
    if not 1 <= raw["times"] <= 8:
        raise DefinitionError(f"{where}: times is 1 to 8 in a period")
    proofs = frozenset(raw.get("proofs", ()))
    if proofs and not raw["sees_residents"]:
        raise DefinitionError(f"{where}: who sees nobody proves nothing of anybody")
    return Item(raw["code"], raw["zh"], raw["en"], raw["times"], proofs, raw["per"], raw["sees_residents"])


def plan(package: Package, *, starts_on: date, ends_on: date) -> list[Due]:
    """Every time each item is due in a term, by the last day."""
    found = [due for item in package.items for due in _dues(item, starts_on, ends_on)]
    return sorted(found, key=lambda each: (each.due_on, each.item, each.n))


def _dues(item: Item, starts_on: date, ends_on: date) -> list[Due]:
    months = PERIODS[item.per]
    spans = [span for each in periods(starts_on, ends_on, months) for span in spread(each, months, item.times)]
    return [Due(item.code, n, *span) for n, span in enumerate(spans, 1)]
