"""What every table of the network has in common: headings, rows, references, differences, errors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.network import permissions
from xinglin.network.data import RowError
from xinglin.network.exchange.cells import Column, Unreadable, plain
from xinglin.network.models import Facility
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import InvalidInput
from xinglin.web.sheets.reading import Line

Key = tuple[Any, ...]


@dataclass(slots=True)
class Planned:
    """One row as it would be written. `values` has only the columns of the file, `texts` what stands in its cells."""

    number: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, object] = field(default_factory=dict)
    existing: Any = None
    changed: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether nothing of this key is there yet."""
        return self.existing is None

    def wrong(self, column: str, reason: object) -> None:
        """Note what is wrong with a cell; the first reason stays."""
        self.errors.setdefault(column, reason)


@dataclass
class Plan:
    """What an import would do. Good rows are those without an error, and whose references are good."""

    table: "Table"
    rows: list[Planned]
    columns: dict[str, str]  # key → heading in the file

    @cached_property
    def errors(self) -> list[RowError]:
        """Every fault, in order of rows."""
        return [
            RowError(row.number, self.columns.get(column, column), row.texts.get(column, ""), reason)
            for row in self.rows
            for column, reason in row.errors.items()
        ]

    @property
    def good(self) -> list[Planned]:
        """Rows that can be written."""
        return [row for row in self.rows if not row.errors]

    @property
    def new(self) -> list[Planned]:
        """Rows that would be added."""
        return [row for row in self.good if row.is_new]

    @property
    def changed(self) -> list[Planned]:
        """Rows that would change something."""
        return [row for row in self.good if not row.is_new and row.changed]

    @property
    def n_same(self) -> int:
        """Rows that are there already, just so."""
        return sum(not row.is_new and not row.changed for row in self.good)


@dataclass
class Context:
    """Who imports, when, and what rows refer to."""

    actor: Actor
    at: datetime
    today: date

    @cached_property
    def facilities(self) -> dict[str, Facility]:
        """All facilities by code: a county has some thousand."""
        return {each.code: each for each in Facility.objects.select_related("division", "manager", "host", "successor")}

    @cached_property
    def places(self) -> frozenset[int] | None:
        """Where the actor may import; None: everywhere."""
        return self.actor.places_where(Permission.NETWORK_IMPORT)

    def holds(self, facility: Facility) -> bool:
        """Whether a row about this facility is within reach."""
        return self.places is None or facility.pk in self.places

    def holds_over(self, division_code: str) -> Decision:
        """Whether a row about a whole county is within reach."""
        county = division_code[: permissions.COUNTY_DIGITS]
        if county not in self._counties:
            self._counties[county] = permissions.holds_over_county(self.actor, Permission.NETWORK_IMPORT, county)
        return self._counties[county]

    _counties: dict[str, Decision] = field(default_factory=dict)


class Table(ABC):
    """One kind of table: its columns, how a row is known again, checked, written and exported."""

    key: ClassVar[str]
    title: ClassVar[object]
    columns: ClassVar[tuple[Column, ...]]
    identity: ClassVar[tuple[str, ...]]  # columns that tell a row from others

    @abstractmethod
    def check(self, rows: Sequence[Planned], context: Context) -> None:
        """Resolve references, find what exists, note errors and changes."""

    @abstractmethod
    def write(self, rows: Sequence[Planned], context: Context) -> None:
        """Write rows that were found good, inside the caller's transaction."""

    @abstractmethod
    def stored(self) -> Iterator[Mapping[str, Any]]:
        """All rows, by column key, in an order an import can follow."""

    def column(self, key: str) -> Column:
        """One column."""
        return next(each for each in self.columns if each.key == key)

    def identity_of(self, row: Planned) -> Key:
        """The values that tell a row from others."""
        return tuple(row.values.get(name) for name in self.identity)


def plan(table: Table, lines: Iterable[Line], context: Context) -> Plan:
    """Check a file against the database; changes nothing.

    :raises InvalidInput: the heading does not fit, or there are no rows
    """
    every = iter(lines)
    heading = next(every, None)
    if heading is None:
        raise _bad_heading(_("文件是空的。"))
    positions = _positions(table, heading)
    rows = [_parsed(table, line, positions) for line in every]
    if not rows:
        raise InvalidInput(_("表头之下没有数据。"), fields={"file": _("表头之下没有数据。")}, code="no-rows")
    _refuse_twins(table, rows)
    table.check(rows, context)
    return Plan(table, rows, {key: heading.cells[index] for key, index in positions.items()})


def _bad_heading(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason}, code="bad-heading")


def _positions(table: Table, heading: Line) -> dict[str, int]:
    """Where each column stands. An unknown column is refused: leaving it out silently would lose what is in it."""
    names = {name: column.key for column in table.columns for name in column.names()}
    positions: dict[str, int] = {}
    for index, said in enumerate(heading.cells):
        if not said:
            continue
        key = names.get(plain(said))
        if key is None:
            raise _bad_heading(
                _("第%(n)d列“%(heading)s”不是这张表的列，请下载模板对照。") % {"n": index + 1, "heading": said[:30]}
            )
        if key in positions:
            raise _bad_heading(_("列“%(heading)s”出现了两次。") % {"heading": said[:30]})
        positions[key] = index
    missing = [str(column.label) for column in table.columns if column.required and column.key not in positions]
    if missing:
        raise _bad_heading(_("缺少必需的列：%(columns)s。") % {"columns": say("、").join(missing)})
    return positions


def _parsed(table: Table, line: Line, positions: Mapping[str, int]) -> Planned:
    texts = {key: line.cells[index] if index < len(line.cells) else "" for key, index in positions.items()}
    row = Planned(line.number, texts)
    for column in table.columns:
        text = texts.get(column.key)
        if text is None:
            continue
        if column.required and not text:
            row.wrong(column.key, _("必填。"))
            continue
        try:
            row.values[column.key] = column.read(text)
        except Unreadable as error:
            row.wrong(column.key, error.reason)
    return row


def _refuse_twins(table: Table, rows: Sequence[Planned]) -> None:
    seen: dict[Key, int] = {}
    for row in rows:
        if any(name in row.errors for name in table.identity):
            continue
        key = table.identity_of(row)
        if key in seen:
            row.wrong(table.identity[-1], _("与第%(row)d行重复。") % {"row": seen[key]})
        else:
            seen[key] = row.number


def note_changes(row: Planned, names: Iterable[str], current: Mapping[str, Any]) -> None:
    """Note which columns of a row differ from what is stored."""
    row.changed = tuple(name for name in names if name in row.values and row.values[name] != current.get(name))
