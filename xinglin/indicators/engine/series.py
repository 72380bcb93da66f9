"""One figure over many periods, read together; and figures taken over from the version before where their facts are the same."""

from collections.abc import Collection, Sequence
from datetime import datetime

from xinglin.indicators.definitions.reading import Indicator, indicator, indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.figures import grown
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.values import NO_DATA, Value, of_cell
from xinglin.indicators.models import FactVersion, Figure

#: Every figure needs to know which facility counts where.
_ALWAYS = {"facilities", "memberships"}
_PIECE = 500


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
    """Keep for a new version the figures of its forerunner that cannot have changed: of periods that were over at both, whose
    tables have the same files. Returns how many.
    """
    by_key = {each.key: each for each in indicators() if not each.growth_of}
    over = min(board.reference(former), board.reference(version))
    same: dict[tuple[str, str], bool] = {}

    def unchanged(table: str, last_month: str) -> bool:
        if (table, last_month) not in same:
            same[table, last_month] = _named(former, table, last_month) == _named(version, table, last_month)
        return same[table, last_month]

    n_kept = 0
    draft: list[Figure] = []
    for row in Figure.objects.filter(version=former, definition__in=list(by_key)).iterator(chunk_size=_PIECE):
        period = parse(row.period)
        needed = by_key[row.definition].tables | _ALWAYS
        if period.is_over(over) and all(unchanged(table, period.last_month) for table in needed):
            row.pk, row.version = None, version
            row._state.adding = True
            draft.append(row)
        if len(draft) >= _PIECE:
            n_kept += _keep(draft)
            draft = []
    return n_kept + _keep(draft)


def _keep(draft: list[Figure]) -> int:
    Figure.objects.bulk_create(draft, ignore_conflicts=True)
    return len(draft)


def _named(version: FactVersion, table: str, last_month: str) -> list[str]:
    months = version.manifest.get(table, {})
    return [months[month]["file"] for month in sorted(months) if month <= last_month]
