"""The facts behind a figure."""

import ast
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ibis

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import Measure, Rows, Span, measures
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.board import reference
from xinglin.indicators.engine.compiling import Compiler, Frame, narrowed
from xinglin.indicators.engine.duck import rows_of
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.source import facts_of
from xinglin.indicators.models import FactVersion
from xinglin.platform.facts import tables

#: Columns a list of records shows, where the table has them.
SHOWN = ("uuid", "number", "facility", "to_facility", "at", "since", "until", "status")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of facts, and how many more the figure counts that happened elsewhere and are not listed."""

    rows: list[dict[str, Any]]
    n_elsewhere: int = 0


def records(
    version: FactVersion,
    indicator: Indicator,
    period: Period,
    *,
    places: Collection[int] | None,
    part: str = "",
    after: str = "",
    limit: int = 50,
) -> Found:
    """Facts behind a figure, by uuid, the newest first, before `after`. `part`: ``numerator``, ``denominator``, or a group.
    Of some places: what the figure of them as one unit counts. Of its people treated elsewhere, only how often.
    """
    chosen = _measure(indicator, "denominator" if part == "denominator" else "numerator")
    if chosen is None:
        return Found([])
    period = period.windowed(indicator.window)
    ref = min(reference(version), period.last)
    with facts_of(version) as source:

        def opened(table: str, span: Span) -> Any | None:
            found = source.open(table, span, period)
            return None if found is None else narrowed(found, table, span, Frame(period, ref, reference(version)))

        compiler = Compiler(Frame(period, ref, reference(version)), opened, source.keep)
        table = opened(chosen.rows.table, span_of(chosen.rows))
        if table is None:
            return Found([])
        where: list[ast.expr] = [] if chosen.rows.where is None else [chosen.rows.where]
        table, answers = compiler.prepared(table, where)
        for each in where:
            table = table.filter(compiler.condition(each, table, answers))
        if part and part not in {"numerator", "denominator"} and indicator.group_by:
            table = table.filter(table[indicator.group_by] == part)
        if places is None:
            return Found(rows_of(source.ask(_page(table, after, limit))()))
        units = sorted(Network.of(version).with_merged(places, on=ref))
        table = table.filter(table[chosen.rows.place].isin(units))
        here = table.facility.isin(units).fill_null(False)
        elsewhere = table.filter(~here).aggregate(n=ibis._.uuid.nunique())
        listed = source.ask(_page(table.filter(here), after, limit))
        (outside,) = rows_of(source.ask(elsewhere)())
        return Found(rows_of(listed()), outside["n"])


def counted_by(indicator: Indicator, part: str) -> str:
    """How the records of a part are counted: ``count``, ``persons`` (each once), ``distinct``, ``sum`` and so on; empty without any."""
    found = _measure(indicator, part)
    return found.kind if found else ""


def _page(table: Any, after: str, limit: int) -> Any:
    # uuids of version 7 stand in order of time; one record may have several rows of a table
    shown = [each for each in SHOWN if each in table.columns]
    found = table.select(*shown).distinct()
    if after:
        found = found.filter(found.uuid < after)
    return found.order_by(ibis.desc("uuid")).limit(limit)


def _measure(indicator: Indicator, part: str) -> Measure | None:
    tree = indicator.denominator if part == "denominator" else indicator.numerator
    return next(measures(tree), None) if tree is not None else None


def opens(indicator: Indicator) -> str:
    """The table whose records stand behind an indicator; empty where none can be opened."""
    return indicator.records if indicator.records in tables() else ""


__all__ = ["Found", "Rows", "counted_by", "opens", "records"]
