"""Fact tables: what a capability tells the reporting side, one row of a Parquet file each. A capability declares its own in
its ``facts.py`` (`register`), so that nobody above needs to know its tables; who computes figures reads `tables()`.

An **event** has a moment and belongs to one month. A **spell** holds from `since` until, and without, `until`: it belongs
to the month it began in, and is read for every later period it reaches into.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.module_loading import autodiscover_modules

#: A table as a column's SQL calls it.
_ALIAS = re.compile(r"\b([a-z]+)\.")


class Kind(StrEnum):
    """What a column holds. PERSON is the identity of somebody: it leaves the database as a keyed pseudonym only."""

    TEXT = "text"
    INT = "int"
    REAL = "real"
    BOOL = "bool"
    DAY = "day"
    MOMENT = "moment"
    PERSON = "person"


class Watch(StrEnum):
    """How soon a column follows what it takes from other rows than those of the main table."""

    ONCE = "once"  # it never changes without its row
    DAILY = "daily"  # events of former months: weekly
    AT_ONCE = "at once"  # at a price: each extraction reads it of all that ever was


class Shape(StrEnum):
    """Whether a row happened, or held for a time."""

    EVENT = "event"
    SPELL = "spell"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind, the SQL expression that yields it, and what it means. `unit` where it is a quantity.

    What it takes from other rows than those of the main table is watched, too, as `watch` says.
    """

    kind: Kind
    sql: str
    meaning: str
    unit: str = ""
    watch: Watch = Watch.DAILY

    @property
    def aliases(self) -> set[str]:
        """The tables it reads, as the FROM clause calls them."""
        return set(_ALIAS.findall(self.sql))


@dataclass(frozen=True, slots=True)
class Check:
    """What no row should be: `when` is an expression of the definitions' language over the columns. Such rows are counted
    and shown; nothing is thrown away.
    """

    code: str
    when: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FactTable:
    """One kind of fact.

    `source` is the FROM clause, `where` narrows it, `order` says the order of rows: the main table is called ``t``, the
    person's registration ``p``. Changes of the main table are watched, and what columns take from other tables. `month_of`
    yields the day or moment that says the month. Every table has the columns ``uuid`` (of the record, so that a figure
    opens down to it) and ``facility`` (of the place that is responsible), every event ``at``, every spell ``since`` and
    ``until`` (excluded).
    """

    name: str
    title: str
    title_en: str
    meaning: str
    shape: Shape
    source: str
    month_of: str
    columns: Mapping[str, Column]
    checks: tuple[Check, ...] = ()
    #: Days after the end of a month by which its rows should be here.
    late_after_days: int = 10
    #: A facility that had rows in each of the three months before and has none is reported as missing.
    is_steady: bool = False
    where: str = "TRUE"
    #: A query of months for which somebody said that there was nothing to tell: they hold no row and are not missing.
    nothing_to_tell: str = ""
    #: Of what it tells how things stand month by month: what is `latest` for each of them.
    told_by: tuple[str, ...] = ("facility",)
    order: str = "t.id"

    def __post_init__(self) -> None:
        needed = {"uuid", "facility"} | ({"at"} if self.shape is Shape.EVENT else {"since", "until"})
        if missing := needed - self.columns.keys():
            raise ValueError(f"fact table {self.name}: no column {', '.join(sorted(missing))}")


_registered: dict[str, FactTable] = {}
_discovered: list[bool] = []


def register(*found: FactTable) -> None:
    """Declare fact tables. :raises ValueError: somebody else declared one of that name"""
    for table in found:
        if _registered.setdefault(table.name, table) is not table:
            raise ValueError(f"two fact tables are called {table.name}")


def tables() -> Mapping[str, FactTable]:
    """All fact tables by name: of each capability that has a ``facts.py``."""
    if not _discovered:
        autodiscover_modules("facts")
        _discovered.append(True)
    return dict(sorted(_registered.items()))


def text(sql: str, meaning: str) -> Column:
    """A column of text."""
    return Column(Kind.TEXT, sql, meaning)


def number(sql: str, meaning: str, unit: str = "") -> Column:
    """A column of whole numbers."""
    return Column(Kind.INT, sql, meaning, unit)


def real(sql: str, meaning: str, unit: str = "") -> Column:
    """A column of numbers."""
    return Column(Kind.REAL, sql, meaning, unit)


def flag(sql: str, meaning: str) -> Column:
    """A column of yes, no, or not known."""
    return Column(Kind.BOOL, sql, meaning)


def day(sql: str, meaning: str) -> Column:
    """A column of days."""
    return Column(Kind.DAY, sql, meaning)


def moment(sql: str, meaning: str) -> Column:
    """A column of moments."""
    return Column(Kind.MOMENT, sql, meaning)


def person(sql: str, meaning: str) -> Column:
    """A column of persons: the SQL yields an internal key, the file holds its pseudonym."""
    return Column(Kind.PERSON, sql, meaning)


def told_once(column: Column) -> Column:
    """The same column, of which nobody need look whether the rows it is taken from changed: these never do alone."""
    return replace(column, watch=Watch.ONCE)


def told_at_once(column: Column) -> Column:
    """The same column, of which each extraction looks whether the rows it is taken from changed."""
    return replace(column, watch=Watch.AT_ONCE)


#: Of these tables most have the first two, alike.
UUID = text("t.uuid::text", "the record this row comes from")
AT_FACILITY = number("t.facility_id", "facility that is responsible")
