"""The people of one catchment: ages, couples, children, elders, households, names, numbers. Pure and repeatable."""

import random
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from synth.county import Catchment, Plan
from synth.families import HEAD, form_households
from synth.identity import IdentityNumbers, birth_certificate, passport, phone_number
from synth.names import VillageNames, draw_surname, given_name, minority_name
from synth.rows import rng_for
from synth.tables import Array, pyramid, table

EPOCH = date(1970, 1, 1).toordinal()
DAYS_PER_YEAR = 365.2425
#: The youngest were registered, and may have been seen, before the last day.
MIN_AGE_DAYS = 3
#: Within so many days a newborn has no identity card yet.
NEWBORN_DAYS = 60


@dataclass(slots=True)
class Person:
    """One person. `age` in years (fraction), `born` in days since 1970. `index` counts through the whole county."""

    index: int
    age: float
    male: bool
    born: int = 0
    household: int = -1
    relation: str = ""
    father: int = -1  # position in the catchment
    mother: int = -1
    spouse: int = -1
    surname: str = ""
    name: str = ""
    ethnicity: str = "01"
    nationality: str = "CHN"
    id_kind: str = "RESIDENT_ID"
    id_number: str | None = None
    phone: str | None = None
    insurance: str = "RESIDENT"
    allergies: str = ""


@dataclass(slots=True)
class Household:
    """One household: positions of its members, the head first."""

    members: list[int]
    place: int = 0
    door: int = 0


@dataclass(slots=True)
class People:
    """All residents of one catchment."""

    persons: list[Person]
    households: list[Household] = field(default_factory=list)


def draw_people(plan: Plan, catchment: Catchment) -> People:
    """Generate the residents of a catchment."""
    stream = rng_for(plan.seed, "people", catchment.index)
    rng = random.Random(int(stream.integers(0, 2**62)))
    ages = _draw_ages(stream, catchment.n_residents)
    males = stream.random(len(ages)) < pyramid().by_age("men", ages)
    people = People(
        [
            Person(catchment.first + i, age, male)
            for i, (age, male) in enumerate(zip(ages.tolist(), males.tolist(), strict=True))
        ]
    )
    people.households = [Household(members) for members in form_households(people.persons, stream, rng)]
    _house(people, catchment, rng)
    _give_births(people, plan, catchment)
    _name(people, catchment, rng, plan.until)
    _give_documents(people, plan, catchment, rng)
    _give_phones_and_cover(people, plan, stream)
    return people


def _draw_ages(stream: np.random.Generator, n: int) -> Array:
    shape = pyramid()
    groups = np.repeat(np.arange(len(shape.shares)), stream.multinomial(n, shape.shares))
    ages = (groups + stream.random(n)) * shape.years
    old = groups == len(shape.shares) - 1
    ages[old] = groups[old] * shape.years + np.minimum(stream.exponential(1.8, int(old.sum())), 12.0)
    return stream.permutation(np.maximum(ages, MIN_AGE_DAYS / DAYS_PER_YEAR))


def _house(people: People, catchment: Catchment, rng: random.Random) -> None:
    """Spread the households over the villages of the catchment; the clinic's own village is the largest."""
    doors = [0] * len(catchment.places)
    weights = [1.6] + [1.0] * (len(catchment.places) - 1)
    for household in people.households:
        household.place = rng.choices(range(len(doors)), weights)[0]
        doors[household.place] += 1
        household.door = doors[household.place]


def _give_births(people: People, plan: Plan, catchment: Catchment) -> None:
    """Birth days and identity cards."""
    until = plan.until.toordinal() - EPOCH
    numbers = IdentityNumbers(catchment.county_code, catchment.slot, catchment.n_slots)
    for person in people.persons:
        person.born = until - int(person.age * DAYS_PER_YEAR)
        if until - person.born < NEWBORN_DAYS:
            person.id_kind = "NONE"
        else:
            person.born, person.id_number = numbers.number(person.born, male=person.male)


