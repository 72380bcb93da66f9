"""Whether the facts can be believed: implausible, late and missing rows. Nothing is thrown away: it is counted and shown."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis

from xinglin.indicators.definitions.language import parse
from xinglin.indicators.engine.compiling import Compiler, Frame
from xinglin.indicators.engine.periods import parse as period_of
from xinglin.platform.facts import FactTable, Kind, Shape

#: A place with rows in each of so many months before, and none in this one, is missing.
MONTHS_BEFORE = 3


def look_through(table: FactTable, file: Path, month: str) -> dict[str, Any]:
    """What is wrong in one file: rows by check, and rows that arrived late (None: the table does not tell)."""
    connection = ibis.duckdb.connect()
    try:
        rows = connection.read_parquet([str(file)])
        period = period_of(month)
        compiler = Compiler(Frame(period, period.last), lambda _table, _span: None)
        counts = {each.code: rows.count(where=compiler.condition(parse(each.when), rows, {})) for each in table.checks}
        late = table.shape is Shape.EVENT and "recorded_at" in table.columns
        if late:
            limit = due_on(table, month) + timedelta(days=1)
            counts["late_"] = rows.count(where=rows.recorded_at >= ibis.literal(limit).cast("timestamp"))
        if not counts:
            return {"implausible": {}, "late": None}
        found: dict[str, int] = rows.aggregate(**counts).to_pyarrow().to_pylist()[0]
        n_late = found.pop("late_", None)
        return {"implausible": {code: n for code, n in found.items() if n}, "late": n_late}
    finally:
        connection.disconnect()


def due_on(table: FactTable, month: str) -> date:
    """The last day by which the rows of a month should be here."""
    return period_of(month).last + timedelta(days=table.late_after_days)


@dataclass(frozen=True, slots=True)
class Line:
    """What is wrong with one month of one table."""

    table: FactTable
    month: str
    n_rows: int
    implausible: tuple[tuple[str, str, int], ...]  # code, meaning, rows
    n_late: int | None
    missing: tuple[int, ...]  # facilities


def report(manifest: dict[str, Any], tables: dict[str, FactTable], *, month: str, folder: Path) -> list[Line]:
    """The report of a month, of every table that holds something."""
    found = []
    for name, table in tables.items():
        each = manifest.get(name, {}).get(month)
        missing = _missing(table, manifest.get(name, {}), month, folder / name)
        if each is None and not missing:
            continue
        counts = (each or {}).get("implausible", {})
        wrong = tuple(
            (check.code, check.meaning, counts[check.code]) for check in table.checks if counts.get(check.code)
        )
        found.append(Line(table, month, (each or {}).get("rows", 0), wrong, (each or {}).get("late"), missing))
    return found


def _missing(table: FactTable, months: dict[str, Any], month: str, folder: Path) -> tuple[int, ...]:
    """Facilities with rows in each of the months before and none in this one."""
    if not table.is_steady or table.columns["facility"].kind is not Kind.INT:
        return ()
    before = [each.text for each in period_of(month).months_back(MONTHS_BEFORE + 1)[:-1]]
    if not all(each in months for each in before):
        return ()
    connection = ibis.duckdb.connect()
    try:
        places = [
            set(connection.read_parquet([str(folder / months[each]["file"])]).facility.to_pyarrow().unique().to_pylist())
            for each in (*before, month) if each in months
        ]  # fmt: skip
    finally:
        connection.disconnect()
    steady = set.intersection(*places[:MONTHS_BEFORE])
    return tuple(sorted(steady - (places[MONTHS_BEFORE] if month in months else set())))
