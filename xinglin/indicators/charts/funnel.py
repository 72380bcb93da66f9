"""A funnel: each unit by its denominator and its figure, between the lines that chance alone would draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.chance import Limits
from xinglin.indicators.charts.drawing import MOST_TOLD, Canvas, Scale, fitted, legend, range_of, tick

WIDTH, HEIGHT = 720.0, 400.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 20.0, 40.0, 52.0
#: On a telephone: its width and height.
NARROW, NARROW_HEIGHT = 344.0, 320.0
#: Names written beside units outside of the lines.
NAMED = 12
RADIUS = 5.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One unit: its denominator, its figure, and whether it stands within, better or worse (or only higher or lower). `tell`
    gives its words.
    """

    name: str
    n: float
    value: float
    look: str
    tell: Callable[[], str]
    url: str = ""


def draw(
    dots: Sequence[Dot],
    lines: Sequence[Limits],
    *,
    label: str,
    unit: str,
    per: float,
    centre: float,
    narrow: bool = False,
) -> SafeString:
    """The funnel as a drawing, `narrow` for a telephone. `lines` are for each of the denominator; `per` makes figures of them."""
    shown = [each.value for each in dots] + [per * centre]
    known = shown + [each * per for line in lines[len(lines) // 6 :] for each in (line.low, line.high)]
    marks = range_of(known, from_zero=min(shown) < 0.3 * max(shown))
    across = range_of([each.n for each in dots], from_zero=True)
    width, tall = (NARROW, NARROW_HEIGHT) if narrow else (WIDTH, HEIGHT)
    canvas = Canvas(width, tall)
    top = TOP + _legend(canvas, unit)
    x = Scale(0, across[-1], LEFT, width - RIGHT)
    y = Scale(marks[0], marks[-1], tall - BOTTOM, top)

    def at(value: float) -> float:
        return y(min(max(value * per, marks[0]), marks[-1]))

    for outer, look in ((True, "chart-band"), (False, "chart-band-inner")):
        _band(canvas, lines, x, at, outer=outer, look=look)
    for mark in marks:
        canvas.line(LEFT, y(mark), width - RIGHT, y(mark), "chart-grid")
        canvas.text(LEFT - 8, y(mark) + 4, tick(mark), anchor="end", look="chart-soft")
    for mark in across[:: 2 if narrow else 1]:
        canvas.text(x(mark), tall - BOTTOM + 18, tick(mark), anchor="middle", look="chart-soft")
    canvas.text(width - RIGHT, tall - 8, _("分母（规模）"), anchor="end", look="chart-soft")
    canvas.line(LEFT, at(centre), width - RIGHT, at(centre), "chart-mean")
    _dots(canvas, dots, lambda dot: (x(dot.n), y(min(max(dot.value, marks[0]), marks[-1]))))
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _dots(canvas: Canvas, dots: Sequence[Dot], at: Callable[[Dot], tuple[float, float]]) -> None:
    """Those who stand apart over the others, the larger first; of a crowd only so many have their words."""
    ordered = sorted(dots, key=lambda each: (each.look == "within", -each.n))
    told, crowd = ordered[:MOST_TOLD], ordered[MOST_TOLD:]
    for look in dict.fromkeys(each.look for each in crowd[::-1]):
        canvas.circles([(*at(each), RADIUS) for each in crowd if each.look == look], f"chart-{look}")
    taken: list[tuple[float, float]] = []
    for dot in sorted(told, key=lambda each: (each.look != "within", -each.n)):
        left, height = at(dot)
        canvas.circle(left, height, RADIUS, f"chart-{dot.look}", dot.tell(), dot.url)
        is_free = all(abs(left - a) > 140 or abs(height - b) > 16 for a, b in taken)
        if dot.look != "within" and is_free and len(taken) < NAMED:
            taken.append((left, height))
            is_far = left > canvas.width * 0.55
            words, side = fitted(dot.name, 130), "end" if is_far else "start"
            canvas.text(left + (-9 if is_far else 9), height + 4, words, anchor=side, look="chart-on")


def _band(canvas: Canvas, lines: Sequence[Limits], x: Scale, at, *, outer: bool, look: str) -> None:  # type: ignore[no-untyped-def]
    upper = [(x(each.n), at(each.very_high if outer else each.high)) for each in lines]
    lower = [(x(each.n), at(each.very_low if outer else each.low)) for each in lines]
    ring = upper + lower[::-1]
    canvas.path("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in ring) + "Z", look)
    for edge in (upper, lower):
        canvas.polyline(edge, "chart-limit" if outer else "chart-limit-inner")


def _legend(canvas: Canvas, unit: str) -> float:
    signs = [("chart-mean", _("合计")), ("chart-limit-inner", _("95%控制限")), ("chart-limit", _("99.8%控制限"))]
    return legend(canvas, unit, signs, left=LEFT, right=canvas.width - 4)
