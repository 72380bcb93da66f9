"""Plans: worked examples come out, faults are refused with their place, scores move with the figure."""

import copy
import tomllib
from decimal import Decimal
from fractions import Fraction

import pytest
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from xinglin.evaluations.checks import definitions_hold
from xinglin.evaluations.rules import funds, plans, scoring
from xinglin.evaluations.rules.plans import Rule, Step
from xinglin.evaluations.rules.reading import HUNDRED
from xinglin.evaluations.rules.reading import said as said_of
from xinglin.evaluations.rules.scoring import Basis, Given, Scored
from xinglin.platform.definitions import DefinitionError, load

SLUGS = [each.slug for each in load(plans.TOPIC)]


def points(value) -> int:
    return int(Decimal(str(value)) * 100)


def reviewed(scores, said):
    return scores | {code: Scored(points(value), Basis.REVIEWED) for code, value in said.items()}


@pytest.mark.parametrize("slug", SLUGS)
def test_worked_examples_come_out(slug):
    plan = plans.plan(slug)
    definition = next(each for each in load(plans.TOPIC) if each.slug == slug)
    assert definition.examples
    for example in definition.examples:
        units = example["units"]
        figures = {
            unit: {code: Given(float(cell["value"]), cell.get("denominator")) for code, cell in each["figures"].items()}
            for unit, each in units.items()
        }
        found = scoring.score_units(plan, {unit: each["kind"] for unit, each in units.items()}, figures)
        found = {unit: reviewed(scores, units[unit]["reviewed"]) for unit, scores in found.items()}
        for unit, wanted in example["scores"].items():
            told = {
                code: (each.points if each.basis not in scoring.LEFT_OUT else str(each.basis))
                for code, each in found[unit].items()
            }
            assert told == {code: each if isinstance(each, str) else points(each) for code, each in wanted.items()}
        totals = {unit: scoring.total(plan, scores).points for unit, scores in found.items()}
        assert totals == {unit: points(each) for unit, each in example["totals"].items()}
        assert {each.unit: each.place for each in scoring.ranked(totals)} == example["places"]


def test_the_three_rhythms_are_there():
    assert {each.rhythm for each in plans.plans()} >= {"quarter", "half-year", "year"}
    assert all(sum(item.weight for item in each.items) == each.full for each in plans.plans())


@pytest.mark.parametrize("topic", [plans, funds])
def test_a_plan_or_fund_says_its_source_in_the_readers_language(topic):
    for definition in load(topic.TOPIC):
        read = topic.check(said_of(definition))
        with override("zh-hans"):
            assert read.cited == definition.source
        with override("en"):
            assert read.cited == definition.source_en != ""


def test_a_plan_that_was_kept_with_its_source_in_chinese_alone_is_read_as_it_was():
    kept = said_of(load(plans.TOPIC)[0])
    del kept["source_en"]
    with override("en"):
        assert plans.check(kept).cited == kept["source"]


# What is refused -----------------------------------------------------------------------------------------------------
@pytest.fixture
def said():
    definition = next(each for each in load(plans.TOPIC) if each.slug == "quarterly-check")
    return copy.deepcopy(plans.said(definition))


def item(said, code):
    return next(each for group in said["groups"] for each in group["items"] if each["code"] == code)


def _weights(said):
    item(said, "A1")["weight"] = 13


def _overlap(said):
    item(said, "A2")["rule"]["steps"][1]["from"] = 45


def _gap(said):
    item(said, "A2")["rule"]["steps"][1]["from"] = 55


def _backwards(said):
    item(said, "A2")["rule"]["steps"][2]["percent"] = 50


def _open_end(said):
    item(said, "A2")["rule"]["steps"][-1]["below"] = 90


def _unknown(said):
    item(said, "B1")["indicator"] = "p999-nothing"


def _divides(said):
    item(said, "A1")["rule"]["floor"] = 90


def _wrong_side(said):
    item(said, "A1")["rule"]["floor"] = 95


def _per_zero(said):
    item(said, "B4")["rule"]["per"] = 0


