"""The plan of a county: which places, which facilities, how many people where. Small, made once, the same each time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import numpy as np

from synth.divisions import City, Township, Village
from synth.layout import Ground, county_place
from synth.rows import rng_for
from synth.tables import Array, apportion

#: Density of the real counties this is modelled on (WH-05, WH-10): units for each million residents.
TOWNSHIPS_PER_MILLION = 61
CLINICS_PER_MILLION = 1100
POINTS_PER_CLINIC = 0.35
#: From this size on one county is too small: neighbours of the same city are joined to it, township by township.
JOIN_NEIGHBOURS_FROM = 300_000
RESIDENTS_PER_VILLAGE = 400
MIN_CLINICS_PER_TOWNSHIP = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A populated village with its coordinates."""

    village: Village
    township: Township
    latitude: float
    longitude: float


@dataclass(slots=True)
class Unit:
    """A facility as planned. `manager` and `host` are ids of other units."""

    id: int
    code: str
    name: str
    kind: str
    tier: str
    division_code: str
    latitude: float
    longitude: float
    address: str
    manager: int | None = None
    host: int | None = None
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class Catchment:
    """Who one village clinic serves: the unit in which people are generated, independent of all others.

    `first` is the index of its first resident in the county; `slot` of `n_slots` is its share of the sequence numbers
    of identity cards of its county.
    """

    index: int
    clinic: Unit
    township: Unit
    places: tuple[Place, ...]
    n_residents: int
    first: int
    slot: int
    n_slots: int

    @property
    def county_code(self) -> str:
        """The code of its county."""
        return self.places[0].village.code[:6]


@dataclass(slots=True)
class Plan:
    """The whole county, without its people."""

    seed: int
    n_residents: int
    visits_per_resident: int
    until: date
    city: City
    county_code: str
    townships: tuple[Township, ...]
    units: list[Unit] = field(default_factory=list)
    catchments: list[Catchment] = field(default_factory=list)
    located: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def county_name(self) -> str:
        """The name of the county that leads."""
        return self.city.county(self.county_code).name

    @property
    def n_visits(self) -> int:
        """How many visits all residents together have."""
        return self.n_residents * self.visits_per_resident

    def of_kind(self, *kinds: str) -> list[Unit]:
        """Units of some kinds, in order of id."""
        return [u for u in self.units if u.kind in kinds]

    def address_of(self, place: Place) -> str:
        """Province to village, as written on an identity card."""
        county = self.city.county(place.village.code[:6]).name
        return f"{self.city.province_name}{self.city.name}{county}{place.township.name}{place.village.name}"


def make_plan(
    city: City, *, county_code: str, n_residents: int, visits_per_resident: int, seed: int, until: date
) -> Plan:
    """Plan a county of `n_residents`."""
    townships = tuple(_chosen_townships(city, county_code, n_residents))
    plan = Plan(seed, n_residents, visits_per_resident, until, city, county_code, townships)
    _add_county_units(plan)
    _add_townships(plan)
    return plan


def _chosen_townships(city: City, county_code: str, n_residents: int) -> Iterator[Township]:
    """The county's own townships; for large sizes also neighbours', nearest county first."""
    own = city.county(county_code)
    wanted = len(own.townships)
    if n_residents >= JOIN_NEIGHBOURS_FROM:
        wanted = max(wanted, round(TOWNSHIPS_PER_MILLION * n_residents / 1_000_000))
    latitude, longitude, _ = county_place(county_code)

    def distance(code: str) -> float:
        other = county_place(code)
        return (other[0] - latitude) ** 2 + (other[1] - longitude) ** 2

    counties = [
        own,
        *sorted((c for c in city.counties if c.code != county_code), key=lambda c: (distance(c.code), c.code)),
    ]
    everything = [t for c in counties for t in c.townships]
    yield from everything[:wanted]


def _add(plan: Plan, *, code: str, **facts: object) -> Unit:
    unit = Unit(id=len(plan.units) + 1, code=code, **facts)  # type: ignore[arg-type]
    plan.units.append(unit)
    return unit


