"""The front door of indicators: which there are, and figures that were frozen."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from xinglin.indicators.actions import publish_figures
from xinglin.indicators.data import KnownIndicator, PublishedFigures, Value
from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.snapshots import differences
from xinglin.indicators.engine.values import of_cell
from xinglin.indicators.models import Snapshot, SnapshotFigure
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible

__all__ = [
    "cells_of", "days_of", "frozen_figures", "frozen_figures_of", "freeze_figures", "known_indicators", "not_reproduced",
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
    found = Snapshot.objects.filter(uuid=uuid).first()
    if found is None:
        raise NotVisible("indicators.snapshot", uuid)
    return _frozen(found)


def _frozen(each: Snapshot) -> PublishedFigures:
    return PublishedFigures(each.pk, each.uuid, each.title, each.period, each.frozen_at, each.frozen_by_name)


def freeze_figures(*, title: str, period: str, by: Actor, at: datetime) -> PublishedFigures:
    """Freeze every figure of a period now. For the refusals see `publish_figures`."""
    return _frozen(publish_figures(title=title, period=period, by=by, at=at))


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
    return differences(Snapshot.objects.select_related("version").get(pk=snapshot_id))
