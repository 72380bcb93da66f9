"""Layouts of returns: which columns a table has, what they were called before, and its lines read with every fault told."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from xinglin.platform.definitions import Definition, DefinitionError, load
from xinglin.platform.errors import wrong
from xinglin.platform.facts import tables
from xinglin.platform.language import Text, either
from xinglin.web.formats import aside_text, listed_text
from xinglin.web.sheets.reading import Line

TOPIC = "returns"
KINDS = {"text", "number", "part", "yuan", "day", "flag", "choice", "facility", "identity"}
_YES, _NO = {"是", "1", "有", "yes", "true"}, {"否", "0", "无", "no", "false"}
_HALF = {"半天", "half"}
#: The column of every layout by which a line takes the place of one told before.
CORRECTS = "corrects"
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?\Z", re.ASCII)
#: How alike two headings are, from 0 to 1, for one to be meant by the other.
NEAR = 0.5
#: Letters of a text or a number.
MOST_LETTERS = 120
_NUMBER = re.compile(r"-?\d{1,15}(?:\.0+)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: its heading now in both languages, and those of former years. `choices`: what may be written for which
    value, in either language.
    """

    name: str
    heading: Text
    kind: str
    required: bool = False
    was: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    choices_en: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "LayoutColumn":
        """From a definition; what a county wrote in Chinese only is called so in English, too."""
        heading = Text(raw["zh"], raw.get("en", raw["zh"]))
        was, choices = tuple(raw.get("was", ())), raw.get("choices", {})
        choices_en = raw.get("choices_en", choices)
        return cls(raw["name"], heading, raw["kind"], raw.get("required", False), was, choices, choices_en)

    @property
    def how(self) -> str:
        """How its cells are written, in the reader's language."""
        if self.kind == "choice":
            return _("其中之一：%(names)s") % {"names": listed_text(either(self.choices, self.choices_en))}
        return {
            "text": _("文字，最多120字"), "number": _("整数"), "part": _("大于0、不超过1的数，或半天"),
            "yuan": _("元，最多两位小数"), "day": _("日期，如2026-11-20"), "flag": _("是或否"), "facility": _("机构编码"),
            "identity": _("身份证号，只用于匹配，不保存"),
        }[self.kind]  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of a file; `row` as a spreadsheet counts, `column` by its name in the layout."""

    row: int
    column: str
    reason: str


@dataclass(slots=True)
class Reading:
    """A file as it was read: its good lines, every fault of the others, and what it calls each column."""

    headings: Mapping[str, str]
    entries: list["Entry"] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


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
    # every kind of return may correct a line of another one
    columns = (*map(LayoutColumn.of, content["columns"]), LayoutColumn(CORRECTS, Text("更正", "Correction"), "flag"))
    for each in columns:
        if each.kind not in KINDS:
            raise DefinitionError(f"{definition.slug}: {each.name}: unknown kind {each.kind!r}")
        if each.kind != "identity" and each.name not in {*table.columns, "key", CORRECTS}:
            raise DefinitionError(f"{definition.slug}: {table.name} has no column {each.name!r}")
        if set(each.choices.values()) != set(each.choices_en.values()):
            raise DefinitionError(f"{definition.slug}: {each.name}: choices and choices_en are not of the same values")
    _unlike(definition, columns)
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


def _unlike(definition: Definition, columns: Iterable[LayoutColumn]) -> None:
    seen: dict[str, str] = {}
    for each in columns:
        for said in {_plain(name) for name in (each.heading.zh, each.heading.en, *each.was)}:
            if said in seen:
                raise DefinitionError(f"{definition.slug}: {seen[said]} and {each.name} are both called {said!r}")
            seen[said] = each.name


def read_return(layout: Layout, lines: Iterable[Line], *, month: str) -> Reading:
    """The lines of a file for a month: good ones, and every fault of the others.

    :raises InvalidInput: the headings are not those of the layout
    """
    rows = iter(lines)
    head = next(rows, None)
    if head is None:
        raise wrong("file", _("文件是空的。"))
    places = _places(layout, head)
    found = Reading({column.name: _said(head.cells[index]) for index, column in places})
    seen: dict[str, int] = {}
    for line in rows:
        values, amiss = _values(places, line)
        found.faults += amiss or _taken(found, layout, line, values, seen, month=month)
    return found


def _taken(
    found: Reading, layout: Layout, line: Line, values: dict[str, Any], seen: dict[str, int], *, month: str
) -> list[Fault]:
    key, on = str(values[layout.key_column]), values[layout.date_column]
    corrects = bool(values.pop(CORRECTS, False))
    if key in seen:
        return [Fault(line.number, layout.key_column, _("与第%(row)d行编号相同。") % {"row": seen[key]})]
    if f"{on:%Y-%m}" > month or (f"{on:%Y-%m}" < month and not corrects):
        return [Fault(line.number, layout.date_column, _("不在统计月份 %(month)s 内。") % {"month": month})]
    seen[key] = line.number
    found.entries.append(Entry(line.number, key, on, values, corrects))
    return []


def _said(cell: str) -> str:
    """A heading as a file has it, without the star of what is required."""
    return cell.strip().rstrip("*").strip()


def _plain(heading: str) -> str:
    """A heading or a choice, whatever the width of its brackets, its spaces and the size of its letters."""
    return "".join(unicodedata.normalize("NFKC", _said(heading)).casefold().split())


def _places(layout: Layout, head: Line) -> list[tuple[int, LayoutColumn]]:
    """Which cell is which column. Headings of either language and of former years are known; what is missing is said."""
    cells = {_plain(cell): index for index, cell in enumerate(head.cells) if cell.strip()}
    found, missing, is_old = [], [], False
    for column in layout.columns:
        now = (column.heading.zh, column.heading.en)
        name = next((each for each in (*now, *column.was) if _plain(each) in cells), None)
        if name is not None:
            is_old = is_old or name not in now
            found.append((cells.pop(_plain(name)), column))
        elif column.required:
            missing.append(column.heading)
    faults = []
    if missing:
        words = _("这是以往年度的版式，缺少：%(names)s。") if is_old else _("缺少列：%(names)s。")
        faults.append(words % {"names": listed_text(missing)})
    if cells:
        known = {column.name for _index, column in found}
        free = [each for each in layout.columns if each.name not in known]
        unknown = listed_text(_unknown(_said(head.cells[index]), free) for index in cells.values())
        faults.append(_("不认识的列：%(names)s。") % {"names": unknown})
    if faults:
        raise wrong("1", either("", " ").join(faults), code="layout")
    return found


def _unknown(heading: str, free: Iterable[LayoutColumn]) -> str:
    """A heading no column has, with the heading of a column left over that it is nearest to, in the language of the file."""
    names = {_plain(name): name for column in free for name in (column.heading.zh, column.heading.en, *column.was)}
    near = get_close_matches(_plain(heading), names, n=1, cutoff=NEAR)
    return aside_text(heading, _("是不是“%(name)s”？") % {"name": names[near[0]]}) if near else heading


def _values(places: list[tuple[int, LayoutColumn]], line: Line) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults = []
    for index, column in places:
        cell = line.cells[index].strip() if index < len(line.cells) else ""
        if not cell:
            if column.required:
                faults.append(Fault(line.number, column.name, _("必填。")))
            continue
        try:
            values[column.name] = _READERS[column.kind](cell, column)
        except (ValueError, InvalidOperation, KeyError):
            words = _("“%(cell)s”读不懂，应写：%(how)s。") % {"cell": cell[:20], "how": column.how}
            faults.append(Fault(line.number, column.name, words))
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
    if cell in column.choices.values():
        return cell
    said = {_plain(name): value for names in (column.choices_en, column.choices) for name, value in names.items()}
    return said[_plain(cell)]


def _as_text(cell: str, _column: LayoutColumn) -> str:
    if len(cell) > MOST_LETTERS:
        raise ValueError(cell)
    return cell


_READERS: dict[str, Callable[[str, LayoutColumn], Any]] = {
    "text": _as_text, "number": _number, "part": _part, "yuan": _yuan, "day": _day, "flag": _flag, "choice": _choice, "facility": _as_text,
    "identity": _as_text,
}  # fmt: skip
