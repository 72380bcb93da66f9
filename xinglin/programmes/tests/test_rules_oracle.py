"""Hypertension and diabetes by a second, plain program, written from the rules and not from the definitions: both agree on everybody.

It knows nothing of definitions, conditions or three-valued logic. Generated residents of a county, with values missing as they are
missing in life, and with pasts of up to four visits.
"""

import random
from datetime import date, timedelta

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Past, Person, assess, eligible

ON = date(2026, 11, 22)
N_RESIDENTS = 4000


def years(person):
    had_birthday = (ON.month, ON.day) >= (person.born_on.month, person.born_on.day)
    return ON.year - person.born_on.year - (0 if had_birthday else 1)


def pressure_grade(upper, lower):
    """Both numbers are needed, except that one of 180 or 110 says grade 3 whatever the other."""
    names = ["below-140", "grade-1", "grade-2", "grade-3"]
    one = None if upper is None else sum(upper >= line for line in (140, 160, 180))
    two = None if lower is None else sum(lower >= line for line in (90, 100, 110))
    if one is None or two is None:
        return "grade-3" if 3 in (one, two) else ""
    return names[max(one, two)]


def below(upper, lower, most_upper, most_lower):
    if (upper is not None and upper >= most_upper) or (lower is not None and lower >= most_lower):
        return False
    return None if upper is None or lower is None else True


def row_of(controlled, past):
    n = 0
    if controlled is True:
        return 0
    if controlled is False:
        n = 1
    for each in sorted(past, key=lambda visit: visit.on, reverse=True):
        if each.on >= ON or each.controlled is None:
            continue
        if each.controlled:
            break
        n += 1
    return n


def hypertension(person, answers, past):
    upper, lower, age = answers.get("systolic"), answers.get("diastolic"), years(person)
    controlled = below(upper, lower, 150 if age >= 65 else 140, 90)
    on_target = below(upper, lower, 140, 90) if age >= 80 else below(upper, lower, 130, 80)
    row = row_of(controlled, past)
    grade = pressure_grade(upper, lower)
    high, emergency = (upper or 0) >= 140 or (lower or 0) >= 90, (upper or 0) >= 180 or (lower or 0) >= 110
    signs = set(answers.get("danger_signs") or ()) & {"mind", "headache", "vomiting", "sight", "chest", "other"}
    expecting = (person.sex != "1" and person.is_pregnant is True) or answers.get("nursing") is True
    alerts = {
        "bp-emergency": emergency, "danger-signs": bool(signs), "pregnant-high": bool(expecting) and high,
        "not-controlled-twice": row >= 2, "side-effect-hard": answers.get("side_effect") == "hard",
        "new-complication": answers.get("new_complication") is True, "young-grade-3": emergency and age < 40, "adjust": row == 1,
        "side-effect": answers.get("side_effect") == "mild",
    }  # fmt: skip
    found = {name for name, is_raised in alerts.items() if is_raised}
    days = {"below-140": 90, "grade-1": 90, "grade-2": 14, "grade-3": 14, "": 14}[grade]
    return grade, controlled, on_target, found, 14 if found or row else days


