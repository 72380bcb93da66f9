"""A figure on the map: for Leaflet, and as a drawing."""

import math
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from xinglin.indicators.charts import areas
from xinglin.indicators.engine import board as kept
from xinglin.indicators.figure import Opened
from xinglin.indicators.outlines import Outlines, outlines_of
from xinglin.indicators.units import unit_names
from xinglin.indicators.web import charts, words

#: Decimals of a degree: about a metre.
PLACES = 5
#: Dots of facilities: the smallest and the largest.
_SMALLEST, _LARGEST = 3.5, 13.0


@dataclass(frozen=True, slots=True)
class MapOfUnits:
    """Units on the map: shapes, the legend (step, words), and how many could not be placed."""

    shapes: list[areas.Shape]
    legend: list[tuple[int, str]]
    n_lost: int
    is_given: bool


def map_of(opened: Opened, *, links: bool = True) -> MapOfUnits | None:
    """The units of an opened figure on the map; None where nothing can be placed."""
    if opened.version is None or not opened.units:
        return None
    on = min(kept.reference(opened.version), opened.period.last)
    found = outlines_of(opened.version, opened.level, on)
    values = [value.value for value in opened.told.values() if value.value is not None]
    ends = areas.breaks(values)
    shapes = _shapes(opened, found, ends, links=links)
    if all(each.is_land for each in shapes):
        return None
    n_valued = sum(opened.told[each.key].value is not None for each in opened.units)
    n_placed = sum(each.step is not None for each in shapes)
    return MapOfUnits(shapes, _legend(opened, ends, values), max(n_valued - n_placed, 0), found.is_given)


def _shapes(opened: Opened, found: Outlines, ends: list[float], *, links: bool) -> list[areas.Shape]:
    largest = max((value.denominator or value.numerator or 0 for value in opened.told.values()), default=0) or 1
    telling = charts.Telling(opened)
    shapes = _land(found) if opened.level == "facility" else []
    for unit in opened.units:
        value = opened.told[unit.key]
        step, said = areas.step_of(value.value, ends), telling.said(unit, value)
        url = charts.below_url(opened, unit) if links else ""
        if opened.level == "facility":
            point = found.points.get(int(unit.key))
            size = value.denominator or value.numerator or 0
            radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(size / largest)
            if point is not None and not (value.value is None and not size and not value.why):
                shapes.append(areas.Shape(unit.name, step, said, point=point, size=radius, url=url))
        elif unit.key in found.areas:
            shapes.append(areas.Shape(unit.name, step, said, polygons=found.areas[unit.key], url=url))
    # the small over the large, and both over those without a figure
    return sorted(shapes, key=lambda each: (bool(each.point), bool(each.point) and each.step is not None, -each.size))


def _land(found: Outlines) -> list[areas.Shape]:
    names = unit_names("township", found.areas)
    return [
        areas.Shape(names.get(code, code), None, polygons=polygons, is_land=True)
        for code, polygons in found.areas.items()
    ]


def _legend(opened: Opened, ends: list[float], values: list[float]) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    before = min(values, default=0.0)
    for end in ends:
        inside = [each for each in values if each <= end and (not lines or each > before)]
        low, high = (words.number(each, opened.indicator) for each in (min(inside, default=end), end))
        lines.append((areas.step_of(end, ends) or 0, low if low == high else f"{low}–{high}"))
        before = end
    return lines


def map_chart(opened: Opened, *, links: bool = True) -> SafeString:
    """The map as a drawing; empty where nothing can be placed."""
    return drawn(opened, map_of(opened, links=links))


def drawn(opened: Opened, found: MapOfUnits | None) -> SafeString:
    """The same of a map that is at hand."""
    if found is None:
        return mark_safe("")
    label = f"{opened.indicator.definition.title} · {_('地图')}"
    return areas.draw(found.shapes, found.legend, label=label)


def leaflet(found: MapOfUnits) -> dict[str, Any]:
    """The same for Leaflet: areas as GeoJSON, facilities as points."""
    features = [
        {
            "type": "Feature",
            "properties": {"label": each.name}
            if each.is_land
            else {"label": each.name, "note": each.said, "step": each.step, "url": each.url},
            "geometry": {"type": "MultiPolygon", "coordinates": each.polygons},
        }
        for each in found.shapes
        if each.polygons
    ]
    points = [
        {
            "lat": round(each.point[0], PLACES), "lng": round(each.point[1], PLACES), "label": each.name, "note": each.said,
            "step": each.step, "size": round(each.size, 1),
        }
        for each in found.shapes
        if each.point
    ]  # fmt: skip
    return {"areas": {"type": "FeatureCollection", "features": features}, "points": points}
