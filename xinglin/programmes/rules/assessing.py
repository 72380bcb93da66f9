"""What a visit comes to: grade, control, alerts, advice, next day. Never raises, whatever was typed; what cannot be is not taken."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from xinglin.platform.conditions import Condition, Earlier
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import (
    Advice,
    Alert,
    Confirmation,
    Education,
    Eligibility,
    ItemOnForm,
    Outcome,
    Past,
    Person,
    Reading,
    Screening,
)
from xinglin.programmes.rules.computing import OF_PERSON, OF_VISIT, about, completed, inputs_of, taken
from xinglin.programmes.rules.finding import confirmation, eligible, screen
from xinglin.programmes.rules.forms import joint_items
from xinglin.programmes.rules.items import Value
from xinglin.programmes.rules.shapes import AlertRule, Programme, Target

_LEVELS = {"emergency": 0, "refer": 1, "adjust": 2, "note": 3}


def assess(
    programme: Programme, person: Person, answers: Mapping[str, Value], past: Sequence[Past], on: date, *,
    kind: str = "routine",
) -> Outcome:  # fmt: skip
    """What the answers of one visit come to on a day. `past` in any order; what lies on or after `on` is left out.

    `kind`: of which form the required items are asked for in `missing`.
    """
    known = catalogue.items()
    given, refused = taken(answers, known, on)
    facts = completed(programme, {**given, **about(person, on)}, known)
    before = sorted((each for each in past if each.on < on), key=lambda each: each.on)
    grade = _grade(programme, facts)
    controlled, on_target = reached(programme.reporting, facts), reached(programme.clinical, facts)
    in_a_row = _in_a_row(controlled, before, wanted=False)
    facts |= dict(
        zip(OF_VISIT, (grade or None, controlled, on_target, in_a_row, _in_a_row(controlled, before, wanted=True), not before), strict=True)
    )  # fmt: skip
    earlier = [((on - each.on).days, each.answers) for each in before]
    alerts = _alerts(programme, facts, earlier)
    missing = _missing(programme, kind, facts, given)
    next_due = due_date(programme, grade, on, controlled, in_a_row)
    within = [each.follow_within_days for each in alerts if each.follow_within_days is not None]
    return Outcome(
        grade=grade, controlled=controlled, on_target=on_target, alerts=alerts,
        next_due=min([next_due, *(on + timedelta(days=days) for days in within)]),
        advice=tuple(Advice(each.code, each.text) for each in programme.advice if each.when.truth(facts, earlier)),
        education=tuple(
            Education(each.point, each.topic, each.text) for each in programme.education if each.when.truth(facts, earlier)
        ),
        missing=missing, complete=not missing and not refused, refused=refused,
        computed={code: facts[code] for code in programme.computed if facts[code] is not None}, in_a_row=in_a_row,
        may_move=tuple(each.code for each in programme.movements if each.when.truth(facts, earlier)),
    )  # fmt: skip


def due_date(programme: Programme, grade: str, last: date, controlled: bool | None, in_a_row: int) -> date:
    """When somebody is seen next after a visit on `last`.

    By the interval of his grade; sooner where he was not controlled or too little was measured. `in_a_row`: how often not
    controlled in a row; at least one means the shorter interval whatever `controlled` says.
    """
    plan = programme.plan
    interval = plan.intervals.get(grade)
    days = interval.every_days if interval else plan.unassessed_days
    if controlled is False or in_a_row > 0:
        days = min(days, plan.not_controlled_days)
    return last + timedelta(days=days)


def reached(target: Target | None, facts: Mapping[str, Any]) -> bool | None:
    """Whether a target is reached: by the first rule that is about this person. None: not measured, or no target."""
    for who, met, _text in target.rules if target else ():
        is_about = who.truth(facts)
        if is_about is None:
            return None
        if is_about:
            return met.truth(facts)
    return None


def _grade(programme: Programme, facts: Mapping[str, Any]) -> str:
    """The one grade that holds; none as long as another may hold as well."""
    found = ""
    for grade in programme.grades:
        holds = grade.when.truth(facts)
        if holds is None:
            return ""
        if holds and not found:
            found = grade.slug
    return found


def _in_a_row(controlled: bool | None, before: Sequence[Past], *, wanted: bool) -> int:
    """How often in a row the answer was `wanted`, this visit included. Visits that could not tell are passed over."""
    answers = [each.controlled for each in before] + [controlled]
    n = 0
    for answer in reversed([each for each in answers if each is not None]):
        if answer is not wanted:
            break
        n += 1
    return n


def _alerts(programme: Programme, facts: Mapping[str, Any], earlier: Earlier) -> tuple[Alert, ...]:
    found = [_alert(rule) for rule in programme.alerts if rule.when.truth(facts, earlier)]
    return tuple(sorted(found, key=lambda each: _LEVELS[each.level]))


def _alert(rule: AlertRule) -> Alert:
    return Alert(
        rule.code, rule.level, rule.text, rule.channel, rule.criterion, rule.deadline_days, rule.follow_within_days,
        rule.origin,
    )  # fmt: skip


def _missing(programme: Programme, kind: str, facts: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[str, ...]:
    """Required items not given, and what grade and targets would need to be told."""
    known = catalogue.items()
    needed: dict[str, None] = {}
    for use in programme.items.get(kind, ()):
        if use.is_required and facts.get(use.code) is None and (use.when is None or use.when.truth(facts) is not False):
            needed |= dict.fromkeys(inputs_of([use.code], known))
    for condition in _open(programme, facts):
        fields = [atom.field for atom in condition.deciding(facts) if facts.get(atom.field) is None]
        needed |= dict.fromkeys(inputs_of([each for each in fields if each not in OF_PERSON], known))
    return tuple(code for code in needed if code not in given)


def _open(programme: Programme, facts: Mapping[str, Any]) -> list[Condition]:
    """Conditions of grades and targets that cannot be told."""
    found = [grade.when for grade in programme.grades]
    for target in (programme.reporting, programme.clinical):
        for who, met, _text in target.rules if target else ():
            if who.truth(facts) is not False:
                found.append(met)
                break
    return [each for each in found if each.truth(facts) is None]


__all__ = [
    "Advice", "Alert", "Confirmation", "Education", "Eligibility", "ItemOnForm", "Outcome", "Past", "Person", "Reading", "Screening",
    "assess", "confirmation", "due_date", "eligible", "joint_items", "reached", "screen",
]  # fmt: skip
