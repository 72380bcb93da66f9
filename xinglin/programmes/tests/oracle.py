"""Hypertension and diabetes by a second, plain program, written from the rules and not from the definitions.

It knows nothing of definitions, conditions or three-valued logic. What it answers: grade, controlled, on target, findings, days until
the next visit.
"""

#: Findings that want a referral.
REFERRING = {
    "hypertension": {
        "bp-emergency", "danger-signs", "pregnant-pressure", "not-controlled-twice", "side-effect-hard", "new-complication", "young-grade-3",
    },
    "diabetes": {
        "glucose-high", "glucose-low", "bp-emergency", "pregnant-pressure", "danger-signs", "pregnant-high", "not-controlled-twice", "low-again", "foot",
        "new-complication", "side-effect-hard",
    },
}  # fmt: skip


def years(person, on):
    had_birthday = (on.month, on.day) >= (person.born_on.month, person.born_on.day)
    return on.year - person.born_on.year - (0 if had_birthday else 1)


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


def row_of(controlled, past, on):
    n = 0
    if controlled is True:
        return 0
    if controlled is False:
        n = 1
    for each in sorted(past, key=lambda visit: visit.on, reverse=True):
        if each.on >= on or each.controlled is None:
            continue
        if each.controlled:
            break
        n += 1
    return n


def hypertension(person, answers, past, on):
    upper, lower, age = answers.get("systolic"), answers.get("diastolic"), years(person, on)
    controlled = below(upper, lower, 150 if age >= 65 else 140, 90)
    on_target = below(upper, lower, 140, 90) if age >= 80 else below(upper, lower, 130, 80)
    row = row_of(controlled, past, on)
    grade = pressure_grade(upper, lower)
    high, emergency = (upper or 0) >= 140 or (lower or 0) >= 90, (upper or 0) >= 180 or (lower or 0) >= 110
    signs = set(answers.get("danger_signs") or ()) & {"mind", "headache", "vomiting", "sight", "chest", "other"}
    expecting = (person.sex != "1" and person.is_pregnant is True) or answers.get("nursing") is True
    alerts = {
        "bp-emergency": emergency, "danger-signs": bool(signs), "pregnant-pressure": bool(expecting) and high,
        "not-controlled-twice": controlled is not None and row >= 2, "side-effect-hard": answers.get("side_effect") == "hard",
        "new-complication": answers.get("new_complication") is True, "young-grade-3": emergency and age < 40, "adjust": controlled is not None and row == 1,
        "side-effect": answers.get("side_effect") == "mild",
    }  # fmt: skip
    found = {name for name, is_raised in alerts.items() if is_raised}
    days = {"below-140": 90, "grade-1": 90, "grade-2": 14, "grade-3": 14, "": 14}[grade]
    return grade, controlled, on_target, found, 14 if found or row else days


def is_low(answers):
    return any((answers.get(f"glucose_{when}") or 9) <= 3.9 for when in ("fasting", "random", "after_meal"))


def diabetes(person, answers, past, on):
    glucose, random_glucose, after_meal, upper, lower = (
        answers.get(name)
        for name in ("glucose_fasting", "glucose_random", "glucose_after_meal", "systolic", "diastolic")
    )
    age = years(person, on)
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
    row = row_of(controlled, past, on)
    lows = [(on - each.on).days for each in past if each.on < on and is_low(each.answers)]
    now = is_low(answers)
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
        "glucose-high": any((each or 0) >= 16.7 for each in (glucose, random_glucose, after_meal)), "glucose-low": now,
        "bp-emergency": (upper or 0) >= 180 or (lower or 0) >= 110, "danger-signs": bool(set(answers.get("danger_signs") or ()) & signs),
        "pregnant-pressure": bool(expecting) and ((upper or 0) >= 140 or (lower or 0) >= 90),
        "pregnant-high": bool(expecting) and (glucose or 0) >= 7, "not-controlled-twice": controlled is not None and row >= 2,
        "low-again": now + sum(days <= 30 for days in lows) >= 3 or now + sum(days <= 14 for days in lows) >= 2
        or answers.get("low_glucose_reaction") == "often",
        "foot": answers.get("foot_pulse") == "absent", "new-complication": answers.get("new_complication") is True,
        "hba1c-high": (answers.get("hba1c") or 0) >= 9, "side-effect-hard": answers.get("side_effect") == "hard",
        "side-effect": answers.get("side_effect") == "mild", "adjust": controlled is not None and row == 1,
    }  # fmt: skip
    found = {name for name, is_raised in alerts.items() if is_raised}
    days = {"low": 14, "below-7": 90, "7-to-10": 90, "from-10": 14, "": 14}[grade]
    return grade, controlled, on_target, found, 14 if (found - {"hba1c-high"}) or row else days
