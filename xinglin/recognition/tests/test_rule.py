"""The rule over the whole product of what it looks at, and every worked example of the definitions."""

import itertools
import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from xinglin.platform.definitions import load
from xinglin.platform.errors import InvalidInput
from xinglin.recognition import catalogue
from xinglin.recognition.data import CARRIES, Level, Outcome, Reach
from xinglin.recognition.rule import Item, Miss, Result, Verdict, age_in_days, days_beyond, judge

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
CT = Item("ct-head", "IMAGING", "头颅CT平扫", 30, Reach.PROVINCE, False, 18000, "v")


def a_result(**facts: object) -> Result:
    given = {"codes": frozenset({"ct-head"}), "kind": "IMAGING", "status": "FINAL", "reach": Reach.CONSORTIUM}
    days = facts.pop("days", 7)
    return Result(**{**given, "examined_at": AT - timedelta(days=days), **facts})  # type: ignore[arg-type, operator]


EXAMPLES = [
    pytest.param(definition, example, id=example["say"])
    for definition in load("recognition-items")
    for example in definition.examples
]


@pytest.mark.parametrize(("definition", "example"), EXAMPLES)
def test_a_worked_example_of_the_catalogue_comes_out_as_written(definition, example) -> None:
    item = catalogue.item_of(example["kind"], example["ordered"], on=DAY)
    verdict = judge(
        item,
        Result(
            codes=frozenset({example["item"]}), kind=example["kind"], status=example["status"],
            examined_at=AT - timedelta(days=example["age_days"]), reach=Reach[example["reach"]],
            level=Level(example["level"]) if example["level"] else None,
            grades=frozenset(filter(None, [example["grade"]])), is_critical=example["critical"],
            is_abnormal=example["abnormal"],
        ),
        at=AT,
    )  # fmt: skip

    assert [str(each) for each in verdict.misses] == ([] if bool(verdict) else [example["outcome"]])
    assert bool(verdict) == (example["outcome"] == "recognised")
    assert verdict.beyond == example.get("beyond", 0)


def test_the_rule_over_the_whole_product_of_what_it_looks_at() -> None:
    """An oracle written another way: one condition at a time, each alone decides its own miss."""
    n_cases, n_recognised = 0, 0
    product = itertools.product(
        [True, False], ["FINAL", "AMENDED", "PRELIMINARY", "CLAIMED", "CANCELLED"], [0, 29, 30, 31, 90], list(Reach),
        [None, *Level], [(), ("A",), ("B",), ("C",), ("A", "WASTE")], [True, False], [True, False],
    )  # fmt: skip
    for active, status, days, reach, level, grades, critical, own_mark in product:
        item = Item("ct-head", "IMAGING", "", 30, Reach.CITY, own_mark, 1, "v", is_active=active)
        found = judge(
            item,
            a_result(
                status=status, days=days, reach=reach, level=level, grades=frozenset(grades), is_critical=critical
            ),
            at=AT,
        )
        wanted = set()
        if not active:
            wanted.add(Miss.NOT_ACTIVE)
        if status in {"PRELIMINARY", "CLAIMED", "CANCELLED"}:
            wanted.add(Miss.NOT_RELEASED)
        if days > 30:
            wanted.add(Miss.TOO_OLD)
        if reach in {Reach.PROVINCE, Reach.COUNTRY}:
            wanted.add(Miss.OUT_OF_SCOPE)
        at_home = reach == Reach.CONSORTIUM and not own_mark
        if not at_home and (level is None or CARRIES[level] < reach):
            wanted.add(Miss.NO_MARK)
        if "C" in grades or "WASTE" in grades:
            wanted.add(Miss.POOR_QUALITY)
        if critical:
            wanted.add(Miss.CRITICAL)
        assert set(found.misses) == wanted, (active, status, days, reach, level, grades, critical, own_mark)
        assert bool(found) == (not wanted)
        assert found.beyond == max(0, days - 30)
        n_cases, n_recognised = n_cases + 1, n_recognised + (not wanted)
    print(f"{n_cases} cases, {n_recognised} recognised")
    assert n_cases == 2 * 5 * 5 * 5 * 5 * 5 * 2 * 2
    assert 0 < n_recognised < n_cases // 10


@pytest.mark.parametrize(
    ("facts", "miss"),
    [
        ({"codes": frozenset({"ct-chest"})}, Miss.OTHER_ITEM),
        ({"kind": "LAB"}, Miss.OTHER_ITEM),
        ({"is_same_person": False}, Miss.OTHER_PERSON),
        ({"days": -1}, Miss.IN_FUTURE),
        ({"newer_at": AT - timedelta(days=2)}, Miss.SUPERSEDED),
    ],
)
def test_each_further_condition_alone_speaks_against_it(facts, miss) -> None:
    assert judge(CT, a_result(**facts), at=AT).misses == (miss,)


def test_what_is_not_in_the_catalogue_is_never_recognised() -> None:
    assert judge(None, a_result(), at=AT) == Verdict((Miss.NOT_LISTED,))


def test_the_window_ends_to_the_minute_and_begun_days_count() -> None:
    edge = AT - timedelta(days=30)

    assert judge(CT, a_result(examined_at=edge), at=AT)
    assert judge(CT, a_result(examined_at=edge - timedelta(minutes=1)), at=AT).misses == (Miss.TOO_OLD,)
    assert days_beyond(CT, edge - timedelta(minutes=1), at=AT) == 1
    assert age_in_days(AT - timedelta(hours=47), at=AT) == 1


@pytest.mark.parametrize("example", load("recognition-reasons")[0].examples, ids=lambda each: each["say"])
def test_a_worked_example_of_the_reasons_comes_out_as_written(example) -> None:
    try:
        reason = catalogue.reason_of(example["code"], on=DAY)
        outcome = "text-needed" if reason.needs_text and not example["words"] else str(reason.outcome)
    except InvalidInput:
        outcome = "unknown"

    assert outcome == example["outcome"]


def test_only_real_repeats_count_as_refusals() -> None:
    kinds = {each.code: each.outcome for each in catalogue.reasons(on=DAY)}

    assert kinds["98"] == Outcome.NOT_SEEN
    assert kinds["99"] == Outcome.SERIAL
    assert {code for code, outcome in kinds.items() if outcome == Outcome.REPEATED} == {f"0{n}" for n in range(1, 9)}
    assert catalogue.emergency_reason(on=DAY) == "04"


def test_every_item_of_the_catalogue_is_complete_and_every_imaging_item_can_be_ordered() -> None:
    items = catalogue.items(on=DAY)
    ordered = tomllib.loads((settings.DEFINITIONS_DIR / "exam-items/imaging.toml").read_text())["items"]

    assert len({(each.kind, each.code) for each in items}) == len(items) >= 35
    assert all(each.days >= 1 and each.fen > 0 for each in items)
    assert all(set(each.also) <= {other.code for other in items} for each in items)
    assert {each["code"] for each in ordered} == {each.code for each in items if each.kind == "IMAGING"}
    assert catalogue.item_of("IMAGING", "ct-head", on=date(2025, 1, 1)) is None
