"""What was published of a period, held against what it comes to now: what changed since is said, wherever it is shown."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from xinglin.indicators.definitions.reading import Indicator, indicator, indicators
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.figures import grown
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.values import NO_DATA, Value, of_cell
from xinglin.indicators.models import FactVersion, Figure, Snapshot, SnapshotFigure


@dataclass(frozen=True, slots=True)
class Held:
    """A publication and the figures of the county that come to something else now; None: those of its period are not kept."""

    snapshot: Snapshot
    revised: list[Indicator] | None


def published_of(slugs: Collection[str], period: str) -> Mapping[str, list[tuple[Snapshot, Value]]]:
    """What was published of figures of the county in a period, by slug, the latest first. One query."""
    rows = SnapshotFigure.objects.filter(slug__in=slugs, level="county", snapshot__period=period)
    found: dict[str, list[tuple[Snapshot, Value]]] = defaultdict(list)
    for row in rows.select_related("snapshot").order_by("-snapshot__frozen_at"):
        found[row.slug].append((row.snapshot, _whole(row.cells)))
    return found


def is_revised(then: Value, now: Value) -> bool:
    """Whether a figure comes to something else than was published."""
    return (then.value, then.numerator, then.denominator) != (now.value, now.numerator, now.denominator)


def held_against(snapshots: Iterable[Snapshot], version: FactVersion | None) -> list[Held]:
    """Publications beside what is kept of a version. Two queries, however many there are; nothing is computed."""
    wanted = list(snapshots)
    then: dict[int, dict[str, Value]] = defaultdict(dict)
    for row in SnapshotFigure.objects.filter(snapshot__in=wanted, level="county"):
        then[row.snapshot_id][row.slug] = _whole(row.cells)
    now = _kept(version, {each.period for each in wanted}) if version else {}
    return [Held(each, _revised(then[each.pk], now, each.period)) for each in wanted]


def _kept(version: FactVersion, periods: Iterable[str]) -> dict[tuple[str, str], Value]:
    both = {text for period in periods for text in (period, parse(period).year_before.text)}
    slug_of = {each.key: each.slug for each in indicators()}
    rows = Figure.objects.filter(version=version, level="county", places="", period__in=both)
    return {(row.period, slug_of[row.definition]): _whole(row.cells) for row in rows if row.definition in slug_of}


def _revised(then: Mapping[str, Value], now: Mapping[tuple[str, str], Value], period: str) -> list[Indicator] | None:
    before, found, n_kept = parse(period).year_before.text, [], 0
    known = {each.slug for each in indicators()}
    for slug in [each for each in then if each in known]:
        each = indicator(slug)
        value = now.get((period, each.growth_of or slug))
        if value is not None and each.growth_of:
            base = now.get((before, each.growth_of))
            value = grown(value, base) if base is not None else None
        if value is not None:
            n_kept += 1
            found += [each] if is_revised(then[slug], value) else []
    return found if n_kept else None


def _whole(cells: Mapping[str, Mapping[str, object]]) -> Value:
    return of_cell(cells[WHOLE]) if WHOLE in cells else NO_DATA
