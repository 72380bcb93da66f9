"""One figure opened: what it means, how it moved, how units compare, and what was published of it."""

from dataclasses import dataclass
from datetime import datetime

from xinglin.indicators import permissions
from xinglin.indicators.definitions.reading import LEVELS, Indicator
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.suppression import suppressed
from xinglin.indicators.engine.values import NO_DATA, Value, of_cell
from xinglin.indicators.events import Event
from xinglin.indicators.facts.extraction import latest_version
from xinglin.indicators.models import Revision, SnapshotFigure
from xinglin.indicators.queries import extracted_at, figures_at, indicator_of, period_of
from xinglin.network.api import division_names, facility_names
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor

#: Periods of the trend: this one and a year back.
TREND = 13
#: Below so many a rate is shown with its counts and takes no part in a ranking.
SMALL = 10
#: Revisions told of on a page.
MOST_REVISIONS = 10


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a level: its figure, and whether it takes part in the ranking."""

    key: str
    name: str
    value: Value
    is_small: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of this figure in this period, and what it comes to now."""

    title: str
    at: datetime
    value: Value
    is_revised: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure with everything around it."""

    indicator: Indicator
    period: Period
    is_over: bool
    now: Value
    before: Value
    year_before: Value
    trend: list[tuple[str, Value]]
    level: str
    levels: list[str]
    units: list[Unit]
    published: list[Published]
    revisions: list[Revision]
    extracted_at: datetime | None


def open_figure(actor: Actor, *, slug: str, period: str, level: str = "", within: str = "", at: datetime) -> Opened:
    """One figure at the reader's places. `within`: facilities of one township only.

    :raises NotPermitted: no right to the board. :raises NotVisible: no such figure. :raises InvalidInput: no such period
    """
    permissions.may_view_board(actor).require()
    indicator, wanted = indicator_of(slug), period_of(period)
    levels = [each for each in LEVELS if each != "county" and each in indicator.levels][::-1]
    chosen = level if level in levels else ("township" if "township" in levels else levels[0] if levels else "")
    version = latest_version()
    audit.record(Event.OPENED, by=actor, at=at, kind="indicators.definition", key=slug, detail={"period": period})

    def value(of: Period) -> Value:
        return figures_at(actor, version, of, [indicator], at=at)[slug]

    now = value(wanted)
    of_tables = sorted(indicator.tables)
    revised = Revision.objects.filter(
        table__in=of_tables, month__gte=wanted.windowed(indicator.window).first_month, month__lte=wanted.last_month
    ).order_by("-found_at", "-id")[:MOST_REVISIONS]
    return Opened(
        indicator, wanted, wanted.is_over(clock.today(at)), now, value(wanted.before), value(wanted.year_before),
        [(each.text, value(each)) for each in wanted.months_back(TREND if not wanted.is_year else 5)],
        chosen, levels, _units(actor, indicator, wanted, chosen, within, at=at) if chosen and version else [],
        _published(slug, wanted, now) if permissions.board_places(actor) is None else [], list(revised), extracted_at(),
    )  # fmt: skip


def _units(actor: Actor, indicator: Indicator, period: Period, level: str, within: str, *, at: datetime) -> list[Unit]:
    """Units of a level the reader may see, by value, those without one last."""
    version = latest_version()
    assert version is not None
    found = kept.figures(version, period, level=level, wanted=[indicator], at=at)[indicator.slug]
    network = Network.of(version)
    places = permissions.board_places(actor)
    on = min(kept.reference(version), period.last)
    mapping = network.places(level, on=on).units or {}
    if places is not None:
        # a unit is seen by who sees all of it
        hidden = {unit for facility, unit in mapping.items() if facility not in places}
        found = {unit: value for unit, value in found.items() if unit not in hidden}
    if within and level == "facility":
        inside = {
            facility for facility, unit in (network.places("township", on=on).units or {}).items() if unit == within
        }
        found = {unit: value for unit, value in found.items() if int(unit) in inside}
    names = unit_names(level, list(found))
    units = [Unit(key, names.get(key, key), value, _is_small(value)) for key, value in found.items()]
    better = -1 if indicator.content.get("direction") == "up" else 1
    return sorted(
        units, key=lambda each: (each.value.value is None, each.is_small, better * (each.value.value or 0), each.name)
    )


def unit_names(level: str, keys: list[str]) -> dict[str, str]:
    """How units of a level are called."""
    if level == "facility":
        return {str(pk): name for pk, name in facility_names(int(each) for each in keys).items()}
    return division_names(keys) if level == "township" else {}


def _is_small(value: Value) -> bool:
    return value.value is not None and value.denominator is not None and value.denominator < SMALL


def _published(slug: str, period: Period, now: Value) -> list[Published]:
    rows = SnapshotFigure.objects.filter(slug=slug, level="county", snapshot__period=period.text).select_related(
        "snapshot"
    )
    found = []
    for row in rows.order_by("-snapshot__frozen_at"):
        then = of_cell(row.cells[WHOLE]) if WHOLE in row.cells else NO_DATA
        is_revised = (then.numerator, then.denominator, then.value) != (now.numerator, now.denominator, now.value)
        found.append(Published(row.snapshot.title, row.snapshot.frozen_at, then, is_revised))
    return found


def for_publication(opened: Opened) -> list[Unit]:
    """The units as they may leave the house: small cells left out."""
    values = suppressed({each.key: each.value for each in opened.units}, base=str(opened.indicator.content["base"]))
    return [Unit(each.key, each.name, values[each.key], each.is_small) for each in opened.units]
