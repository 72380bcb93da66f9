"""Assessing a visit: never an error, one grade, nothing milder for what is worse."""

import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Past, Person, assess, due_date, eligible, joint_items
from xinglin.programmes.rules.computing import inputs_of
from xinglin.programmes.rules.examples import values_of
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.words import Text

ON = date(2026, 11, 22)
PROGRAMMES = catalogue.programmes(ON)
ITEMS = catalogue.items()
WANG = Person("1", date(1968, 3, 1), None, frozenset({"I10.x00"}))

slugs = st.sampled_from([each.slug for each in PROGRAMMES])
persons = st.builds(
    Person,
    sex=st.sampled_from(["1", "2", "9", ""]),
    born_on=st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    is_pregnant=st.sampled_from([None, True, False]),
    diagnoses=st.frozensets(
        st.sampled_from(["I10.x00", "E11.900", "E78.500", "J44.900", "I63.900", "F20.900", "Z00.0"])
    ),
)
junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=20), st.dates(),
    st.lists(st.text(max_size=5), max_size=3), st.binary(max_size=4), st.just(10**400), st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)  # fmt: skip


def possible(code):
    """Values that an item takes."""
    item = ITEMS[code]
    if item.kind == "number":
        return st.decimals(item.low, item.high, places=item.decimals)
    if item.kind == "yes-no":
        return st.booleans()
    if item.kind == "choice":
        return st.sampled_from([option.code for option in item.options])
    if item.kind == "choices":
        return st.sampled_from([(option.code,) for option in item.options])
    return st.text(max_size=10) if item.kind == "text" else st.dates(max_value=ON)


def needed(programme):
    """What must be answered for a grade."""
    fields = {field for grade in programme.grades for field in grade.when.fields()}
    return inputs_of(sorted(fields), ITEMS)


pasts = st.lists(
    st.builds(
        Past, on=st.dates(date(2020, 1, 1), date(2028, 1, 1)), answers=st.dictionaries(st.sampled_from(sorted(ITEMS)), junk, max_size=4),
        controlled=st.sampled_from([True, False, None]), grade=st.text(max_size=5),
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(slugs, persons, st.dictionaries(st.sampled_from([*sorted(ITEMS), "no-such-item"]), junk, max_size=12), pasts)
def test_nothing_that_can_be_typed_is_an_error(slug, person, answers, past):
    outcome = assess(catalogue.programme(slug), person, answers, past, ON)

    assert outcome.next_due > ON
    assert outcome.grade in {"", *(grade.slug for grade in catalogue.programme(slug).grades)}
    assert set(outcome.refused).isdisjoint(set(outcome.computed))
    assert outcome.complete == (not outcome.missing and not outcome.refused)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), slugs, persons)
def test_when_everything_needed_is_known_there_is_exactly_one_grade(data, slug, person):
    programme = catalogue.programme(slug)
    if person.sex not in {"1", "2"} or not 18 <= (ON - person.born_on).days // 366 <= 119:
        person = WANG
    answers = {code: data.draw(possible(code), label=code) for code in needed(programme)}

    assert assess(programme, person, answers, [], ON).grade != ""


@settings(max_examples=200, deadline=None)
@given(st.integers(40, 300), st.integers(20, 200), st.integers(0, 60), st.integers(0, 40))
def test_a_higher_pressure_is_never_a_milder_grade(systolic, diastolic, more, also):
    programme = catalogue.programme("hypertension")

    def severity(upper, lower):
        answers = {"systolic": min(upper, 300), "diastolic": min(lower, 200)}
        outcome = assess(programme, WANG, answers, [], ON)
        grade = programme.grade(outcome.grade)
        assert grade is not None
        return grade.severity, outcome.controlled is False, outcome.on_target is False

    for before, after in zip(severity(systolic, diastolic), severity(systolic + more, diastolic + also), strict=True):
        assert before <= after


@pytest.mark.parametrize(
    ("slug", "item"),
    [
        ("diabetes", "glucose_fasting"), ("dyslipidaemia", "ldl"), ("copd", "cat_score"), ("coronary", "angina_per_week"),
        ("stroke", "mrs"), ("mental-disorder", "danger_level"), ("tuberculosis", "missed_doses"), ("overweight", "weight"),
        ("gout", "uric_acid"), ("cancer", "ecog"), ("three-highs", "ldl"), ("kidney-disease", "creatinine"),
    ],
)  # fmt: skip
def test_a_worse_value_is_never_a_milder_grade(slug, item):
    programme, low = catalogue.programme(slug), Decimal("4.0") if slug == "diabetes" else ITEMS[item].low
    example = next(each for each in programme.examples if "answers" in each and each["expect"].get("grade"))
    base = values_of(example["answers"])
    span = ITEMS[item].high - low
    found = []
    for n in range(401):
        value = (low + span * n / 400).quantize(ITEMS[item].step)
        grade = programme.grade(assess(programme, WANG, {**base, item: value}, [], ON).grade)
        assert grade is not None, value
        found.append(grade.severity)

    assert found == sorted(found)
    assert len(set(found)) > 1


