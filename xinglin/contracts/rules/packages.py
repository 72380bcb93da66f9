"""Service packages as definitions: what is promised, how often, by when, and what proves it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from xinglin.contracts.rules.promising import (
    Due,
    PromisedItem,
    PromisedPackage,
    Span,
    add_months,
    periods,
    read_items,
    read_promise,
    require_keys,
    spread,
)
from xinglin.platform import definitions
from xinglin.platform.definitions import Definition, DefinitionError

TOPIC = "service-packages"
#: When an item falls due. spread: evenly over each year of the term; within: some days after each year begins;
#: ages: at ages in months.
DUE_RULES = ("spread", "within", "ages")
#: What may prove an item. A visit also counts as what was done at it; ``examination:`` and ``programme:`` are followed by a
#: code of whoever did it.
PROOFS = frozenset(
    {
        "visit", "home-visit", "follow-up", "call", "pressure", "glucose", "check-up", "tcm-constitution", "maternal-visit",
        "child-check", "vaccination", "manual",
    }
)  # fmt: skip
OPEN_PROOFS = ("examination:", "programme:")
#: Who bears a fee.
BEARERS = ("insurance", "public-health", "self")


@dataclass(frozen=True, slots=True)
class Item(PromisedItem):
    """One thing promised: `times` a year, due by a rule, proved by any of `proofs`."""

    due: str
    days: int
    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Package(PromisedPackage):
    """One service package. `group` is the key group it is for, empty for everybody; fees are fen for each year."""

    group: str
    order: int
    fees: tuple[tuple[str, int], ...]
    items: tuple[Item, ...]

    @property
    def fee_fen(self) -> int:
        """What a year costs, whoever bears it."""
        return sum(amount for _who, amount in self.fees)


def packages(on: date) -> list[Package]:
    """The packages in force on a day, in the order they are offered."""
    found = [parse(each) for each in definitions.load(TOPIC) if each.is_valid_on(on)]
    return sorted(found, key=lambda each: (each.order, each.slug))


def on_file() -> dict[str, Package]:
    """Every package by slug, in force or not."""
    return {each.slug: each for each in map(parse, definitions.load(TOPIC))}


def chosen(slugs: Iterable[str], on: date) -> list[Package]:
    """Packages by slug. :raises KeyError: one is not in force that day"""
    offered = {each.slug: each for each in packages(on)}
    return [offered[slug] for slug in sorted(set(slugs), key=lambda each: (offered[each].order, each))]


def parse(definition: Definition) -> Package:
    """One package, checked. :raises DefinitionError: says what is wrong with it"""
    content, slug = definition.content, definition.slug
    fees = content.get("fee", {})
    if set(fees) != set(BEARERS) or any(not isinstance(each, int) or each < 0 for each in fees.values()):
        raise DefinitionError(f"{slug}: fee needs {', '.join(BEARERS)} in whole fen, none negative")
    items = read_items(definition, _item)
    return Package(
        slug, definition.version, definition, *read_promise(definition), content.get("group", ""),
        content.get("order", 100), tuple((who, fees[who]) for who in BEARERS), items,
    )  # fmt: skip


def _item(where: str, raw: dict[str, Any]) -> Item:
    require_keys(where, raw, "code", "zh", "en", "times", "due", "proofs")
    if raw["due"] not in DUE_RULES:
        raise DefinitionError(f"{where}: due is one of {', '.join(DUE_RULES)}")
    if not 1 <= raw["times"] <= 52 or (raw["due"] == "within" and raw["times"] != 1):
        raise DefinitionError(f"{where}: times is 1 to 52 a year, and 1 with due = within")
    if raw["due"] in ("within", "ages") and not 0 < raw.get("days", 0) <= 366:
        raise DefinitionError(f"{where}: due = {raw['due']} needs days, 1 to 366")
    if (raw["due"] == "ages") != bool(raw.get("months")):
        raise DefinitionError(f"{where}: months belong to due = ages, and to nothing else")
    proofs = frozenset(raw["proofs"])
    if unknown := {each for each in proofs if each not in PROOFS and not each.startswith(OPEN_PROOFS)}:
        raise DefinitionError(f"{where}: nothing gives the proof {', '.join(sorted(unknown))}")
    if not proofs:
        raise DefinitionError(f"{where}: an item without proof can never be shown to be done")
    months = tuple(raw.get("months", ()))
    return Item(raw["code"], raw["zh"], raw["en"], raw["times"], proofs, raw["due"], raw.get("days", 0), months)


# Due days ------------------------------------------------------------------------------------------------------------
def items_of(found: Iterable[Package]) -> list[tuple[Package, Item]]:
    """What several packages promise together: an item of two packages is promised once, with the more times."""
    best: dict[str, tuple[Package, Item]] = {}
    for package in found:
        for item in package.items:
            if item.code not in best or item.times > best[item.code][1].times:
                best[item.code] = (package, item)
    return list(best.values())


def dues(item: Item, *, starts_on: date, ends_on: date, born_on: date) -> list[Due]:
    """Every time an item is due in a term ``[starts_on, ends_on]``, in order."""
    spans = _at_ages(item, born_on) if item.due == "ages" else _in_years(item, starts_on, ends_on)
    in_term = [(opens, due) for opens, due in spans if starts_on <= due <= ends_on]
    return [Due(item.code, n, opens, due) for n, (opens, due) in enumerate(in_term, 1)]


def _at_ages(item: Item, born_on: date) -> list[Span]:
    days = [add_months(born_on, month) for month in item.months]
    return [(day, day + timedelta(days=item.days)) for day in days]


def _in_years(item: Item, starts_on: date, ends_on: date) -> list[Span]:
    years = periods(starts_on, ends_on, 12)
    if item.due == "within":
        return [(first, min(first + timedelta(days=item.days), last)) for first, last in years]
    return [span for year in years for span in spread(year, 12, item.times)]
