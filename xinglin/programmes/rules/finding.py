"""Who belongs into a programme: eligibility, screening, and confirmation by readings on different days."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import Confirmation, Eligibility, Person, Reading, Reason, Screening
from xinglin.programmes.rules.computing import about, because, completed, inputs_of, taken
from xinglin.programmes.rules.items import Value
from xinglin.programmes.rules.shapes import Programme, ScreeningRule
from xinglin.programmes.rules.words import NOTHING


def eligible(programme: Programme, person: Person, on: date) -> Eligibility:
    """Whether somebody belongs into a programme on a day, by what is known of him. A person decides.

    Unknown is not eligible: with too little known nobody is enrolled by himself.
    """
    facts = about(person, on)
    excluded = tuple(rule.text for rule in programme.exclusions if rule.when.truth(facts))
    lacking = tuple(rule.text for rule in programme.eligibility if not rule.when.truth(facts))
    if excluded or lacking:
        return Eligibility(False, excluded or lacking, bool(excluded))
    return Eligibility(True, tuple(rule.text for rule in programme.eligibility), False)


def confirmation(programme: Programme, readings: Sequence[Reading], on: date | None = None) -> Confirmation:
    """What readings on different days come to. Readings after `on` (from the future) are left out.

    A day counts by its last reading: who was high and then, at rest, was not, was not high that day. Days are counted within
    the window that ends with the last reading.
    """
    rule = programme.confirmation
    if rule is None:
        return Confirmation("not", 0, 0, NOTHING, None)
    known = catalogue.items()
    last_of_day: dict[date, dict[str, Value]] = {}
    for each in sorted((each for each in readings if on is None or each.on <= on), key=lambda each: each.on):
        good, _refused = taken(each.values, known, each.on)
        if good:
            last_of_day[each.on] = completed(programme, dict(good), known)
    if not last_of_day:
        return Confirmation("not", 0, rule.different_days, NOTHING, None)
    last = max(last_of_day)
    within = [day for day in last_of_day if (last - day).days < rule.within_days]
    high = [day for day in within if rule.high.truth(last_of_day[day])]
    at_once = rule.at_once is not None and any(rule.at_once.truth(last_of_day[day]) for day in within)
    if at_once or len(high) >= rule.different_days:
        return Confirmation("confirmed", len(high), rule.different_days, rule.confirmed_step, None)
    if not high:
        return Confirmation("not", 0, rule.different_days, NOTHING, None)
    by = max(high) + timedelta(days=rule.ask_again_days)
    return Confirmation("suspected", len(high), rule.different_days, rule.next_step, by)


def screen(programme: Programme, person: Person, answers: Mapping[str, Value], on: date) -> Screening:
    """What a screening comes to. Of somebody who is not to be screened nothing is said."""
    rule = programme.screening
    known = catalogue.items()
    given, _refused = taken(answers, known, on)
    facts = completed(programme, {**given, **about(person, on)}, known)
    if rule is None or not rule.who.truth(facts):
        return Screening(None, None, (), None, False, None, NOTHING, ())
    positive = rule.positive.truth(facts)
    is_high_risk = rule.high_risk.truth(facts) if rule.high_risk is not None else None
    days = rule.high_risk_days if is_high_risk else rule.every_days
    open_fields = [atom.field for atom in rule.positive.deciding(facts) if facts.get(atom.field) is None]
    return Screening(
        positive=positive, score=facts.get(rule.score) if rule.score else None,
        reasons=_why(rule, facts, positive, is_high_risk),
        again_on=on + timedelta(days=days) if positive is not None else on, is_due=True, is_high_risk=is_high_risk,
        next_step=rule.next_step if positive else NOTHING,
        missing=inputs_of(open_fields, known) if positive is None else (),
    )  # fmt: skip


def _why(
    rule: ScreeningRule, facts: Mapping[str, Any], positive: bool | None, is_high_risk: bool | None
) -> tuple[Reason, ...]:
    """What decided it: of who is not positive and at high risk, what makes him so."""
    if not positive and is_high_risk and rule.high_risk is not None:
        return because(rule.high_risk, facts)
    return because(rule.positive, facts) if positive is not None else ()
