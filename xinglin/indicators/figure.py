"""One figure opened: what it means, how it moved, how units compare, and what was published of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xinglin.indicators import permissions
from xinglin.indicators.comparing import Comparison, compare
from xinglin.indicators.definitions.reading import LEVELS, Indicator
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.series import series
from xinglin.indicators.engine.suppression import publishable, suppressed
from xinglin.indicators.engine.values import NO_DATA, Value
from xinglin.indicators.events import Event
from xinglin.indicators.models import FactVersion, Revision
from xinglin.indicators.publications import is_revised, published_of
from xinglin.indicators.queries import indicator_of, latest_extraction, period_of
from xinglin.indicators.units import mergers_of, unit_names, units_hidden_from, units_of
from xinglin.network.data import Merger
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor

#: Periods of the trend: this one and a year back; of years, and of years to date, five.
TREND, YEARS = 13, 5
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
class Moment:
    """One period of the trend: its figure, the one of the year before, and whether its facts changed after they were due."""

    period: str
    value: Value
    year_before: Value
    is_revised: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure with everything around it. `told` are the units' figures as they may leave the house, by key; what they are
    held against is in `comparison`.
    """

    indicator: Indicator
    period: Period
    is_over: bool
    is_whole_county: bool
    now: Value
    before: Value
    year_before: Value
    trend: list[Moment]
    level: str
    levels: list[str]
    within: str
    units: list[Unit]
    told: Mapping[str, Value]
    comparison: Comparison
    published: list[Published]
    revisions: list[Revision]
    extracted_at: datetime | None
    version: FactVersion | None
    mergers: Mapping[str, Merger]  # facilities among the units that were merged, by key


def open_figure(actor: Actor, *, slug: str, period: str, level: str = "", within: str = "", at: datetime) -> Opened:
    """One figure at the reader's places. `within`: facilities of one township only.

    :raises NotPermitted: no right to the board. :raises NotVisible: no such figure. :raises InvalidInput: no such period
    """
    permissions.may_view_board(actor).require()
    indicator, wanted = indicator_of(slug), period_of(period)
    levels, chosen = levels_of(indicator), level_for(indicator, level)
    extraction = latest_extraction()
    version = extraction.version if extraction else None
    if version is None or not units_of(version, "area", min(kept.reference(version), wanted.last)):
        levels = [each for each in levels if each != "area"]  # the county has none
        chosen = chosen if chosen in levels else level_for(indicator, "")
    audit.record(Event.OPENED, by=actor, at=at, kind="indicators.definition", key=slug, detail={"period": period})
    places = permissions.board_places(actor)
    back = _trend_of(wanted)
    found = series(version, indicator, periods_for(wanted), facilities=places, at=at) if version else {}
    now = found.get(wanted.text, NO_DATA)
    units = _units(actor, version, indicator, wanted, chosen, within, at=at) if chosen and version else []
    told = suppressed({each.key: each.value for each in units}, base=str(indicator.content["base"]))
    revised = _revised(indicator, back)
    return Opened(
        indicator, wanted, wanted.is_over(clock.today(at)), places is None, now, found.get(wanted.before.text, NO_DATA),
        found.get(wanted.year_before.text, NO_DATA),
        [
            Moment(each.text, found.get(each.text, NO_DATA), found.get(each.year_before.text, NO_DATA), each.text in revised)
            for each in back
        ],
        chosen, levels, within if chosen == "facility" else "", units, told,
        compare(indicator, now, told),
        _published(slug, wanted, now) if places is None else [],
        _revisions(indicator, wanted) if wanted.text in revised else [],
        extraction.finished_at if extraction else None, version, mergers_of(chosen, [each.key for each in units]),
    )  # fmt: skip


def levels_of(indicator: Indicator) -> list[str]:
    """Levels below the county a figure is told of, the widest first."""
    return [each for each in LEVELS if each != "county" and each in indicator.levels][::-1]


def level_for(indicator: Indicator, level: str) -> str:
    """The level to compare at: the one asked for, else townships; empty where there is none."""
    levels = levels_of(indicator)
    return level if level in levels else ("township" if "township" in levels else levels[0] if levels else "")


def _trend_of(wanted: Period) -> list[Period]:
    return wanted.months_back(YEARS if wanted.is_year or wanted.is_to_date else TREND)


def periods_for(wanted: Period) -> list[Period]:
    """Periods an opened figure shows: its trend, the same a year before, and the period before. Each once."""
    back = _trend_of(wanted)
    found = [*back, *(each.year_before for each in back), wanted.before]
    return list({each.text: each for each in found}.values())


