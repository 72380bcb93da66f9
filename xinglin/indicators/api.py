"""The front door of indicators: which there are, their figures now, and figures that were frozen."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from xinglin.indicators.actions import publish_figures
from xinglin.indicators.data import KnownIndicator, PublishedFigures, Revised, UnitName, Value
from xinglin.indicators.definitions.reading import LEVELS, Indicator, indicator, indicators
from xinglin.indicators.engine import board, snapshots, suppression
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.values import NO_DATA, of_cell, rounded
from xinglin.indicators.facts.extraction import latest_version
from xinglin.indicators.models import FactVersion, Snapshot, SnapshotFigure
from xinglin.indicators.permissions import board_places
from xinglin.indicators.publications import is_revised
from xinglin.indicators.queries import indicator_of, latest_extraction, period_of
from xinglin.indicators.units import unit_names, units_hidden_from
from xinglin.indicators.web.pages import glance
from xinglin.indicators.web.words import UNITS, reason
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one

__all__ = [
    "LEVELS", "NO_DATA", "UNITS", "WHOLE", "Indicator", "Period", "Value", "as_published", "cells_of", "days_of", "demand_publishable", "facts_version",
    "figures_of", "freeze_figures", "frozen_figures", "frozen_figures_of", "frozen_version", "glance", "indicator", "indicator_of",
    "indicators", "known_indicators", "not_reproduced", "parse", "period_of", "publishable", "reason", "revised_since", "rounded", "units_of",
    "visible_units",
]  # fmt: skip


def known_indicators() -> dict[str, KnownIndicator]:
    """Every indicator by slug."""
    return {each.slug: _known(each) for each in indicators()}


def _known(each: Indicator) -> KnownIndicator:
    content = each.content
    return KnownIndicator(
        each.slug, str(content.get("code", "")), each.definition.title, each.unit, str(content.get("direction", "")),
        each.levels,
    )  # fmt: skip


def days_of(period: str) -> tuple[date, date]:
    """The first and last day of a period as people write it. :raises ValueError: it is none"""
    found = parse(period)
    return found.first, found.last


def frozen_figures(*, period: str = "") -> list[PublishedFigures]:
    """Figures that were frozen, of one period if given, the latest first."""
    found = Snapshot.objects.order_by("-frozen_at", "-id")
    return [_frozen(each) for each in (found.filter(period=period) if period else found)[:100]]


def frozen_figures_of(uuid: UUID) -> PublishedFigures:
    """Frozen figures by their uuid. :raises NotVisible: there are none"""
    found = the_one(Snapshot.objects, uuid=uuid)
    return _frozen(found)


def _frozen(each: Snapshot) -> PublishedFigures:
    return PublishedFigures(each.pk, each.uuid, each.said, each.period, each.frozen_at, each.frozen_by_name)


def freeze_figures(*, title: str, title_en: str, period: str, by: Actor, at: datetime) -> PublishedFigures:
    """Freeze every figure of a period now. For the refusals see `publish_figures`."""
    return _frozen(publish_figures(title=title, title_en=title_en, period=period, by=by, at=at))


def cells_of(snapshot_id: int, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Value]]:
    """Frozen figures of some (slug, level), each by unit: a facility's id, a township's code, a consortium's id, ``all``."""
    asked = set(wanted)
    rows = SnapshotFigure.objects.filter(snapshot=snapshot_id, slug__in={slug for slug, _level in asked})
    return {
        (row.slug, row.level): {unit: of_cell(cell) for unit, cell in row.cells.items()}
        for row in rows
        if (row.slug, row.level) in asked
    }


def not_reproduced(snapshot_id: int) -> list[str]:
    """Figures that do not come out again as they were frozen, to the digit: none."""
    return snapshots.differences(Snapshot.objects.select_related("version").get(pk=snapshot_id))


