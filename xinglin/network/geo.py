"""Distances and simple shapes on the map. Coordinates in degrees, distances in kilometres."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

EARTH_KM = 6371.0088
KM_PER_DEGREE = 111.195
#: Mainland China and its coast with a margin: outside of it a coordinate is a slip of the pen.
LATITUDES, LONGITUDES = (3.0, 54.0), (73.0, 136.0)
RING_CORNERS = 24
_CORNERS = [
    (math.cos(2 * math.pi * step / RING_CORNERS), math.sin(2 * math.pi * step / RING_CORNERS))
    for step in range(RING_CORNERS)
]

Point = tuple[float, float]


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance of two (latitude, longitude)."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def nearest_km(places: Sequence[Point], centres: Iterable[Point], *, within_km: float) -> list[float | None]:
    """For each place the distance to the nearest centre, or None when none lies within `within_km`.

    Centres are put into cells as large as the radius, so that each place looks at nine cells only.
    """
    lat_step = within_km / KM_PER_DEGREE
    widest = max((abs(each[0]) for each in places), default=0.0)
    lng_step = within_km / (KM_PER_DEGREE * max(math.cos(math.radians(min(widest + lat_step, 85.0))), 0.05))
    cells: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for centre in centres:
        cells[math.floor(centre[0] / lat_step), math.floor(centre[1] / lng_step)].append(centre)
    found: list[float | None] = []
    for place in places:
        row, column = math.floor(place[0] / lat_step), math.floor(place[1] / lng_step)
        near = [c for i in (-1, 0, 1) for j in (-1, 0, 1) for c in cells.get((row + i, column + j), ())]
        best = min((distance_km(place, centre) for centre in near), default=math.inf)
        found.append(best if best <= within_km else None)
    return found


def ring(centre: Point, radius_km: float) -> list[list[float]]:
    """A circle around a (latitude, longitude) as a closed line of [longitude, latitude]."""
    lat, lng = centre
    wide = radius_km / (KM_PER_DEGREE * max(math.cos(math.radians(lat)), 0.05))
    high = radius_km / KM_PER_DEGREE
    line = [[round(lng + wide * east, 4), round(lat + high * north, 4)] for east, north in _CORNERS]
    return [*line, line[0]]


def graticule(points: Sequence[Point]) -> tuple[list[dict[str, Any]], float]:
    """Lines of latitude and longitude over the points as GeoJSON features, and their spacing in degrees."""
    if not points:
        return [], 0.0
    south, north = min(p[0] for p in points), max(p[0] for p in points)
    west, east = min(p[1] for p in points), max(p[1] for p in points)
    step = next(
        (s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0) if max(north - south, east - west) / s <= 8), 5.0
    )
    lats = [round(k * step, 4) for k in range(math.floor(south / step), math.ceil(north / step) + 1)]
    lngs = [round(k * step, 4) for k in range(math.floor(west / step), math.ceil(east / step) + 1)]
    lines = [(f"{lat:g}°N", [[lngs[0], lat], [lngs[-1], lat]]) for lat in lats]
    lines += [(f"{lng:g}°E", [[lng, lats[0]], [lng, lats[-1]]]) for lng in lngs]
    return [
        {"type": "Feature", "properties": {"label": label}, "geometry": {"type": "LineString", "coordinates": line}}
        for label, line in lines
    ], step
