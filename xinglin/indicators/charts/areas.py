"""A map of units: areas in five steps from light to dark, or facilities as dots; what is not known is dashed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.charts.drawing import MOST_TOLD, Canvas, fitted

WIDTH, MOST_HIGH = 720.0, 620.0
EDGE, FOOT = 14.0, 34.0
#: Steps of the legend.
STEPS = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """One unit: polygons of rings of (longitude, latitude), or one point; `step` is None where there is no figure. `said` is what
    is told beside its name.
    """

    name: str
    step: int | None
    said: str = ""
    polygons: Sequence[Sequence[Sequence[tuple[float, float]]]] = ()
    point: tuple[float, float] | None = None  # latitude, longitude
    size: float = 5.0
    url: str = ""
    is_land: bool = False  # what dots lie on

    @property
    def told(self) -> str:
        """The unit in words."""
        return f"{self.name}{'：' if self.step is None else ' '}{self.said}" if self.said else self.name


def breaks(values: Sequence[float]) -> list[float]:
    """Upper ends of the steps, so that each step holds about as many units; fewer steps where values are few."""
    known = sorted(set(values))
    n = min(STEPS, len(known))
    return [known[math.ceil(len(known) * (k + 1) / n) - 1] for k in range(n)]


def step_of(value: float | None, ends: Sequence[float]) -> int | None:
    """The step a value falls into, spread over the colours there are."""
    if value is None or not ends:
        return None
    at = next((n for n, end in enumerate(ends) if value <= end), len(ends) - 1)
    return round(at * (STEPS - 1) / max(len(ends) - 1, 1)) if len(ends) > 1 else STEPS // 2


def draw(shapes: Sequence[Shape], legend: Sequence[tuple[int, str]], *, label: str) -> SafeString:
    """The map as a drawing, north up. `legend`: step and words."""
    corners = [corner for each in shapes for polygon in each.polygons for ring in polygon for corner in ring]
    corners += [(each.point[1], each.point[0]) for each in shapes if each.point]
    west, east = min(x for x, _y in corners), max(x for x, _y in corners)
    south, north = min(y for _x, y in corners), max(y for _x, y in corners)
    wide = math.cos(math.radians((south + north) / 2))
    scale = min(
        (WIDTH - 2 * EDGE) / max((east - west) * wide, 1e-6), (MOST_HIGH - 2 * EDGE - FOOT) / max(north - south, 1e-6)
    )
    height = (north - south) * scale + 2 * EDGE + FOOT
    left = (WIDTH - (east - west) * wide * scale) / 2
    canvas = Canvas(WIDTH, height)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x - west) * wide * scale, EDGE + (north - y) * scale

    for each in shapes:
        if each.polygons:
            rings = [[at(*corner) for corner in ring] for polygon in each.polygons for ring in polygon]
            canvas.path("".join(_ring(ring) for ring in rings), _look(each), each.told, each.url)
    _dots(canvas, shapes, at)
    for each in shapes:
        if each.polygons and not each.is_land:
            _name(canvas, each, at)
    _legend(canvas, legend, height)
    return canvas.svg(label=label, note=_("图下有同样内容的表格。"))


def _look(shape: Shape) -> str:
    if shape.is_land:
        return "chart-land"
    return "chart-none" if shape.step is None else f"{'chart-rim' if shape.point else 'chart-edge'} chart-c{shape.step}"


def _dots(canvas: Canvas, shapes: Sequence[Shape], at) -> None:  # type: ignore[no-untyped-def]
    """In the order given, those without a figure beneath. Of a crowd only the first so many with a figure have their words."""
    points = [(each, (*at(each.point[1], each.point[0]), each.size)) for each in shapes if each.point]
    silent, known = ([each for each in points if (each[0].step is None) is is_silent] for is_silent in (True, False))
    is_crowd = len(points) > MOST_TOLD
    if is_crowd:
        _crowd(canvas, silent)
    for each, (x, y, size) in known[:MOST_TOLD] if is_crowd else [*silent, *known]:
        canvas.circle(x, y, size, _look(each), each.told, each.url)
    if is_crowd:
        _crowd(canvas, known[MOST_TOLD:])


def _crowd(canvas: Canvas, points: Sequence[tuple[Shape, tuple[float, float, float]]]) -> None:
    for look in dict.fromkeys(_look(each) for each, _spot in points):
        canvas.circles([spot for each, spot in points if _look(each) == look], look)


def _ring(ring: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z"


def _name(canvas: Canvas, shape: Shape, at) -> None:  # type: ignore[no-untyped-def]
    outer = max((polygon[0] for polygon in shape.polygons), key=len)
    spots = [at(*corner) for corner in outer]
    room = max(x for x, _y in spots) - min(x for x, _y in spots)
    x, y = (sum(each[n] for each in spots) / len(spots) for n in (0, 1))
    if room > 40:
        canvas.text(x, y + 4, fitted(shape.name, room), anchor="middle", look="chart-on")


def _legend(canvas: Canvas, legend: Sequence[tuple[int, str]], height: float) -> None:
    x = EDGE
    for step, words in [*legend, (-1, _("无数据"))]:
        canvas.rect(x, height - 24, 14, 14, "chart-none" if step < 0 else f"chart-edge chart-c{step}")
        canvas.text(x + 20, height - 12, fitted(words, 112))
        x += 116