def diabetes(person, answers, past):
    glucose, random_glucose, upper, lower = (
        answers.get(name) for name in ("glucose_fasting", "glucose_random", "systolic", "diastolic")
    )
    age = years(person)
    controlled = None if glucose is None else glucose < 7.0
    grade = (
        ""
        if glucose is None
        else "low"
        if glucose <= 3.9
        else "below-7"
        if glucose < 7
        else "7-to-10"
        if glucose < 10
        else "from-10"
    )
    pressure = below(upper, lower, 140, 90) if age >= 80 else below(upper, lower, 130, 80)
    is_level = None if glucose is None else 4.4 <= glucose < 7.0
    on_target = False if False in (pressure, is_level) else None if None in (pressure, is_level) else True
    row = row_of(controlled, past)
    lows = [(ON - each.on).days for each in past if each.on < ON and (each.answers.get("glucose_fasting") or 9) <= 3.9]
    now = glucose is not None and glucose <= 3.9
    signs = {
        "mind",
        "acetone",
        "sweating",
        "vomiting",
        "thirst",
        "belly",
        "breathing",
        "tachycardia",
        "fever",
        "sight",
        "chest",
        "other",
    }
    expecting = (person.sex != "1" and person.is_pregnant is True) or answers.get("nursing") is True
    alerts = {
        "glucose-high": (glucose or 0) >= 16.7 or (random_glucose or 0) >= 16.7, "glucose-low": now or (random_glucose or 9) <= 3.9,
        "bp-emergency": (upper or 0) >= 180 or (lower or 0) >= 110, "danger-signs": bool(set(answers.get("danger_signs") or ()) & signs),
        "pregnant-high": bool(expecting) and (glucose or 0) >= 7, "not-controlled-twice": row >= 2,
        "low-again": now + sum(days <= 30 for days in lows) >= 3 or now + sum(days <= 14 for days in lows) >= 2
        or answers.get("low_glucose_reaction") == "often",
        "foot": answers.get("foot_pulse") == "absent", "new-complication": answers.get("new_complication") is True,
        "hba1c-high": (answers.get("hba1c") or 0) >= 9, "side-effect-hard": answers.get("side_effect") == "hard",
        "side-effect": answers.get("side_effect") == "mild", "adjust": row == 1,
    }  # fmt: skip
    found = {name for name, is_raised in alerts.items() if is_raised}
    days = {"low": 14, "below-7": 90, "7-to-10": 90, "from-10": 14, "": 14}[grade]
    return grade, controlled, on_target, found, 14 if (found - {"hba1c-high"}) or row else days


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
        "danger_signs": dice.choice([("none",), ("none",), ("none",), ("sight",), ("acetone", "thirst"), ("headache",)]),
        "side_effect": dice.choice(["none", "none", "mild", "hard"]), "new_complication": dice.random() < 0.1, "nursing": dice.random() < 0.05,
        "low_glucose_reaction": dice.choice(["none", "none", "seldom", "often"]), "foot_pulse": dice.choice(["felt", "felt", "weak", "absent"]),
        "adherence": "regular",
    }  # fmt: skip
    return {name: value for name, value in values.items() if dice.random() < 0.8}


def test_both_programs_agree_on_every_resident():
    dice = random.Random(20261122)
    asked = {"hypertension": hypertension, "diabetes": diabetes}
    programmes = {slug: catalogue.programme(slug) for slug in asked}
    seen = set()
    for n in range(N_RESIDENTS):
        person, answers = resident(dice), answers_of(dice)
        past = [
            Past(ON - timedelta(days=days), {"glucose_fasting": dice.choice([3.6, 3.9, 4.0, 6.0])}, dice.choice([True, False, None]), "")
            for days in dice.sample(range(-20, 120), dice.randint(0, 4))
        ]  # fmt: skip
        for slug, oracle in asked.items():
            found = assess(programmes[slug], person, answers, past, ON)
            alerts = {each.code for each in found.alerts}
            ours = (found.grade, found.controlled, found.on_target, alerts, (found.next_due - ON).days)
            assert ours == oracle(person, answers, past), (n, slug, person, answers, past)
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
        age, codes = years(person), {code[:3] for code in person.diagnoses}
        pressure = eligible(catalogue.programme("hypertension"), person, ON)
        sugar = eligible(catalogue.programme("diabetes"), person, ON)

        assert pressure.is_excluded == bool(codes & {"I15", "O13"})
        assert pressure.is_eligible == (age >= 35 and "I10" in codes and not codes & {"I15", "O13"})
        assert sugar.is_excluded == (age < 18 or bool(codes & {"E10", "O24"}))
        assert sugar.is_eligible == (age >= 35 and "E11" in codes and not codes & {"E10", "O24"})
