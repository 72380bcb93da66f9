"""How a figure moves: a line over the periods, last year's beside it, the target across, and what was revised."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import Canvas, Scale, legend, range_of, tick
from xinglin.web.formats import bracketed_text

WIDTH, HEIGHT = 720.0, 290.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 16.0, 40.0, 42.0
#: On a telephone: its width, and as many periods named below.
NARROW, NAMED = 344.0, 4

#: Per cent of everything: the axis of a share ends there.
WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Point:
    """One period: its figure and the one of the year before, None where there is none, and how each is written."""

    period: str
    value: float | None
    year_before: float | None
    written: str = ""
    is_revised: bool = False


def draw(
    points: Sequence[Point], *, label: str, unit: str, target: float | None = None, narrow: bool = False
) -> SafeString:
    """The trend as a drawing, `narrow` for a telephone. What is not known is a gap, never 0."""
    known = [each for point in points for each in (point.value, point.year_before) if each is not None]
    if target is not None:
        known.append(target)
    is_share = unit == "%" and max(known, default=0.0) <= WHOLE
    marks = range_of(known, most=WHOLE if is_share else None)
    width = NARROW if narrow else WIDTH
    canvas = Canvas(width, HEIGHT)
    top = TOP + _legend(canvas, points, unit, has_target=target is not None)
    x = Scale(0, max(len(points) - 1, 1), LEFT + 18, width - RIGHT - 18)
    y = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, top)
    for mark in marks:
        canvas.line(LEFT, y(mark), width - RIGHT, y(mark), "chart-grid")
        canvas.text(LEFT - 8, y(mark) + 4, tick(mark), anchor="end", look="chart-soft")
    every = -(-len(points) // NAMED) if narrow else 1 if len(points) <= 8 else 2
    for n, point in enumerate(points):
        if (len(points) - 1 - n) % every == 0:
            canvas.text(x(n), HEIGHT - BOTTOM + 20, point.period, anchor="middle", look="chart-soft")
    if target is not None:
        canvas.line(LEFT, y(target), width - RIGHT, y(target), "chart-target")
    _line(canvas, [(x(n), each.year_before) for n, each in enumerate(points)], y, "chart-last")
    _line(canvas, [(x(n), each.value) for n, each in enumerate(points)], y, "chart-line")
    for n, point in enumerate(points):
        if point.value is None:
            continue
        told = f"{point.period} {point.written} {unit}" + (
            bracketed_text(_("到期后有修订")) if point.is_revised else ""
        )
        canvas.circle(x(n), y(point.value), 4, "chart-dot", told)
        if point.is_revised:
            top = y(point.value) - 9
            way = f"M{x(n) - 5:.1f} {top - 9:.1f}h10l-5 8z"
            canvas.path(way, "chart-revised", told)
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _line(canvas: Canvas, points: Sequence[tuple[float, float | None]], y: Scale, look: str) -> None:
    run: list[tuple[float, float]] = []
    for at, value in [*points, (0.0, None)]:
        if value is not None:
            run.append((at, y(value)))
        elif run:
            if len(run) > 1:
                canvas.polyline(run, look)
            elif look == "chart-last":
                canvas.circle(*run[0], 2.5, "chart-none")
            run = []


def _legend(canvas: Canvas, points: Sequence[Point], unit: str, *, has_target: bool) -> float:
    shown = [("chart-line", _("本期")), ("chart-last", _("上年同期"))]
    if has_target:
        shown.append(("chart-target", _("目标")))
    if any(each.is_revised for each in points):
        shown.append(("chart-revised", _("到期后有修订")))
    return legend(canvas, unit, shown, left=LEFT, right=canvas.width - 4)
