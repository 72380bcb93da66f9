"""Layouts of returns: which columns a table has, what they were called before, and its lines read with every fault told."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.errors import wrong
from xinglin.platform.facts import tables
from xinglin.web.sheets.reading import Line

TOPIC = "returns"
KINDS = {"text", "number", "part", "yuan", "day", "flag", "choice", "facility", "identity"}
_YES, _NO = {"是", "1", "有", "yes", "true"}, {"否", "0", "无", "no", "false"}
_HALF = {"半天", "half"}
#: The column of every layout by which a line takes the place of one told before.
CORRECTS = "corrects"
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?\Z", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.0+)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: its heading now, and those of former years."""

    name: str
    heading: str
    kind: str
    required: bool = False
    was: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of return."""

    definition: Definition
    columns: tuple[LayoutColumn, ...]
    date_column: str
    key_column: str
    due_day: int
    months: frozenset[int] = frozenset(range(1, 13))  # of which it is due: a yearly return of the last only

    @property
    def kind(self) -> str:
        """Its name, and that of its fact table."""
        return self.definition.slug

    def heading(self, name: str) -> str:
        """What a column is called in the file."""
        return next((each.heading for each in self.columns if each.name == name), name)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a file; `row` as a spreadsheet counts."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One good line."""

    row: int
    key: str
    on: date
    values: Mapping[str, Any]
    #: It takes the place of the line of the same number in another return.
    corrects: bool = False


def layouts() -> list[Layout]:
    """Every kind of return. :raises DefinitionError: names the file and the fault"""
    return [layout_of(each) for each in load(TOPIC)]


def layout(kind: str) -> Layout:
    """One kind. :raises KeyError: there is none"""
    return {each.kind: each for each in layouts()}[kind]


def layout_of(definition: Definition) -> Layout:
    """The layout of a definition. :raises DefinitionError: a column that its fact table does not have, or an unknown kind"""
    content, table = definition.content, tables().get(definition.slug)
    if table is None:
        raise DefinitionError(f"{definition.slug}: there is no fact table of that name")
    said = tuple(
        LayoutColumn(
            each["name"], each["zh"], each["kind"], each.get("required", False), tuple(each.get("was", ())), each.get("choices", {})
        )
        for each in content["columns"]
    )  # fmt: skip
    # every kind of return may correct a line of another one
    columns = (*said, LayoutColumn(CORRECTS, "更正", "flag"))
    for each in columns:
        if each.kind not in KINDS:
            raise DefinitionError(f"{definition.slug}: {each.name}: unknown kind {each.kind!r}")
        if each.kind != "identity" and each.name not in {*table.columns, "key", CORRECTS}:
            raise DefinitionError(f"{definition.slug}: {table.name} has no column {each.name!r}")
    names = {each.name for each in columns}
    if not {content["date"], content["key"]} <= names:
        raise DefinitionError(f"{definition.slug}: date and key name columns")
    return Layout(
        definition,
        columns,
        content["date"],
        content["key"],
        int(content["due_day"]),
        frozenset(content.get("months", range(1, 13))),
    )


def read_return(layout: Layout, lines: Iterable[Line], *, month: str) -> tuple[list[Entry], list[Fault]]:
    """The lines of a file for a month: good ones, and every fault of the others.

    :raises InvalidInput: the headings are not those of the layout
    """
    rows = iter(lines)
    head = next(rows, None)
    if head is None:
        raise wrong("file", _("文件是空的。"))
    places = _places(layout, head)
    entries: list[Entry] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line in rows:
        values, amiss = _values(places, line)
        if not amiss:
            key, on = str(values[layout.key_column]), values[layout.date_column]
            corrects = bool(values.pop(CORRECTS, False))
            if key in seen:
                amiss = [
                    Fault(
                        line.number,
                        layout.heading(layout.key_column),
                        _("与第%(row)d行编号相同。") % {"row": seen[key]},
                    )
                ]
            elif f"{on:%Y-%m}" > month or (f"{on:%Y-%m}" < month and not corrects):
                amiss = [
                    Fault(
                        line.number,
                        layout.heading(layout.date_column),
                        _("不在统计月份 %(month)s 内。") % {"month": month},
                    )
                ]
            else:
                seen[key] = line.number
                entries.append(Entry(line.number, key, on, values, corrects))
        faults += amiss
    return entries, faults


def _places(layout: Layout, head: Line) -> list[tuple[int, LayoutColumn]]:
    """Which cell is which column. Headings of former years are known; what is missing from them is said."""
    cells = {cell.strip().rstrip("*"): index for index, cell in enumerate(head.cells) if cell.strip()}
    found, missing, is_old = [], [], False
    for column in layout.columns:
        name = next((each for each in (column.heading, *column.was) if each in cells), None)
        if name is not None:
            is_old = is_old or name != column.heading
            found.append((cells.pop(name), column))
        elif column.required:
            missing.append(column.heading)
    if missing:
        words = _("这是以往年度的版式，缺少：%(names)s。") if is_old else _("缺少列：%(names)s。")
        raise wrong("1", words % {"names": "、".join(missing)}, code="layout")
    if cells:
        raise wrong("1", _("不认识的列：%(names)s。") % {"names": "、".join(cells)}, code="layout")
    return found


def _values(places: list[tuple[int, LayoutColumn]], line: Line) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for index, column in places:
        cell = line.cells[index].strip() if index < len(line.cells) else ""
        if not cell:
            if column.required:
                faults.append(Fault(line.number, column.heading, _("必填。")))
            continue
        try:
            values[column.name] = _READERS[column.kind](cell, column)
        except (ValueError, InvalidOperation, KeyError):
            faults.append(Fault(line.number, column.heading, _("“%(cell)s”读不懂。") % {"cell": cell[:20]}))
    return values, faults


def _day(cell: str, _column: LayoutColumn) -> date:
    matched = _DAY.match(cell)
    if matched is None:
        raise ValueError(cell)
    return date(*map(int, matched.groups()))


def _number(cell: str, _column: LayoutColumn) -> int:
    text = cell.replace(",", "")
    if not _NUMBER.match(text):
        raise ValueError(cell)
    return int(Decimal(text))


def _part(cell: str, _column: LayoutColumn) -> float:
    if cell in _HALF:
        return 0.5
    part = Decimal(cell)
    if not 0 < part <= 1:
        raise ValueError(cell)
    return float(part)


def _yuan(cell: str, _column: LayoutColumn) -> int:
    fen = Decimal(cell.replace(",", "")) * 100
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) >= 10**15:
        raise ValueError(cell)
    return int(fen)


def _flag(cell: str, _column: LayoutColumn) -> bool:
    text = cell.lower()
    if text not in _YES | _NO:
        raise ValueError(cell)
    return text in _YES


def _choice(cell: str, column: LayoutColumn) -> str:
    return cell if cell in column.choices.values() else column.choices[cell]


def _as_text(cell: str, _column: LayoutColumn) -> str:
    return cell[:120]


_READERS: dict[str, Callable[[str, LayoutColumn], Any]] = {
    "text": _as_text, "number": _number, "part": _part, "yuan": _yuan, "day": _day, "flag": _flag, "choice": _choice, "facility": _as_text,
    "identity": _as_text,
}  # fmt: skip
