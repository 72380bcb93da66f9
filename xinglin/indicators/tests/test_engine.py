"""The engine: one pass, any level, any period, and what goes wrong in a county: mergers, moves, late months, doubles."""

import ast
import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from xinglin.indicators.definitions.language import parse as parse_text
from xinglin.indicators.definitions.reading import Indicator, indicator, indicators
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.days import as_days
from xinglin.indicators.engine.examples import filled, memory
from xinglin.indicators.engine.figures import compute, grown
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.places import Network
from xinglin.indicators.engine.source import Tables
from xinglin.indicators.engine.suppression import suppressed
from xinglin.indicators.engine.values import Value, Why, as_cell, of_cell
from xinglin.indicators.tests import oracle

NOVEMBER = parse("2026-11")


def at_units(
    slug: str, facts: dict[str, list[Any]], units: dict[int, str], level: str = "township"
) -> dict[str, Value]:
    found = compute(
        [indicator(slug)],
        Tables(memory(filled(facts, NOVEMBER))),
        NOVEMBER,
        ref=NOVEMBER.last,
        places={level: Places(units)},
    )
    return found[slug][level]


def a_facility(pk: int, **more: Any) -> dict[str, Any]:
    return {
        "facility": pk,
        "division": "370403101",
        "manager": None,
        "successor": None,
        "since": date(2000, 1, 1),
        "until": None,
        **more,
    }


def test_zero_missing_and_nothing_to_divide_by_are_three_things() -> None:
    visits = [
        {"facility": 1, "tier": "COUNTY", "status": "SIGNED"},
        {"facility": 2, "tier": "VILLAGE", "status": "VOIDED"},
    ]
    found = at_units("grassroots-share", {"visits": visits}, {1: "a", 2: "b", 3: "c"})
    counted = at_units("ecg-requests", {"requests": [{"facility": 1, "kind": "LAB"}]}, {1: "a", 2: "b"})

    assert (found["a"].value, found["a"].why) == (0, Why.KNOWN)
    assert (found["b"].value, found["b"].why) == (None, Why.ZERO_DENOMINATOR)
    assert (found["c"].value, found["c"].why) == (None, Why.ZERO_DENOMINATOR)
    assert (counted["a"].value, counted["a"].why) == (0, Why.KNOWN)
    assert (counted["b"].value, counted["b"].why) == (None, Why.NONE_HERE)
    assert at_units("ecg-requests", {}, {1: "a"})["a"] == Value(why=Why.NO_FACTS, missing="requests")
    assert at_units("m14-early-death", {}, {1: "a"}, "county")["a"].why is Why.NO_FACTS
    assert at_units("m14-early-death", {}, {1: "a"})["a"].why is Why.NOT_APPLICABLE
    assert at_units("m06-income-ratio", {}, {1: "a"})["a"].why is Why.NOT_APPLICABLE


def test_the_units_of_a_level_add_up_to_the_county() -> None:
    facts = {
        "visits": [
            {"facility": 1 + n % 5, "tier": "VILLAGE" if n % 3 else "COUNTY", "status": "SIGNED"} for n in range(90)
        ]
    }
    units = at_units("grassroots-share", facts, {n: "ab"[n % 2] for n in range(1, 6)})
    whole = compute(
        [indicator("grassroots-share")], Tables(memory(filled(facts, NOVEMBER))), NOVEMBER, ref=NOVEMBER.last,
        places={"county": Places()},
    )["grassroots-share"]["county"][WHOLE]  # fmt: skip

    assert (whole.numerator, whole.denominator) == (60, 90)
    assert sum(each.denominator or 0 for each in units.values()) == 90
    assert sum(each.numerator or 0 for each in units.values()) == 60


def test_a_person_at_two_units_counts_once_in_the_county_and_once_at_each() -> None:
    facts = {
        "staff": [{"person": 9, "role": "village-doctor", "facility": f} for f in (1, 2)],
        "residents": [{"facility": 1}, {"facility": 2}],
    }
    units = at_units("village-doctors-per-thousand", facts, {1: "a", 2: "b"})
    whole = at_units("village-doctors-per-thousand", facts, {1: WHOLE, 2: WHOLE})[WHOLE]

    assert [units[each].numerator for each in "ab"] == [1, 1]
    assert (whole.numerator, whole.denominator) == (1, 2)


