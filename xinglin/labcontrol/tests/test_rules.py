"""The multirule: every worked example, and the rules against a second, plain reading of them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.labcontrol import catalogue
from xinglin.labcontrol.data import Verdict
from xinglin.labcontrol.rules import Point, Rule, Run, evaluate
from xinglin.platform.definitions import Definition, load

EXAMPLES = [
    pytest.param(each, example, id=f"{each.slug}: {example['situation']}")
    for each in load("qc-rules")
    for example in each.examples
]


def run_of(zs: dict[str, Any]) -> list[Point]:
    return [Point(level, Decimal(str(z))) for level, z in zs.items()]


@pytest.mark.parametrize(("definition", "example"), EXAMPLES)
def test_each_worked_example_of_a_rule_set_comes_out(definition: Definition, example: dict[str, Any]) -> None:
    rules = catalogue.rule_set(definition.slug).rules
    runs = [run_of(zs) for zs in example["runs"]]

    verdict, broken = evaluate(rules, runs[:-1], runs[-1])

    assert (verdict, [each.code for each in broken]) == (example["verdict"], example["rules"])


def test_exactly_one_rule_set_is_the_default() -> None:
    assert [each.slug for each in load("qc-rules") if each.content.get("is_default")] == ["westgard-basic"]


def test_the_rules_of_the_county_are_in_the_default_set() -> None:
    outcomes = {rule.code: rule.rejects for rule in catalogue.rule_set(catalogue.default_rules()).rules}

    assert outcomes["1-2s"] is False
    assert all(outcomes[code] for code in ("1-3s", "2-2s", "R-4s"))


# A second reading ----------------------------------------------------------------------------------------------------
def plain(code: str, runs: list[list[Point]], scopes: tuple[str, ...]) -> bool:  # noqa: C901 - one case for each rule
    """Westgard's rules written out as a technician reads them off a chart; the last run is judged."""
    last, flat = runs[-1], [point for run in runs for point in run]
    own = {point.level: [p.z for p in flat if p.level == point.level] for point in last}

    def same_side(zs: list[Decimal], beyond: Decimal) -> bool:
        return all(z > beyond for z in zs) or all(z < -beyond for z in zs)

    def in_a_row(n: int, beyond: int) -> bool:
        wanted = Decimal(beyond)
        if "level" in scopes and any(len(zs) >= n and same_side(zs[-n:], wanted) for zs in own.values()):
            return True
        if "all" in scopes:
            for end in range(len(flat) - len(last) + 1, len(flat) + 1):
                if end >= n and same_side([p.z for p in flat[end - n : end]], wanted):
                    return True
        if "run" in scopes:
            above = sum(p.z > wanted for p in last)
            below = sum(p.z < -wanted for p in last)
            return max(above, below) >= n
        return False

    match code:
        case "1-2s":
            return any(abs(p.z) > 2 for p in last)
        case "1-3s":
            return any(abs(p.z) > 3 for p in last)
        case "2-2s":
            return in_a_row(2, 2)
        case "3-1s":
            return in_a_row(3, 1)
        case "4-1s":
            return in_a_row(4, 1)
        case "8-x" | "10-x" | "12-x":
            return in_a_row(int(code.split("-")[0]), 0)
        case "R-4s":
            zs = [p.z for p in last]
            wide = "run" in scopes and bool(zs) and max(zs) - min(zs) > 4
            jumps = "level" in scopes and any(len(z) > 1 and abs(z[-1] - z[-2]) > 4 for z in own.values())
            return wide or jumps
        case "2of3-2s":
            for side in (1, -1):
                if sum(side * p.z > 2 for p in last) >= 2:
                    return True
                for zs in own.values():
                    if side * zs[-1] > 2 and sum(side * z > 2 for z in zs[-3:]) >= 2:
                        return True
            return False
    raise AssertionError(f"no second reading of {code}")


ZS = st.sampled_from(
    [Decimal(tenths) / 10 for tenths in (-45, -31, -30, -21, -20, -11, -10, -3, 0, 2, 10, 12, 20, 22, 30, 32)]
)
RUNS = st.lists(
    st.dictionaries(st.sampled_from("123"), ZS, min_size=1).map(
        lambda zs: [Point(level, zs[level]) for level in sorted(zs)]
    ),
    min_size=1, max_size=14,
)  # fmt: skip
DRIFT = st.lists(
    st.fixed_dictionaries({"1": st.sampled_from(["0.4", "1.2"]), "2": st.sampled_from(["0.1", "1.1"])}).map(run_of),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("slug", [each.slug for each in load("qc-rules")])
@settings(max_examples=250, deadline=None)
@given(runs=st.one_of(RUNS, DRIFT))
def test_the_rules_agree_with_a_second_plain_reading(slug: str, runs: list[list[Point]]) -> None:
    rules = catalogue.rule_set(slug).rules

    verdict, broken = evaluate(rules, runs[:-1], runs[-1])

    wanted = [rule.code for rule in rules if plain(rule.code, runs, rule.scopes)]
    assert [each.code for each in broken] == wanted
    rejects = {rule.code for rule in rules if rule.rejects}
    assert verdict == (Verdict.OUT if rejects & set(wanted) else Verdict.WARNING if wanted else Verdict.IN)


@given(runs=RUNS)
def test_a_chart_turned_upside_down_breaks_the_same_rules(runs: list[list[Point]]) -> None:
    rules = catalogue.rule_set("westgard-basic").rules

    def turned(run: Run) -> list[Point]:
        return [Point(point.level, -point.z) for point in run]

    assert evaluate(rules, runs[:-1], runs[-1]) == evaluate(rules, [turned(r) for r in runs[:-1]], turned(runs[-1]))


def test_a_broken_rule_names_the_levels_that_took_part() -> None:
    rules = catalogue.rule_set("westgard-basic").rules

    _verdict, broken = evaluate(rules, [], run_of({"1": 2.4, "2": 0.1, "3": 2.2}))

    assert {each.code: each.levels for each in broken} == {"1-2s": ("1", "3"), "2-2s": ("1", "3")}


@pytest.mark.parametrize("wrong", [{"kind": "sum"}, {"outcome": "maybe"}])
def test_a_rule_that_makes_no_sense_is_not_read(wrong: dict[str, str]) -> None:
    raw = {
        "code": "x",
        "title": {"zh": "错", "en": "x"},
        "kind": "count",
        "outcome": "reject",
        "scopes": ["run"],
        "n": 1,
        "of": 1,
        "beyond": 1,
    }

    with pytest.raises(KeyError):
        Rule.of_definition({**raw, **wrong})
