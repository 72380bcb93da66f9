"""One figure over many periods, read together; and figures taken over from the version before where their facts are the same."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection

from xinglin.indicators.definitions.reading import Indicator, indicator, indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.figures import grown, spans_of
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.returned import lacking
from xinglin.indicators.engine.source import FROM_FIRST
from xinglin.indicators.engine.values import NO_DATA, Value, of_cell
from xinglin.indicators.models import FactVersion, Figure

#: What happens in a period is due this long after it, at the latest.
SETTLING = timedelta(days=31)
#: Every figure needs to know which facility counts where.
_ALWAYS = {"facilities", "memberships", "areas"}
_COPY = """
    INSERT INTO indicators_figure (version_id, definition, period, level, places, cells, computed_at)
    SELECT %s, definition, period, level, places, cells, computed_at FROM indicators_figure
    JOIN unnest(%s::text[], %s::text[]) AS alike (definition, period) USING (definition, period) WHERE version_id = %s
    ON CONFLICT DO NOTHING
"""


def series(
    version: FactVersion,
    wanted: Indicator,
    periods: Sequence[Period],
    *,
    facilities: Collection[int] | None,
    at: datetime,
) -> dict[str, Value]:
    """One figure of the whole, or of some facilities as one unit, by the text of each period. One query for what is kept."""
    if wanted.growth_of:
        base = indicator(wanted.growth_of)
        all_of_them = {each.text: each for period in periods for each in (period, period.year_before)}
        found = series(version, base, list(all_of_them.values()), facilities=facilities, at=at)
        return {each.text: grown(found[each.text], found[each.year_before.text]) for each in periods}
    texts = list(dict.fromkeys(each.text for each in periods))
    rows = Figure.objects.filter(
        version=version, definition=wanted.key, level="county", places=board.digest(facilities), period__in=texts
    )
    kept = {row.period: row.cells for row in rows}
    found = {text: of_cell(cells[WHOLE]) if WHOLE in cells else NO_DATA for text, cells in kept.items()}
    for each in periods:
        if each.text not in found:
            fresh = board.figures(version, each, level="county", facilities=facilities, wanted=[wanted], at=at)
            found[each.text] = fresh[wanted.slug].get(WHOLE, NO_DATA)
    return found


def carry_over(former: FactVersion, version: FactVersion) -> int:
    """Keep for a new version the figures of its forerunner that cannot have changed: of periods that were over at both, or of
    any while both are of one day, for which the months that are read have the same files. Returns how many. No figure passes
    through here: the database copies its rows.
    """
    by_key = {each.key: each for each in indicators() if not each.growth_of}
    days = {board.reference(former), board.reference(version)}
    same: dict[tuple[str, str, str], bool] = {}

    def unchanged(table: str, first_month: str, last_month: str) -> bool:
        key = (table, first_month, last_month)
        if key not in same:
            same[key] = _named(former, *key) == _named(version, *key)
        return same[key]

    kept = Figure.objects.filter(version=former, definition__in=list(by_key))
    alike = []
    for definition, text in kept.values_list("definition", "period").distinct():
        period = parse(text)
        if (
            (len(days) == 1 or period.is_over(min(days) - _margin(by_key[definition])))
            and all(unchanged(table, first, period.last_month) for table, first in _read(by_key[definition], period))
            and not _came_due(by_key[definition], period, former, version)
        ):
            alike.append((definition, text))
    with connection.cursor() as cursor:
        cursor.execute(_COPY, [version.pk, [each for each, _ in alike], [each for _, each in alike], former.pk])
        return int(cursor.rowcount)


def _read(wanted: Indicator, period: Period) -> list[tuple[str, str]]:
    """The tables a figure of a period reads, each from its first month on; empty: from the beginning."""
    first = period.windowed(wanted.window).first_month
    found = dict.fromkeys(_ALWAYS, "")
    for table, span in spans_of(wanted):
        found[table] = first if span in FROM_FIRST and found.get(table, first) else ""
    return list(found.items())


def _margin(wanted: Indicator) -> timedelta:
    """How long after its end a figure changes with the days alone: while something of it may still come due."""
    return SETTLING if any("today" in text for text in wanted.texts.values()) else timedelta(0)


def _came_due(wanted: Indicator, period: Period, former: FactVersion, version: FactVersion) -> bool:
    """Whether a return that is still not here came due between two versions."""
    reach = period.windowed(wanted.window)
    return any(
        len({lacking(each, one.manifest.get(each, {}), reach, on=board.reference(one)) for one in (former, version)})
        > 1
        for each in wanted.tables
    )


def _named(version: FactVersion, table: str, first_month: str, last_month: str) -> list[str]:
    months = version.manifest.get(table, {})
    return [months[month]["file"] for month in sorted(months) if first_month <= month <= last_month]
