"""Worked examples of definitions: facts in memory, where what a row does not say is filled in, and what they come to."""

from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa

from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.figures import compute
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.source import Tables
from xinglin.indicators.engine.values import Value
from xinglin.indicators.facts.schema import schema_of
from xinglin.platform.definitions import DefinitionError
from xinglin.platform.facts import Kind, Shape, tables

Row = dict[str, Any]
#: How far a figure may be from what an example says: it is written with few digits.
NEAR = 1e-6


def of_example(indicator: Indicator, example: Row) -> Value:
    """What the facts of a worked example come to. :raises DefinitionError: they name an unknown table or column"""
    period = parse(example.get("period", "2026-11"))
    facts = filled(example.get("facts", {}), period)
    found = compute([indicator], Tables(memory(facts)), period, ref=period.last, places={"county": Places()})
    return found[indicator.slug]["county"][WHOLE]


def faults_of(indicator: Indicator) -> list[str]:
    """What its worked examples say and the engine does not find."""
    found = []
    for n, example in enumerate(indicator.definition.examples, start=1):
        try:
            value = of_example(indicator, example)
        except (DefinitionError, ValueError) as error:
            found.append(f"{indicator.slug}: example {n}: {error}")
            continue
        wanted = {"value": None if example["value"] == "no data" else example["value"]}
        wanted |= {part: example[part] for part in ("numerator", "denominator") if part in example}
        for part, said in wanted.items():
            have = getattr(value, part)
            if not _is_same(said, have):
                found.append(f"{indicator.slug}: example {n}: {part} is {_told(said)}, computed {_told(have)}")
    return found


def _is_same(said: float | None, have: float | None) -> bool:
    if said is None or have is None:
        return said is have
    return abs(have - said) <= NEAR * max(1.0, abs(said))


def _told(value: float | None) -> str:
    return "no data" if value is None else f"{value:g}"


def filled(facts: dict[str, list[Row]], period: Period) -> dict[str, list[Row]]:
    """Every column of every row. Unless said: at facility 1, somebody of his own who lives there, in the midst of the period, in force."""
    return {name: [_filled(name, row, n, period) for n, row in enumerate(rows)] for name, rows in facts.items()}


def _filled(name: str, row: Row, n: int, period: Period) -> Row:
    table = tables().get(name)
    if table is None:
        raise DefinitionError(f"unknown table {name!r}")
    if unknown := row.keys() - table.columns.keys():
        raise DefinitionError(f"{name} has no column {sorted(unknown)[0]!r}")
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