def _revised(indicator: Indicator, periods: list[Period]) -> set[str]:
    """Periods of which a month changed after it was due. One query."""
    windows = {each.text: each.windowed(indicator.window) for each in periods}
    first = min(each.first_month for each in windows.values())
    months = set(
        Revision.objects.filter(table__in=sorted(indicator.tables), month__gte=first).values_list("month", flat=True)
    )
    return {
        text for text, each in windows.items() if any(each.first_month <= month <= each.last_month for month in months)
    }


def _revisions(indicator: Indicator, period: Period) -> list[Revision]:
    window = period.windowed(indicator.window)
    found = Revision.objects.filter(
        table__in=sorted(indicator.tables), month__gte=window.first_month, month__lte=window.last_month
    )
    return list(found.order_by("-found_at", "-id")[:MOST_REVISIONS])


def _units(
    actor: Actor, version: FactVersion, indicator: Indicator, period: Period, level: str, within: str, *, at: datetime
) -> list[Unit]:
    """Units of a level the reader may see, by value, those without one last."""
    found = kept.figures(version, period, level=level, wanted=[indicator], at=at)[indicator.slug]
    places = permissions.board_places(actor)
    on = min(kept.reference(version), period.last)
    if places is not None:
        # a unit is seen by who sees all of it
        hidden = units_hidden_from(version, level, on, places)
        found = {unit: value for unit, value in found.items() if unit not in hidden}
    if within and level == "facility":
        inside = {facility for facility, unit in units_of(version, "township", on).items() if unit == within}
        found = {unit: value for unit, value in found.items() if int(unit) in inside}
    names = unit_names(level, found)
    units = [Unit(key, names.get(key, key), value, _is_small(value)) for key, value in found.items()]
    better = -1 if indicator.content.get("direction") == "up" else 1
    return sorted(
        units, key=lambda each: (each.value.value is None, each.is_small, better * (each.value.value or 0), each.name)
    )


def _is_small(value: Value) -> bool:
    return value.value is not None and value.denominator is not None and value.denominator < SMALL


def _published(slug: str, period: Period, now: Value) -> list[Published]:
    return [
        Published(snapshot.said, snapshot.frozen_at, then, is_revised(then, now))
        for snapshot, then in published_of([slug], period.text).get(slug, [])
    ]


def for_publication(opened: Opened, *, at: datetime) -> tuple[Value, list[Unit]]:
    """The whole and its units as they may leave the house: what is left out follows from no other figure that left it. Who
    sees some places only sees the people there: of their whole, a small one is left out.
    """
    values = {each.key: each.value for each in opened.units}
    if opened.version is not None and values:
        values = publishable(opened.version, opened.indicator, opened.period, opened.level, values, at=at)
    units = [Unit(each.key, each.name, values[each.key], each.is_small) for each in opened.units]
    return _whole(opened, opened.period, opened.now, at=at), sorted(units, key=_silent_last)


def _silent_last(unit: Unit) -> tuple[bool, str]:
    """Those without a figure last and by name: where one stood among the others would tell what is left out."""
    return (True, unit.name) if unit.value.value is None else (False, "")


def published(opened: Opened, *, at: datetime) -> Opened:
    """A figure as it may leave the house: its trend and its units, and what they are held against."""
    now, units = for_publication(opened, at=at)
    told = {each.key: each.value for each in units}
    trend = [
        Moment(
            each.period, _whole(opened, period_of(each.period), each.value, at=at),
            _whole(opened, period_of(each.period).year_before, each.year_before, at=at), each.is_revised,
        )
        for each in opened.trend
    ]  # fmt: skip
    return replace(
        opened, now=now, before=_whole(opened, opened.period.before, opened.before, at=at),
        year_before=_whole(opened, opened.period.year_before, opened.year_before, at=at), trend=trend, units=units, told=told,
        comparison=compare(opened.indicator, now, told),
    )  # fmt: skip


def _whole(opened: Opened, period: Period, value: Value, *, at: datetime) -> Value:
    """The whole of a period as it may leave the house."""
    return whole_for_publication(
        opened.version if opened.is_whole_county else None, opened.indicator, period, value, at=at
    )


def whole_for_publication(
    version: FactVersion | None, indicator: Indicator, period: Period, value: Value, *, at: datetime
) -> Value:
    """A figure of the county (without `version`: of some places as one unit) as it may leave the house."""
    told = {"": value}
    if version is not None:
        told = publishable(version, indicator, period, "county", told, at=at)
    return suppressed(told, base=str(indicator.content["base"]))[""]
