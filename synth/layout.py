"""Where things lie: townships around the county's middle, villages around their township, none on top of another."""

import math
from typing import cast

import numpy as np

from synth.tables import Array, table

KM_PER_DEGREE = 111.2
DEFAULT_AREA_KM2 = 1200.0
_CANDIDATES = 14


def county_place(code: str) -> tuple[float, float, float]:
    """Latitude, longitude and radius in km of a county; a county that is not listed gets a place near the middle of
    its province that depends on its code only.
    """
    places = table("places")
    known = places["counties"].get(code)
    if known:
        return known["latitude"], known["longitude"], math.sqrt(known["area_km2"] / math.pi)
    latitude, longitude = places["provinces"].get(code[:2], [34.0, 110.0])
    turn = math.radians(int(code[2:]) * 137.508 % 360)  # the golden angle spreads neighbours
    away = 0.25 + 0.9 * (int(code[2:]) % 97) / 97
    return (
        latitude + away * math.sin(turn),
        longitude + away * math.cos(turn),
        math.sqrt(DEFAULT_AREA_KM2 / math.pi),
    )


class Ground:
    """Points in km around one county's middle; each new one keeps away from those already there (best candidate)."""

    def __init__(self, code: str, rng: np.random.Generator) -> None:
        self.latitude, self.longitude, self.radius = county_place(code)
        self._rng = rng
        self._taken = np.empty((0, 2))

    def seats(self, n: int) -> Array:
        """`n` township seats, the most central first."""
        points = np.empty((n, 2))
        for i in range(n):
            points[i] = self._best(points[:i], np.zeros(2), self.radius * 0.9, 40)
        self._taken = np.vstack([self._taken, points])
        return cast(Array, points[np.argsort(np.hypot(points[:, 0], points[:, 1]), kind="stable")])

    def villages(self, seat: Array, n: int, reach: float) -> Array:
        """`n` villages within `reach` km of a seat, away from every other village of the county."""
        points = np.empty((n, 2))
        for i in range(n):
            near = self._taken[np.hypot(*(self._taken - seat).T) < 2.2 * reach] if len(self._taken) else self._taken
            points[i] = self._best(near, seat, reach, _CANDIDATES)
            self._taken = np.vstack([self._taken, points[i]])
        return points

    def degrees(self, point: Array) -> tuple[float, float]:
        """Latitude and longitude of a point, to about ten metres."""
        latitude = self.latitude + point[1] / KM_PER_DEGREE
        longitude = self.longitude + point[0] / (KM_PER_DEGREE * math.cos(math.radians(self.latitude)))
        return round(float(latitude), 4), round(float(longitude), 4)

    def _best(self, taken: Array, middle: Array, reach: float, n: int) -> Array:
        turns = self._rng.uniform(0, 2 * math.pi, n)
        away = reach * np.sqrt(self._rng.uniform(0, 1, n))
        candidates = middle + np.column_stack([away * np.cos(turns), away * np.sin(turns)])
        if not len(taken):
            return cast(Array, candidates[np.argmin(away)])
        away_from_each = candidates[:, None, :] - taken[None, :, :]
        nearest = np.hypot(away_from_each[..., 0], away_from_each[..., 1]).min(axis=1)
        return cast(Array, candidates[np.argmax(nearest)])
