"""Rows of the residents of one catchment: registration, household, contacts and rosters."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np

from synth.county import Catchment, Plan, Unit
from synth.health import Health, recorded_conditions
from synth.people import EPOCH, People, Person
from synth.rows import (
    Block,
    block,
    bytea,
    days,
    flags,
    moments,
    numbers,
    people_numbers,
    pick,
    rng_for,
    same,
    texts,
    uuids,
)  # fmt: skip
from synth.sealing import Sealer
from synth.tables import Array

Columns = dict[str, list[str]]
REGISTRATION_BEGAN = date(2013, 1, 1).toordinal() - EPOCH


@dataclass(frozen=True)
class Neighbourhood:
    """Where people of a catchment go: the unit of each level, and another clinic of the township."""

    clinic: Unit
    township: Unit
    county: Unit
    tcm: Unit
    mch: Unit
    other_clinic: Unit
    ecg_centre: Unit

    def of_levels(self) -> list[Unit]:
        """Units in the order of levels; the last is "elsewhere"."""
        return [self.clinic, self.township, self.county, self.tcm, self.mch, self.other_clinic]


def neighbourhood(plan: Plan, catchment: Catchment) -> Neighbourhood:
    """The units around a catchment."""
    beside = [c.clinic for c in plan.catchments if c.township.id == catchment.township.id and c is not catchment]
    by_code = {u.code.rpartition("-")[2]: u for u in plan.units if u.tier == "COUNTY"}
    return Neighbourhood(
        catchment.clinic, catchment.township, by_code["LEAD"], by_code["TCM"], by_code["MCH"],
        beside[catchment.index % len(beside)] if beside else catchment.clinic, by_code["ECG"],
    )  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Spelled names, shared by registration and rosters."""

    name: list[str]
    pinyin: list[str]
    initials: list[str]


def spelled(people: People, sealer: Sealer) -> Names:
    """Names with pinyin and initials, cut to their columns."""
    both = [sealer.pinyin(p.name) for p in people.persons]
    return Names(texts(p.name for p in people.persons), texts(b[0][:160] for b in both), texts(b[1][:40] for b in both))


def registered_at(plan: Plan, catchment: Catchment, health: Health) -> Array:
    """When each resident was registered (local seconds): babies at once, the others before the history begins."""
    rng = rng_for(plan.seed, "registered", catchment.index)
    earliest = np.maximum(REGISTRATION_BEGAN, health.born + 1)
    latest = np.maximum(health.since, earliest + 1)
    day = earliest + (rng.random(len(earliest)) * (latest - earliest)).astype(np.int64)
    return cast(Array, day * 86_400 + 9 * 3600 + rng.integers(0, 7 * 3600, len(day)))


def resident_uuids(plan: Plan, catchment: Catchment, registered: Array) -> list[str]:
    """Identifiers of the residents of a catchment."""
    return uuids(registered, rng_for(plan.seed, "resident-uuids", catchment.index))


def household_block(plan: Plan, catchment: Catchment, people: People) -> Block:
    """Households; their ids leave room for one household per resident."""
    n = len(people.households)
    ids = catchment.first + 1 + np.arange(n)
    began = np.full(n, REGISTRATION_BEGAN * 86_400 + 9 * 3600)
    places = [catchment.places[h.place] for h in people.households]
    return block(
        "residents_household",
        {
            "id": numbers(ids),
            "uuid": uuids(began, rng_for(plan.seed, "household-uuids", catchment.index)),
            "number": people_numbers("H", began, plan.n_residents + ids),
            "division_code": [p.village.code for p in places],
            "address": texts(f"{plan.address_of(p)}{h.door}号" for p, h in zip(places, people.households, strict=True)),
            "created_at": moments(began),
        },
    )


def resident_block(
    plan: Plan, catchment: Catchment, people: People, health: Health, names: Names, sealer: Sealer,
    registered: Array, registrars: list[int],
) -> Block:  # fmt: skip
    """Registrations."""
    persons = people.persons
    n = len(persons)
    ids = catchment.first + 1 + np.arange(n)
    changed = np.where(health.deceased | health.moved, health.until * 86_400 + 10 * 3600, registered)
    columns = {
        "id": numbers(ids),
        "uuid": resident_uuids(plan, catchment, registered),
        "number": people_numbers("P", registered, ids),
        "name": names.name,
        "pinyin": names.pinyin,
        "initials": names.initials,
        "card_index": same(None, n),
        "managed_by_id": same(catchment.clinic.id, n),
        "conditions": _conditions(health),
        "status": pick(("ACTIVE", "DECEASED", "MOVED"), health.deceased + 2 * health.moved),
        "status_changed_at": moments(changed),
        "merged_into_id": same(None, n),
        "died_on": days(health.until, ~health.deceased),
        "registered_at": moments(registered),
        "registered_by": pick([str(r) for r in registrars], ids % len(registrars)),
        "registered_at_facility_id": same(catchment.clinic.id, n),
    }
    columns |= _facts(persons) | _homes(plan, catchment, people) | _documents(people, days(health.born), sealer)
    return block("residents_resident", columns)


