"""What blocks of facts are drawn with: a stream of numbers for each block, and columns made of them."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from synth.facts_rows import (
    MINUTES,
    Numbers,
    _blocks,
    _named,
    _of,
    _rng,
    days,
    home_of,
    tier_of,
    township_of,
)

if TYPE_CHECKING:
    from synth.facts import Layout
    from synth.facts_known import Known

#: What a block of a table is: its columns in order.
Columns = dict[str, Any]
Maker = Callable[["Draw", "Known"], Columns]


class Draw:
    """One block of rows of a table: its numbers, each drawn once, and what they are at."""

    def __init__(self, layout: "Layout", table: int, month: str, number: int, first: int, n: int) -> None:  # noqa: PLR0913
        self.layout, self.month, self.n = layout, month, n
        self.rng = _rng(layout, table, month, number)
        self.rows = np.arange(first, first + n)
        self.day0 = days(date.fromisoformat(f"{month}-01"))

    @property
    def uuid(self) -> pa.Array:
        """Running numbers, in order."""
        return _named(f"{self.month}-", self.rows)

    def number(self, letter: str) -> pa.Array:
        """Running numbers as people read them."""
        return _named(f"{letter}{self.month[5:]}", self.rows)

    def chance(self, of: float) -> Numbers:
        """Yes for about so many."""
        found: Numbers = self.rng.random(self.n) < of
        return found

    def between(self, low: int, high: int) -> Numbers:
        """Whole numbers from `low` up to, and without, `high`."""
        found: Numbers = self.rng.integers(low, high, self.n)
        return found

    def codes(self, *edges: int) -> Numbers:
        """0, 1, 2 …: up to the first edge of a hundred, up to the second …"""
        found: Numbers = np.searchsorted(edges, self.rng.integers(0, 100, self.n), side="right").astype(np.int8)
        return found

    def people(self) -> tuple[Numbers, Numbers]:
        """Residents, and the clinics that manage them."""
        person = self.rng.integers(0, self.layout.residents, self.n)
        return person, home_of(self.layout, person)

    def minute(self) -> Numbers:
        """Moments of the month, as minutes."""
        found: Numbers = self.day0 * 1440 + self.rng.integers(0, MINUTES, self.n)
        return found

    def day(self) -> Numbers:
        """Days of the month."""
        found: Numbers = self.day0 + self.rng.integers(0, 28, self.n)
        return found

    def at(self, facility: Numbers) -> Numbers:
        """The townships facilities lie in."""
        return township_of(self.layout, facility)

    def tier(self, facility: Numbers) -> Numbers:
        """0 of the county, 1 of a township, 2 of a village."""
        return tier_of(self.layout, facility)

    def hospital(self, home: Numbers) -> Numbers:
        """The hospital of the township of a clinic."""
        of, place = np.divmod(home - 1, self.layout.facilities_each)
        inside = (place - self.layout.of_county) % self.layout.of_townships
        found: Numbers = of * self.layout.facilities_each + self.layout.of_county + inside + 1
        return found

    def town(self, home: Numbers) -> Numbers:
        """A hospital of the county of a clinic."""
        of = (home - 1) // self.layout.facilities_each
        found: Numbers = of * self.layout.facilities_each + self.rng.integers(0, self.layout.of_county, self.n) + 1
        return found


def words(some: tuple[str, ...], codes: Numbers) -> pa.Array:
    """Texts by their codes."""
    return _of(some, codes)


def on(numbers: Numbers, unless: Numbers | None = None) -> pa.Array:
    """Days; none where `unless` holds."""
    return pa.array(np.asarray(numbers, np.int32), pa.int32(), mask=unless).cast(pa.date32())


def moment(minutes: Numbers, unless: Numbers | None = None) -> pa.Array:
    """Moments; none where `unless` holds."""
    return pa.array(minutes * 60_000_000, pa.int64(), mask=unless).cast(pa.timestamp("us"))


def flags(values: Numbers, unless: Numbers | None = None) -> pa.Array:
    """Yes and no; neither where `unless` holds."""
    return pa.array(values, pa.bool_(), mask=unless)


def whole(values: Numbers, unless: Numbers | None = None) -> pa.Array:
    """Whole numbers; none where `unless` holds."""
    return pa.array(np.asarray(values, np.int64), pa.int64(), mask=unless)


def real(values: Numbers, unless: Numbers | None = None) -> pa.Array:
    """Numbers; none where `unless` holds."""
    return pa.array(np.asarray(values, np.float64), pa.float64(), mask=unless)


def each_month(table: int, how_many: Callable[["Layout"], int], make: Maker) -> Callable[..., Iterator[pa.Table]]:
    """A table of events: so many rows in each month, in blocks."""

    def blocks(layout: "Layout", month: str, known: "Known") -> Iterator[pa.Table]:
        for number, (first, n) in enumerate(_blocks(how_many(layout))):
            yield pa.table(make(Draw(layout, table, month, number, first, n), known))

    return blocks
