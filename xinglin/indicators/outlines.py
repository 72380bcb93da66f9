"""Where units lie on a map. Outlines the county gave (GeoJSON of its townships), else cells around its facilities.

A cell is what lies nearer to a facility than to any other; the cells of a unit's facilities together are its outline. So no
outline has to be fetched from anywhere. They are no borders, and the page says so.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from scipy.spatial import Voronoi, cKDTree

from xinglin.indicators.engine.places import Network
from xinglin.indicators.models import FactVersion
from xinglin.indicators.units import units_of
from xinglin.network.api import coordinates_of

Ring = tuple[tuple[float, float], ...]  # closed, of (longitude, latitude)
Polygon = tuple[Ring, ...]  # outline first, then holes
#: Kilometres: how far an outline reaches beyond the outermost facilities, at least and at most.
NEAR, FAR = 1.0, 15.0
_KM = 111.195
_MOST_GHOSTS = 6_000


@dataclass(frozen=True)
class Outlines:
    """Units of a level on the map. `is_given`: outlines of the county, not cells of ours."""

    areas: Mapping[str, tuple[Polygon, ...]]
    points: Mapping[int, tuple[float, float]]  # facility → (latitude, longitude)
    is_given: bool


def outlines_of(version: FactVersion, level: str, on: date) -> Outlines:
    """Where the units of a level lie. Worked out once for a version, level and day."""
    return _outlines(version.pk, version.digest, level, on)


@lru_cache(maxsize=16)
def _outlines(pk: int, digest: str, level: str, on: date) -> Outlines:
    version = FactVersion.objects.defer("manifest").get(pk=pk)
    assert version.digest == digest
    network = Network.of(version)
    alive = [each for each in network.facilities if network.now(each, on) == each]
    points = coordinates_of(alive)
    # facilities are dots, on the land of their townships
    units = units_of(version, "township" if level == "facility" else level, on)
    given = _given()
    if given:
        return Outlines(_grouped(given, units, units_of(version, "township", on)), points, is_given=True)
    sites = {points[each]: units[each] for each in sorted(points) if each in units}
    return Outlines(cells(sites), points, is_given=False)


def _given() -> dict[str, tuple[Polygon, ...]]:
    """Outlines of townships by code, from ``maps/townships.geojson`` beside the data; empty without one."""
    path = Path(settings.FACTS_DIR).parent / "maps" / "townships.geojson"
    if not path.is_file():
        return {}
    found = {}
    for feature in json.loads(path.read_text(encoding="utf-8")).get("features", ()):
        shape, code = feature.get("geometry") or {}, str((feature.get("properties") or {}).get("code", ""))
        kind, corners = shape.get("type"), shape.get("coordinates") or []
        several = [corners] if kind == "Polygon" else corners if kind == "MultiPolygon" else []
        if code and several:
            found[code] = tuple(
                tuple(tuple((float(x), float(y)) for x, y, *_ in ring) for ring in polygon) for polygon in several
            )
    return found


def _grouped(
    given: Mapping[str, tuple[Polygon, ...]], units: Mapping[int, str], townships: Mapping[int, str]
) -> dict[str, tuple[Polygon, ...]]:
    """Townships put together to units of a level: each to the unit most of its facilities belong to."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for facility, unit in units.items():
        if facility in townships:
            votes[townships[facility]][unit] += 1
    found: dict[str, tuple[Polygon, ...]] = {}
    for code, polygons in given.items():
        if code in votes:
            unit = min(votes[code], key=lambda each: (-votes[code][each], each))
            found[unit] = found.get(unit, ()) + polygons
    return found


def cells(sites: Mapping[tuple[float, float], str]) -> dict[str, tuple[Polygon, ...]]:
    """Outlines of units from their sites, (latitude, longitude) → unit."""
    if not sites:
        return {}
    places = np.array(list(sites), dtype=float)
    wide = math.cos(math.radians(float(places[:, 0].mean())))
    flat = np.column_stack((places[:, 1] * wide, places[:, 0])) * _KM  # kilometres east and north
    ghosts = _around(flat)
    diagram = Voronoi(np.vstack((flat, ghosts)))
    labels = [*sites.values(), *([""] * len(ghosts))]
    edges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (one, two), (begin, end) in zip(diagram.ridge_points, diagram.ridge_vertices, strict=True):
        if labels[one] != labels[two] and begin >= 0 and end >= 0:
            for label in (labels[one], labels[two]):
                if label:
                    edges[label].append((begin, end))
    corners = diagram.vertices / _KM
    told = [(round(float(x) / wide, 5), round(float(y), 5)) for x, y in corners]
    return {
        label: _polygons([tuple(told[v] for v in ring) for ring in _rings(found)]) for label, found in edges.items()
    }


def _around(flat: np.ndarray) -> np.ndarray:
    """Points of nobody where no site is near: they end the outermost cells."""
    reach = FAR
    if len(flat) > 1:
        nearest = cKDTree(flat).query(flat, k=2)[0][:, 1]
        reach = float(min(max(1.6 * np.quantile(nearest, 0.95), NEAR), FAR))
    low, high = flat.min(axis=0) - 3 * reach, flat.max(axis=0) + 3 * reach
    step = max(reach, math.sqrt(float(np.prod(high - low)) / _MOST_GHOSTS))
    grid = np.array(
        [(x, y) for x in np.arange(low[0], high[0] + step, step) for y in np.arange(low[1], high[1] + step, step)]
    )
    far: np.ndarray = grid[cKDTree(flat).query(grid)[0] > reach]
    return far


def _rings(edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Edges put together to closed rings of corners."""
    meeting: dict[int, list[int]] = defaultdict(list)
    for n, (one, two) in enumerate(edges):
        meeting[one].append(n)
        meeting[two].append(n)
    used: set[int] = set()
    rings = []
    for n, (first, at) in enumerate(edges):
        if n in used:
            continue
        used.add(n)
        ring = [first, at]
        while at != first:
            following = next((each for each in meeting[at] if each not in used), None)
            if following is None:
                break
            used.add(following)
            one, two = edges[following]
            at = two if one == at else one
            ring.append(at)
        if ring[0] == ring[-1] and len(ring) > 3:
            rings.append(ring)
    return rings


def _polygons(rings: Sequence[Ring]) -> tuple[Polygon, ...]:
    """Rings as polygons: one inside of another is a hole of it."""
    outer: list[list[Ring]] = []
    for ring in sorted(rings, key=area, reverse=True):
        around = next((each for each in outer if _is_inside(ring[0], each[0])), None)
        if around is None:
            outer.append([ring])
        else:
            around.append(ring)
    return tuple(tuple(each) for each in outer)


def area(ring: Ring) -> float:
    """The area of a ring in square degrees."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False))) / 2


def _is_inside(point: tuple[float, float], ring: Ring) -> bool:
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
