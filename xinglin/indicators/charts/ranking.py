"""Units beside each other: a bar each, the whole as a line, and the interval within which chance may have moved it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import Canvas, Scale, fitted, range_of, tick, width_of

WIDTH, ROW = 720.0, 24.0
RIGHT, TOP, BOTTOM = 84.0, 34.0, 30.0
#: Room for names: what the longest needs, between these.
LEAST, MOST_ROOM = 90.0, 240.0
#: On a telephone: its width, room for names and for figures.
NARROW, NARROW_NAMES, NARROW_RIGHT = 344.0, 112.0, 56.0
#: The head of an interval that goes on beyond the axis, along and across it.
HEAD = 4.0
#: Bars of one drawing, and lines of a page of the table under it.
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


def draw(
    bars: Sequence[Bar], *, label: str, unit: str, mean: float | None, mean_words: str, narrow: bool = False
) -> SafeString:
    """The ranking as a drawing, in the order given, `narrow` for a telephone. A unit without a figure has words instead of a bar."""
    shown = list(bars)[:MOST]
    known = [each.value for each in shown if each.value is not None] + ([mean] if mean is not None else [])
    marks = range_of(known, from_zero=True)
    height = TOP + BOTTOM + ROW * len(shown)
    width, right = (NARROW, NARROW_RIGHT) if narrow else (WIDTH, RIGHT)
    longest = max((width_of(each.name) + 16 for each in shown), default=LEAST)
    left = min(max(LEAST, longest), NARROW_NAMES if narrow else MOST_ROOM)
    canvas = Canvas(width, height)
    x = Scale(marks[0], marks[-1], left, width - right)
    for mark in marks:
        canvas.line(x(mark), TOP, x(mark), height - BOTTOM, "chart-grid")
    for mark in marks[:: 2 if narrow else 1]:
        if x(mark) + width_of(tick(mark)) / 2 + 6 < width - 6 - width_of(unit):
            canvas.text(x(mark), height - 10, tick(mark), anchor="middle", look="chart-soft")
    canvas.text(width - 6, height - 10, unit, anchor="end", look="chart-soft")
    for n, bar in enumerate(shown):
        _bar(canvas, bar, TOP + ROW * n, x)
    if mean is not None:
        canvas.line(x(mean), TOP - 6, x(mean), height - BOTTOM, "chart-mean")
        words = fitted(f"{mean_words} {unit}", width - 12)
        is_left = x(mean) > width / 2
        at = max(x(mean), width_of(words) + 6) if is_left else min(x(mean), width - width_of(words) - 6)
        canvas.text(at, 18, words, anchor="end" if is_left else "start")
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _bar(canvas: Canvas, bar: Bar, top: float, x: Scale) -> None:
    middle = top + ROW / 2
    canvas.text(x.start - 8, middle + 4, fitted(bar.name, x.start - 14), anchor="end")
    if bar.value is None:
        canvas.text(x.start + 6, middle + 4, fitted(bar.written, canvas.width - x.start - 10), look="chart-soft")
        return
    look = f"chart-bar-{bar.look}" if bar.look else "chart-bar"
    start, end = sorted((x(0) if x.low <= 0 <= x.high else x(x.low), x(bar.value)))
    canvas.rect(start, top + 4, max(end - start, 1), ROW - 8, look, bar.told, bar.url)
    if bar.low is not None and bar.high is not None:
        low, high = (min(max(each, x.low), x.high) for each in (bar.low, bar.high))
        canvas.line(x(low), middle, x(high), middle, "chart-whisker")
        for end, whole, inwards in ((low, bar.low, HEAD), (high, bar.high, -HEAD)):
            if end != whole:  # it goes on beyond the axis
                for aside in (-HEAD, HEAD):
                    canvas.line(x(end), middle, x(end) + inwards, middle + aside, "chart-whisker")
    canvas.text(x.end + 8, middle + 4, bar.written)