def _facts(persons: list[Person]) -> Columns:
    return {
        "sex": ["1" if p.male else "2" for p in persons],
        "ethnicity": [p.ethnicity for p in persons],
        "nationality": [p.nationality for p in persons],
        "relation_to_head": [p.relation for p in persons],
        "insurance": [p.insurance for p in persons],
        "allergies": [p.allergies for p in persons],
    }


def _homes(plan: Plan, catchment: Catchment, people: People) -> Columns:
    homes = [people.households[p.household] for p in people.persons]
    addresses = [plan.address_of(place) for place in catchment.places]
    return {
        "division_code": [catchment.places[h.place].village.code for h in homes],
        "address": texts(f"{addresses[h.place]}{h.door}号" for h in homes),
        "household_id": numbers(catchment.first + 1 + np.array([p.household for p in people.persons])),
    }


def _documents(people: People, born_on: list[str], sealer: Sealer) -> Columns:
    """Documents and telephone numbers: sealed, with their indexes."""
    persons = people.persons
    numbers_ = [sealer.seal("residents_resident.id_number", p.id_number) if p.id_number else None for p in persons]
    indexes = [
        sealer.identity(
            id_kind=p.id_kind,
            id_number=p.id_number,
            name=p.name,
            male=p.male,
            born_on=born,
            guardian=guardian_of(people, i),
        )
        for i, (p, born) in enumerate(zip(persons, born_on, strict=True))
    ]
    return {
        "born_on": born_on,
        "id_kind": [p.id_kind for p in persons],
        "id_number": bytea(numbers_),
        "identity_index": bytea(indexes),
        "phone": bytea(sealer.seal("residents_resident.phone", p.phone) if p.phone else None for p in persons),
        "phone_index": bytea(sealer.phone_index(p.phone) if p.phone else None for p in persons),
    }


def _conditions(health: Health) -> list[str]:
    named = recorded_conditions().items()
    return [json.dumps([slug for c, slug in named if row[c]]) if row.any() else "[]" for row in health.conditions]


def guardian_of(people: People, position: int) -> str:
    """The identity number of who answers for a child: mother, else father, else the head of the household."""
    person = people.persons[position]
    head = people.households[person.household].members[0]
    for candidate in (person.mother, person.father, head):
        if candidate >= 0 and people.persons[candidate].id_number:
            return str(people.persons[candidate].id_number)
    return ""


def contact_block(plan: Plan, catchment: Catchment, people: People, sealer: Sealer) -> Block:
    """Whom to call for children and for the old: a parent, a child, or the head of the household."""
    rows = list(_contacts(people))
    persons = people.persons
    began = np.full(len(rows), REGISTRATION_BEGAN * 86_400)
    return block(
        "residents_contact",
        {
            "id": numbers(np.array([persons[i].index + 1 for i, _, _ in rows])),
            "uuid": uuids(began, rng_for(plan.seed, "contact-uuids", catchment.index)),
            "resident_id": numbers(np.array([persons[i].index + 1 for i, _, _ in rows])),
            "name": texts(persons[c].name for _, c, _ in rows),
            "relation": [relation for _, _, relation in rows],
            "phone": bytea(sealer.seal("residents_contact.phone", persons[c].phone) for _, c, _ in rows),  # type: ignore[arg-type]
            "is_guardian": flags(np.array([persons[i].age < 18 for i, _, _ in rows], dtype=bool)),
            "ended_at": same(None, len(rows)),
        },
    )


def _contacts(people: People) -> Iterator[tuple[int, int, str]]:
    persons = people.persons
    for i, person in enumerate(persons):
        if 16 <= person.age < 70:
            continue
        children = [
            m for m in people.households[person.household].members if i in (persons[m].father, persons[m].mother)
        ]
        wanted = [(person.mother, "母亲"), (person.father, "父亲")] if person.age < 16 else []
        wanted += [(c, "儿子" if persons[c].male else "女儿") for c in children]
        wanted += [(person.spouse, "配偶"), (people.households[person.household].members[0], "家人")]
        for other, relation in wanted:
            if other not in {-1, i} and persons[other].phone:
                yield i, other, relation
                break
