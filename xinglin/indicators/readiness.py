"""What a page of the board needs, and whether it is kept: what is not is computed by a job, never while somebody waits.

The worker keeps beforehand what pages open with (`jobs.warm`). For anything else the reader sees how far the job has come, and
the page opens by itself. Places somebody reads as one unit are remembered, so that the worker keeps their figures, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.asking import AND, ask
from xinglin.indicators.engine.board import Spot
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.suppression import ABOUT_PEOPLE
from xinglin.indicators.figure import level_for, periods_for
from xinglin.indicators.flow_counts import months_of_year
from xinglin.indicators.flows import Asked, checked, is_guarded
from xinglin.indicators.models import FactVersion, Figure, Flow, Reach
from xinglin.indicators.queries import indicator_of, latest_extraction, period_of
from xinglin.platform.actors import Actor
from xinglin.platform.errors import BeingComputed

#: What stands for a spot where a flow is wanted.
FLOW = "flow"
#: A reader's places are noted again after so long.
NOTED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Need:
    """Figures of a period at a spot; or the flow of a kind of care."""

    period: Period
    spot: Spot = Spot()
    wanted: tuple[Indicator, ...] = ()
    flow: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the worker has come with what a page needs."""

    n: int
    n_kept: int


def needs_of_board(actor: Actor, *, period: str, group: str) -> list[Need]:
    """A group of figures, and those of the period before."""
    wanted, spot = period_of(period), Spot.at("county", permissions.board_places(actor))
    chosen = tuple(each for each in indicators() if each.content.get("group") == group)
    return [Need(wanted, spot, chosen), Need(wanted.before, spot, chosen)]


def needs_of_figure(actor: Actor, *, slug: str, period: str, level: str = "") -> list[Need]:
    """A figure over the periods of its trend, and at the units of a level."""
    indicator, wanted = indicator_of(slug), period_of(period)
    spot = Spot.at("county", permissions.board_places(actor))
    needs = [Need(each, spot, (indicator,)) for each in periods_for(wanted)]
    chosen = level_for(indicator, level)
    return [*needs, Need(wanted, Spot(chosen), (indicator,))] if chosen else needs


def needs_of_publication(actor: Actor, *, slug: str, period: str, level: str = "") -> list[Need]:
    """The same, and the months of the years it tells of: they say what may leave the house."""
    indicator, wanted = indicator_of(slug), period_of(period)
    needs = needs_of_figure(actor, slug=slug, period=period, level=level)
    extraction = latest_extraction()
    version = extraction.version if extraction else None
    if version is None or str(indicator.content["base"]) not in ABOUT_PEOPLE:
        return needs
    years = {each.first.year: each for each in periods_for(wanted)}
    months = [month for each in years.values() for month in months_of_year(version, each)]
    needs += [Need(each, Spot(), (indicator,)) for each in months]
    finest = next((each for each in ("facility", "township") if each in indicator.levels), "")
    if level_for(indicator, level) and finest:
        needs += [Need(each, Spot(finest), (indicator,)) for each in months_of_year(version, wanted)]
        if indicator.growth_of:
            before = months_of_year(version, wanted.year_before)
            needs += [Need(each, Spot(finest), (indicator,)) for each in before]
    return needs


def needs_of_flow(actor: Actor, asked: Asked) -> list[Need]:
    """Where residents are treated; where few people are left out, also the months of the year, which say what is.

    :raises InvalidInput: there is no such flow
    """
    wanted = checked(asked)
    needs = [Need(wanted, flow=asked.kind)]
    extraction = latest_extraction() if is_guarded(actor, asked) else None
    if extraction is not None and extraction.version is not None:
        needs += [Need(each, flow=asked.kind) for each in months_of_year(extraction.version, wanted)]
    return needs