def test_1200_mmhg_is_refused_with_words_and_counts_as_not_measured():
    outcome = assess(catalogue.programme("hypertension"), WANG, {"systolic": 1200, "diastolic": 80}, [], ON)
    with override("en"):
        said = ITEMS["systolic"].refusal(1200)

    assert outcome.refused == {"systolic": "收缩压：超出可能的范围（40–300 mmHg），请核对。"}
    assert (outcome.grade, outcome.controlled, outcome.complete) == ("", None, False)
    assert "systolic" in outcome.missing
    assert said == "Systolic: outside of what is possible (40–300 mmHg), please check."


def test_not_measured_is_not_normal():
    outcome = assess(catalogue.programme("hypertension"), WANG, {}, [], ON)

    assert (outcome.grade, outcome.controlled, outcome.on_target, outcome.alerts) == ("", None, None, ())
    assert outcome.next_due == ON + timedelta(days=14)


def test_visits_from_the_future_are_left_out():
    programme, answers = catalogue.programme("hypertension"), {"systolic": 150, "diastolic": 80}
    future = Past(ON + timedelta(days=3), answers, False, "grade-1")

    assert assess(programme, WANG, answers, [future], ON) == assess(programme, WANG, answers, [], ON)
    assert assess(programme, WANG, answers, [future], ON).in_a_row == 1


def test_a_date_in_the_future_is_refused():
    item = Item("day", Text("日期", "Day"), "date")

    assert item.refusal(ON, ON) is None
    assert item.refusal(ON + timedelta(days=1), ON) == "日期：日期在将来。"
    assert item.refusal("2026-11-22", ON) == "日期：应为日期。"


def test_the_order_of_past_visits_does_not_matter():
    programme, answers = catalogue.programme("hypertension"), {"systolic": 150, "diastolic": 80}
    past = [Past(ON - timedelta(days=days), {}, days == 30, "") for days in (60, 30, 14)]

    assert assess(programme, WANG, answers, past, ON) == assess(programme, WANG, answers, past[::-1], ON)
    assert assess(programme, WANG, answers, past, ON).in_a_row == 2


def test_a_diabetic_child_is_not_enrolled_and_it_is_said_why():
    child = Person("2", date(2015, 5, 1), False, frozenset({"E11.900"}))
    answer = eligible(catalogue.programme("diabetes"), child, ON)

    assert (answer.is_eligible, answer.is_excluded) == (False, True)
    assert [each.zh for each in answer.reasons] == ["18岁以下，由儿科专科管理"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(slugs, unique=True, max_size=6),
    st.sampled_from(["screening", "confirmation", "routine", "yearly"]),
    persons,
    pasts,
)
def test_a_joint_form_asks_everything_once(chosen, kind, person, past):
    programmes = [catalogue.programme(slug) for slug in chosen]
    form = joint_items(programmes, kind, person, past, ON)

    codes = [line.item.code for line in form]
    assert len(codes) == len(set(codes))
    for programme in programmes:
        for use in programme.items.get(kind, ()):
            item = ITEMS[use.code]
            is_provided = any(use.code in each.provides for each in programmes)
            if use.is_required and not item.is_computed and not is_provided:
                line = next(each for each in form if each.item.code == use.code)
                assert line.is_required is (
                    item.valid_days is None or (kind != "routine" and line.stands_until is None)
                )
                assert programme.slug in line.programmes


def test_one_visit_serves_the_three_highs():
    three = [catalogue.programme(slug) for slug in ("three-highs", *catalogue.programme("three-highs").joins)]
    form = joint_items(three, "routine", WANG, [], ON)
    pressure = next(line for line in form if line.item.code == "systolic")

    assert pressure.programmes == ("three-highs", "hypertension", "diabetes")
    assert "nursing" not in [line.item.code for line in form]


def test_the_newest_answer_is_carried_forward_where_the_item_says_so():
    past = [
        Past(ON - timedelta(days=180), {"smoking": "current", "systolic": 150, "height": 170}, False, ""),
        Past(ON - timedelta(days=90), {"smoking": "former", "systolic": 140, "height": None}, False, ""),
        Past(ON + timedelta(days=9), {"smoking": "never"}, None, ""),
    ]
    form = {
        line.item.code: line for line in joint_items([catalogue.programme("hypertension")], "routine", WANG, past, ON)
    }

    assert (form["smoking"].value, form["smoking"].value_on) == ("former", ON - timedelta(days=90))
    assert (form["height"].value, form["height"].value_on) == (170, ON - timedelta(days=180))
    assert form["systolic"].value is None


