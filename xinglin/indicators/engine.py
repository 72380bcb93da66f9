"""From definitions and facts to figures: one Ibis expression each, run by DuckDB.

A definition names its fact and one of four measures:

``count``   how many facts (``where`` narrows; ``group_by`` splits)
``share``   numerator (``numerator`` narrows) over denominator (``denominator`` narrows), in percent
``median``  of a column over the facts where it is known
``quantile90`` the same at nine tenths

Conditions are ``[column, operator, value]``. Missing is "no data": no extraction, no fact of that kind in the period, or
a denominator of 0.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
from django.conf import settings

from xinglin.indicators.facts import FACTS, path_of
from xinglin.indicators.models import Extraction, Figure
from xinglin.platform.definitions import Definition, DefinitionError, load

MEASURES = {"count", "share", "median", "quantile90"}
_OPERATORS: dict[str, Any] = {
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "in": lambda column, value: column.isin(value),
    "not in": lambda column, value: column.notin(value),
    "known": lambda column, value: column.notnull() == bool(value),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One figure; `value` None is "no data". `groups` maps a group to its count."""

    value: float | None
    numerator: int | None
    denominator: int | None
    groups: dict[str, int]


NO_DATA = Value(None, None, None, {})


def definitions() -> list[Definition]:
    """The board's definitions, checked, in the order of the board. :raises DefinitionError: names the place"""
    found = load("indicators")
    for each in found:
        check(each)
    return sorted(found, key=lambda each: each.content.get("order", 100))


def check(definition: Definition) -> None:
    """Refuse a definition that names an unknown fact, column, operator or measure."""
    content = definition.content
    fact = FACTS.get(content.get("fact", ""))
    if fact is None:
        raise DefinitionError(f"{definition.slug}: fact: {content.get('fact')!r} is not one of {sorted(FACTS)}")
    if content.get("measure") not in MEASURES:
        raise DefinitionError(
            f"{definition.slug}: measure: {content.get('measure')!r} is not one of {sorted(MEASURES)}"
        )
    for part in ("where", "numerator", "denominator"):
        for number, (column, operator, _value) in enumerate(content.get(part, [])):
            if column not in fact.columns:
                raise DefinitionError(f"{definition.slug}: {part}[{number}]: {fact.name} has no column {column!r}")
            if operator not in _OPERATORS:
                raise DefinitionError(f"{definition.slug}: {part}[{number}]: unknown operator {operator!r}")
    for part in ("group_by", "column"):
        if content.get(part) and content[part] not in fact.columns:
            raise DefinitionError(f"{definition.slug}: {part}: {fact.name} has no column {content[part]!r}")


def compute(definition: Definition, table: Any) -> Value:
    """Compute one figure over `table`, an Ibis table of its facts already narrowed to period and places."""
    content = definition.content
    rows = narrow(table, content.get("where", []))
    if content["measure"] == "share":
        denominator_rows = narrow(rows, content.get("denominator", []))
        numerator = narrow(denominator_rows, content["numerator"]).count().to_pyarrow().as_py()
        denominator = denominator_rows.count().to_pyarrow().as_py()
        value = 100 * numerator / denominator if denominator else None
        return Value(value, int(numerator), int(denominator), {})
    if content["measure"] in {"median", "quantile90"}:
        column = rows[content["column"]]
        known = rows.filter(column.notnull())
        quantile = 0.5 if content["measure"] == "median" else 0.9
        wanted = known.aggregate(n=known.count(), value=known[content["column"]].quantile(quantile))
        found = wanted.to_pyarrow().to_pylist()[0]
        return Value(float(found["value"]), int(found["n"]), None, {}) if found["n"] else NO_DATA
    groups: dict[str, int] = {}
    if content.get("group_by"):
        counted = rows.group_by(content["group_by"]).aggregate(n=rows.count()).to_pyarrow().to_pylist()
        groups = {str(row[content["group_by"]]): int(row["n"]) for row in counted}
        n_rows = sum(groups.values())
    else:
        n_rows = int(rows.count().to_pyarrow().as_py())
    # Nothing of this kind in the period: was nothing done, or does nobody record it? The extraction cannot tell.
    return Value(float(n_rows), n_rows, None, groups) if n_rows else NO_DATA


def narrow(table: Any, conditions: Sequence[Sequence[Any]]) -> Any:
    """`table` narrowed by conditions."""
    for column, operator, value in conditions:
        table = table.filter(_OPERATORS[operator](table[column], value))
    return table


def facts_in(connection: Any, fact: str, period: str, places: frozenset[int] | None) -> Any | None:
    """The Ibis table of a fact in a period (``2026-11`` or ``2026``) and at places; None when there is no file."""
    pattern = period if len(period) == len("2026-11") else f"{period}-*"
    files = sorted(str(path) for path in path_of(fact).parent.glob(f"{pattern}.parquet"))
    if not files:
        return None
    table = connection.read_parquet(files)
    return table if places is None else table.filter(table.facility.isin(sorted(places)))


def board(*, period: str, places: frozenset[int] | None, at: datetime) -> tuple[Extraction | None, dict[str, Value]]:
    """All figures of the board for a period and places, from the latest extraction; computed once, then kept."""
    extraction = Extraction.objects.filter(finished_at__isnull=False).order_by("-id").first()
    if extraction is None:
        return None, {each.slug: NO_DATA for each in definitions()}
    key = _digest(places)
    kept = {row.definition: row for row in Figure.objects.filter(extraction=extraction, period=period, places=key)}
    wanted = definitions()
    missing = [each for each in wanted if each.version not in kept]
    if missing:
        connection = ibis.duckdb.connect()
        try:
            for each in missing:
                table = facts_in(connection, each.content["fact"], period, places)
                value = compute(each, table) if table is not None else NO_DATA
                kept[each.version] = _keep(extraction, each, period, key, value, at)
        finally:
            connection.disconnect()
    return extraction, {each.slug: _value_of(kept[each.version]) for each in wanted}


def records(
    definition: Definition,
    *,
    period: str,
    places: frozenset[int] | None,
    part: str = "",
    after: str = "",
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Facts behind a figure, the latest number first, before `after`; `part` narrows to a group, or to ``numerator``."""
    connection = ibis.duckdb.connect()
    try:
        table = facts_in(connection, definition.content["fact"], period, places)
        if table is None:
            return []
        content = definition.content
        table = narrow(narrow(table, content.get("where", [])), content.get("denominator", []))
        if part == "numerator" and "numerator" in content:
            table = narrow(table, content["numerator"])
        elif part and content.get("group_by"):
            table = table.filter(table[content["group_by"]] == part)
        if after:
            table = table.filter(table.number < after)
        found: list[dict[str, Any]] = table.order_by(ibis.desc("number")).limit(limit).to_pyarrow().to_pylist()
        return found
    finally:
        connection.disconnect()


def _keep(extraction: Extraction, each: Definition, period: str, key: str, value: Value, at: datetime) -> Figure:
    row, _created = Figure.objects.get_or_create(
        extraction=extraction, definition=each.version, period=period, places=key,
        defaults={
            "value": value.value, "numerator": value.numerator, "denominator": value.denominator,
            "groups": value.groups, "computed_at": at,
        },
    )  # fmt: skip
    return row


def _value_of(row: Figure) -> Value:
    return Value(row.value, row.numerator, row.denominator, row.groups)


def _digest(places: frozenset[int] | None) -> str:
    if places is None:
        return ""
    return hashlib.sha256(f"{settings.TENANT}:{sorted(places)}".encode()).hexdigest()
