"""The board and each figure of it, as its reader sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import permissions
from xinglin.indicators.definitions.reading import Indicator, indicator, indicators
from xinglin.indicators.engine import board as kept
from xinglin.indicators.engine import periods
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.suppression import demand, publishable, suppressed
from xinglin.indicators.engine.values import NO_DATA, Value
from xinglin.indicators.events import Event
from xinglin.indicators.models import Extraction, FactVersion, Snapshot
from xinglin.indicators.publications import is_revised, published_of
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible, wrong
from xinglin.platform.waiting import once

#: What the board opens with.
DAILY = "daily"


@dataclass(frozen=True, slots=True)
class BoardFigure:
    """One figure with what it means, the one of the period before, and what was last published of it, if that was something else."""

    indicator: Indicator
    now: Value
    before: Value
    published: Value | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """All figures of one group and period at the reader's places."""

    period: Period
    group: str
    groups: list[str]
    extracted_at: datetime | None
    is_whole_county: bool
    is_over: bool
    figures: list[BoardFigure]


def current_period(at: datetime) -> str:
    """The month of a moment in the county."""
    return f"{timezone.localtime(at):%Y-%m}"


def groups() -> list[str]:
    """Groups of indicators in the order of the board."""
    return list(dict.fromkeys(str(each.content.get("group", "")) for each in indicators()))


def board_for(actor: Actor, *, period: str, at: datetime, group: str = DAILY) -> Board:
    """The board. :raises NotPermitted: no right to it. :raises InvalidInput: no such period or group"""
    permissions.may_view_board(actor).require()
    wanted = period_of(period)
    known = groups()
    if group not in known:
        raise wrong("group", _("没有这一组指标。"))
    chosen = [each for each in indicators() if each.content.get("group") == group]
    extraction = latest_extraction()
    version = extraction.version if extraction else None
    now = figures_at(actor, version, wanted, chosen, at=at)
    before = figures_at(actor, version, wanted.before, chosen, at=at)
    is_whole = permissions.board_places(actor) is None
    told = published_of([each.slug for each in chosen], wanted.text) if is_whole else {}
    audit.record(Event.BOARD_VIEWED, by=actor, at=at, detail={"period": wanted.text, "group": group})
    return Board(
        wanted, group, known, extraction.finished_at if extraction else None, is_whole, wanted.is_over(clock.today(at)),
        [BoardFigure(each, now[each.slug], before[each.slug], _changed(told.get(each.slug), now[each.slug])) for each in chosen],
    )  # fmt: skip


def _changed(told: list[tuple[Snapshot, Value]] | None, now: Value) -> Value | None:
    """What was last published, where it was something else."""
    return told[0][1] if told and is_revised(told[0][1], now) else None


def demand_publication(board: Board) -> None:
    """For who waits: what `for_publication` reads of all figures is there. :raises BeingComputed: the worker was asked for it"""
    extraction = latest_extraction() if board.is_whole_county else None
    if extraction is not None and extraction.version is not None:
        for period in (board.period, board.period.before):
            demand(extraction.version, [each.indicator for each in board.figures], period, "county")


def for_publication(board: Board, figure: BoardFigure, *, at: datetime) -> tuple[Value, Value]:
    """A figure and the one before as they may leave the house. Who sees some places only sees the people there: of theirs, a
    small one is left out.
    """
    found, base = [], str(figure.indicator.content["base"])
    extraction = latest_extraction() if board.is_whole_county else None
    version = extraction.version if extraction else None
    for period, value in ((board.period, figure.now), (board.period.before, figure.before)):
        told = {"": value}
        if version is not None:
            told = publishable(version, figure.indicator, period, "county", told, at=at)
        found.append(suppressed(told, base=base)[""])
    return found[0], found[1]


def figures_at(
    actor: Actor, version: FactVersion | None, period: Period, chosen: list[Indicator], *, at: datetime
) -> Mapping[str, Value]:
    """Figures of a period for the reader's places as one unit."""
    if version is None:
        return {each.slug: NO_DATA for each in chosen}
    found = kept.figures(
        version, period, level="county", facilities=permissions.board_places(actor), wanted=chosen, at=at
    )
    return {slug: units.get(WHOLE, NO_DATA) for slug, units in found.items()}


def indicator_of(slug: str) -> Indicator:
    """An indicator by its name. :raises NotVisible: there is none"""
    try:
        return indicator(slug)
    except KeyError as error:
        raise NotVisible("indicators.definition", slug) from error


def period_of(text: str) -> Period:
    """:raises InvalidInput: the text is no period"""
    try:
        return periods.parse(text)
    except ValueError as error:
        raise wrong(
            "period", _("统计期应写作 2026-11（月）、2026-Q4（季）、2026（年）或 2026-11-YTD（本年至该月）。")
        ) from error


def latest_extraction() -> Extraction | None:
    """The extraction pages show: the latest whose figures are kept; before the first of those, the latest finished one. All of
    one answer is of the same one, though another becomes ready meanwhile. Which file holds what is read when it is asked for.
    """
    return once("indicators.latest_extraction", _latest_extraction)


def _latest_extraction() -> Extraction | None:
    finished = Extraction.objects.filter(finished_at__isnull=False).select_related("version")
    found = finished.defer("version__manifest").order_by("-id")
    return found.filter(version__kept_at__isnull=False).first() or found.first()
