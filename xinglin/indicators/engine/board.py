"""Computed figures, kept: each is computed once for a version of the facts, then read.

What several spots of a period miss (the county, each level below it, the places of a reader) is computed in one pass over
the facts. Who comes while somebody computes a period waits for him, and reads what he kept. While somebody waits for an
answer nothing is computed: what is not kept is asked of the worker (`asking`).
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction

from xinglin.indicators.definitions.reading import LEVELS, Indicator, indicator, indicators
from xinglin.indicators.engine.asking import being_computed
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.figures import compute, grown
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.source import facts_of
from xinglin.indicators.engine.values import NO_DATA, Value, Why, as_cell, of_cell
from xinglin.indicators.models import FactVersion, Figure
from xinglin.platform import clock
from xinglin.platform.waiting import is_waited_for

#: The unit of somebody who sees some facilities only.
SCOPE = "scope"
Table = dict[str, dict[str, Value]]  # slug → unit → value
Kept = dict[str, dict[str, Value]]  # key of the definition → unit → value


@dataclass(frozen=True, slots=True)
class Spot:
    """Where figures are wanted: at every unit of a level, or at some facilities as one unit."""

    level: str = "county"
    facilities: frozenset[int] | None = None

    @classmethod
    def at(cls, level: str, facilities: Collection[int] | None) -> "Spot":
        """Of a level, or of some facilities."""
        return cls(level, None if facilities is None else frozenset(facilities))

    @property
    def key(self) -> str:
        """How its places are kept."""
        return digest(self.facilities)

    @property
    def name(self) -> str:
        """How a job calls it."""
        return f"{self.level}:{self.key}"


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
    spot = Spot.at(level, facilities)
    plain = plain_ones(chosen)
    kept = _kept(version, plain, period, [spot])[spot]
    if any(each.key not in kept for each in plain):
        kept = keep(version, period, spots=[spot], wanted=chosen, at=at)[spot]
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


def keep(
    version: FactVersion, period: Period, *, spots: Sequence[Spot], wanted: Iterable[Indicator], at: datetime
) -> dict[Spot, Kept]:
    """Figures at several spots; what is not kept is computed in one pass, by one process at a time. For growth, what it grew
    from is kept, too.
    """
    chosen = list(wanted)
    if is_waited_for():
        demand(version, [period], spots=spots, wanted=chosen)
    if grown_from := [indicator(each.growth_of) for each in chosen if each.growth_of]:
        keep(version, period.year_before, spots=spots, wanted=grown_from, at=at)
    plain = plain_ones(chosen)
    kept = _kept(version, plain, period, spots)
    if all(each.key in kept[spot] for spot in spots for each in plain):
        return kept
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [version.pk % 2**31, period.text])
        kept = _kept(version, plain, period, spots)  # somebody else may have kept it meanwhile
        lacking = [spot for spot in spots if any(each.key not in kept[spot] for each in plain)]
        missing = [each for each in plain if any(each.key not in kept[spot] for spot in lacking)]
        if lacking:
            found = fresh_at(version, missing, period, lacking)
            for spot in lacking:
                new = {each.key: found[spot][each.slug] for each in missing if each.key not in kept[spot]}
                _store(version, new, period, spot, at=at)
                kept[spot] |= new
    return kept


def demand(
    version: FactVersion, periods: Iterable[Period], *, spots: Sequence[Spot], wanted: Iterable[Indicator]
) -> None:
    """For who waits: all of it must be kept. :raises BeingComputed: it is not; the worker is asked for what is missing"""
    chosen = list(wanted)
    plain = plain_ones(chosen)
    needed = {each.text: each for each in periods}
    if any(each.growth_of for each in chosen):
        needed |= {each.year_before.text: each.year_before for each in list(needed.values())}
    lacking, slugs = [], set()
    for text, period in needed.items():
        kept = _kept(version, plain, period, spots)
        if missing := {each.slug for each in plain if any(each.key not in kept[spot] for spot in spots)}:
            lacking.append(text)
            slugs |= missing
    if lacking:
        raise being_computed(version.pk, spots=[each.name for each in spots], periods=lacking, slugs=slugs)


def plain_ones(chosen: Iterable[Indicator]) -> list[Indicator]:
    """Those that are computed: without growth, with what growth is of."""
    found = [indicator(each.growth_of) if each.growth_of else each for each in chosen]
    return list({each.slug: each for each in found}.values())


def _kept(version: FactVersion, wanted: list[Indicator], period: Period, spots: Sequence[Spot]) -> dict[Spot, Kept]:
    by_key = {(spot.level, spot.key): spot for spot in spots}
    found: dict[Spot, Kept] = {spot: {} for spot in spots}
    rows = Figure.objects.filter(
        version=version, period=period.text, level__in={level for level, _key in by_key},
        places__in={key for _level, key in by_key}, definition__in=[each.key for each in wanted],
    )  # fmt: skip
    for row in rows:
        spot = by_key.get((row.level, row.places))
        if spot is not None:
            found[spot][row.definition] = {unit: of_cell(cell) for unit, cell in row.cells.items()}
    return found


def _store(version: FactVersion, new: Kept, period: Period, spot: Spot, *, at: datetime) -> None:
    rows = [
        Figure(
            version=version, definition=key, period=period.text, level=spot.level, places=spot.key, computed_at=at,
            cells={unit: as_cell(value) for unit, value in units.items()},
        )
        for key, units in new.items()
    ]  # fmt: skip
    Figure.objects.bulk_create(rows, ignore_conflicts=True)


def fresh(
    version: FactVersion,
    wanted: list[Indicator],
    period: Period,
    *,
    level: str,
    facilities: Collection[int] | None = None,
) -> Table:
    """Computed from the files, whatever is kept."""
    spot = Spot.at(level, facilities)
    return fresh_at(version, wanted, period, [spot])[spot]


def fresh_at(version: FactVersion, wanted: list[Indicator], period: Period, spots: Sequence[Spot]) -> dict[Spot, Table]:
    """Computed from the files in one pass, whatever is kept."""
    ref = reference(version)
    network = Network.of(version)
    on = min(ref, period.last)
    layers: dict[str, tuple[Spot, Places]] = {}
    for n, spot in enumerate(spots):
        is_level = spot.facilities is None
        parts = network.layers(spot.level, on=on) if is_level else [network.scope(spot.facilities or (), on=on)]
        for number, part in enumerate(parts):
            # a name that is a level is asked for that level's indicators only
            name = spot.level if is_level and not number else f"{SCOPE if not is_level else spot.level}-{n}-{number}"
            layers[name] = (spot, part)
    told: dict[Spot, Table] = {spot: {each.slug: {} for each in wanted} for spot in spots}
    if not layers:
        return told
    with facts_of(version) as source:
        found = compute(wanted, source, period, ref=ref, places={name: part for name, (_spot, part) in layers.items()})
    tells = {
        (spot, levels): levels_tell(network, spot, levels, on=on) for spot in spots for levels in {each.levels for each in wanted}
    }  # fmt: skip
    for each in wanted:
        for name, units in found[each.slug].items():
            spot = layers[name][0]
            is_told = tells[spot, each.levels]
            told[spot][each.slug] |= units if is_told else dict.fromkeys(units, Value(why=Why.NOT_APPLICABLE))
    return told


def levels_tell(network: Network, spot: Spot, levels: Collection[str], *, on: date) -> bool:
    """Whether what is told at some levels says something at a spot."""
    return spot.level in levels if spot.facilities is None else network.tells(levels, spot.facilities, on=on)


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


__all__ = [
    "SCOPE",
    "WHOLE",
    "Spot",
    "demand",
    "figures",
    "fresh",
    "fresh_at",
    "keep",
    "level_of",
    "plain_ones",
    "reference",
]
