"""Facts in memory, as worked examples and cohorts need them: what a row does not say is filled in."""

from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa

from xinglin.indicators.engine.periods import Period
from xinglin.indicators.facts.schema import schema_of
from xinglin.platform.facts import Kind, Shape, tables

Row = dict[str, Any]


def filled(facts: dict[str, list[Row]], period: Period) -> dict[str, list[Row]]:
    """Every column of every row. Unless said: at facility 1, somebody of his own who lives there, in the midst of the period, in force."""
    return {name: [_filled(name, row, n, period) for n, row in enumerate(rows)] for name, rows in facts.items()}


def _filled(name: str, row: Row, n: int, period: Period) -> Row:
    table = tables()[name]
    if unknown := row.keys() - table.columns.keys():
        raise AssertionError(f"{name} has no column {sorted(unknown)[0]}")
    middle = date(period.last.year, period.last.month, 15)
    usual: Row = {"uuid": f"{name}-{n:06}", "facility": 1, "home": row.get("facility", 1), "person": 1_000_000 + n}
    if table.shape is Shape.SPELL:
        usual |= {"since": date(2020, 1, 1), "until": None}
    elif table.columns["at"].kind is Kind.MOMENT:
        usual["at"] = datetime(middle.year, middle.month, 15, 2, 0)
    else:
        usual["at"] = middle
    given = {key: _plain(value) for key, value in row.items()}
    return {column: {**usual, **given}.get(column) for column in table.columns}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def memory(facts: dict[str, list[Row]]) -> dict[str, Any]:
    """The same as tables an engine reads."""
    return {name: ibis.memtable(arrow(name, rows)) for name, rows in facts.items()}


def arrow(name: str, rows: list[Row]) -> pa.Table:
    """Rows of one table."""
    schema = schema_of(tables()[name])
    return pa.table({column.name: pa.array([row[column.name] for row in rows], column.type) for column in schema})