COUNTY_UNITS = (
    # code, kind, name after the county's, short name, manager is the lead hospital
    ("BUREAU", "BUREAU", "卫生健康局", "卫健局", False),
    ("LEAD", "COUNTY_HOSPITAL", "人民医院", "县医院", False),
    ("TCM", "TCM_HOSPITAL", "中医院", "中医院", False),
    ("MCH", "MATERNAL_CHILD", "妇幼保健院", "妇幼保健院", False),
    ("CDC", "CDC", "疾病预防控制中心", "疾控中心", False),
    ("ECG", "SHARED_CENTRE", "心电诊断中心", "心电中心", True),
    ("IMG", "SHARED_CENTRE", "影像诊断中心", "影像中心", True),
    ("LAB", "SHARED_CENTRE", "医学检验中心", "检验中心", True),
    ("PATH", "SHARED_CENTRE", "病理诊断中心", "病理中心", True),
)


def _add_county_units(plan: Plan) -> None:
    """The lead hospital, the three specialist and public-health units, shared centres and the bureau."""
    rng = rng_for(plan.seed, "county-units")
    latitude, longitude, _ = county_place(plan.county_code)
    lead: Unit | None = None
    for code, kind, ending, short, managed in COUNTY_UNITS:
        shared = kind == "SHARED_CENTRE" and lead is not None
        north, east = (0.0, 0.0) if shared else rng.uniform(-0.012, 0.012, 2)
        unit = _add(
            plan,
            code=f"{plan.county_code}-{code}",
            name=plan.county_name + ending,
            kind=kind,
            tier="COUNTY",
            division_code=plan.county_code,
            latitude=lead.latitude if shared and lead else round(latitude + float(north), 4),
            longitude=lead.longitude if shared and lead else round(longitude + float(east), 4),
            address=f"{plan.city.province_name}{plan.city.name}{plan.county_name}",
            manager=lead.id if managed and lead else None,
            short_name=short,
        )
        if code == "LEAD":
            lead = unit


def _add_townships(plan: Plan) -> None:
    """Township units, clinics, service points and the population of each."""
    rng = rng_for(plan.seed, "townships")
    grounds: dict[str, Ground] = {}
    seats: dict[str, Array] = {}
    for county in sorted({t.code[:6] for t in plan.townships}):
        grounds[county] = Ground(county, rng_for(plan.seed, "layout", int(county)))
        own = [t for t in plan.city.county(county).townships if t in plan.townships]
        points = grounds[county].seats(len(own))
        for township, point in zip(sorted(own, key=lambda t: (not t.is_urban, t.code)), points, strict=True):
            seats[township.code] = point
    size = np.array([len(t.villages) * (1.5 if t.is_urban else 1.0) for t in plan.townships]) * rng.lognormal(
        0, 0.15, len(plan.townships)
    )
    residents = apportion(plan.n_residents, size)
    clinics = _clinics_each(plan, residents)
    drafts = [
        draft
        for t, n, k in zip(plan.townships, residents.tolist(), clinics.tolist(), strict=True)
        for draft in _township(plan, t, n, k, grounds[t.code[:6]], seats[t.code])
    ]
    _number_catchments(plan, drafts)


def _clinics_each(plan: Plan, residents: Array) -> Array:
    wanted = max(MIN_CLINICS_PER_TOWNSHIP * len(residents), round(CLINICS_PER_MILLION * plan.n_residents / 1_000_000))
    most = np.array([len(t.villages) for t in plan.townships])
    each = np.clip(apportion(wanted, residents.astype(float)), MIN_CLINICS_PER_TOWNSHIP, most)
    while each.sum() < min(wanted, most.sum()):  # what did not fit goes where there is room
        each[np.argmax((most > each) * residents / each)] += 1
    return cast(Array, each)


_Draft = tuple[Unit, Unit, tuple[Place, ...], int]


