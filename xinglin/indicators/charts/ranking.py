"""Units beside each other: a bar each, the whole as a line, and the interval within which chance may have moved it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import Canvas, Scale, fitted, range_of, tick

WIDTH, ROW = 720.0, 24.0
LEFT, RIGHT, TOP, BOTTOM = 150.0, 84.0, 34.0, 30.0
#: Bars of one drawing; the table has all.
MOST = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One unit. `look` is good, bad, small or nothing; `low` and `high` are its own 95 % interval, where it has one."""

    name: str
    value: float | None
    written: str
    look: str = ""
    low: float | None = None
    high: float | None = None
    url: str = ""
    told: str = ""


def draw(bars: Sequence[Bar], *, label: str, unit: str, mean: float | None, mean_words: str) -> SafeString:
    """The ranking as a drawing, in the order given. A unit without a figure has words instead of a bar."""
    shown = list(bars)[:MOST]
    known = [each.value for each in shown if each.value is not None] + ([mean] if mean is not None else [])
    marks = range_of(known, from_zero=True)
    height = TOP + BOTTOM + ROW * len(shown)
    canvas = Canvas(WIDTH, height)
    x = Scale(marks[0], marks[-1], LEFT, WIDTH - RIGHT)
    for mark in marks:
        canvas.line(x(mark), TOP, x(mark), height - BOTTOM, "chart-grid")
        canvas.text(x(mark), height - 10, tick(mark), anchor="middle", look="chart-soft")
    for n, bar in enumerate(shown):
        _bar(canvas, bar, TOP + ROW * n, x)
    if mean is not None:
        canvas.line(x(mean), TOP - 6, x(mean), height - BOTTOM, "chart-mean")
        side = "end" if x(mean) > WIDTH / 2 else "start"
        canvas.text(x(mean), 18, fitted(f"{mean_words} {unit}", WIDTH / 2 - 20), anchor=side)
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _bar(canvas: Canvas, bar: Bar, top: float, x: Scale) -> None:
    middle = top + ROW / 2
    canvas.text(LEFT - 8, middle + 4, fitted(bar.name, LEFT - 14), anchor="end")
    if bar.value is None:
        canvas.text(LEFT + 6, middle + 4, fitted(bar.written, WIDTH - LEFT - RIGHT), look="chart-soft")
        return
    look = f"chart-bar-{bar.look}" if bar.look else "chart-bar"
    start, end = sorted((x(0) if x.low <= 0 <= x.high else x(x.low), x(bar.value)))
    canvas.rect(start, top + 4, max(end - start, 1), ROW - 8, look, bar.told, bar.url)
    if bar.low is not None and bar.high is not None:
        low, high = (min(max(each, x.low), x.high) for each in (bar.low, bar.high))
        canvas.line(x(low), middle, x(high), middle, "chart-whisker")
    canvas.text(WIDTH - RIGHT + 8, middle + 4, bar.written)
