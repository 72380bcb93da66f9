"""How many residents have a diagnosis, how many are old enough: counted at night for the whole county, and read from there.

A large county's diagnoses are millions of rows: counting those of 60 diseases takes too long for a page. What was never counted, as
the codes of a definition that begins today, is counted when it is asked for.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xinglin.programmes.models import KeptCount
from xinglin.programmes.rules import catalogue
from xinglin.residents import api as residents
from xinglin.visits import api as visits

ByPlace = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """Residents by facility, for each name asked for; `at` is when the oldest of them was counted, None: none of them is kept."""

    by: Mapping[str, ByPlace]
    at: datetime | None


def diagnosed(groups: Mapping[str, Sequence[str]], places: Collection[int] | None) -> Counted:
    """How many residents of these facilities (None: of all) have a diagnosis of each group of beginnings of ICD-10 codes. One query
    when all of them are kept.
    """
    keys = {name: key_of_codes(codes) for name, codes in groups.items()}
    kept = _kept(keys.values(), places)
    missing = {name: groups[name] for name, key in keys.items() if key not in kept}
    fresh = visits.diagnosed_counts(missing) if missing else {}
    found = {
        name: kept[key][0] if key in kept else _in_places(fresh.get(name, {}), places) for name, key in keys.items()
    }
    return Counted(found, _oldest(kept))


def living(ages: Collection[int], places: Collection[int] | None, *, on: date) -> Counted:
    """How many residents of these facilities (None: of all) are at least so old, by the age as a text. One query when all of them
    are kept.
    """
    kept = _kept([key_of_age(each) for each in ages], places)
    found = {
        str(age): kept[key][0] if (key := key_of_age(age)) in kept else residents.managed_counts(places, born_until=born_until(age, on))
        for age in ages
    }  # fmt: skip
    return Counted(found, _oldest(kept))


def wanted(on: date) -> tuple[dict[str, Sequence[str]], set[int]]:
    """The groups of codes and the ages that the programmes in force ask for."""
    programmes = catalogue.programmes(on)
    groups = {key_of_codes(each.diseases): each.diseases for each in programmes if each.diseases}
    return dict(groups), {each.prevalence.from_age for each in programmes if each.prevalence is not None}


def key_of_codes(codes: Sequence[str]) -> str:
    """What a group of codes is kept under: other codes, another row."""
    return "codes:" + hashlib.sha256(",".join(sorted(codes)).encode()).hexdigest()[:32]


def key_of_age(age: int) -> str:
    """What an age is kept under."""
    return f"age:{age}"


def born_until(age: int, on: date) -> date:
    """The latest day of birth of who is so old."""
    return on.replace(year=on.year - age, day=min(on.day, 28))


def _in_places(by_place: Mapping[Any, int], places: Collection[int] | None, key: Callable[[int], Any] = int) -> ByPlace:
    """Of the facilities named, each found under its `key`: few are picked out of many."""
    if places is None:
        return {int(place): n for place, n in by_place.items()}
    return {place: n for place in places if (n := by_place.get(key(place)))}


def _kept(keys: Collection[str], places: Collection[int] | None) -> dict[str, tuple[ByPlace, datetime]]:
    rows = KeptCount.objects.filter(of__in=set(keys))
    return {each.of: (_in_places(each.by_facility, places, key=str), each.counted_at) for each in rows}


def _oldest(kept: Mapping[str, tuple[ByPlace, datetime]]) -> datetime | None:
    return min((at for _by_place, at in kept.values()), default=None)