def waiting_for(actor: Actor, needs: Iterable[Need], *, at: datetime) -> Progress | None:
    """Have what is not kept computed, and say how far it is; None: all is kept.

    :raises NotPermitted: no right to the board
    """
    permissions.may_view_board(actor).require()
    extraction = latest_extraction()
    version = extraction.version if extraction else None
    if version is None:
        return None
    places = permissions.board_places(actor)
    if places is not None:
        note_places(places, at=at)
    plain = list(needs)
    missing, n = _missing(version, plain)
    if missing:
        _ask(version, missing)
        missing, n = _missing(version, plain)
    return Progress(n, n - len(missing)) if missing else None


def ready(actor: Actor, needs: Iterable[Need], *, at: datetime) -> None:
    """For programs. :raises BeingComputed: the worker does it; ask again. :raises NotPermitted: no right to the board"""
    if waiting_for(actor, needs, at=at) is not None:
        raise BeingComputed(_("这些数字正在计算，请稍后再取。"))


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One thing that is kept or not: a figure at a spot in a period, or a flow."""

    spot: str  # level and key of the places
    period: str
    what: str  # key of a definition, or kind of a flow


def _missing(version: FactVersion, needs: list[Need]) -> tuple[list[Cell], int]:
    """What is not kept, and of how many. Two queries at most."""
    figures: set[Cell] = set()
    for each in needs:
        for one in each.wanted:
            periods = [each.period, each.period.year_before] if one.growth_of else [each.period]
            (plain,) = board.plain_ones([one])
            figures |= {Cell(each.spot.name, one.text, plain.key) for one in periods}
    flows = {Cell(FLOW, each.period.text, each.flow) for each in needs if each.flow}
    kept: set[Cell] = set()
    if figures:
        rows = Figure.objects.filter(
            version=version, period__in={each.period for each in figures},
            definition__in={each.what for each in figures}, places__in={each.spot.split(":")[1] for each in figures},
        )  # fmt: skip
        kept = {
            Cell(f"{level}:{key}", period, what)
            for level, key, period, what in rows.values_list("level", "places", "period", "definition")
        }
    if flows:
        found = Flow.objects.filter(version=version, period__in={each.period for each in flows}, chapter="")
        kept |= {Cell(FLOW, period, kind) for period, kind in found.values_list("period", "kind")}
    return sorted((figures | flows) - kept), len(figures) + len(flows)


def _ask(version: FactVersion, missing: list[Cell]) -> None:
    """One job for what is missing alike at several spots: they are computed in one pass over the facts."""
    by_key: Mapping[str, str] = {each.key: each.slug for each in indicators() if not each.growth_of}
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for spot, cells in groupby(missing, key=lambda each: each.spot):
        group = list(cells)
        periods = tuple(sorted({each.period for each in group}))
        slugs = tuple(sorted({by_key.get(each.what, each.what) for each in group}))  # of a flow its kinds
        alike.setdefault((periods, slugs), []).append(spot)
    for (periods, slugs), spots in alike.items():
        ask(version.pk, spots=spots, periods=periods, slugs=slugs)


def spots_of(text: str) -> list[Spot]:
    """Spots as a job names them, without places nobody remembers."""
    return [each for each in map(spot_of, text.split(AND)) if each is not None]


def spot_of(text: str) -> Spot | None:
    """A spot as a job names it; None: places nobody remembers."""
    level, _sign, key = text.partition(":")
    if not key:
        return Spot(level)
    found = Reach.objects.filter(digest=key).first()
    return None if found is None else Spot.at(level, found.facilities)


def note_places(places: Iterable[int], *, at: datetime) -> None:
    """Remember places that are read as one unit; at most once a day."""
    facilities = sorted(places)
    key = board.digest(facilities)
    found = Reach.objects.filter(digest=key).values_list("read_at", flat=True).first()
    if found is None:
        Reach.objects.bulk_create([Reach(digest=key, facilities=facilities, read_at=at)], ignore_conflicts=True)
    elif at - found > NOTED_FOR:
        Reach.objects.filter(digest=key).update(read_at=at)
