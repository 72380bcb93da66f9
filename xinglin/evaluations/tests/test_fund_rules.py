"""Funds: worked examples come out, faults are refused with their place, parts always add up to the pool."""

import copy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinglin.evaluations.rules import funds
from xinglin.evaluations.rules.reading import said
from xinglin.platform.definitions import DefinitionError, load

SLUGS = [each.slug for each in load(funds.TOPIC)]


def fund_of(slug):
    return next(each for each in funds.funds() if each.slug == slug)


def a_taker(fund, n, unit):
    wanted = {(f.indicator, f.level, f.part) for part in fund.parts for f in part.factors if f.indicator}
    figures = {key: unit.get("figures", {}).get(key[0]) for key in wanted}
    score = Fraction(str(unit["score"])) / 100 if "score" in unit else None
    return funds.Taker(n, unit["name"], unit["kind"], score, "", figures)


@pytest.mark.parametrize("slug", SLUGS)
def test_worked_examples_come_out(slug):
    fund, definition = fund_of(slug), next(each for each in load(funds.TOPIC) if each.slug == slug)
    assert definition.examples
    for example in definition.examples:
        if example["pool"] == "overrun":
            with pytest.raises(funds.Overrun):
                funds.pool_of(fund, example["given"])
            continue
        pool = funds.pool_of(fund, example["given"])
        assert pool == example["pool"]
        lines = funds.share(fund, pool, [a_taker(fund, n, each) for n, each in enumerate(example["units"])])
        amounts = {each["name"]: 0 for each in example["units"]}
        for line in lines:
            amounts[line.taker.name] += line.fen
        assert amounts == example["amounts"]
        assert sum(amounts.values()) == pool


def test_a_surplus_above_the_cap_is_not_shared():
    fund = fund_of("surplus-retained")
    assert funds.pool_of(fund, {"budget": 1_000_000, "spent": 800_000}) == 100_000


def test_what_is_missing_is_said_and_not_taken_for_nothing():
    fund = fund_of("public-health")
    takers = [a_taker(fund, 1, {"name": "甲院", "kind": "TOWNSHIP_HOSPITAL", "score": 80})]
    with pytest.raises(funds.NoFigure) as refused:
        funds.share(fund, 100, takers)
    assert refused.value.args == ("甲院", "p01-contract-coverage")


def test_a_part_that_nobody_can_have_is_refused():
    fund = fund_of("public-health")
    low = {"name": "甲院", "kind": "TOWNSHIP_HOSPITAL", "score": 50, "figures": {"p01-contract-coverage": 10}}
    with pytest.raises(funds.NoWeight) as refused:
        funds.share(fund, 100, [a_taker(fund, 1, low)])
    assert refused.value.args == ("performance",)


def test_each_factor_says_why_it_is_what_it_is():
    fund = fund_of("surplus-retained")
    units = [
        {"name": "县医院", "kind": "COUNTY_HOSPITAL"},
        {"name": "甲院", "kind": "TOWNSHIP_HOSPITAL", "score": 90, "figures": {"p01-contract-coverage": 10}},
        {"name": "甲村", "kind": "VILLAGE_CLINIC", "score": 90, "figures": {"p16b-managed-persons": 600}},
        {"name": "乙村", "kind": "VILLAGE_CLINIC", "score": 20},
    ]
    found = {
        each.taker.name: each
        for each in funds.share(fund, 1_000_003, [a_taker(fund, n, u) for n, u in enumerate(units)])
    }
    assert found["甲村"].factors[0]["why"] == "capped"
    assert found["甲村"].factors[0]["figure"] == "600"
    assert [each.get("why") for each in found["乙村"].factors] == ["no-data", "below-least"]
    assert (found["乙村"].weight, found["乙村"].fen) == (0, 0)