def _township(plan: Plan, township: Township, n: int, n_clinics: int, ground: Ground, seat: Array) -> list[_Draft]:
    """One township: its hospital, its clinics with their points, and who lives where."""
    rng = rng_for(plan.seed, "township", int(township.code))
    n_beside = sum(t.code[:6] == township.code[:6] for t in plan.townships)
    reach = ground.radius * (0.7 if township.is_urban else 1.15) / np.sqrt(n_beside)
    points = ground.villages(seat, len(township.villages), max(1.2, reach))
    for village, point in zip(township.villages, points, strict=True):
        plan.located[village.code] = ground.degrees(point)
    plan.located[township.code] = ground.degrees(seat)
    hospital = _township_unit(plan, township)
    n_points = round(POINTS_PER_CLINIC * n_clinics)
    n_used = min(len(township.villages), max(n_clinics + n_points, n // RESIDENTS_PER_VILLAGE))
    used = rng.permutation(len(township.villages))[:n_used]
    heads, others = used[:n_clinics], used[n_clinics:]
    served: dict[int, list[int]] = {int(h): [int(h)] for h in heads}
    for other in others.tolist():
        load = np.array([len(served[int(h)]) for h in heads])
        away = np.hypot(*(points[heads] - points[other]).T)
        served[int(heads[np.argmin(away * (1 + 0.6 * load))])].append(other)
    people = apportion(n, rng.lognormal(0, 0.25, n_clinics) * np.array([len(served[int(h)]) for h in heads]) ** 0.7)
    drafts = []
    with_point = {int(o) for o in others[:n_points]}
    for head, n_people in zip(heads.tolist(), people.tolist(), strict=True):
        places = tuple(_place(plan, township, i) for i in served[head])
        clinic = _clinic(plan, hospital, places[0])
        for i, place in zip(served[head][1:], places[1:], strict=True):
            if i in with_point:
                _service_point(plan, hospital, clinic, place)
        drafts.append((clinic, hospital, places, n_people))
    return drafts


def _place(plan: Plan, township: Township, i: int) -> Place:
    village = township.villages[i]
    return Place(village, township, *plan.located[village.code])


def _township_unit(plan: Plan, township: Township) -> Unit:
    latitude, longitude = plan.located[township.code]
    county = plan.city.county(township.code[:6]).name
    kind, ending = ("COMMUNITY_CENTRE", "社区卫生服务中心") if township.is_urban else ("TOWNSHIP_HOSPITAL", "卫生院")
    return _add(
        plan,
        code=f"{township.code}-T",
        name=f"{county}{township.name}{ending}",
        short_name=f"{township.name}{ending}",
        kind=kind,
        tier="TOWNSHIP",
        division_code=township.code,
        latitude=latitude,
        longitude=longitude,
        address=f"{plan.city.province_name}{plan.city.name}{county}{township.name}驻地",
    )


def _clinic(plan: Plan, hospital: Unit, place: Place) -> Unit:
    return _add(
        plan,
        code=f"{place.village.code}-V",
        name=f"{place.township.name}{place.village.name}卫生室",
        short_name=f"{place.village.name}卫生室",
        kind="VILLAGE_CLINIC",
        tier="VILLAGE",
        division_code=place.village.code,
        latitude=place.latitude,
        longitude=place.longitude,
        address=plan.address_of(place),
        manager=hospital.id,
    )


def _service_point(plan: Plan, hospital: Unit, clinic: Unit, place: Place) -> Unit:
    return _add(
        plan,
        code=f"{place.village.code}-P",
        name=f"{clinic.short_name}{place.village.name}服务点",
        short_name=f"{place.village.name}服务点",
        kind="SERVICE_POINT",
        tier="VILLAGE",
        division_code=place.village.code,
        latitude=place.latitude,
        longitude=place.longitude,
        address=plan.address_of(place),
        manager=hospital.id,
        host=clinic.id,
    )


def _number_catchments(plan: Plan, drafts: list[_Draft]) -> None:
    """Give each catchment its place in the county's running numbers."""
    counties = [places[0].village.code[:6] for _, _, places, _ in drafts]
    first = 0
    for index, (clinic, hospital, places, n) in enumerate(drafts):
        county = counties[index]
        plan.catchments.append(
            Catchment(index, clinic, hospital, places, n, first, counties[:index].count(county), counties.count(county))
        )
        first += n
