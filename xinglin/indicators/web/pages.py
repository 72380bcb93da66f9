"""The board as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from xinglin.indicators import permissions, queries, readiness
from xinglin.indicators.behind import Behind
from xinglin.indicators.engine.values import Value
from xinglin.indicators.queries import Board, BoardFigure
from xinglin.indicators.web import words
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web.formats import datetime_text, parted_text


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of a count."""

    label: str
    n: int
    percent: float
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. `value` is text, "" for no data, and `reason` says why.

    `change` to the period before is told of whole periods; while one runs, `before` is what the other came to.
    """

    code: str
    title: str
    why: str
    value: str
    reason: str
    unit: str
    parts: str
    change: str
    good: str
    url: str
    bars: Sequence[Bar]
    before: str
    since: date
    revised: str  # what was published, where it was something else


@dataclass(frozen=True, slots=True)
class BoardPage:
    """All tiles of a group and period."""

    period: str
    group: str
    previous_url: str
    year_url: str
    quarter_url: str
    this_url: str
    is_whole_county: bool
    may_keep: bool
    extracted_at: datetime | None
    is_future: bool
    tabs: Sequence[dict[str, Any]]
    tiles: Sequence[Tile]

    @classmethod
    def build(cls, board: Board, *, this_month: str, may_keep: bool = False) -> "BoardPage":
        """Words and addresses around the figures."""
        text, group = board.period.text, board.group
        year, month = this_month.split("-")
        quarter = f"{year}-Q{(int(month) + 2) // 3}"
        return cls(
            period=text,
            group=group,
            previous_url=_address(board.period.before.text, group),
            year_url=_address(text[:4], group),
            quarter_url=_address(quarter, group),
            this_url="" if text == this_month else _address(this_month, group),
            is_whole_county=board.is_whole_county,
            may_keep=may_keep,
            extracted_at=board.extracted_at,
            is_future=f"{board.period.first:%Y-%m}" > this_month,
            tabs=[
                {"label": words.GROUPS.get(each, each), "url": _address(text, each), "active": each == group}
                for each in board.groups
            ],
            tiles=[_tile(figure, text, is_over=board.is_over) for figure in board.figures],
        )


def glance(actor: Actor, *, at: datetime) -> Sequence[Tile]:
    """The daily figures of this month, for the first page of who may see the board; none while they are not kept."""
    if not permissions.may_view_board(actor) or queries.latest_extraction() is None:
        return ()
    period = queries.current_period(at)
    needs = readiness.needs_of_board(actor, period=period, group=queries.DAILY)
    if readiness.waiting_for(actor, needs, at=at) is not None:
        return ()
    found = queries.board_for(actor, period=period, at=at)
    return [_tile(figure, period, is_over=found.is_over) for figure in found.figures]


def _address(period: str, group: str) -> str:
    return f"{reverse('indicators:board')}?{urlencode({'period': period, 'group': group})}"


def change(figure: BoardFigure, *, is_over: bool) -> tuple[str, str]:
    """How much a figure moved against the period before, and whether that is good: "ok", "warning" or ""."""
    now, before, indicator = figure.now.value, figure.before.value, figure.indicator
    if now is None or before is None or not is_over:
        return "", ""
    difference = now - before
    written = words.number(abs(difference), indicator)
    if not written.strip("0.,"):
        return gettext("持平"), ""
    direction = indicator.content.get("direction", "none")
    good = ""
    if direction in {"up", "down"}:
        good = "ok" if (difference > 0) == (direction == "up") else "warning"
    return f"{'+' if difference > 0 else '−'}{written}", good


def bars_of(figure: BoardFigure, period: str) -> list[Bar]:
    """The groups of a count, the largest first, each leading to its records."""
    url = f"{reverse('indicators:records', args=[figure.indicator.slug])}?period={period}"
    labels = words.labels_of(figure.indicator)
    total = sum(figure.now.groups.values()) or 1
    return [
        Bar(str(labels.get(name, name)), n, 100 * n / total, f"{url}&part={name}")
        for name, n in sorted(figure.now.groups.items(), key=lambda each: -each[1])
    ]


def _tile(figure: BoardFigure, period: str, *, is_over: bool) -> Tile:
    indicator, now, before = figure.indicator, figure.now, figure.before
    moved, good = change(figure, is_over=is_over)
    return Tile(
        code=str(indicator.content.get("code", "")),
        title=indicator.definition.title,
        why=words.why_of(indicator),
        value=words.number(now.value, indicator),
        reason=words.reason(now),
        unit=str(words.UNITS.get(indicator.unit, indicator.unit)),
        parts=words.both_parts(now, indicator),
        change=moved,
        good=good,
        url=f"{reverse('indicators:figure', args=[indicator.slug])}?period={period}",
        bars=bars_of(figure, period),
        before="" if is_over else words.number(before.value, indicator),
        since=indicator.definition.valid_from,
        revised=""
        if figure.published is None
        else words.number(figure.published.value, indicator) or gettext("无数据"),
    )


def table_of(board: Board, *, at: datetime) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of a board as it may leave the house: figures of a few people are left out, and say so."""
    headings = [
        gettext("指标"), gettext("数值"), gettext("计量单位"), gettext("分子"), gettext("分母"), gettext("上一期"), gettext("说明"),
        gettext("统计期"), gettext("口径版本"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    queries.demand_publication(board)
    for each in board.figures:
        indicator = each.indicator
        now, before = queries.for_publication(board, each, at=at)
        rows.append(
            [
                indicator.definition.title, now.value, str(words.UNITS.get(indicator.unit, indicator.unit)),
                *words.amounts(now, indicator), before.value, _note(each, now), board.period.text, indicator.definition.version,
            ]
        )  # fmt: skip
    return headings, rows


def _note(figure: BoardFigure, now: Value) -> str:
    """Why there is no value, and that something else was published."""
    notes = [
        words.reason(now), words.money_note(figure.indicator),
        gettext("发布后有修订") if figure.published is not None else "",
    ]  # fmt: skip
    return parted_text(each for each in notes if each)


@dataclass(frozen=True, slots=True)
class Row:
    """One record: number, or what it is about; moment or day; place, state, and where the reader can open it (empty: he may not)."""

    number: str
    at: str
    facility: str
    state: str
    url: str


def _when(moment: datetime | date | None, *, now: datetime) -> str:
    """A moment to the minute; a record that has only a day, e.g. of an enrolment, by its day."""
    if isinstance(moment, datetime):
        return datetime_text(moment, now=now)
    return moment.isoformat() if moment else ""


def rows_of(behind: Behind, actor: Actor) -> list[Row]:
    """Records behind a figure as lines of a table."""
    records = words.RECORDS.get(behind.table)
    wanted = [row["uuid"] for row in behind.rows]
    opened = (
        set(map(str, records.visible_to(actor).filter(uuid__in=wanted).values_list("uuid", flat=True)))
        if records
        else set()
    )
    lines = []
    for row in behind.rows:
        place = row["facility_name"] + (f" → {row['to_facility_name']}" if row["to_facility_name"] else "")
        status = row.get("status") or ""
        state = str(records.labels.get(status, status)) if records else status
        url = reverse(records.page, args=[row["uuid"]]) if records and str(row["uuid"]) in opened else ""
        moment = row.get("at") or row.get("since")
        name = row.get("number") or words.table_title(behind.table)
        lines.append(Row(name, _when(moment, now=clock.now()), place or gettext("县外"), state, url))
    return lines
