"""Computed figures, kept: each is computed once for a version of the facts, then read."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.conf import settings

from xinglin.indicators.definitions.reading import LEVELS, Indicator, indicator, indicators
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.figures import compute, grown
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.source import facts_of
from xinglin.indicators.engine.values import NO_DATA, Value, Why, as_cell, of_cell
from xinglin.indicators.models import FactVersion, Figure
from xinglin.platform import clock

#: The unit of somebody who sees some facilities only.
SCOPE = "scope"
Table = dict[str, dict[str, Value]]  # slug → unit → value


def figures(
    version: FactVersion,
    period: Period,
    *,
    level: str = "county",
    facilities: Collection[int] | None = None,
    wanted: Iterable[Indicator] | None = None,
    at: datetime,
) -> Table:
    """Figures of a period at every unit of a level; with `facilities`, at those as one unit. Kept ones are read."""
    chosen = list(indicators() if wanted is None else wanted)
    key = digest(facilities)
    plain = _with_bases(chosen)
    kept = _kept(version, plain, period, level, key)
    if missing := [each for each in plain if each.key not in kept]:
        kept |= _computed(version, missing, period, level=level, facilities=facilities, key=key, at=at)
    found = {each.slug: kept[each.key] for each in plain}
    growing = [each for each in chosen if each.growth_of]
    if growing:
        base = figures(
            version, period.year_before, level=level, facilities=facilities, at=at,
            wanted=[indicator(each.growth_of) for each in growing],
        )  # fmt: skip
        for each in growing:
            before = base[each.growth_of]
            found[each.slug] = {
                unit: grown(value, before.get(unit, NO_DATA)) for unit, value in found[each.growth_of].items()
            }
    return {each.slug: found[each.slug] for each in chosen}


def _with_bases(chosen: list[Indicator]) -> list[Indicator]:
    """Those that are computed: without growth, with what growth is of."""
    plain = {each.slug: each for each in chosen if not each.growth_of}
    for each in chosen:
        if each.growth_of:
            plain.setdefault(each.growth_of, indicator(each.growth_of))
    return list(plain.values())


def _kept(
    version: FactVersion, wanted: list[Indicator], period: Period, level: str, key: str
) -> dict[str, dict[str, Value]]:
    rows = Figure.objects.filter(
        version=version, period=period.text, level=level, places=key, definition__in=[each.key for each in wanted]
    )
    return {row.definition: {unit: of_cell(cell) for unit, cell in row.cells.items()} for row in rows}


def _computed(
    version: FactVersion,
    wanted: list[Indicator],
    period: Period,
    *,
    level: str,
    facilities: Collection[int] | None,
    key: str,
    at: datetime,
) -> dict[str, dict[str, Value]]:
    found = fresh(version, wanted, period, level=level, facilities=facilities)
    rows = [
        Figure(
            version=version, definition=each.key, period=period.text, level=level, places=key, computed_at=at,
            cells={unit: as_cell(value) for unit, value in found[each.slug].items()},
        )
        for each in wanted
    ]  # fmt: skip
    Figure.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else computed the same: the same values
    return {each.key: found[each.slug] for each in wanted}


def fresh(
    version: FactVersion,
    wanted: list[Indicator],
    period: Period,
    *,
    level: str,
    facilities: Collection[int] | None = None,
) -> Table:
    """Computed from the files, whatever is kept."""
    ref = reference(version)
    network = Network.of(version)
    on = min(ref, period.last)
    layers = network.layers(level, on=on) if facilities is None else [network.scope(facilities, on=on)]
    name = level if facilities is None else SCOPE
    places: Mapping[str, Places] = {name if not n else f"{name}-{n}": each for n, each in enumerate(layers)}
    if not places:
        return {each.slug: {} for each in wanted}
    with facts_of(version) as source:
        found = compute(wanted, source, period, ref=ref, places=places)
    is_told = {
        each.slug: level in each.levels if facilities is None else network.tells(each.levels, facilities, on=on)
        for each in wanted
    }
    return {
        slug: {
            unit: value if is_told[slug] else Value(why=Why.NOT_APPLICABLE)
            for units in levels.values() for unit, value in units.items()
        }
        for slug, levels in found.items()
    }  # fmt: skip


def reference(version: FactVersion) -> date:
    """The day as of which things stand in a version."""
    return clock.today(version.made_at)


def digest(facilities: Collection[int] | None) -> str:
    """How a set of places is kept; empty for all."""
    if facilities is None:
        return ""
    return hashlib.sha256(f"{settings.TENANT}:{sorted(facilities)}".encode()).hexdigest()


def level_of(name: str) -> str:
    """A level by its name. :raises ValueError: there is none"""
    if name not in LEVELS:
        raise ValueError(f"no level {name[:20]!r}")
    return name


__all__ = ["SCOPE", "WHOLE", "figures", "fresh", "level_of", "reference"]