def test_a_facility_merged_in_mid_year_counts_under_its_successor_from_then_on() -> None:
    network = Network(
        [a_facility(1), a_facility(2, successor=1, until=date(2026, 6, 15)), a_facility(3, division="370403102")], []
    )
    before, after = (network.places("facility", on=day).units for day in (date(2026, 3, 31), date(2026, 12, 31)))

    assert before == {1: "1", 2: "2", 3: "3"}
    assert after == {1: "1", 2: "1", 3: "3"}
    assert network.places("township", on=date(2026, 12, 31)).units == {1: "370403101", 2: "370403101", 3: "370403102"}
    assert network.scope({1}, on=date(2026, 12, 31)).units == {1: WHOLE, 2: WHOLE}
    assert network.scope({2}, on=date(2026, 3, 31)).units == {2: WHOLE}


def test_mergers_that_go_round_in_a_circle_do_not_hang() -> None:
    network = Network(
        [a_facility(1, successor=2, until=date(2026, 1, 1)), a_facility(2, successor=1, until=date(2026, 1, 1))], []
    )

    assert set(network.places("facility", on=date(2026, 12, 31)).units or {}) == {1, 2}


def test_a_clinic_belongs_to_the_consortium_of_the_unit_that_manages_it() -> None:
    member = {"facility": 1, "consortium": "C01", "since": date(2026, 1, 1), "until": date(2026, 7, 1)}
    network = Network([a_facility(1), a_facility(5, manager=1)], [member])

    assert network.places("consortium", on=date(2026, 3, 31)).units == {1: "C01", 5: "C01"}
    assert network.places("consortium", on=date(2026, 7, 1)).units == {}


def test_growth_needs_two_known_periods() -> None:
    assert grown(Value(110.0, 1, 1, {}, Why.KNOWN), Value(100.0, 1, 1, {}, Why.KNOWN)).value == pytest.approx(10)
    assert grown(Value(110.0, 1, 1, {}, Why.KNOWN), Value()).why is Why.NOT_KNOWN
    assert grown(Value(110.0, 1, 1, {}, Why.KNOWN), Value(0.0, 0, 1, {}, Why.KNOWN)).why is Why.ZERO_DENOMINATOR


def test_small_cells_are_left_out_and_cannot_be_found_by_subtracting() -> None:
    values = {
        "a": Value(50.0, 2, 4, {}, Why.KNOWN), "b": Value(40.0, 8, 20, {}, Why.KNOWN), "c": Value(40.0, 40, 100, {}, Why.KNOWN),
        "d": Value(0.0, 0, 90, {}, Why.KNOWN), "e": Value(),
    }  # fmt: skip
    found = suppressed(values, base="residents")

    assert {key for key, each in found.items() if each.why is Why.SMALL} == {"a", "b"}
    assert found["a"].numerator is found["a"].denominator is None
    assert (found["c"], found["d"], found["e"]) == (values["c"], values["d"], values["e"])
    assert suppressed(values, base="organisation") == values


def test_a_figure_comes_back_from_what_is_kept() -> None:
    for each in (Value(), Value(1.5, 3, 2, {"a": 1}, Why.KNOWN), Value(None, 1, 0, {}, Why.ZERO_DENOMINATOR)):
        assert of_cell(as_cell(each)) == each


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(2))
def test_engine_and_plain_python_agree_on_a_generated_cohort(seed: int) -> None:
    rng = random.Random(seed)
    facts = filled(cohort(rng), NOVEMBER)
    chosen = [each for each in indicators() if not each.growth_of]

    found = compute(chosen, Tables(memory(facts)), NOVEMBER, ref=NOVEMBER.last, places={"county": Places()})

    for each in chosen:
        have = found[each.slug]["county"][WHOLE]
        value, top, bottom, groups = oracle.figure(each, facts, NOVEMBER, NOVEMBER.last)
        told = (each.slug, seed)
        if have.why in {Why.NO_FACTS, Why.NONE_HERE}:
            assert not top, told
            continue
        assert have.value == (None if value is None else pytest.approx(value)), told
        assert have.numerator == (None if top is None else pytest.approx(top)), told
        assert have.denominator == (None if bottom is None else pytest.approx(bottom)), told
        assert dict(have.groups) == groups, told
    assert sum(1 for each in chosen if found[each.slug]["county"][WHOLE].value is not None) > 60


