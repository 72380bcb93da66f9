"""What every package has, whoever it is promised to: items, the sentence of the agreement, a term, and days within it."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from xinglin.platform.definitions import Definition, DefinitionError
from xinglin.platform.language import either
from xinglin.web.marks import cited

Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class PromisedItem:
    """One thing promised `times` in each period; `proofs` are what shows that it was done, or what doing it shows."""

    code: str
    title_zh: str
    title_en: str
    times: int
    proofs: frozenset[str]

    @property
    def title(self) -> str:
        """In the reader's language."""
        return either(self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class PromisedPackage:
    """A version of a package with the sentence that stands in the agreement."""

    slug: str
    version: str
    definition: Definition
    promise_zh: str
    promise_en: str

    @property
    def title(self) -> str:
        """In the reader's language."""
        return self.definition.title

    @property
    def promise(self) -> str:
        """The sentence of the agreement, in the reader's language."""
        return either(self.promise_zh, self.promise_en)

    @property
    def source(self) -> str:
        """Where its items and times come from, and how far that can be trusted, in the reader's language."""
        return cited(self.definition.source, self.definition.mark)


@dataclass(frozen=True, slots=True)
class Due:
    """The `n`-th time an item is due in a term: it counts from `opens_on`, in time until `due_on`."""

    item: str
    n: int
    opens_on: date
    due_on: date


# Reading -------------------------------------------------------------------------------------------------------------
AnItem = TypeVar("AnItem", bound=PromisedItem)


def read_items(definition: Definition, read: Callable[[str, dict[str, Any]], AnItem]) -> tuple[AnItem, ...]:
    """The items of a package, each by `read` with the place a fault is told under.

    :raises DefinitionError: none, a code twice, or one that `read` refuses
    """
    items = tuple(
        read(f"{definition.slug}: item {raw.get('code', '?')}", raw) for raw in definition.content.get("items", ())
    )
    if not items or len({each.code for each in items}) != len(items):
        raise DefinitionError(f"{definition.slug}: a package needs items, each code once")
    return items


def read_promise(definition: Definition) -> tuple[str, str]:
    """The sentence in Chinese and English. :raises DefinitionError: one is missing"""
    found = definition.content.get("promise", {})
    if not {"zh", "en"} <= found.keys():
        raise DefinitionError(f"{definition.slug}: promise needs zh and en")
    return found["zh"], found["en"]


def require_keys(where: str, raw: dict[str, Any], *names: str) -> None:
    """:raises DefinitionError: an item lacks one of the names"""
    if missing := set(names) - raw.keys():
        raise DefinitionError(f"{where}: missing {', '.join(sorted(missing))}")


# Days ----------------------------------------------------------------------------------------------------------------
def add_months(day: date, months: int) -> date:
    """The same day some months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_span(first: date, months: int) -> date:
    """The last day of so many months."""
    return add_months(first, months) - timedelta(days=1)


def end_of_term(starts_on: date, years: int) -> date:
    """The last day of a term."""
    return end_of_span(starts_on, 12 * years)


def periods(starts_on: date, ends_on: date, months: int) -> list[Span]:
    """A term in periods of so many months from its first day on; the last one ends with the term."""
    found: list[Span] = []
    while (first := add_months(starts_on, months * len(found))) <= ends_on:
        found.append((first, min(end_of_span(starts_on, months * (len(found) + 1)), ends_on)))
    return found


def spread(period: Span, months: int, times: int) -> list[Span]:
    """A period cut into as many spans as something is due in it: by whole months where they come out even, else by days.

    A period that the term cuts short keeps the spans that begin in it.
    """
    first, last = period
    if months % times == 0:
        starts = [add_months(first, months // times * n) for n in range(times)]
    else:
        length = (last - first).days + 1
        starts = [first + timedelta(days=length * n // times) for n in range(times)]
    starts = sorted({each for each in starts if each <= last})
    return list(zip(starts, [*(each - timedelta(days=1) for each in starts[1:]), last], strict=True))
