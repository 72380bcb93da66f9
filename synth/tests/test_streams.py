"""The streams: the same each time, whole, plausible."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from stdnum.cn import uscc

from synth.catchments import catchment_blocks, resident_at
from synth.county import Plan
from synth.families import HEAD, MOTHER_MIN
from synth.health import draw_health
from synth.identity import IdentityNumbers, check_digit, phone_number
from synth.network_rows import network_blocks
from synth.people import EPOCH, People, Person, draw_people
from synth.resident_rows import registered_at
from synth.rows import Block, people_numbers, rng_for, uuids
from synth.sealing import PlainSealer, spell
from synth.staff import draw_staff
from synth.tables import apportion, pyramid, table
from synth.tests.conftest import UNTIL
from synth.visits import COUNTY, VILLAGE, draw_visits, reasons
from xinglin.platform import definitions, ids
from xinglin.residents import identity, names

MakePlan = Callable[..., Plan]


@pytest.fixture(scope="module")
def plan(plan_of: MakePlan) -> Plan:
    return plan_of(10_000)


@pytest.fixture(scope="module")
def everybody(plan: Plan) -> list[tuple[People, Person]]:
    return [(people, p) for c in plan.catchments for people in [draw_people(plan, c)] for p in people.persons]


def digests(plan: Plan, catchments: slice = slice(None)) -> dict[str, list[str]]:
    """Of each table the digests of its blocks."""
    staff, found = draw_staff(plan), {}
    blocks: list[Block] = [
        b for c in plan.catchments[catchments] for b in catchment_blocks(plan, c, staff, PlainSealer())
    ]
    for block in [*network_blocks(plan, lambda name: spell(name)[1]), *blocks]:
        found.setdefault(block.table, []).append(block.digest())
    return found


class TestDeterminism:
    def test_the_same_seed_gives_the_same_rows(self, plan_of: MakePlan) -> None:
        assert digests(plan_of(2_000)) == digests(plan_of(2_000))

    def test_another_seed_gives_other_rows(self, plan_of: MakePlan) -> None:
        one, other = digests(plan_of(2_000)), digests(plan_of(2_000, seed=2))
        assert all(one[name] != other[name] for name in ("residents_resident", "visits_visit", "network_facility"))

    def test_a_catchment_does_not_depend_on_those_before_it(self, plan: Plan) -> None:
        staff = draw_staff(plan)

        def third() -> list[str]:
            return [b.digest() for b in catchment_blocks(plan, plan.catchments[2], staff, PlainSealer())]

        alone = third()
        list(catchment_blocks(plan, plan.catchments[0], staff, PlainSealer()))
        assert third() == alone

    def test_one_residents_identifier_is_known_without_loading_the_others(self, plan: Plan) -> None:
        catchment = plan.catchments[3]
        blocks = {b.table: b for b in catchment_blocks(plan, catchment, draw_staff(plan), PlainSealer())}
        block = blocks["residents_resident"]
        assert block.values[block.columns.index("uuid")][7] == resident_at(plan, catchment.first + 7)[0]


class TestPlan:
    @pytest.mark.parametrize("n", [2_000, 20_000, 200_000, 1_000_000])
    def test_everybody_has_a_clinic(self, plan_of: MakePlan, n: int) -> None:
        plan = plan_of(n)
        assert sum(c.n_residents for c in plan.catchments) == n
        starts = [c.first for c in plan.catchments] + [n]
        assert all(b - a == c.n_residents for (a, b), c in zip(pairwise(starts), plan.catchments, strict=True))

    def test_a_small_county_is_the_real_one(self, plan_of: MakePlan) -> None:
        plan = plan_of(3_000)
        assert len(plan.townships) == 10
        assert {t.code[:6] for t in plan.townships} == {"370403"}

    def test_a_million_has_the_density_of_real_counties(self, plan_of: MakePlan) -> None:
        plan = plan_of(1_000_000)
        assert len(plan.townships) == 61
        assert len(plan.of_kind("VILLAGE_CLINIC")) == 1_100
        assert plan.of_kind("COUNTY_HOSPITAL")[0].name == "薛城区人民医院"

    def test_codes_and_names_of_units_are_unique_and_points_have_hosts(self, plan_of: MakePlan) -> None:
        plan = plan_of(200_000)
        assert len({u.code for u in plan.units}) == len({u.name for u in plan.units}) == len(plan.units)
        clinics = {u.id for u in plan.of_kind("VILLAGE_CLINIC")}
        assert all(u.host in clinics for u in plan.of_kind("SERVICE_POINT"))

    def test_villages_do_not_lie_on_each_other(self, plan_of: MakePlan) -> None:
        plan = plan_of(200_000)
        points = np.array([plan.located[v.code] for t in plan.townships for v in t.villages])
        km = points * [111.2, 111.2 * np.cos(np.radians(34.8))]
        away = np.hypot(*(km[:, None] - km[None]).transpose(2, 0, 1))
        np.fill_diagonal(away, np.inf)
        assert away.min() > 0.25
        assert np.hypot(*(km - km.mean(axis=0)).T).max() < 25

    def test_apportionment_is_exact(self) -> None:
        assert apportion(10, np.array([1.0, 1.0, 1.0])).sum() == 10
        assert apportion(7, np.array([5.0, 2.0])).tolist() == [5, 2]

    def test_credit_codes_are_valid(self, plan: Plan) -> None:
        block = next(b for b in network_blocks(plan, lambda name: "") if b.table == "network_facility")
        codes = [c for c in block.values[block.columns.index("credit_code")] if c]
        assert codes
        assert all(uscc.is_valid(c) for c in codes)


class TestPeople:
    def test_identity_numbers_are_valid_and_agree_with_the_person(self, everybody: list[tuple[People, Person]]) -> None:
        for _, p in everybody:
            if p.id_kind != "RESIDENT_ID":
                continue
            assert p.id_number
            document = identity.check_document("RESIDENT_ID", p.id_number, on=UNTIL)  # as registration checks it
            assert document.born_on
            assert document.born_on.toordinal() - EPOCH == p.born
            assert document.sex == ("1" if p.male else "2")

    def test_check_digit(self) -> None:
        assert check_digit("11010519491231002") == "X"
        assert check_digit("44052418800101001") == "4"

    def test_no_number_is_given_twice(self, everybody: list[tuple[People, Person]]) -> None:
        numbers = [p.id_number for _, p in everybody if p.id_number]
        phones = [p.phone for _, p in everybody if p.phone]
        assert len(set(numbers)) == len(numbers)
        assert len(set(phones)) == len(phones)
        assert all(len(p) == 11 and p.startswith("164") for p in phones)

    def test_catchments_beyond_the_numbers_of_a_day_still_never_meet(self) -> None:
        makers = [IdentityNumbers("370481", slot, 1_100) for slot in range(1_100)]
        given = [m.number(20_000 + d, male=bool(d % 2))[1] for m in makers for d in range(3)]
        assert len(set(given)) == len(given)

    def test_phones_differ_over_a_million(self) -> None:
        assert len({phone_number(i, 1) for i in range(0, 1_000_000, 7)}) == len(range(0, 1_000_000, 7))

    def test_ages_follow_the_pyramid(self, everybody: list[tuple[People, Person]]) -> None:
        groups = np.bincount([min(int(p.age) // 5, 19) for _, p in everybody], minlength=20) / len(everybody)
        assert np.abs(groups - pyramid().shares).max() < 0.008
        ages = np.array([p.age for _, p in everybody])
        data = table("population")
        assert abs((ages < 15).mean() * 100 - data["rural_percent_under_15"]) < 1.2
        assert abs((ages >= 60).mean() * 100 - data["rural_percent_from_60"]) < 1.2
        assert 0.50 < np.mean([p.male for _, p in everybody]) < 0.53

    def test_families_hang_together(self, everybody: list[tuple[People, Person]]) -> None:
        for people, p in everybody:
            persons = people.persons
            if p.father >= 0:
                father = persons[p.father]
                assert father.male
                assert father.age - p.age >= 18.9
                assert father.surname == p.surname
            if p.mother >= 0:
                mother = persons[p.mother]
                assert not mother.male
                assert mother.age - p.age >= MOTHER_MIN
            if p.spouse >= 0:
                spouse = persons[p.spouse]
                assert persons[spouse.spouse] is p
                assert spouse.male != p.male

    def test_everybody_lives_in_one_household_with_one_head(self, plan: Plan) -> None:
        sizes: Counter[int] = Counter()
        for catchment in plan.catchments:
            people = draw_people(plan, catchment)
            members = sorted(m for h in people.households for m in h.members)
            assert members == list(range(len(people.persons)))
            for household in people.households:
                heads = [m for m in household.members if people.persons[m].relation == HEAD]
                assert heads == household.members[:1]
                sizes[len(household.members)] += 1
        mean = sum(size * n for size, n in sizes.items()) / sum(sizes.values())
        assert 2.4 < mean < 3.4

    def test_nearly_all_children_have_parents(self, everybody: list[tuple[People, Person]]) -> None:
        children = [p for _, p in everybody if p.age < 15]
        assert np.mean([p.father >= 0 and p.mother >= 0 for p in children]) > 0.95

    def test_names_of_every_kind_occur(self, everybody: list[tuple[People, Person]]) -> None:
        written = [p.name for _, p in everybody]
        assert max(map(len, written)) == 40
        assert sum("·" in n for n in written) >= 5
        assert any(p.nationality != "CHN" for _, p in everybody)
        assert any(p.id_kind == "NONE" for _, p in everybody)
        assert any(p.id_kind == "BIRTH_CERTIFICATE" for _, p in everybody)
        surnames = Counter(n[0] for n in written)
        assert {"王", "李", "张", "刘", "陈"} <= {n for n, _ in surnames.most_common(25)}

    def test_all_names_pass_registration(self, everybody: list[tuple[People, Person]]) -> None:
        for _, p in everybody[::5]:
            assert names.normalise(p.name) == p.name
            assert spell(p.name) == (names.pinyin(p.name), names.initials(p.name))
            if p.phone:
                assert identity.normalise_phone(p.phone) == p.phone


@pytest.fixture(scope="module")
def drawn(plan: Plan) -> list[tuple[Any, Any, Any]]:
    """Catchments with the health and the visits of their residents."""
    found = []
    for catchment in plan.catchments[:8]:
        health = draw_health(plan, catchment, draw_people(plan, catchment))
        found.append((catchment, health, draw_visits(plan, catchment, health)))
    return found


class TestVisits:
    def test_there_are_exactly_as_many_as_asked_for(self, drawn: list[tuple[Any, Any, Any]]) -> None:
        assert all(len(visits.person) == 5 * catchment.n_residents for catchment, _, visits in drawn)

    def test_nobody_is_seen_before_birth_after_death_or_tomorrow(
        self, plan: Plan, drawn: list[tuple[Any, Any, Any]]
    ) -> None:
        for _, health, visits in drawn:
            day = visits.at // 86_400
            assert (day > health.born[visits.person]).all()
            assert (day < health.until[visits.person]).all()
            assert day.max() < plan.until.toordinal() - EPOCH
            assert (np.diff(visits.person) >= 0).all()

    def test_the_newly_born_belong_to_the_past_too(self, plan: Plan) -> None:
        last = plan.until.toordinal() - EPOCH
        for catchment in plan.catchments:
            health = draw_health(plan, catchment, draw_people(plan, catchment))
            assert (health.since < np.minimum(health.until, last)).all()
            assert (registered_at(plan, catchment, health) < last * 86_400).all()

    def test_levels_have_plausible_shares(self, drawn: list[tuple[Any, Any, Any]]) -> None:
        level = np.concatenate([v.level for _, _, v in drawn])
        assert 0.38 < (level == VILLAGE).mean() < 0.55
        assert 0.12 < (level == COUNTY).mean() < 0.25

    def test_winter_has_more_colds_than_summer(self, drawn: list[tuple[Any, Any, Any]]) -> None:
        cold = next(i for i, r in enumerate(reasons().rows) if r["code"] == "J06.900")
        at = np.concatenate([v.at[v.reason == cold] for _, _, v in drawn])
        month = at.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12 + 1
        assert np.isin(month, [12, 1, 2]).sum() > 1.3 * np.isin(month, [6, 7, 8]).sum()

    def test_vitals_fit_the_disease(self, drawn: list[tuple[Any, Any, Any]]) -> None:
        _, health, visits = drawn[0]
        taken = visits.systolic > 0
        ill = health.conditions[visits.person, 0]
        assert visits.systolic[taken & ill].mean() > visits.systolic[taken & ~ill].mean() + 10
        assert (visits.systolic[taken] > visits.diastolic[taken]).all()
        fever = np.array([r["vitals"] == "fever" for r in reasons().rows])[visits.reason]
        assert (visits.temperature[fever] > 300).all()

    def test_men_are_not_pregnant(self, drawn: list[tuple[Any, Any, Any]]) -> None:
        for _, health, visits in drawn:
            for i, reason in enumerate(reasons().rows):
                males = health.males[visits.person[visits.reason == i]]
                if "sex" in reason:
                    assert (males == (reason["sex"] == "M")).all(), reason["name"]

    def test_codes_stand_in_the_starter_table(self) -> None:
        folder = definitions.settings.DEFINITIONS_DIR / "diagnoses"
        known = {
            (row["system"], row["code"]): row["name"]
            for name in ("icd10.csv", "tcm.csv")
            for row in csv.DictReader((folder / name).open(encoding="utf-8"))
        }
        tcm = {name for (system, _), name in known.items() if system == "TCM"}
        for reason in reasons().rows:
            assert known["ICD-10", reason["code"]] == reason["name"]
            assert reason.get("tcm", "感冒") in tcm

    def test_electrocardiograms_use_known_templates_and_critical_values(self) -> None:
        templates = {d.slug: d.title_zh for d in definitions.load("ecg-reports")}
        lists = definitions.load("critical-values")
        critical = {item["code"]: item["text"]["zh"] for d in lists for item in d.content["items"]}
        for row in table("ecg")["conclusions"]:
            assert templates[row["code"]] == row["title"]
            if "critical" in row:
                assert critical[row["critical"]] == row["critical_text"]


class TestRows:
    def test_numbers_are_those_of_the_platform(self) -> None:
        at = datetime(2025, 3, 9, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        local = np.full(5, int(at.replace(tzinfo=ZoneInfo("UTC")).timestamp()))
        values = np.array([1, 31, 32, 33_554_431, 33_554_432])
        assert people_numbers("V", local, values) == [ids.format_number("V", at, v) for v in values.tolist()]

    def test_identifiers_are_version_7_and_in_order_of_time(self) -> None:
        made = [UUID(u) for u in uuids(np.array([10**9, 10**9 + 1, 2 * 10**9]), rng_for(1, "x"))]
        assert [u.version for u in made] == [7, 7, 7]
        assert made == sorted(made)


def blocks_of(plan: Plan) -> Iterator[Block]:
    staff = draw_staff(plan)
    for catchment in plan.catchments:
        yield from catchment_blocks(plan, catchment, staff, PlainSealer())


def test_no_identifier_is_given_twice(plan: Plan) -> None:
    seen: dict[tuple[str, str], list[str]] = {}
    for block in blocks_of(plan):
        for column in {"id", "uuid", "number", "identity_index"} & set(block.columns):
            seen.setdefault((block.table, column), []).extend(block.values[block.columns.index(column)])
    for key, values in seen.items():
        assert len(set(values)) == len(values), key
    assert len(seen["visits_visit", "id"]) == plan.n_visits


def test_referral_ids_grow_with_time(plan: Plan) -> None:
    rows = []
    for block in blocks_of(plan):
        if block.table == "referrals_referral":
            at = block.columns.index("drafted_at")
            rows += list(zip(map(int, block.values[0]), block.values[at], strict=True))
    minutes = [when[:16] for _, when in sorted(rows)]
    assert len(minutes) > 100
    assert sum(a > b for a, b in pairwise(minutes)) <= len(minutes) // 50
