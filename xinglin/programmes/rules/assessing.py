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
from xinglin.programmes.rules.forms import joint_items, stands
from xinglin.programmes.rules.items import Value, is_nothing
from xinglin.programmes.rules.shapes import AlertRule, Programme, Target

_LEVELS = {"emergency": 0, "refer": 1, "adjust": 2, "note": 3}
#: What of these levels a visit finds wants a referral, and stays open until it was acted on or refuted.
REFERRING = frozenset({"emergency", "refer"})


def assess(
    programme: Programme, person: Person, answers: Mapping[str, Value], past: Sequence[Past], on: date, *,
    kind: str = "routine", elsewhere: Sequence[Past] = (),
) -> Outcome:  # fmt: skip
    """What the answers of one visit come to on a day. `past` in any order; what lies on or after `on` is left out.

    Rules that count how often in a row are not answered where this visit cannot tell whether he is controlled: who was not,
    twice, and comes without a measurement is not referred for it again. His next day stays near. `kind`: of which form the
    required items are asked for in `missing`. `elsewhere`: what was measured outside the programme, up to `on`; of it and of
    `past` values with an interval of their own are taken while they stand.
    """
    known = catalogue.items()
    given, refused = taken(answers, known, on)
    before = sorted((each for each in past if each.on < on), key=lambda each: each.on)
    standing = _standing(given, [*before, *elsewhere], on)
    anew = completed(programme, {**given, **about(person, on)}, known)
    facts = completed(programme, {**standing, **given, **about(person, on)}, known) if standing else dict(anew)
    grade = _grade(programme, facts)
    controlled, on_target = reached(programme.reporting, facts), reached(programme.clinical, facts)
    rows = [_told_anew(programme, person, each) for each in before] + [
        reached(programme.reporting, anew) if standing.keys() & _resting(programme) else controlled
    ]
    in_a_row = _in_a_row(rows, wanted=False)
    counts = (None, None) if controlled is None else (in_a_row, _in_a_row(rows, wanted=True))
    facts |= dict(zip(OF_VISIT, (grade or None, controlled, on_target, *counts, not before), strict=True))
    earlier = [((on - each.on).days, each.answers) for each in before]
    alerts = _alerts(
        programme, facts, earlier, frozenset(code for code, value in facts.items() if anew.get(code) != value)
    )
    lacking = _missing(programme, kind, facts, given)
    tests_due = () if kind == "yearly" else tuple(code for code in lacking if known[code].valid_days is not None)
    missing = tuple(code for code in lacking if code not in tests_due)
    next_due = due_date(programme, grade, on, controlled, in_a_row)
    within = [each.follow_within_days for each in alerts if each.follow_within_days is not None]
    return Outcome(
        grade=grade, controlled=controlled, on_target=on_target, alerts=alerts,
        next_due=min([next_due, *(on + timedelta(days=days) for days in within)]),
        advice=tuple(Advice(each.code, each.text) for each in programme.advice if each.when.truth(facts, earlier)),
        education=tuple(
            Education(each.point, each.topic, each.text) for each in programme.education if each.when.truth(facts, earlier)
        ),
        missing=missing, tests_due=tests_due, complete=not missing and not refused, refused=refused,
        computed={code: facts[code] for code in programme.computed if facts[code] is not None}, in_a_row=in_a_row,
        may_move=tuple(each.code for each in programme.movements if each.when.truth(facts, earlier)),
        refuted=_refuted(programme, facts, earlier),
        reached=tuple(each.code for each in programme.graduation if each.when is not None and each.when.truth(facts, earlier)),
    )  # fmt: skip


def _standing(given: Mapping[str, Any], past: Sequence[Past], on: date) -> dict[str, Any]:
    """Values with an interval of their own that were not measured at this visit and still count: of each the newest."""
    found: dict[str, Any] = {}
    for code, item in catalogue.lasting().items() if past else ():
        newest = max(
            (each for each in past if each.on <= on and code not in given and not is_nothing(each.answers.get(code))),
            key=lambda each: each.on, default=None,
        )  # fmt: skip
        if newest is not None and stands(item, newest.on, on) and item.refusal(newest.answers[code]) is None:
            found[code] = newest.answers[code]
    return found


def _resting(programme: Programme) -> set[str]:
    """Items with an interval of their own that the reporting threshold rests on."""
    rules = programme.reporting.rules if programme.reporting else ()
    fields = {field for who, met, _text in rules for each in (who, met) for field in each.fields()}
    return set(inputs_of(sorted(fields), catalogue.items())) & catalogue.lasting().keys()


def _told_anew(programme: Programme, person: Person, past: Past) -> bool | None:
    """Whether an earlier visit was controlled; None when it only repeated what an earlier measurement had told.

    One high value of a laboratory is one: the visits until the next one do not count it again.
    """
    resting = _resting(programme)
    if past.controlled is None or not resting or not past.answers or resting & past.answers.keys():
        return past.controlled
    known = catalogue.items()
    given, _refused = taken(past.answers, known, past.on)
    told = reached(programme.reporting, completed(programme, {**given, **about(person, past.on)}, known))
    return None if told is None else past.controlled


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


def _in_a_row(rows: Sequence[bool | None], *, wanted: bool) -> int:
    """How often in a row the answer was `wanted`, oldest first. Visits that could not tell are passed over."""
    n = 0
    for answer in reversed([each for each in rows if each is not None]):
        if answer is not wanted:
            break
        n += 1
    return n


def _alerts(
    programme: Programme, facts: Mapping[str, Any], earlier: Earlier, resting: frozenset[str]
) -> tuple[Alert, ...]:
    """What to act on. Nothing is said again that only values standing from before (`resting`) tell: it was said then."""
    found = []
    for rule in programme.alerts:
        if rule.when.truth(facts, earlier):
            fields = _deciding(rule.when, facts, earlier)
            if not fields or not fields.keys() <= resting - set(OF_VISIT):
                found.append(_alert(rule, {code: facts[code] for code in fields if facts.get(code) is not None}))
    return tuple(sorted(found, key=lambda each: _LEVELS[each.level]))


def _refuted(programme: Programme, facts: Mapping[str, Any], earlier: Earlier) -> tuple[str, ...]:
    """Of the findings that want a referral those which this visit shows not to hold (any more).

    Only what was measured refutes: a finding that does not hold because nobody measured, because days have passed or because
    he has had a birthday is not refuted, and stays open.
    """
    found = []
    for rule in programme.alerts:
        if rule.level in REFERRING and rule.when.truth(facts, earlier) is False:
            fields = _deciding(rule.when, facts, earlier).keys() - {"is_first_visit"}
            if fields and all(facts.get(code) is not None for code in fields):
                found.append(rule.code)
    return tuple(found)


def _deciding(condition: Condition, facts: Mapping[str, Any], earlier: Earlier) -> dict[str, None]:
    """What made a condition hold, without what is known of the person anyway; in the order of the rule."""
    return {atom.field: None for atom in condition.deciding(facts, earlier) if atom.field not in OF_PERSON}


def _alert(rule: AlertRule, values: Mapping[str, Any]) -> Alert:
    return Alert(
        rule.code, rule.level, rule.text, rule.channel, rule.criterion, rule.deadline_days, rule.follow_within_days,
        rule.origin, values,
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
