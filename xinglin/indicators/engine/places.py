"""Which facility counts where: from the facts themselves, as of the end of a period.

A facility that was merged counts, from the period in which it was merged on, under its successor: the whole of such a year
under one unit, and each visit once. A village clinic counts for the township its division lies in.
"""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow.parquet as pq

from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.facts.extraction import files_of
from xinglin.indicators.models import FactVersion

#: Digits of the code of a township.
TOWNSHIP_DIGITS = 9
#: Versions whose network a process keeps.
KEPT = 4


class Network:
    """Facilities and memberships of a version, as far as figures need them."""

    def __init__(
        self,
        facilities: list[dict[str, Any]],
        memberships: list[dict[str, Any]],
        areas: list[dict[str, Any]] | None = None,
    ) -> None:
        self.facilities = {each["facility"]: each for each in facilities}
        self._memberships = memberships
        self._areas: dict[int, list[str]] = {}
        for each in areas or ():
            self._areas.setdefault(each["facility"], []).append(each["area"])

    @classmethod
    def of(cls, version: FactVersion) -> "Network":
        """Read from the files of a version, once for as long as it is among the last asked for. Not to be changed."""
        return _network(*(tuple(files_of(version, table)) for table in ("facilities", "memberships", "areas")))

    def now(self, facility: int, on: date) -> int:
        """What a facility has become by a day: itself, or what it was merged into."""
        seen: set[int] = set()
        while facility not in seen:
            seen.add(facility)
            found = self.facilities.get(facility)
            if found is None or not found["successor"] or found["until"] is None or found["until"] > on:
                break
            facility = found["successor"]
        return facility

    def places(self, level: str, *, on: date) -> Places:
        """The units of a level at the end of a period. Not to be changed."""
        return _places(self, level, on)

    def _placed(self, level: str, on: date) -> Places:
        if level == "county":
            return Places()
        units: dict[int, str] = {}
        for each in self.facilities:
            now = self.now(each, on)
            if unit := self._unit(level, now, on):
                units[each] = unit
        return Places(units)

    def layers(self, level: str, *, on: date) -> list[Places]:
        """The units of a level, so that in each set of places a facility belongs to one: areas may overlap."""
        if level != "area":
            return [self.places(level, on=on)]
        members: dict[str, set[int]] = {}
        for each in self.facilities:
            for area in self._areas_of(self.now(each, on)):
                members.setdefault(area, set()).add(each)
        layers: list[dict[int, str]] = []
        for area, facilities in sorted(members.items()):
            layer = next((each for each in layers if not facilities & each.keys()), None)
            if layer is None:
                layers.append(layer := {})
            layer.update(dict.fromkeys(facilities, area))
        return [Places(each) for each in layers]

    def _areas_of(self, facility: int) -> list[str]:
        """Areas it is in itself, else those of the unit that manages it."""
        seen: set[int] = set()
        at: int | None = facility
        while at is not None and at not in seen:
            seen.add(at)
            if at in self._areas:
                return self._areas[at]
            at = (self.facilities.get(at) or {}).get("manager")
        return []

    def scope(self, facilities: Collection[int], *, on: date) -> Places:
        """Some facilities as one unit, with what was merged into them."""
        return Places(dict.fromkeys(self.with_merged(facilities, on=on), WHOLE))

    def with_merged(self, facilities: Collection[int], *, on: date) -> frozenset[int]:
        """Some facilities and what was merged into them by a day: who answers for them answers for all of these."""
        return frozenset(each for each in self.facilities if each in facilities or self.now(each, on) in facilities)

    def tells(self, levels: Collection[str], facilities: Collection[int], *, on: date) -> bool:
        """Whether some facilities as one unit are as large as a unit of one of the levels: what makes sense of a consortium
        only says nothing to who sees a part of one.
        """
        return any(self._holds_one(level, facilities, on) for level in levels)

    def _holds_one(self, level: str, facilities: Collection[int], on: date) -> bool:
        members: dict[str, set[int]] = {}
        for layer in self.layers(level, on=on):
            for each in self.facilities:
                unit = WHOLE if layer.units is None else layer.units.get(each)
                if unit is not None:
                    members.setdefault(unit, set()).add(self.now(each, on))
        return any(each <= set(facilities) for each in members.values())

    def _unit(self, level: str, facility: int, on: date) -> str:
        found = self.facilities.get(facility)
        if found is None:
            return ""
        if level == "facility":
            return str(facility)
        if level == "township":
            code = found["division"] or ""
            return code[:TOWNSHIP_DIGITS] if len(code) >= TOWNSHIP_DIGITS else ""
        if level == "area":  # the first of them; whoever needs all asks for `layers`
            return min(self._areas_of(facility), default="")
        return self._consortium(facility, on)

    def _consortium(self, facility: int, on: date) -> str:
        """Its own membership, else that of the unit that manages it."""
        seen: set[int] = set()
        at: int | None = facility
        while at is not None and at not in seen:
            seen.add(at)
            for each in self._memberships:
                if each["facility"] == at and each["since"] <= on and (each["until"] is None or each["until"] > on):
                    return str(each["consortium"])
            at = (self.facilities.get(at) or {}).get("manager")
        return ""


@lru_cache(maxsize=KEPT)
def _network(*tables: tuple[str, ...]) -> Network:
    """By the names of its files, which name what is in them."""
    return Network(*([row for file in files for row in pq.read_table(file).to_pylist()] for files in tables))


@lru_cache(maxsize=16 * KEPT)
def _places(network: Network, level: str, on: date) -> Places:
    return network._placed(level, on)
