"""The oracle and the engine agree on everybody: generated residents, with values missing as they are missing in life, and with pasts of
up to four visits. Whole cohorts of a synthetic county: ``synth/tests/test_programmes.py``.
"""

import random
from datetime import date, timedelta

import pytest

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Past, Person, assess, eligible
from xinglin.programmes.tests.oracle import diabetes, hypertension, years

ON = date(2026, 11, 22)
N_RESIDENTS = 4000
GLUCOSE = ["glucose_fasting", "glucose_random", "glucose_after_meal"]


def resident(dice):
    born_on = date(dice.randint(1926, 2020), dice.randint(1, 12), dice.randint(1, 28))
    codes = frozenset(
        code for code in ("I10.x00", "E11.900", "I15.000", "E10.900", "O24.400", "O13.x00") if dice.random() < 0.3
    )
    return Person(dice.choice("12"), born_on, dice.choice([None, None, False, True]), codes)


def answers_of(dice):
    near = lambda *lines: dice.choice(lines) + dice.choice([-1, 0, 0, 1])  # noqa: E731 - values crowd at the lines
    values = {
        "systolic": near(120, 130, 140, 150, 160, 180), "diastolic": near(70, 80, 90, 100, 110),
        "glucose_fasting": round(dice.choice([3.9, 4.4, 5.5, 7.0, 10.0, 16.7]) + dice.choice([-0.1, 0, 0.1]), 1),
        "glucose_random": round(dice.choice([3.9, 8.0, 16.7]) + dice.choice([-0.1, 0, 0.1]), 1), "hba1c": dice.choice([6.4, 8.9, 9.0]),
        "glucose_after_meal": round(dice.choice([3.9, 9.0, 16.7]) + dice.choice([-0.1, 0, 0.1]), 1),
        "danger_signs": dice.choice([("none",), ("none",), ("none",), ("sight",), ("acetone", "thirst"), ("headache",)]),
        "side_effect": dice.choice(["none", "none", "mild", "hard"]), "new_complication": dice.random() < 0.1, "nursing": dice.random() < 0.05,
        "low_glucose_reaction": dice.choice(["none", "none", "seldom", "often"]), "foot_pulse": dice.choice(["felt", "felt", "weak", "absent"]),
        "adherence": "regular",
    }  # fmt: skip
    return {name: value for name, value in values.items() if dice.random() < 0.8}


@pytest.mark.thorough
def test_both_programs_agree_on_every_resident():
    dice = random.Random(20261122)
    asked = {"hypertension": hypertension, "diabetes": diabetes}
    programmes = {slug: catalogue.programme(slug) for slug in asked}
    seen = set()
    for n in range(N_RESIDENTS):
        person, answers = resident(dice), answers_of(dice)
        past = [
            Past(ON - timedelta(days=days), {dice.choice(GLUCOSE): dice.choice([3.6, 3.9, 4.0, 6.0])}, dice.choice([True, False, None]), "")
            for days in dice.sample(range(-20, 120), dice.randint(0, 4))
        ]  # fmt: skip
        for slug, oracle in asked.items():
            found = assess(programmes[slug], person, answers, past, ON)
            alerts = {each.code for each in found.alerts}
            ours = (found.grade, found.controlled, found.on_target, alerts, (found.next_due - ON).days)
            assert ours == oracle(person, answers, past, ON), (n, slug, person, answers, past)
            seen |= {(slug, found.grade), *((slug, code) for code in alerts)}
    promised = {
        (each.slug, one)
        for each in programmes.values()
        for one in ["", *(grade.slug for grade in each.grades), *(rule.code for rule in each.alerts)]
    }
    print(f"{N_RESIDENTS} residents, {len(seen)} of {len(promised)} grades and alerts seen")
    assert seen == promised


def test_both_programs_agree_on_who_belongs():
    dice = random.Random(20261123)
    for _ in range(N_RESIDENTS):
        person = resident(dice)
        age, codes = years(person, ON), {code[:3] for code in person.diagnoses}
        pressure = eligible(catalogue.programme("hypertension"), person, ON)
        sugar = eligible(catalogue.programme("diabetes"), person, ON)

        assert pressure.is_excluded == bool(codes & {"I15", "O13"})
        assert pressure.is_eligible == (age >= 35 and "I10" in codes and not codes & {"I15", "O13"})
        assert sugar.is_excluded == (age < 18 or bool(codes & {"E10", "O24"}))
        assert sugar.is_eligible == (age >= 35 and "E11" in codes and not codes & {"E10", "O24"})