def _checks(said):
    item(said, "D1")["checks"][0]["points"] = 5


def _no_treatment(said):
    del item(said, "A1")["no_data"]


def _level(said):
    item(said, "A1").update(indicator="m01-unified-management")


def _twice(said):
    item(said, "A2")["code"] = "A1"


def _key(said):
    item(said, "A1")["heavy"] = 1


def _number(said):
    item(said, "A1")["rule"]["target"] = "ninety"


def _units(said):
    said["units"] = []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_weights, "groups: weights come to 101, not to the full mark of 100"),
        (_overlap, "groups[1]: items[2] A2: rule: steps[2]: from: overlaps the step before"),
        (_gap, "A2: rule: steps[2]: from: leaves a gap from 50 to 55"),
        (_backwards, "A2: rule: steps[3]: percent: a better figure gets less"),
        (_open_end, "A2: rule: steps[4]: below: the last step has no end"),
        (_unknown, "groups[2]: items[1] B1: indicator: there is no indicator 'p999-nothing'"),
        (_divides, "A1: rule: floor: is the target"),
        (_wrong_side, "A1: rule: floor: lies on the wrong side"),
        (_per_zero, "B4: rule: per: is above 0"),
        (_checks, "D1: checks: points come to 11, not to the weight of 10"),
        (_no_treatment, "A1: no_data: is a text"),
        (_level, "A1: level: m01-unified-management is not told of a township"),
        (_twice, "groups: the code 'A1' stands twice"),
        (_key, "items[1]: heavy: unknown key"),
        (_number, "A1: rule: target: is a number"),
        (_units, "units: names kinds of facilities"),
    ],
)
def test_a_fault_is_refused_with_its_place(said, spoil, words):
    spoil(said)
    with pytest.raises(DefinitionError) as refused:
        plans.check(said)
    assert str(refused.value).startswith("quarterly-check: ")
    assert words in str(refused.value)


def test_a_plan_as_kept_by_a_round_reads_the_same(said):
    assert plans.check(said) == plans.plan("quarterly-check")


def test_every_file_parses_alone():
    for path in (settings.DEFINITIONS_DIR / plans.TOPIC).glob("*.toml"):
        assert tomllib.loads(path.read_text())["slug"] == path.stem


# No data, never 0 by itself ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "basis", "value"),
    [("A1", Basis.HELD, None), ("A2", Basis.NO_DATA_LEFT_OUT, None), ("B4", Basis.NO_DATA_ZERO, 0)],
)
def test_no_data_is_treated_as_the_plan_says(code, basis, value):
    plan = plans.plan("quarterly-check")
    found = scoring.score_item(plan, plan.item(code), kind="TOWNSHIP_HOSPITAL", given=Given(None, why="no-facts"))
    assert (found.basis, found.points) == (basis, value)


def test_a_true_zero_is_a_figure():
    plan = plans.plan("quarterly-check")
    found = scoring.score_item(plan, plan.item("A2"), kind="TOWNSHIP_HOSPITAL", given=Given(0.0, 40.0))
    assert found == Scored(0, Basis.COMPUTED)


def test_not_applicable_may_count_as_full(said):
    said["not_applicable"] = "full"
    item(said, "A1")["kinds"] = ["COMMUNITY_CENTRE"]
    plan = plans.check(said)
    found = scoring.score_item(plan, plan.item("A1"), kind="TOWNSHIP_HOSPITAL", given=Given(75.0, 100))
    assert found == Scored(1200, Basis.NOT_APPLICABLE_FULL)


def test_without_any_item_that_applies_there_is_no_total():
    plan = plans.plan("quarterly-check")
    nothing = {each.code: Scored(None, Basis.NOT_APPLICABLE) for each in plan.items}
    assert scoring.total(plan, nothing).points is None


def test_ties_share_a_place_and_the_next_is_further_down():
    found = scoring.ranked({"a": 9000, "b": 8000, "c": 8000, "d": 7000})
    assert [(each.unit, each.place, each.is_tied) for each in found] == [
        ("a", 1, False), ("b", 2, True), ("c", 2, True), ("d", 4, False)
    ]  # fmt: skip