@pytest.mark.parametrize(
    ("grade", "controlled", "in_a_row", "days"),
    [("below-140", True, 0, 90), ("grade-1", True, 0, 90), ("grade-1", False, 1, 14), ("grade-3", False, 1, 14),
     ("", None, 0, 14), ("below-140", None, 1, 14), ("no-such-grade", True, 0, 14)],
)  # fmt: skip
def test_who_is_not_controlled_is_seen_in_two_weeks(grade, controlled, in_a_row, days):
    due = due_date(catalogue.programme("hypertension"), grade, ON, controlled, in_a_row)

    assert due == ON + timedelta(days=days)


def test_a_thousand_visits_are_assessed_in_a_second():
    programme = catalogue.programme("hypertension")
    answers = {
        "systolic": 165,
        "diastolic": 88,
        "danger_signs": ("none",),
        "side_effect": "none",
        "weight": 80,
        "height": 170,
    }
    past = [Past(ON - timedelta(days=90), {}, False, "grade-1")]
    assess(programme, WANG, answers, past, ON)
    since = time.process_time()
    for _ in range(1000):
        assess(programme, WANG, answers, past, ON)

    assert time.process_time() - since < 1


LABORATORY = {
    "total_cholesterol": Decimal("4.20"), "ldl": Decimal("2.10"), "hdl": Decimal("1.20"), "triglycerides": Decimal("1.20"),
    "creatinine": 80,
}  # fmt: skip
AT_THE_VILLAGE = {
    "systolic": 128, "diastolic": 76, "glucose_fasting": Decimal("6.2"), "smoking": "never", "danger_signs": ("none",),
    "side_effect": "none", "new_complication": False, "adherence": "regular", "low_glucose_reaction": "none", "foot_pulse": "felt",
}  # fmt: skip
OF_ALL_THREE = Person("1", date(1968, 3, 1), None, frozenset({"I10.x00", "E11.900", "E78.500"}))


def three_highs():
    return [catalogue.programme(slug) for slug in ("three-highs", *catalogue.programme("three-highs").joins)]


def test_the_joint_form_demands_what_a_village_can_measure_and_no_more():
    form = joint_items(three_highs(), "routine", OF_ALL_THREE, [], ON)

    assert {line.item.code for line in form if line.is_required} == set(AT_THE_VILLAGE)
    assert "ascvd_risk" not in [line.item.code for line in form]
    assert "ascvd_risk" in [
        line.item.code for line in joint_items([catalogue.programme("dyslipidaemia")], "routine", OF_ALL_THREE, [], ON)
    ]


def test_answering_the_joint_form_once_completes_all_of_the_three_highs():
    risk = assess(catalogue.programme("three-highs"), OF_ALL_THREE, {**AT_THE_VILLAGE, **LABORATORY}, [], ON).grade
    for programme in three_highs():
        outcome = assess(programme, OF_ALL_THREE, {**AT_THE_VILLAGE, **LABORATORY, "ascvd_risk": risk}, [], ON)
        assert (outcome.complete, outcome.controlled, outcome.tests_due) == (True, True, ()), programme.slug
        assert outcome.grade, programme.slug


@pytest.mark.parametrize(("ago", "is_due"), [(1, False), (364, False), (365, True)])
def test_the_laboratory_counts_for_its_own_interval(ago, is_due):
    measured = [Past(ON - timedelta(days=ago), LABORATORY, None, "")]
    programme = catalogue.programme("three-highs")
    outcome = assess(programme, OF_ALL_THREE, AT_THE_VILLAGE, [], ON, elsewhere=measured)

    assert outcome.complete
    assert bool(outcome.tests_due) is is_due
    assert outcome.controlled is (None if is_due else True)
    assert outcome.next_due == ON + timedelta(days=90)
    line = next(
        each
        for each in joint_items([programme], "yearly", OF_ALL_THREE, measured, ON)
        if each.item.code == "creatinine"
    )
    assert line.is_required is is_due


def test_a_high_value_of_the_laboratory_is_counted_once():
    programme = catalogue.programme("dyslipidaemia")
    high = {**LABORATORY, "ldl": Decimal("3.00"), "ascvd_risk": "middle"}
    asked = {"side_effect": "none", "adherence": "regular"}
    past = [
        Past(ON - timedelta(days=84), high, False, "acceptable"),
        Past(ON - timedelta(days=42), asked, False, "acceptable"),
    ]

    repeated = assess(programme, OF_ALL_THREE, asked, past, ON)
    again = assess(programme, OF_ALL_THREE, {**asked, **high}, past, ON)
    assert (repeated.controlled, repeated.in_a_row, [each.code for each in repeated.alerts]) == (False, 1, ["adjust"])
    assert (again.in_a_row, [each.code for each in again.alerts]) == (2, ["not-controlled-twice"])
