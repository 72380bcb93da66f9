"""REST operations of the board."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from xinglin.indicators import queries
from xinglin.platform import clock
from xinglin.web.api import ERRORS

router = Router()


class FigureOut(BaseModel):
    """One figure. `value` null is "no data", and `why` says why; `definition` names the version it was computed with."""

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
    groups: dict[str, int]


class BoardOut(BaseModel):
    """The board of one group and period at the caller's places."""

    period: str
    group: str
    extracted_at: datetime | None
    figures: list[FigureOut]


@router.get("/board", response={200: BoardOut, **ERRORS}, operation_id="read_board")
def read_board(request: HttpRequest, period: str = "", group: str = queries.DAILY) -> BoardOut:
    """Figures of a month (``2026-11``), quarter (``2026-Q4``), year (``2026``) or year to date (``2026-11-YTD``), from the
    latest extraction of facts. `group`: ``daily``, ``national-2024``, ``programmes`` …
    """
    now = clock.now()
    actor = request.actor  # type: ignore[attr-defined]
    board = queries.board_for(actor, period=period or queries.current_period(now), group=group, at=now)
    figures = [
        FigureOut(
            slug=each.indicator.slug, code=each.indicator.content.get("code", ""), title=each.indicator.definition.title,
            definition=each.indicator.definition.version, unit=each.indicator.unit, value=each.now.value,
            numerator=each.now.numerator, denominator=each.now.denominator, why=each.now.why, missing=each.now.missing,
            groups=dict(each.now.groups),
        )
        for each in board.figures
    ]  # fmt: skip
    return BoardOut(period=board.period.text, group=board.group, extracted_at=board.extracted_at, figures=figures)