@pytest.mark.parametrize("ref", [date(2026, 12, 31), date(2028, 2, 29), date(2027, 2, 28), date(2026, 3, 1)])
@pytest.mark.parametrize(
    "asked", ["age(born_on) {} 10", "10 {} age(born_on)", "days(born_on, ref) {} 40", "0 {} days(ref, born_on)"]
)
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_ages_and_days_between_may_be_compared_as_days(ref: date, asked: str, sign: str) -> None:
    tree = parse_text(asked.format(sign))
    assert isinstance(tree, ast.Compare)
    world = oracle.World({}, parse(f"{ref:%Y-%m}"), ref)
    plain = as_days(tree.left, tree.ops[0], tree.comparators[0], ref)
    if plain is None:
        assert sign in {"==", "!="}
        assert "age" in asked
        return
    turned = ast.Compare(plain[0], [plain[1]], [plain[2]])

    for years in (9, 10, 11, 0):
        for n in range(-45, 46):
            row = {"born_on": date(ref.year - years, 3, 1) + timedelta(days=n)}
            assert world.of(turned, row) is world.of(tree, row), row


def test_persons_of_the_whole_are_those_counted_when_nothing_else_is_asked_of_their_table() -> None:
    facts = filled(cohort(random.Random(3)), NOVEMBER)
    source, places = Tables(memory(facts)), {"county": Places()}
    alone = compute([indicator("first-pressure")], source, NOVEMBER, ref=NOVEMBER.last, places=places)
    wanted = [indicator(each) for each in ("first-pressure", "v04-first-visit")]
    together = compute(wanted, Tables(memory(facts)), NOVEMBER, ref=NOVEMBER.last, places=places)

    assert alone["first-pressure"] == together["first-pressure"]