def revised_since(snapshot_id: int, wanted: Iterable[tuple[str, str]], *, at: datetime) -> list[Revised]:
    """Frozen figures of some (slug, level) that months that came late would change: shown beside, never put in their place."""
    snapshot, extraction = Snapshot.objects.get(pk=snapshot_id), latest_extraction()
    version = extraction.version if extraction else None
    if version is None or version.pk == snapshot.version_id:
        return []
    asked, period = set(wanted), parse(snapshot.period)
    frozen = cells_of(snapshot_id, asked)
    found: list[Revised] = []
    for level in sorted({level for _slug, level in asked}):
        slugs = sorted({slug for slug, each in asked if each == level})
        now = board.figures(version, period, level=level, wanted=[indicator_of(each) for each in slugs], at=at)
        for slug in slugs:
            before, after = frozen.get((slug, level), {}), now[slug]
            found += [
                Revised(slug, level, unit, before[unit], after.get(unit, NO_DATA))
                for unit in sorted(before)
                if is_revised(before[unit], after.get(unit, NO_DATA))
            ]
    return found


def frozen_version(uuid: UUID) -> int:
    """Which version of the facts frozen figures come from. :raises NotVisible: there are none"""
    found = Snapshot.objects.filter(uuid=uuid).values_list("version", flat=True).first()
    if found is None:
        raise NotVisible("indicators.snapshot", uuid)
    return found


def as_published(uuid: UUID, wanted: Iterable[Indicator]) -> dict[str, Indicator]:
    """Indicators by slug with the definitions frozen figures were computed by, whatever became of them since.

    :raises NotVisible: there are no such figures
    """
    said = the_one(Snapshot.objects, uuid=uuid).definitions
    return {each.slug: snapshots.as_published(said[each.slug]) if each.slug in said else each for each in wanted}


def facts_version() -> int | None:
    """Which version of the facts figures come from now; None before the first extraction."""
    version = latest_version()
    return version.pk if version else None


def figures_of(period: str, *, level: str, slugs: Iterable[str], at: datetime) -> dict[str, dict[str, Value]]:
    """Figures of a period at every unit of a level, from the latest facts: slug → unit → value.

    :raises NotVisible: there is no such indicator. :raises InvalidInput: no such period
    """
    wanted, version = [indicator_of(each) for each in slugs], latest_version()
    if version is None:
        return {each.slug: {} for each in wanted}
    return board.figures(version, period_of(period), level=level, wanted=wanted, at=at)


def publishable(
    wanted: Indicator, period: str, level: str, values: Mapping[str, Value], *, version: int | None = None, at: datetime
) -> dict[str, Value]:
    """Figures of units of a level as they may leave the house: what is left out follows from no other figure. From `version`
    of the facts, or the latest.
    """
    found = latest_version() if version is None else FactVersion.objects.filter(pk=version).first()
    if found is None:
        return dict(values)
    return suppression.publishable(found, wanted, period_of(period), level, values, at=at)


def demand_publishable(
    chosen: Iterable[Indicator], period: str, levels: Iterable[str], *, version: int | None = None
) -> None:
    """For who waits: what `publishable` reads of several figures is there. :raises BeingComputed: the worker was asked for it"""
    found = latest_version() if version is None else FactVersion.objects.filter(pk=version).first()
    if found is None:
        return
    for level in levels:
        suppression.demand(found, list(chosen), period_of(period), level)


def units_of(level: str, period: str, *, version: int | None = None) -> list[UnitName]:
    """The units of a level at the end of a period, by code; those of `version` of the facts, or of the latest."""
    if level == "county":
        code, name = network.county()
        return [UnitName(WHOLE, code, name)]
    found = latest_version() if version is None else FactVersion.objects.filter(pk=version).first()
    if found is None:
        return []
    net, wanted = Network.of(found), period_of(period)
    layers = net.layers(level, on=min(board.reference(found), wanted.last))
    keys = {unit for each in layers for unit in (each.units or {}).values()}
    names = unit_names(level, keys)
    codes = {key: str(net.facilities[int(key)]["number"] or "") if level == "facility" else key for key in keys}
    units = [UnitName(key, codes[key], names.get(key, key)) for key in keys]
    return sorted(units, key=lambda each: (each.code, each.key))


def visible_units(actor: Actor, level: str, period: str) -> set[str] | None:
    """Keys of the units of a level whose facilities the actor sees all of; None for the whole county."""
    places, version = board_places(actor), latest_version()
    if places is None:
        return None
    if version is None or level == "county":
        return set()
    on = min(board.reference(version), period_of(period).last)
    layers = Network.of(version).layers(level, on=on)
    every = {unit for each in layers for unit in (each.units or {}).values()}
    return every - units_hidden_from(version, level, on, places)