def _name(people: People, catchment: Catchment, rng: random.Random, until: date) -> None:
    """Family names go from father to child; siblings may share the first character of their given names."""
    villages = [VillageNames(rng) for _ in catchment.places]
    shared: dict[int, str] = {}
    # Fathers before their children, so that a name is there to be handed down.
    order = sorted(range(len(people.persons)), key=lambda i: people.persons[i].born)
    for i in order:
        person = people.persons[i]
        place = people.households[person.household].place
        if person.father >= 0:
            person.surname = people.persons[person.father].surname
        elif person.male or person.relation == HEAD:
            person.surname = villages[place].surname()
        else:
            person.surname = draw_surname(rng)
        year = until.year - int(person.age)
        first = shared.get(person.father, "") if person.father >= 0 and rng.random() < 0.25 else ""
        given = given_name(rng, male=person.male, born_year=year, first=first)
        if person.father >= 0 and len(given) == 2:
            shared.setdefault(person.father, given[0])
        person.name = person.surname + given


def _give_documents(people: People, plan: Plan, catchment: Catchment, rng: random.Random) -> None:
    """Exceptions: newborns, minority names, people from abroad, and two very long names in the first catchment."""
    data = table("names")
    alone = [p for p in people.persons if p.father < 0 and 20 < p.age < 70 and not _has_children(people, p)]
    for person in people.persons:
        if person.id_kind == "NONE" and rng.random() < 0.6:
            person.id_kind = "BIRTH_CERTIFICATE"
            person.id_number = birth_certificate(plan.city.province_code, person.index)
    for person in alone:
        draw = rng.random() * 1000
        if draw < data["minority"]["per_mille"] * 4:  # those who came alone are about a quarter of all
            person.name, person.ethnicity = minority_name(rng)
        elif draw < data["minority"]["per_mille"] * 4 + data["foreign"]["per_mille"] * 4:
            _make_foreign(person, *rng.choice(data["foreign"]["people"]))
    if catchment.index == 0:
        alone.reverse()
        for person, name in zip(alone, data["minority"]["long"], strict=False):
            person.name, person.ethnicity = name, "05"
        for person in alone[2:3]:
            person.name, person.ethnicity = minority_name(rng)
        for person in alone[3:4]:
            _make_foreign(person, *data["foreign"]["people"][0])


def _make_foreign(person: Person, nationality: str, name: str) -> None:
    person.name, person.nationality, person.ethnicity = name, ALPHA3[nationality], ""
    person.id_kind, person.id_number = "PASSPORT", passport(person.index)


def _has_children(people: People, person: Person) -> bool:
    members = people.households[person.household].members
    position = next(m for m in members if people.persons[m] is person)
    return any(people.persons[m].father == position for m in members)


def _give_phones_and_cover(people: People, plan: Plan, stream: np.random.Generator) -> None:
    ages = np.array([p.age for p in people.persons])
    n = len(ages)
    has_phone = stream.random(n) < pyramid().by_age("telephone", ages)
    cover = stream.random(n)
    residents = pyramid().by_age("insurance", ages, 1)
    employees = pyramid().by_age("insurance", ages, 2)
    allergic = stream.random(n)
    allergies = table("conditions")["allergies"]
    for i, person in enumerate(people.persons):
        if has_phone[i]:
            person.phone = phone_number(person.index, plan.seed)
        scheme = (
            "RESIDENT" if cover[i] < residents[i] else "EMPLOYEE" if cover[i] < residents[i] + employees[i] else "NONE"
        )
        person.insurance = scheme if person.nationality == "CHN" else "NONE"
        draw = float(allergic[i])
        for name, share in allergies:
            if draw < share:
                person.allergies = name
                break
            draw -= share


#: GB/T 2659: two letters to three.
ALPHA3 = {
    "US": "USA",
    "RU": "RUS",
    "KR": "KOR",
    "JP": "JPN",
    "VN": "VNM",
    "MM": "MMR",
    "PK": "PAK",
    "NG": "NGA",
    "DE": "DEU",
    "FR": "FRA",
}
