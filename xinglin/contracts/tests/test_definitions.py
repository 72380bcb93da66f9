"""The definitions: each worked example is computed; a broken one is refused with what is wrong; money adds up to the fen."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinglin.contracts.rules import pay, settled
from xinglin.contracts.rules.groups import Facts, Registered, group_titles, groups_of
from xinglin.contracts.rules.packages import chosen, dues, items_of, packages, parse
from xinglin.contracts.rules.promising import add_months, end_of_term
from xinglin.platform import definitions
from xinglin.platform.definitions import DefinitionError

DAY = date(2026, 11, 20)
PACKAGES = [parse(each) for each in definitions.load("service-packages")]
EXAMPLES = [(package, example) for package in PACKAGES for example in package.definition.examples]
GROUPS = definitions.one("contract-rules", "key-groups").examples
TERMS = definitions.one("contract-rules", "terms").examples
PAY = definitions.one("contract-pay", "default").examples


@pytest.mark.parametrize(("package", "example"), EXAMPLES, ids=lambda each: getattr(each, "slug", ""))
def test_worked_examples_of_due_days(package, example):
    item = next(each for each in package.items if each.code == example["item"])

    found = dues(
        item,
        starts_on=example["starts_on"],
        ends_on=example["ends_on"],
        born_on=example.get("born_on", date(1963, 4, 15)),
    )

    assert [each.due_on for each in found] == example["due_on"]
    assert all(each.opens_on <= each.due_on for each in found)


def test_every_package_has_a_worked_example_and_a_group_that_exists():
    assert len(PACKAGES) == 9
    assert all(package.definition.examples for package in PACKAGES)
    assert {package.group for package in PACKAGES} - {""} <= set(group_titles())
    assert {item.code for package in PACKAGES for item in package.items} >= {"yearly-check", "pressure-follow-up"}


def test_an_item_of_two_packages_is_promised_once():
    found = items_of(chosen(["elderly", "hypertension", "diabetes"], DAY))

    codes = [item.code for _package, item in found]
    assert codes.count("yearly-check") == 1
    assert {"pressure-follow-up", "glucose-follow-up"} <= set(codes)


@pytest.mark.parametrize("example", GROUPS, ids=lambda each: f"{each['born_on']}-{each['on']}")
def test_worked_examples_of_key_groups(example):
    facts = Facts(
        example["sex"], example["born_on"], frozenset(example.get("conditions", ())),
        tuple((each["code"], each["on"]) for each in example.get("diagnoses", ())),
        tuple(Registered(each["group"], each["since"], each.get("until")) for each in example.get("registered", ())),
    )  # fmt: skip

    assert list(groups_of(facts, example["on"])) == example["groups"]


@pytest.mark.parametrize("example", TERMS, ids=lambda each: str(each["starts_on"]))
def test_worked_examples_of_terms(example):
    ends_on = end_of_term(example["starts_on"], example["years"])

    assert (ends_on, ends_on - timedelta(days=settled.renew_days())) == (example["ends_on"], example["renew_from"])
    assert ends_on + timedelta(days=settled.late_days()) == example["record_until"]


@pytest.mark.parametrize("example", PAY, ids=lambda each: str(each["pool"]))
def test_worked_examples_of_pay(example):
    figures = [pay.TeamFigures(each["heads"], each["due"], each["done"], each["key"]) for each in example["teams"]]
    points = [pay.points(each) for each in figures]

    assert [pay.written(each) for each in points] == example["points"]
    assert pay.split_pool(example["pool"], points) == example["amounts"]


TEAMS = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 9000), st.integers(0, 100), st.integers(0, 100)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEAMS, st.integers(1, 10**11), st.lists(st.integers(1, 5000), min_size=1, max_size=9))
def test_the_money_adds_up_to_the_fen_from_the_pool_to_the_last_member(teams, pool, weights):
    figures = [pay.TeamFigures(heads, due, due * done // 100, heads * key // 100) for heads, due, done, key in teams]
    points = [pay.points(each) for each in figures]
    if not any(points):
        return

    amounts = pay.split_pool(pool, points)
    parts = [pay.split_among(amount, weights) for amount in amounts]

    assert sum(amounts) == pool
    assert all(sum(each) == amount for each, amount in zip(parts, amounts, strict=True))
    assert min(amounts) >= 0
    total = sum(each or Fraction(0) for each in points)
    assert all(abs(amount - pool * (each or 0) / total) < 1 for amount, each in zip(amounts, points, strict=True))


def test_no_item_due_is_no_data_and_not_zero():
    assert pay.points(pay.TeamFigures(heads=10, due=0, done=0, key=3)) is None
    assert pay.points(pay.TeamFigures(heads=10, due=4, done=0, key=3)) == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 3))
def test_the_days_of_every_item_lie_in_the_term_and_never_overlap(starts_on, years):
    ends_on = end_of_term(starts_on, years)
    for package in PACKAGES:
        for item in package.items:
            found = dues(item, starts_on=starts_on, ends_on=ends_on, born_on=date(2019, 5, 31))
            assert all(starts_on <= each.due_on <= ends_on for each in found)
            if item.due == "spread":
                assert len(found) == item.times * years
                assert all(a.due_on < b.opens_on for a, b in zip(found, found[1:], strict=False))


def test_a_month_on_from_the_last_day_is_the_last_day():
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"proofs": []}, "can never be shown"),
        ({"proofs": ["horoscope"]}, "nothing gives the proof horoscope"),
        ({"due": "sometime"}, "due is one of"),
        ({"times": 0}, "times is 1 to 52"),
        ({"due": "within", "days": 0}, "needs days"),
        ({"due": "ages", "days": 30}, "months belong to"),
    ],
)
def test_a_broken_package_is_refused_with_what_is_wrong(change, said):
    whole = definitions.one("service-packages", "elderly")
    item = {**whole.content["items"][0], **change}

    with pytest.raises(DefinitionError, match=said):
        parse(replace(whole, content={**whole.content, "items": [item]}))


def test_packages_are_offered_from_their_first_day_on():
    assert packages(date(2023, 12, 31)) == []
    assert [each.slug for each in packages(DAY)][0] == "basic"


def test_five_professions_are_marked_and_every_one_has_a_weight():
    found = settled.professions()

    assert sum(each.is_one_of_five for each in found) == 5
    assert all(each.weight > 0 for each in found)