def cohort(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Some hundred people with everything that happens to them, unknowns included."""

    def maybe(value: Any, share: float = 0.8) -> Any:
        return value if rng.random() < share else None

    def moment() -> datetime:
        return datetime(2026, 11, 1) + timedelta(minutes=rng.randrange(29 * 1440))

    def day() -> date:
        return date(2026, 11, 1) + timedelta(days=rng.randrange(30))

    people = range(300)
    born = {each: date(1930 + rng.randrange(95), 1 + rng.randrange(12), 1) for each in people}
    tiers, flag = ["COUNTY", "TOWNSHIP", "VILLAGE"], [True, False]
    found: dict[str, list[dict[str, Any]]] = {
        "residents": [{"person": n, "facility": 1 + n % 7, "born_on": born[n]} for n in people],
        "visits": [
            {
                "person": (n := rng.choice(people)), "tier": rng.choice(tiers), "status": rng.choice(["SIGNED", "OPEN", "VOIDED"]),
                "at": (at := moment()), "recorded_at": at + timedelta(hours=rng.randrange(40)), "is_tcm": rng.choice(flag),
                "has_pressure": rng.choice(flag), "born_on": born[n], "n_medicines": rng.randrange(7), "n_diagnoses": rng.randrange(2),
            } for _ in range(900)
        ],
        "enrolments": [
            {
                "person": n, "programme": rng.choice(["hypertension", "diabetes", "copd", "mental-disorder", "tuberculosis"]),
                "status": rng.choice(["ENROLLED", "LOST", "PAUSED"]), "since": date(2025, 6, 1) + timedelta(days=rng.randrange(600)),
                "until": maybe(None, 0.9) or maybe(date(2026, 12, 1)), "next_due_on": maybe(day()),
            } for n in people[::2]
        ],
        "programme_visits": [
            {
                "person": rng.choice(people), "programme": rng.choice(["hypertension", "diabetes", "mental-disorder", "elderly"]),
                "face_to_face": rng.choice(flag), "kind": rng.choice(["routine", "yearly"]), "is_controlled": maybe(rng.choice(flag)),
                "channel": rng.choice(["HOME", "PHONE"]), "at": moment() - timedelta(days=rng.randrange(300)),
            } for _ in range(900)
        ],
        "settlements": [
            {
                "person": maybe(rng.choice(people)), "place": rng.choice(["IN_COUNTY", "OUTSIDE", "PHARMACY"]),
                "kind": rng.choice(["OUTPATIENT", "INPATIENT"]), "tier": rng.choice(tiers), "fund_fen": (fen := rng.randrange(10**6)),
                "total_fen": fen + rng.randrange(10**6), "admitted_on": maybe(date(2026, 11, 1)), "with_referral": maybe(rng.choice(flag)),
            } for _ in range(400)
        ],
        "agreements": [
            {
                "person": n, "team": n % 9, "born_on": born[n], "since": date(2026, 1, 1) + timedelta(days=rng.randrange(500)),
                "until": maybe(day(), 0.4), "end_reason": rng.choice(["", "expired", "renewed", "moved"]), "was_renewed": rng.choice(flag),
            } for n in people[::3]
        ],
        "promises": [{"is_dropped": rng.choice(flag), "in_time": maybe(rng.choice(flag)), "at": day()} for _ in range(200)],
        "requests": [
            {
                "kind": rng.choice(["ECG", "IMAGING", "LAB", "PATHOLOGY"]), "tier": rng.choice(tiers), "at": (at := moment()),
                "status": rng.choice(["REQUESTED", "FINAL", "AMENDED", "REJECTED", "CANCELLED"]), "minutes": maybe(rng.random() * 90),
                "reported_at": maybe(at + timedelta(hours=1)), "due_at": at + timedelta(minutes=rng.randrange(120)),
            } for _ in range(300)
        ],
        "referrals": [
            {
                "direction": rng.choice(["UP", "DOWN"]), "status": rng.choice(["CLOSED", "NO_SHOW"]), "sent_at": (at := maybe(moment())),
                "answered_at": at and maybe(at + timedelta(minutes=rng.randrange(90))), "arrived_at": maybe(moment()),
                "closed_at": maybe(moment(), 0.5),
            } for _ in range(200)
        ],
        "complaints": [
            {"at": day(), "closed_on": maybe(day()), "first_time": rng.choice(flag), "satisfied": maybe(rng.choice(flag)),
             "resolved": rng.choice(flag)} for _ in range(100)
        ],
        "deaths": [{"age": rng.randrange(100), "is_four": rng.choice(flag), "is_maternal": False} for _ in range(80)],
        "births": [{"is_live": True, "is_screened": maybe(rng.choice(flag)), "prenatal": rng.choice(flag)} for _ in range(50)],
        "postings": [
            {"person": rng.randrange(30), "level": rng.choice(["SENIOR", "JUNIOR"]), "kind": rng.choice(["POSTED", "ROUND"]),
             "to_tier": rng.choice(tiers), "share": rng.choice([None, 0.5, 1.0]), "facility": rng.randrange(4),
             "since": (begun := date(2026, 1, 1) + timedelta(rng.randrange(200))),
             "until": maybe(begun + timedelta(rng.randrange(300)))} for _ in range(150)
        ],
        "facilities": [
            {"facility": n, "kind": rng.choice(["VILLAGE_CLINIC", "TOWNSHIP_HOSPITAL"]), "status": rng.choice(["OPEN", "CLOSED"]),
             "publicly_owned": maybe(rng.choice(flag)), "connected_on": maybe(date(2025, 1, 1), 0.5)} for n in range(30)
        ],
        "equipment": [{"facility": rng.randrange(30), "kind": rng.choice(["ECG", "DR"]), "state": "IN_USE",
                       "facility_kind": rng.choice(["VILLAGE_CLINIC", "TOWNSHIP_HOSPITAL"])} for _ in range(40)],
        "staff": [{"person": rng.randrange(20), "role": "village-doctor"} for _ in range(30)],
        "recognitions": [{"status": rng.choice(["RECOGNISED", "REPEATED", "SERIAL"]), "fen": rng.randrange(9000)} for _ in range(50)],
        "followups": [{"status": rng.choice(["DONE", "CANCELLED", "PLANNED"]), "at": day(), "done_on": maybe(day())} for _ in range(80)],
    }  # fmt: skip
    return found


def test_a_resident_treated_in_town_counts_where_he_lives() -> None:
    visits = [
        {"facility": 9, "home": 1, "tier": "COUNTY", "status": "SIGNED"},
        {"facility": 1, "home": 1, "tier": "VILLAGE", "status": "SIGNED"},
        {"facility": 1, "home": 2, "tier": "VILLAGE", "status": "SIGNED"},
        {"facility": 9, "home": None, "tier": "COUNTY", "status": "SIGNED"},
    ]  # fmt: skip
    found = at_units("grassroots-share", {"visits": visits}, {1: "a", 2: "b", 9: "town"})

    assert {unit: (each.numerator, each.denominator) for unit, each in found.items()} == {
        "a": (1, 2), "b": (1, 1), "town": (0, 0),
    }  # fmt: skip


def test_days_of_a_physician_at_two_sites_count_once_in_the_county_and_at_each_site_its_own() -> None:
    posted = {"level": "SENIOR", "kind": "POSTED", "to_tier": "TOWNSHIP"}
    postings = [
        # 1: a hundred and a hundred days, one site after the other
        {**posted, "person": 1, "facility": 1, "since": date(2026, 1, 1), "until": date(2026, 4, 11)},
        {**posted, "person": 1, "facility": 2, "since": date(2026, 5, 1), "until": date(2026, 8, 9)},
        # 2: at both all the year, half a day at each
        {**posted, "person": 2, "facility": 1, "share": 0.5, "since": date(2026, 1, 1)},
        {**posted, "person": 2, "facility": 2, "share": 0.5, "since": date(2026, 1, 1)},
        # 3: the same 150 days told twice at one site
        {**posted, "person": 3, "facility": 1, "since": date(2026, 1, 1), "until": date(2026, 5, 31)},
        {**posted, "person": 3, "facility": 1, "since": date(2026, 1, 1), "until": date(2026, 5, 31)},
        # 4: 200 days at one site
        {**posted, "person": 4, "facility": 2, "since": date(2026, 1, 1), "until": date(2026, 7, 20)},
    ]
    year = parse("2026")
    found = compute(
        [indicator("m04-physicians-posted")], Tables(memory(filled({"postings": postings}, year))), year, ref=year.last,
        places={"county": Places(), "facility": Places({1: "a", 2: "b", 3: "c"})},
    )["m04-physicians-posted"]  # fmt: skip

    assert found["county"][WHOLE].value == 3  # 1 by both together, 2 in halves, 4
    assert found["facility"]["a"].value == 0  # 2 was there for 182.5 days
    assert found["facility"]["b"].value == 1
    assert found["facility"]["c"].why is Why.NONE_HERE


def test_many_indicators_of_one_table_take_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    from xinglin.indicators.engine import computing

    asked: list[list[str]] = []
    real = computing.Computation._aggregated

    def noted(self: Any, table: Any, by: list[str], group: list[Any]) -> Any:
        asked.append(by)
        return real(self, table, by, group)

    monkeypatch.setattr(computing.Computation, "_aggregated", noted)
    of_visits: list[Indicator] = [
        each for each in indicators()
        if each.tables == {"visits"} and not each.group_by and not each.window and not each.growth_of
        and "persons" not in str(each.content["numerator"]) and ".home" not in str(each.content["numerator"])
    ]  # fmt: skip
    facts = filled({"visits": [{"tier": "COUNTY", "status": "SIGNED"}]}, NOVEMBER)
    compute(
        of_visits,
        Tables(memory(facts)),
        NOVEMBER,
        ref=NOVEMBER.last,
        places={"county": Places(), "township": Places({1: "a"})},
    )

    assert len(of_visits) >= 6
    assert asked == [["facility"]]
