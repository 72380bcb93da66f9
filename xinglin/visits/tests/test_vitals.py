"""Limits and hints: each worked example of the definitions is computed, and the edges on both sides."""

from decimal import Decimal
from typing import Any

import pytest

from xinglin.platform import definitions
from xinglin.platform.errors import InvalidInput
from xinglin.visits import medicines
from xinglin.visits import vitals as judging
from xinglin.visits.data import VITAL_NAMES, Vitals

LIMITS = definitions.one("vitals", "limits")
HINTS = definitions.one("vitals", "hints")
ADULT = 12 * 50


def measured(values: dict[str, Any]) -> Vitals:
    """Vitals of an example."""
    return Vitals(
        **{name: Decimal(str(value)) if isinstance(value, float) else value for name, value in values.items()}
    )


@pytest.mark.parametrize("example", LIMITS.examples, ids=lambda example: str(example["vitals"]))
def test_examples_of_the_limits(example: dict[str, Any]) -> None:
    judgement = judging.judge(measured(example["vitals"]), age_months=example["age_months"])

    assert sorted(judgement.refused) == sorted(example["refused"])
    assert sorted(judgement.unusual) == sorted(example["unusual"])


@pytest.mark.parametrize("example", HINTS.examples, ids=lambda example: str(example["vitals"]))
def test_examples_of_the_hints(example: dict[str, Any]) -> None:
    found = judging.hints(measured(example["vitals"]), words=example["words"], age_years=example["age_years"])

    assert [hint.slug for hint in found] == example["hints"]


@pytest.mark.parametrize("name", [name for name in VITAL_NAMES if name not in {"systolic", "diastolic"}])
def test_the_ends_of_the_possible_range_are_taken_and_what_lies_beyond_is_not(name: str) -> None:
    limit = judging.limits()[name]
    step = Decimal(1) / 10**limit.decimals

    for inside in (limit.lowest, limit.highest):
        assert name not in judging.judge(Vitals(**{name: inside}), age_months=ADULT).refused
    for outside in (limit.lowest - step, limit.highest + step):
        assert name in judging.judge(Vitals(**{name: outside}), age_months=ADULT).refused


@pytest.mark.parametrize("name", VITAL_NAMES)
def test_the_usual_lies_within_the_possible_at_every_age(name: str) -> None:
    limit = judging.limits()[name]

    for _since, low, high in limit.bands:
        assert limit.lowest <= low < high <= limit.highest


def test_the_database_takes_every_possible_pressure() -> None:
    limits = judging.limits()

    assert (limits["systolic"].lowest, limits["systolic"].highest) == (40, 300)  # check constraints of the table
    assert (limits["diastolic"].lowest, limits["diastolic"].highest) == (20, 200)


def test_every_hint_names_its_source_and_only_known_measurements() -> None:
    slugs = {row["slug"] for row in HINTS.content["hints"]}
    for row in HINTS.content["hints"]:
        assert row["source"]
        assert row["mark"] in definitions.MARKS
        assert {condition["vital"] for condition in row.get("any", [])} <= set(VITAL_NAMES)
        assert set(row["actions"]) <= {"ecg", "refer"}
        assert set(row.get("hides", [])) <= slugs


@pytest.mark.parametrize(
    ("systolic", "diastolic", "slug"),
    [
        (179, 109, "raised-pressure"),
        (180, 70, "dangerous-pressure"),
        (150, 110, "dangerous-pressure"),
        (89, 60, "low-pressure"),
    ],
)
def test_the_lines_of_danger(systolic: int, diastolic: int, slug: str) -> None:
    found = judging.hints(Vitals(systolic=systolic, diastolic=diastolic), words="", age_years=60)

    assert [hint.slug for hint in found] == [slug]


def test_a_childs_pressure_is_not_judged_by_an_adults_line() -> None:
    found = {
        age: [(each.slug, each.tone, each.mark) for each in judging.hints(Vitals(systolic=145, diastolic=80), words="", age_years=age)]
        for age in (10, 40)
    }  # fmt: skip

    assert found == {
        10: [("child-pressure", "warning", "default")],
        40: [("raised-pressure", "warning", "national, second-hand")],
    }


def test_an_unusual_value_must_be_confirmed() -> None:
    with pytest.raises(InvalidInput) as refusal:
        judging.require_plausible(Vitals(temperature=Decimal("42.0")), age_months=ADULT)
    judging.require_plausible(Vitals(temperature=Decimal("42.0"), confirmed_unusual=True), age_months=ADULT)

    assert refusal.value.code == "vitals-unusual"


def test_confirming_does_not_make_the_impossible_possible() -> None:
    with pytest.raises(InvalidInput) as refusal:
        judging.require_plausible(Vitals(systolic=1200, diastolic=80, confirmed_unusual=True), age_months=ADULT)

    assert refusal.value.code == "vitals-impossible"


def test_medicines_are_found_by_name_and_initials() -> None:
    assert medicines.search_medicines("氨氯")[0].name == "苯磺酸氨氯地平片"
    assert medicines.search_medicines("aspl")[0].name == "阿司匹林肠溶片"
    assert medicines.search_medicines("zzzz") == []
    assert len(medicines.search_medicines("", limit=5)) == 5


def test_each_medicine_stands_once_and_fits_its_columns() -> None:
    rows = medicines.medicines()

    assert len({each.name for each in rows}) == len(rows) >= 120
    assert all(len(each.dose) <= 30 and len(each.frequency) <= 20 and len(each.route) <= 20 for each in rows)
    assert {each.route for each in rows} - set(medicines.choices("routes")) <= {"含服", "嚼服"}


def test_the_summary_of_unusual_values_names_the_measurement() -> None:
    with pytest.raises(InvalidInput) as refusal:
        judging.require_plausible(Vitals(systolic=240, diastolic=120), age_months=ADULT)

    assert str(refusal.value.fields["systolic"]).startswith("收缩压：")


def test_exchanged_pressures_are_not_believed() -> None:
    seen = judging.believable(Vitals(systolic=120, diastolic=160, pulse=80), age_months=ADULT)

    assert (seen.systolic, seen.diastolic, seen.pulse) == (None, None, 80)
