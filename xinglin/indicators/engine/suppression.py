"""Small cells left out of what is published: nobody is to be recognised in a figure of a few people, nor in a difference of two.

A single table is guarded by `suppressed`. Whatever can be put beside other figures of the same count (other levels, other periods)
goes through `publishable`: what is told is decided once for a count and a calendar year (`engine.telling`), from kept figures.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from xinglin.indicators.chance import Nature, nature_of
from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import Span, measures
from xinglin.indicators.definitions.reading import Indicator, indicator
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import Period, parse
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.telling import Telling, telling
from xinglin.indicators.engine.values import NO_DATA, Value, Why, of_cell
from xinglin.indicators.models import FactVersion, Figure
from xinglin.platform import small
from xinglin.platform.small import LEAST
from xinglin.platform.waiting import is_waited_for

#: Figures of people; those of units and equipment are no secret.
ABOUT_PEOPLE = {"units", "insured", "residents"}
#: What is told of a count and a year, kept in this process: a few kilobytes each.
MOST_KEPT = 2048
#: Reasons that tell nothing about anybody.
_ELSEWHERE, _GROUP = "-", "group:"
_SILENT = {Why.NO_FACTS, Why.NOT_APPLICABLE}
_kept: OrderedDict[tuple[str, ...], Telling] = OrderedDict()

__all__ = ["ABOUT_PEOPLE", "LEAST", "demand", "is_small", "publishable", "suppressed"]


def suppressed(values: Mapping[str, Value], *, base: str) -> dict[str, Value]:
    """The same cells of one table with the small ones left out."""
    if base not in ABOUT_PEOPLE:
        return dict(values)
    sizes = {key: _size(value) for key, value in values.items() if value.value is not None}
    gone = small.hidden({key: is_small(value) for key, value in values.items()}, sizes)
    return {key: _without(value) if key in gone else value for key, value in values.items()}


def is_small(value: Value) -> bool:
    """Whether a cell tells of a few people only; none at all is no secret unless the base is small."""
    return value.value is not None and small.is_small(value.numerator, value.denominator)


def publishable(
    version: FactVersion, wanted: Indicator, period: Period, level: str, values: Mapping[str, Value], *, at: datetime
) -> dict[str, Value]:
    """The figures of units of a level as they may leave the house, whatever else was told of the same people."""
    if str(wanted.content["base"]) not in ABOUT_PEOPLE:
        return dict(values)
    if wanted.growth_of:
        of, before = indicator(wanted.growth_of), period.year_before
        plans = [(each, plan) for each in (before, period) for plan in _plans(version, of, each, level, at=at)]
    else:
        plans = [(period, plan) for plan in _plans(version, wanted, period, level, at=at)]
    is_county = level == "county"
    members = {} if is_county else _members(version, level, min(board.reference(version), period.last))
    told = {}
    for unit, value in values.items():
        own = None if is_county else members.get(unit, set())
        is_told = value.why in _SILENT or all(plan.tells(own, _months(of)) for of, plan in plans)
        told[unit] = _with_groups(version, wanted, period, level, value, at=at) if is_told else _without(value)
    return suppressed(told, base=str(wanted.content["base"]))


def demand(version: FactVersion, chosen: Sequence[Indicator], period: Period, level: str) -> None:
    """For who waits: whatever `publishable` reads of several figures is kept, or asked of the worker all at once.

    :raises BeingComputed: it is not kept
    """
    if not is_waited_for():
        return
    by_finest: dict[tuple[str, int], list[Indicator]] = {}
    for each in chosen:
        if str(each.content["base"]) in ABOUT_PEOPLE:
            plain = indicator(each.growth_of) if each.growth_of else each
            for year in {period.first.year, period.year_before.first.year if each.growth_of else period.first.year}:
                by_finest.setdefault((_finest(plain, level), year), []).append(plain)
    for (finest, year), plain_ones in by_finest.items():
        spots = [board.Spot(each) for each in dict.fromkeys(("county", finest))]
        board.demand(version, map(parse, _year(version, year)), spots=spots, wanted=plain_ones)


def _finest(wanted: Indicator, level: str) -> str:
    """The smallest units whose parting decides what is told."""
    return next((each for each in ("facility", "township") if each in wanted.levels and level != "county"), "county")


def _with_groups(
    version: FactVersion, wanted: Indicator, period: Period, level: str, value: Value, *, at: datetime
) -> Value:
    """A told figure with its groups, where each of them may be told: those of the county, by the same rule as its counts."""
    if not value.groups:
        return value
    parts = [f"{_GROUP}{name}" for name in value.groups]
    is_told = level == "county" and all(
        plan.tells(None, _months(period)) for plan in _plans(version, wanted, period, level, at=at, parts=parts)
    )
    return value if is_told else replace(value, groups={})


def _plans(
    version: FactVersion, wanted: Indicator, period: Period, level: str, *, at: datetime, parts: Sequence[str] = ()
) -> list[Telling]:
    """What is told of each count of a figure: of its numerator, its denominator, and those who are not in its numerator."""
    if not parts and wanted.denominator is None:
        parts = ["numerator"]
    elif not parts:
        parts = ["numerator", "denominator", *(["rest"] if nature_of(wanted) is Nature.SHARE else [])]
    finest = _finest(wanted, level)
    keys = {part: _key(version, wanted, period.first.year, part, finest) for part in parts}
    if missing := [part for part in parts if keys[part] not in _kept]:
        _part(version, wanted, period.first.year, finest, {part: keys[part] for part in missing}, at=at)
    return [_kept[key] for key in keys.values()]


def _key(version: FactVersion, wanted: Indicator, year: int, part: str, finest: str) -> tuple[str, ...]:
    """A count, whichever figure it stands in: its formula and how many months it is taken over."""
    texts = [wanted.texts[part]] if part in wanted.texts else wanted.texts.values()
    return (
        str(version.pk),
        version.digest,
        str(year),
        str(wanted.window),
        wanted.method and wanted.slug,
        finest,
        part,
        *texts,
    )


def _part(
    version: FactVersion, wanted: Indicator, year: int, level: str, keys: Mapping[str, tuple[str, ...]], *, at: datetime
) -> None:
    months = _year(version, year)
    whole = _cells(version, wanted, months, "county", at=at)
    cells = _cells(version, wanted, months, level, at=at) if level != "county" else {}
    units = _inside(version, level) if level != "county" else {}
    wider = _wider(version) if level != "county" else []
    for part, key in keys.items():
        total = [_count(whole[month].get(WHOLE, NO_DATA), part) for month in months]
        counts = {
            own: [_count(cells[month].get(own, NO_DATA), part) for month in months]
            for members in units.values() for own in members if own != _ELSEWHERE
        }  # fmt: skip
        if level == "township":  # who lives or is treated in none is a part of the county, too
            counts[_ELSEWHERE] = [max(0.0, n - sum(each[k] for each in counts.values())) for k, n in enumerate(total)]
            units = {**units, _ELSEWHERE: frozenset({_ELSEWHERE})}
        _kept[key] = telling(counts, units, total, adds_up=_adds_up(wanted), units=wider)
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def _count(value: Value, part: str) -> float:
    if part.startswith(_GROUP):
        return float(value.groups.get(part.removeprefix(_GROUP), 0))
    numerator, denominator = value.numerator or 0.0, value.denominator or 0.0
    return {"numerator": numerator, "denominator": denominator}.get(part, denominator - numerator)


def _adds_up(wanted: Indicator) -> bool:
    """Whether months add up to quarters and years: of what happened, not of how things stood at an end."""
    trees = [each for each in (wanted.numerator, wanted.denominator) if each is not None]
    return not wanted.window and all(span_of(one.rows) is Span.PERIOD for tree in trees for one in measures(tree))


def _cells(
    version: FactVersion, wanted: Indicator, months: list[str], level: str, *, at: datetime
) -> dict[str, dict[str, Value]]:
    """A figure by month and unit. One query for what is kept."""
    rows = Figure.objects.filter(
        version=version, definition=wanted.key, level=level, places="", period__in=months
    ).values_list("period", "cells")
    found = {month: {unit: of_cell(cell) for unit, cell in cells.items()} for month, cells in rows}
    missing = [each for each in months if each not in found]
    if missing and is_waited_for():
        board.demand(version, map(parse, missing), spots=[board.Spot(level)], wanted=[wanted])
    for month in months:
        if month not in found:
            found[month] = board.figures(version, parse(month), level=level, wanted=[wanted], at=at)[wanted.slug]
    return found


def _year(version: FactVersion, year: int) -> list[str]:
    """Months of a year up to the one of the facts."""
    last = board.reference(version)
    n_months = 12 if last.year > year else last.month if last.year == year else 0
    return [f"{year}-{month:02}" for month in range(1, n_months + 1)]


def _months(period: Period) -> list[int]:
    return list(range(period.first.month - 1, period.last.month))


def _inside(version: FactVersion, level: str) -> dict[str, frozenset[str]]:
    """The facilities of each township (at the level of townships: itself); a unit that lies in none makes one of its own."""
    network = Network.of(version)
    townships = network.places("township", on=board.reference(version)).units or {}
    if level == "township":
        return {each: frozenset({each}) for each in townships.values()}
    found: dict[str, set[str]] = {}
    for facility in network.facilities:
        found.setdefault(townships.get(facility) or f"-{facility}", set()).add(str(facility))
    return {each: frozenset(members) for each, members in found.items()}


def _wider(version: FactVersion) -> list[set[str]]:
    """What areas and consortia are made of."""
    on = board.reference(version)
    return [own for level in ("area", "consortium") for own in _members(version, level, on).values()]


def _members(version: FactVersion, level: str, on: date) -> dict[str, set[str]]:
    """The facilities of each unit of a level, and the townships of which it has all."""
    found: dict[str, set[str]] = {}
    network = Network.of(version)
    for layer in network.layers(level, on=on):
        for facility, unit in (layer.units or {}).items():
            found.setdefault(unit, set()).add(str(facility))
    whole: dict[str, set[str]] = {}
    for facility, township in (network.places("township", on=on).units or {}).items():
        whole.setdefault(township, set()).add(str(facility))
    for members in found.values():
        members |= {township for township, own in whole.items() if own <= members}
    return found


def _size(value: Value) -> float:
    return value.denominator if value.denominator is not None else value.numerator or 0


def _without(value: Value) -> Value:
    return replace(value, value=None, numerator=None, denominator=None, groups={}, why=Why.SMALL)
