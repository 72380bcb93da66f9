"""Units of a figure: which facility counts where, and how each is called."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from xinglin.indicators.engine.places import Network
from xinglin.indicators.models import FactVersion
from xinglin.network import api as network
from xinglin.network.api import area_names, consortium_names, division_names, facility_names
from xinglin.network.data import Merger


def units_of(version: FactVersion, level: str, on: date) -> Mapping[int, str]:
    """Facility → unit of a level, on a day. Not to be changed."""
    return Network.of(version).places(level, on=on).units or {}


def units_hidden_from(version: FactVersion, level: str, on: date, places: Collection[int]) -> set[str]:
    """Units somebody who sees `places` does not see all of; with a unit he sees what was merged into it."""
    found = Network.of(version)
    seen = found.with_merged(places, on=on)
    layers = found.layers(level, on=on)
    return {unit for each in layers for facility, unit in (each.units or {}).items() if facility not in seen}


def unit_names(level: str, keys: Iterable[str]) -> dict[str, str]:
    """How units of a level are called. One query."""
    wanted = list(keys)
    if level == "facility":
        return {str(pk): name for pk, name in facility_names(int(each) for each in wanted).items()}
    if level == "township":
        return division_names(wanted)
    if level == "area":
        return area_names(wanted)
    return consortium_names(wanted) if level == "consortium" else {}


def mergers_of(level: str, keys: Iterable[str]) -> Mapping[str, Merger]:
    """Which units of a level were merged; only facilities are. One query."""
    if level != "facility":
        return {}
    return {str(pk): each for pk, each in network.mergers_of(int(each) for each in keys).items()}
