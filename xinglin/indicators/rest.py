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
    """One figure. `value` null is "no data"; `definition` names the version it was computed with."""

    slug: str
    title: str
    definition: str
    unit: str
    value: float | None
    numerator: int | None
    denominator: int | None
    groups: dict[str, int]


class BoardOut(BaseModel):
    """The board of one period at the caller's places."""

    period: str
    extracted_at: datetime | None
    figures: list[FigureOut]


@router.get("/board", response={200: BoardOut, **ERRORS}, operation_id="read_board")
def read_board(request: HttpRequest, period: str = "") -> BoardOut:
    """Figures of a month (``2026-11``) or year (``2026``), from the latest extraction of facts."""
    now = clock.now()
    board = queries.board_for(request.actor, period=period or queries.current_period(now), at=now)  # type: ignore[attr-defined]
    figures = [
        FigureOut(
            slug=each.definition.slug, title=each.definition.title, definition=each.definition.version,
            unit=each.definition.content["unit"], value=each.now.value, numerator=each.now.numerator,
            denominator=each.now.denominator, groups=each.now.groups,
        )
        for each in board.figures
    ]  # fmt: skip
    return BoardOut(period=board.period, extracted_at=board.extracted_at, figures=figures)
