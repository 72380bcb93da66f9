"""REST operations of the board."""

from datetime import date, datetime

from ninja import Router
from pydantic import BaseModel

from xinglin.indicators import figure as figures
from xinglin.indicators import queries, readiness, rest_read, rest_write
from xinglin.indicators.behind import records_behind
from xinglin.platform import clock
from xinglin.web.api import ERRORS
from xinglin.web.request import Request

router = Router()
router.add_router("", rest_read.router)
router.add_router("", rest_write.router)


class FigureOut(BaseModel):
    """One figure. `value` null is "no data", and `why` says why: `missing` the kind of facts, `lacking` the months of it that
    were due and did not come, where others did; `definition` names the version it was computed with.
    """

    slug: str
    code: str
    title: str
    definition: str
    unit: str
    value: float | None
    numerator: float | None
    denominator: float | None
    why: str
    missing: str
    lacking: list[str]
    groups: dict[str, int]


class BoardOut(BaseModel):
    """The board of one group and period at the caller's places."""

    period: str
    group: str
    extracted_at: datetime | None
    figures: list[FigureOut]


@router.get("/board", response={200: BoardOut, **ERRORS}, operation_id="read_board")
def read_board(request: Request, period: str = "", group: str = queries.DAILY) -> BoardOut:
    """Figures of a month (``2026-11``), quarter (``2026-Q4``), year (``2026``) or year to date (``2026-11-YTD``), from the
    latest extraction of facts. `group`: ``daily``, ``national-2024``, ``programmes`` …
    """
    now = clock.now()
    actor = request.actor
    period = period or queries.current_period(now)
    readiness.ready(actor, readiness.needs_of_board(actor, period=period, group=group), at=now)
    board = queries.board_for(actor, period=period, group=group, at=now)
    figures = [
        FigureOut(
            slug=each.indicator.slug, code=each.indicator.content.get("code", ""), title=each.indicator.definition.title,
            definition=each.indicator.definition.version, unit=each.indicator.unit, value=each.now.value,
            numerator=each.now.numerator, denominator=each.now.denominator, why=each.now.why, missing=each.now.missing,
            lacking=list(each.now.lacking), groups=dict(each.now.groups),
        )
        for each in board.figures
    ]  # fmt: skip
    return BoardOut(period=board.period.text, group=board.group, extracted_at=board.extracted_at, figures=figures)


class OneFigureOut(FigureOut):
    """One figure with what it means, and those it is compared with."""

    period: str
    why_zh: str
    why_en: str
    numerator_formula: str
    denominator_formula: str
    source: str
    mark: str
    before: float | None
    year_before: float | None
    trend: list["FigurePeriodOut"]


class FigurePeriodOut(BaseModel):
    """One period of the trend; `is_revised`: facts of it changed after they were due."""

    period: str
    value: float | None
    year_before: float | None
    is_revised: bool


class UnitFigureOut(BaseModel):
    """A figure at one unit of a level. `standing`: ``within`` what chance explains, ``high``, ``low``, ``very-high``,
    ``very-low``; empty where chance has no limits. `low` and `high`: its own 95 % interval.
    """

    unit: str
    name: str
    value: float | None
    numerator: float | None
    denominator: float | None
    why: str
    standing: str
    low: float | None
    high: float | None


class FigureRecordOut(BaseModel):
    """One record behind a figure: of nobody by name."""

    uuid: str
    number: str
    facility: str
    at: datetime | date | None
    status: str


class FigureRecordsOut(BaseModel):
    """A page of records; `next_after` is empty on the last. `counted_by`: how the figure counts them; ``persons`` once each.
    `n_elsewhere`: how many more it counts that happened at places the caller does not see.
    """

    table: str
    records: list[FigureRecordOut]
    next_after: str
    counted_by: str
    n_elsewhere: int


class UnitsOut(BaseModel):
    """A figure at every unit of a level the caller may see, the best first."""

    period: str
    level: str
    nature: str
    mean: float | None
    n_within: int
    units: list[UnitFigureOut]


@router.get("/board/{slug}", response={200: OneFigureOut, **ERRORS}, operation_id="read_figure")
def read_figure(request: Request, slug: str, period: str = "") -> OneFigureOut:
    """One figure at the caller's places, with its meaning and what it is compared with."""
    opened = _opened(request, slug, period)
    content, value = opened.indicator.content, opened.now
    return OneFigureOut(
        slug=slug, code=content.get("code", ""), title=opened.indicator.definition.title,
        definition=opened.indicator.definition.version, unit=opened.indicator.unit, value=value.value,
        numerator=value.numerator, denominator=value.denominator, why=value.why, missing=value.missing,
        lacking=list(value.lacking), groups=dict(value.groups), period=opened.period.text, why_zh=content["why"]["zh"], why_en=content["why"]["en"],
        numerator_formula=content.get("numerator", ""), denominator_formula=content.get("denominator", ""),
        source=opened.indicator.definition.cited, mark=opened.indicator.definition.mark, before=opened.before.value,
        year_before=opened.year_before.value,
        trend=[
            FigurePeriodOut(
                period=each.period, value=each.value.value, year_before=each.year_before.value, is_revised=each.is_revised
            )
            for each in opened.trend
        ],
    )  # fmt: skip


@router.get("/board/{slug}/units", response={200: UnitsOut, **ERRORS}, operation_id="read_figure_units")
def read_figure_units(
    request: Request, slug: str, period: str = "", level: str = "township", within: str = ""
) -> UnitsOut:
    """The figure at every unit of a level; `within` a township: its facilities."""
    opened = _opened(request, slug, period, level=level, within=within)
    found = opened.comparison
    units = []
    for each in opened.units:
        low, high = found.intervals.get(each.key, (None, None))
        units.append(
            UnitFigureOut(
                unit=each.key, name=each.name, value=each.value.value, numerator=each.value.numerator,
                denominator=each.value.denominator, why=each.value.why, standing=found.standings.get(each.key, ""),
                low=None if low is None else low * opened.indicator.per,
                high=None if high is None else high * opened.indicator.per,
            )
        )  # fmt: skip
    return UnitsOut(
        period=opened.period.text, level=opened.level, nature=found.nature, mean=found.mean, n_within=found.n_within,
        units=units,
    )  # fmt: skip


@router.get("/board/{slug}/records", response={200: FigureRecordsOut, **ERRORS}, operation_id="read_figure_records")
def read_figure_records(
    request: Request, slug: str, period: str = "", part: str = "numerator", after: str = ""
) -> FigureRecordsOut:
    """Records behind a figure at the caller's places."""
    now = clock.now()
    behind = records_behind(
        request.actor,
        slug=slug, period=period or queries.current_period(now), part=part, after=after, at=now,
    )  # fmt: skip
    found = [
        FigureRecordOut(
            uuid=str(row["uuid"]), number=row.get("number") or "", facility=row["facility_name"],
            at=row.get("at") or row.get("since"), status=row.get("status") or "",
        )
        for row in behind.rows
    ]  # fmt: skip
    return FigureRecordsOut(
        table=behind.table, records=found, next_after=behind.next_after, counted_by=behind.counted_by,
        n_elsewhere=behind.n_elsewhere,
    )  # fmt: skip


def _opened(request: Request, slug: str, period: str, *, level: str = "", within: str = "") -> figures.Opened:
    now, actor = clock.now(), request.actor
    period = period or queries.current_period(now)
    readiness.ready(actor, readiness.needs_of_figure(actor, slug=slug, period=period, level=level), at=now)
    return figures.open_figure(actor, slug=slug, period=period, level=level, within=within, at=now)