# What if ---------------------------------------------------------------------------------------------------------------
def test_what_if_changes_parts_and_the_least_score():
    fund = funds.with_changes(
        fund_of("public-health"), percents={"basic": Fraction(50), "performance": Fraction(50)}, least=Fraction(80)
    )
    units = [
        {"name": "甲院", "kind": "TOWNSHIP_HOSPITAL", "score": 90, "figures": {"p01-contract-coverage": 10}},
        {"name": "乙院", "kind": "TOWNSHIP_HOSPITAL", "score": 75, "figures": {"p01-contract-coverage": 10}},
    ]
    lines = funds.share(fund, 1000, [a_taker(fund, n, each) for n, each in enumerate(units)])
    assert [(each.taker.name, each.part, each.fen) for each in lines] == [
        ("甲院", "basic", 250), ("乙院", "basic", 250), ("甲院", "performance", 500), ("乙院", "performance", 0)
    ]  # fmt: skip
    with pytest.raises(ValueError, match="percentages"):
        funds.with_changes(fund, percents={"basic": Fraction(60)})


# What is refused -------------------------------------------------------------------------------------------------------
def _percent(raw):
    raw["parts"][0]["percent"] = 71


def _indicator(raw):
    raw["parts"][0]["factors"][0]["indicator"] = "p999"


def _twice(raw):
    raw["parts"][1]["code"] = "basic"


def _silent(raw):
    del raw["parts"][0]["factors"][0]["no_data"]


def _kind(raw):
    raw["parts"][0]["units"] = ["HOSPITAL"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_percent, "public-health: parts: percentages come to 101, not to 100"),
        (_indicator, "parts[1] basic: factors[1]: indicator: there is no indicator 'p999'"),
        (_twice, "parts: the code 'basic' stands twice"),
        (_silent, "factors[1]: no_data: is a text"),
        (_kind, "parts[1] basic: units: 'HOSPITAL' is not one of"),
    ],
)
def test_a_fault_is_refused_with_its_place(spoil, words):
    raw = copy.deepcopy(said(next(each for each in load(funds.TOPIC) if each.slug == "public-health")))
    spoil(raw)
    with pytest.raises(DefinitionError) as refused:
        funds.check(raw)
    assert words in str(refused.value)


def test_a_coefficient_for_every_kind():
    raw = copy.deepcopy(said(next(each for each in load(funds.TOPIC) if each.slug == "performance-pay")))
    del raw["parts"][0]["factors"][0]["by"]["COMMUNITY_CENTRE"]
    with pytest.raises(DefinitionError, match="COMMUNITY_CENTRE: is a number"):
        funds.check(raw)


# To the fen, always ----------------------------------------------------------------------------------------------------
units = st.lists(
    st.tuples(
        st.sampled_from(["COUNTY_HOSPITAL", "TCM_HOSPITAL", "TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE", "VILLAGE_CLINIC"]),
        st.none() | st.integers(0, 10_000), st.none() | st.floats(0, 1e6, allow_nan=False),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@given(st.sampled_from(SLUGS), units, st.integers(1, 10**13))
def test_the_parts_add_up_to_the_pool_to_the_fen(slug, drawn, pool):
    fund = fund_of(slug)
    takers = [
        a_taker(
            fund, n,
            {"name": f"{n}", "kind": kind}
            | ({"score": score / 100} if score is not None else {})
            | ({"figures": dict.fromkeys(("p01-contract-coverage", "p16b-managed-persons"), figure)} if figure is not None else {}),
        )
        for n, (kind, score, figure) in enumerate(drawn)
    ]  # fmt: skip
    try:
        lines = funds.share(fund, pool, takers)
    except (funds.NoFigure, funds.NoWeight):
        return
    assert sum(each.fen for each in lines) == pool
    assert all(each.fen >= 0 for each in lines)
    for one in lines:
        for two in lines:
            if one.part == two.part and one.weight == two.weight:
                assert abs(one.fen - two.fen) <= 1
            if one.part == two.part and one.weight > two.weight:
                assert one.fen >= two.fen
