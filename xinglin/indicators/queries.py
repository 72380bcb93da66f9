"""The board as its reader sees it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.indicators import engine, permissions
from xinglin.indicators.engine import NO_DATA, Value
from xinglin.indicators.models import Extraction
from xinglin.network.api import facility_names
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.definitions import Definition
from xinglin.platform.errors import InvalidInput, NotVisible

_PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]))?\Z")
PAGE = 50


@dataclass(frozen=True, slots=True)
class BoardFigure:
    """One figure with what it means and the one of the period before."""

    definition: Definition
    now: Value
    before: Value


@dataclass(frozen=True, slots=True)
class Board:
    """All figures of one period at the reader's places."""

    period: str
    before: str
    extracted_at: datetime | None
    is_whole_county: bool
    is_over: bool
    figures: list[BoardFigure]


def current_period(at: datetime) -> str:
    """The month of a moment in the county."""
    return f"{timezone.localtime(at):%Y-%m}"


def is_over(period: str, at: datetime) -> bool:
    """Whether a month or year has ended in the county."""
    return current_period(at)[: len(period)] > period


def period_before(period: str) -> str:
    """The month or year before."""
    year, _dash, month = period.partition("-")
    if not month:
        return str(int(year) - 1)
    return f"{int(year) - 1}-12" if month == "01" else f"{year}-{int(month) - 1:02}"


def board_for(actor: Actor, *, period: str, at: datetime) -> Board:
    """The board. :raises NotPermitted: no right to it. :raises InvalidInput: the period is neither month nor year"""
    permissions.may_view_board(actor).require()
    check_period(period)
    places = permissions.board_places(actor)
    extraction, now = engine.board(period=period, places=places, at=at)
    before_period = period_before(period)
    _extraction, before = engine.board(period=before_period, places=places, at=at)
    audit.record("board.viewed", by=actor, at=at, detail={"period": period})
    figures = [
        BoardFigure(each, now.get(each.slug, NO_DATA), before.get(each.slug, NO_DATA)) for each in engine.definitions()
    ]
    return Board(
        period,
        before_period,
        extraction.finished_at if extraction else None,
        places is None,
        is_over(period, at),
        figures,
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of records behind a figure; `next_after` is empty on the last."""

    definition: Definition
    rows: list[dict[str, Any]]
    next_after: str


def records_behind(actor: Actor, *, slug: str, period: str, part: str, after: str, at: datetime) -> Behind:
    """Records behind a figure at the reader's places, by number, with no name of anybody.

    :raises NotVisible: there is no such figure
    """
    permissions.may_view_board(actor).require()
    check_period(period)
    definition = next((each for each in engine.definitions() if each.slug == slug), None)
    if definition is None:
        raise NotVisible("indicators.definition", slug)
    rows = engine.records(
        definition, period=period, places=permissions.board_places(actor), part=part, after=after, limit=PAGE + 1
    )
    audit.record("board.opened", by=actor, at=at, kind="indicators.definition", key=slug, detail={"period": period})
    names = facility_names({row["facility"] for row in rows} | {row.get("to_facility") for row in rows})
    for row in rows:
        row["facility_name"] = names.get(row["facility"], "")
        row["to_facility_name"] = names.get(row.get("to_facility") or 0, "")
    following = str(rows[PAGE - 1]["number"]) if len(rows) > PAGE else ""
    return Behind(definition, rows[:PAGE], following)


def check_period(period: str) -> None:
    """:raises InvalidInput: the period is neither ``2026-11`` nor ``2026``"""
    if not _PERIOD.match(period):
        raise InvalidInput(_("统计期应写作 2026-11（月）或 2026（年）。"), fields={"period": period[:20]})


def latest_extraction() -> Extraction | None:
    """The latest finished extraction."""
    return Extraction.objects.filter(finished_at__isnull=False).order_by("-id").first()