# A better figure never gets less -------------------------------------------------------------------------------------
WEIGHT = 1000
numbers = st.integers(-5000, 15000).map(lambda n: Fraction(n, HUNDRED))


@st.composite
def a_rule(draw):
    kind = draw(st.sampled_from(["full-at", "yes-no", "proportional", "deduct", "rank", "steps"]))
    direction = draw(st.sampled_from(["up", "down"]))
    if kind == "full-at":
        return Rule(kind, direction, {"target": draw(numbers)})
    if kind == "yes-no":
        return Rule(kind, direction, {"yes_at": draw(numbers)})
    if kind == "proportional":
        low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
        floor, target = (low, high) if direction == "up" else (high, low)
        return Rule(kind, direction, {"floor": floor, "target": target})
    if kind == "deduct":
        above = st.integers(1, 2000).map(lambda n: Fraction(n, HUNDRED))
        return Rule(kind, direction, {"target": draw(numbers), "per": draw(above), "points": draw(above)})
    if kind == "rank":
        last, first = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2)))
        return Rule(kind, direction, {"first": Fraction(first), "last": Fraction(last)})
    bounds = sorted(draw(st.lists(numbers, min_size=1, max_size=4, unique=True)))
    edges = [None, *bounds, None]
    percents = sorted(draw(st.lists(st.integers(0, 100), min_size=len(edges) - 1, max_size=len(edges) - 1)))
    percents = percents if direction == "up" else percents[::-1]
    steps = [Step(a, b, Fraction(p)) for a, b, p in zip(edges, edges[1:], percents, strict=False)]
    return Rule(kind, direction, {}, tuple(steps))


@given(a_rule(), numbers, numbers, st.lists(numbers, max_size=6))
def test_a_better_figure_never_gets_less(rule, one, two, others):
    worse, better = sorted((one, two)) if rule.direction == "up" else sorted((one, two), reverse=True)
    first = scoring.share_of(rule, worse, weight=WEIGHT, all_values=[*others, worse])
    second = scoring.share_of(rule, better, weight=WEIGHT, all_values=[*others, better])
    assert 0 <= first <= second <= 1
    assert 0 <= scoring.rounded(first * WEIGHT) <= scoring.rounded(second * WEIGHT) <= WEIGHT


@given(st.lists(st.tuples(st.sampled_from(list(Basis)), st.integers(0, 100)), min_size=11, max_size=11))
def test_a_total_is_between_nothing_and_the_full_mark(drawn):
    plan = plans.plan("quarterly-check")
    scores = {
        item.code: Scored(None if basis in scoring.OPEN | scoring.LEFT_OUT else item.weight * share // 100, basis)
        for item, (basis, share) in zip(plan.items, drawn, strict=True)
    }
    found = scoring.total(plan, scores)
    assert (found.points is None) == (bool(found.n_open) or not found.applicable)
    assert found.points is None or 0 <= found.points <= plan.full


@pytest.mark.parametrize(
    ("topic", "slug", "line", "instead", "told"),
    [
        ("evaluation-plans", "quarterly-check", "weight = 10\n", "weight = 11\n", "weights come to 101, not to the full mark of 100"),
        ("evaluation-plans", "quarterly-check", "units = [", "kinds_of = [", "quarterly-check: kinds_of: unknown key"),
        ("fund-plans", "performance-pay", "percent = 60", "percent = 61", "percentages come to 101, not to 100"),
    ],
)  # fmt: skip
def test_a_county_s_own_plan_that_is_broken_is_told_before_the_service_starts(
    tmp_path, settings, topic, slug, line, instead, told
):
    assert definitions_hold(None) == []
    text = (settings.DEFINITIONS_DIR / topic / f"{slug}.toml").read_text(encoding="utf-8")
    (tmp_path / topic).mkdir()
    (tmp_path / topic / "own.toml").write_text(text.replace(line, instead, 1), encoding="utf-8")
    settings.COUNTY_DEFINITIONS_DIR = tmp_path

    (problem,) = definitions_hold(None)

    assert told in problem.msg
