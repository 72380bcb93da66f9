"""What ships: every definition is without fault, every worked example computes."""

import re
import tomllib
from datetime import date

import pytest
from django.conf import settings

from xinglin.platform.definitions import MARKS
from xinglin.programmes.rules import catalogue, examples
from xinglin.programmes.rules.assessing import assess
from xinglin.programmes.rules.cases import Person
from xinglin.programmes.rules.checking import check_text
from xinglin.programmes.rules.computing import OF_PERSON, OF_VISIT
from xinglin.programmes.rules.deriving import inputs
from xinglin.programmes.rules.items import KINDS

PATHS = sorted((settings.DEFINITIONS_DIR / "programmes").glob("*.toml"))
EXAMPLES = [
    (path.stem, n, example.get("title", ""))
    for path in PATHS
    for n, example in enumerate(tomllib.loads(path.read_text())["examples"])
]
TOLD = {
    "hypertension", "diabetes", "dyslipidaemia", "three-highs", "copd", "coronary", "stroke", "elderly", "mental-disorder",
    "tuberculosis", "overweight",
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_definition_that_ships_has_no_fault(path):
    report = check_text(path.read_text(), path.name)

    assert [str(fault) for fault in report.faults] == []


@pytest.mark.parametrize(("slug", "n", "title"), EXAMPLES)
def test_a_worked_example_computes(slug, n, title):
    programme = catalogue.programme(slug)

    assert examples.differences(programme, programme.examples[n]) == []
    assert programme.examples[n]["expect"], title


def test_what_was_promised_is_there():
    found = {each.slug for each in catalogue.programmes(date(2026, 11, 22))}

    print(f"{len(found)} programmes, {len(EXAMPLES)} worked examples, {len(catalogue.items())} items")
    assert found >= TOLD
    assert len(found) >= 25
    assert catalogue.programme("three-highs").joins == ("hypertension", "diabetes", "dyslipidaemia")


def test_every_rule_says_where_its_numbers_come_from():
    for programme in catalogue.all_versions():
        origins = [
            each.origin
            for group in (
                programme.grades, programme.alerts, programme.advice, programme.education, programme.complications,
                programme.plan.intervals.values(), programme.parameters.values(), programme.movements,
            )
            for each in group
        ]  # fmt: skip
        origins += [each.origin for each in (programme.reporting, programme.clinical, programme.prevalence) if each]
        for origin in origins:
            assert origin.source, programme.slug
            assert origin.mark.split(":")[0] in MARKS, (programme.slug, origin)


DANGERS = [
    ("systolic", 180), ("diastolic", 110), ("glucose_fasting", 16.7), ("glucose_fasting", 3.9), ("glucose_random", 16.7),
    ("glucose_random", 3.9), ("glucose_after_meal", 16.7), ("glucose_after_meal", 3.9), ("spo2", 89),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), DANGERS)
@pytest.mark.parametrize("kind", ["routine", "yearly"])
def test_a_programme_that_asks_for_what_can_be_an_emergency_says_that_it_is_one(code, value, kind):
    person, on = Person("2", date(1966, 5, 1)), date(2026, 11, 22)
    asking = [each for each in catalogue.all_versions() if code in each.codes(kind)]

    silent = [
        each.version
        for each in asking
        if "emergency" not in {one.level for one in assess(each, person, {code: value}, [], on, kind=kind).alerts}
    ]
    assert silent == []
    assert asking or kind == "yearly"


def test_what_is_just_no_emergency_is_none():
    person, on = Person("2", date(1966, 5, 1)), date(2026, 11, 22)
    answers = {"systolic": 179, "diastolic": 109, "glucose_fasting": 16.6, "glucose_random": 4.0, "spo2": 90}

    for each in catalogue.all_versions():
        assert "emergency" not in {one.level for one in assess(each, person, answers, [], on).alerts}, each.version


def test_a_programmes_own_words_for_a_shared_emergency_take_its_place():
    text = next(path for path in PATHS if path.stem == "gout").read_text()
    own = """[[alerts]]
code = "glucose-low"
level = "emergency"
zh = "血糖≤4.4：补糖"
en = "Glucose ≤ 4.4: sugar"
when = { field = "glucose_fasting", at_most = 4.4 }
channel = "emergency"
criterion = "glucose-fasting-low"
deadline_days = 0

"""
    report = check_text(text.replace("[[alerts]]", own + "[[alerts]]", 1), "gout.toml")

    assert [str(fault) for fault in report.faults] == []
    assert report.programme is not None
    assert [each.text.en for each in report.programme.alerts if each.code == "glucose-low"] == ["Glucose ≤ 4.4: sugar"]


def test_thresholds_for_reporting_and_for_treatment_are_two():
    for slug in ("hypertension", "diabetes"):
        programme = catalogue.programme(slug)
        assert programme.reporting is not None
        assert programme.clinical is not None
        assert programme.reporting.rules != programme.clinical.rules


def test_an_item_stands_once_and_is_complete():
    seen = set()
    for path in sorted((settings.DEFINITIONS_DIR / "programme-items").glob("*.toml")):
        for raw in tomllib.loads(path.read_text())["items"]:
            assert raw["code"] not in seen, raw["code"]
            seen.add(raw["code"])
    for item in catalogue.items().values():
        assert item.code not in {*OF_PERSON, *OF_VISIT}
        assert item.kind in KINDS, item.code
        assert item.label.zh, item.code
        assert item.label.en, item.code
        if item.kind == "number":
            assert item.low is not None, item.code
            assert item.high is not None, item.code
            assert item.low < item.high, item.code
        if item.kind in {"choice", "choices"}:
            codes = [option.code for option in item.options]
            assert len(codes) == len(set(codes)) >= 2, item.code
            assert all(option.text.zh and option.text.en for option in item.options), item.code
        if item.formula is not None:
            assert all(code in catalogue.items() or code in OF_PERSON for code in inputs(item.formula)), item.code


def test_every_item_is_asked_somewhere():
    asked = {
        code for programme in catalogue.all_versions() for kind in programme.items for code in programme.codes(kind)
    }
    asked |= {code for item in catalogue.items().values() if item.formula for code in inputs(item.formula)}
    asked |= {code for programme in catalogue.all_versions() for code in programme.computed}
    for path in (settings.DEFINITIONS_DIR / "checkups").glob("*.toml"):
        asked |= {code for station in tomllib.loads(path.read_text())["stations"] for code in station["items"]}

    assert sorted(set(catalogue.items()) - asked) == []


def test_a_loinc_code_carries_its_check_digit():
    for item in catalogue.items().values():
        if not item.loinc:
            continue
        assert re.fullmatch(r"\d{1,7}-\d", item.loinc), item.code
        body, check = item.loinc.split("-")
        digits = [int(digit) * (2 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(body))]
        assert (10 - sum(digit // 10 + digit % 10 for digit in digits) % 10) % 10 == int(check), item.code


def test_a_loinc_code_names_one_item():
    codes = [item.loinc for item in catalogue.items().values() if item.loinc]

    assert len(codes) == len(set(codes))


def test_what_devices_measure_has_the_code_that_devices_send():
    sent = {
        code: catalogue.item(code).ieee11073 for code in ("systolic", "diastolic", "glucose_fasting", "weight", "spo2")
    }

    assert sent == {
        "systolic": "150021",
        "diastolic": "150022",
        "glucose_fasting": "160184",
        "weight": "188736",
        "spo2": "150456",
    }
