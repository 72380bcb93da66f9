"""Service packages as definitions: what is promised, how often, by when, and what proves it."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

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
class Item:
    """One thing promised: `times` a year, due by a rule, proved by any of `proofs`."""

    code: str
    title_zh: str
    title_en: str
    times: int
    due: str
    days: int
    months: tuple[int, ...]
    proofs: frozenset[str]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh


@dataclass(frozen=True, slots=True)
class Package:
    """One service package. `group` is the key group it is for, empty for everybody; fees are fen for each year."""

    slug: str
    version: str
    definition: Definition
    group: str
    order: int
    promise_zh: str
    promise_en: str
    fees: tuple[tuple[str, int], ...]
    items: tuple[Item, ...]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    @property
    def promise(self) -> str:
        """The sentence of the agreement, in the reader's language."""
        return self.promise_en if (get_language() or "").startswith("en") else self.promise_zh

    @property
    def fee_fen(self) -> int:
        """What a year costs, whoever bears it."""
        return sum(amount for _who, amount in self.fees)


@dataclass(frozen=True, slots=True)
class Due:
    """The `n`-th time an item is due in a term: proofs count from `opens_on`, in time until `due_on`."""

    item: str
    n: int
    opens_on: date
    due_on: date


def packages(on: date) -> list[Package]:
    """The packages in force on a day, in the order they are offered."""
    found = [parse(each) for each in definitions.load(TOPIC) if each.is_valid_on(on)]
    return sorted(found, key=lambda each: (each.order, each.slug))


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
    items = tuple(_item(slug, raw) for raw in content.get("items", ()))
    if not items or len({each.code for each in items}) != len(items):
        raise DefinitionError(f"{slug}: a package needs items, each code once")
    if not {"zh", "en"} <= content.get("promise", {}).keys():
        raise DefinitionError(f"{slug}: promise needs zh and en")
    return Package(
        slug, definition.version, definition, content.get("group", ""), content.get("order", 100),
        content["promise"]["zh"], content["promise"]["en"], tuple((who, fees[who]) for who in BEARERS), items,
    )  # fmt: skip


def _item(slug: str, raw: dict[str, Any]) -> Item:
    where = f"{slug}: item {raw.get('code', '?')}"
    if missing := {"code", "zh", "en", "times", "due", "proofs"} - raw.keys():
        raise DefinitionError(f"{where}: missing {', '.join(sorted(missing))}")
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
    return Item(raw["code"], raw["zh"], raw["en"], raw["times"], raw["due"], raw.get("days", 0), months, proofs)


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
    if item.due == "ages":
        days = [add_months(born_on, month) for month in item.months]
        spans = [(day, day + timedelta(days=item.days)) for day in days]
        found = [(opens, due) for opens, due in spans if starts_on <= due <= ends_on]
        return [Due(item.code, n, opens, due) for n, (opens, due) in enumerate(found, 1)]
    found = []
    for year_from, year_to in _years(starts_on, ends_on):
        if item.due == "within":
            found.append((year_from, min(year_from + timedelta(days=item.days), year_to)))
        else:
            found += _spread(year_from, year_to, item.times)
    return [Due(item.code, n, opens, due) for n, (opens, due) in enumerate(found, 1)]


def end_of_term(starts_on: date, years: int) -> date:
    """The last day of a term."""
    return end_of_span(starts_on, 12 * years)


def end_of_span(first: date, months: int) -> date:
    """The last day of so many months."""
    return add_months(first, months) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day some months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _years(starts_on: date, ends_on: date) -> list[tuple[date, date]]:
    found, n = [], 0
    while (begins := add_months(starts_on, 12 * n)) <= ends_on:
        found.append((begins, min(add_months(starts_on, 12 * (n + 1)) - timedelta(days=1), ends_on)))
        n += 1
    return found


def _spread(year_from: date, year_to: date, times: int) -> list[tuple[date, date]]:
    if 12 % times == 0:
        starts = [add_months(year_from, 12 // times * n) for n in range(times)]
    else:
        length = (year_to - year_from).days + 1
        starts = [year_from + timedelta(days=length * n // times) for n in range(times)]
    starts = [each for each in starts if each <= year_to]
    return list(zip(starts, [*(each - timedelta(days=1) for each in starts[1:]), year_to], strict=True))


__all__ = [
    "BEARERS",
    "Due",
    "Item",
    "Package",
    "add_months",
    "chosen",
    "dues",
    "end_of_span",
    "end_of_term",
    "items_of",
    "packages",
    "parse",
]
