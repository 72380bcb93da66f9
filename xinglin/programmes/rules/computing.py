"""The facts that conditions are asked of: what was answered, what follows from it, who the person is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from xinglin.platform.conditions import Choice, Condition
from xinglin.programmes.rules import deriving
from xinglin.programmes.rules.cases import Person, Reason
from xinglin.programmes.rules.items import Item, Value, is_nothing
from xinglin.programmes.rules.shapes import Programme

#: Facts about the person, known without asking.
OF_PERSON = ("age", "sex", "is_pregnant", "diagnoses")
#: Facts that assessing finds on the way, in this order; a rule may ask only for those found before it.
OF_VISIT = ("grade", "controlled", "on_target", "not_controlled_in_a_row", "controlled_in_a_row", "is_first_visit")


def conditions_of(programme: Programme) -> Iterator[tuple[str, Condition]]:
    """Every condition of a programme with its place."""
    for rule in (*programme.eligibility, *programme.exclusions):
        yield f"eligibility[{rule.code}]", rule.when
    for kind, uses in programme.items.items():
        yield from ((f"visits.{kind}[{use.code}]", use.when) for use in uses if use.when is not None)
    yield from ((f"grades[{grade.slug}]", grade.when) for grade in programme.grades)
    for name, target in (("reporting", programme.reporting), ("clinical", programme.clinical)):
        for n, (who, met, _text) in enumerate(target.rules if target else (), 1):
            yield f"targets.{name}.rules[{n}].who", who
            yield f"targets.{name}.rules[{n}].met", met
    yield from ((f"alerts[{each.code}]", each.when) for each in programme.alerts)
    yield from ((f"advice[{each.code}]", each.when) for each in programme.advice)
    yield from ((f"education[{each.point}]", each.when) for each in programme.education)
    yield from ((f"movements[{each.code}]", each.when) for each in programme.movements)
    for each in programme.complications:
        yield f"complications[{each.code}]", each.when
        if each.positive is not None:
            yield f"complications[{each.code}].positive", each.positive
    yield from ((f"graduation[{each.code}]", each.when) for each in programme.graduation if each.when is not None)
    yield from _of_screening(programme)


def _of_screening(programme: Programme) -> Iterator[tuple[str, Condition]]:
    if (screening := programme.screening) is not None:
        yield "screening.who", screening.who
        yield "screening.positive", screening.positive
        if screening.high_risk is not None:
            yield "screening.high_risk", screening.high_risk
    if (confirmation := programme.confirmation) is not None:
        yield "confirmation.high", confirmation.high
        if confirmation.at_once is not None:
            yield "confirmation.at_once", confirmation.at_once


def order_of(programme: Programme, items: Mapping[str, Item]) -> Programme:
    """The programme with the computed items its rules and forms need, each after those it is made of."""
    wanted = {field for _place, condition in conditions_of(programme) for field in condition.fields()}
    wanted |= {use.code for uses in programme.items.values() for use in uses}
    wanted |= {programme.screening.score} if programme.screening and programme.screening.score else set()
    found: list[str] = []
    for code in sorted(wanted):
        _visit(code, items, found, ())
    return replace(programme, computed=tuple(found))


def _visit(code: str, items: Mapping[str, Item], found: list[str], above: tuple[str, ...]) -> None:
    item = items.get(code)
    if item is None or item.formula is None or code in found or code in above:
        return
    for each in deriving.inputs(item.formula):
        _visit(each, items, found, (*above, code))
    found.append(code)


def inputs_of(codes: Iterable[str], items: Mapping[str, Item]) -> tuple[str, ...]:
    """The items that must be answered for these to be known: of a computed one, those it is made of."""
    found: dict[str, None] = {}

    def walk(code: str, above: tuple[str, ...]) -> None:
        item = items.get(code)
        if item is None or code in above:
            return
        if item.formula is None:
            found[code] = None
            return
        for each in deriving.inputs(item.formula):
            walk(each, (*above, code))

    for code in codes:
        walk(code, ())
    return tuple(found)


def about(person: Person, on: date) -> dict[str, Any]:
    """The facts about a person on a day. Before birth there is no age."""
    years = on.year - person.born_on.year - ((on.month, on.day) < (person.born_on.month, person.born_on.day))
    return {
        "age": years if years >= 0 else None,
        "sex": person.sex or None,
        "is_pregnant": False if person.sex == "1" else person.is_pregnant,
        "diagnoses": person.diagnoses,
    }


def taken(answers: Mapping[str, Value], items: Mapping[str, Item], on: date) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers that can be, and of the others why they cannot. Nothing unknown to the catalogue is taken."""
    good: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for code, value in answers.items():
        item = items.get(code)
        if item is None or is_nothing(value):
            continue
        reason = item.refusal(value, on)
        if reason is None:
            good[code] = value
        else:
            refused[code] = reason
    return good, refused


def completed(programme: Programme, facts: dict[str, Any], items: Mapping[str, Item]) -> dict[str, Any]:
    """The facts with the values computed from them; what was measured itself stands."""
    for code in programme.computed:
        if facts.get(code) is None:
            facts[code] = deriving.compute(items[code], facts, items)
    return facts


def because(condition: Condition, facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    """What decided a condition, each comparison once. Of several chosen values only those that it is about."""
    found: dict[str, Reason] = {}
    for atom in condition.deciding(facts):
        value, asks = facts.get(atom.field), atom.says()
        if isinstance(atom, Choice):
            value, asks = _chosen(atom, value), ""
        found[f"{atom.field} {asks}"] = Reason(atom.field, value, asks)
    return tuple(found.values())


def _chosen(atom: Choice, value: Any) -> Any:
    if not isinstance(value, tuple | list | set | frozenset):
        return value
    if atom.how == "begins_with":
        return tuple(sorted(each for each in value if str(each).startswith(tuple(map(str, atom.values)))))
    hits = [each for each in value if (each in atom.values) == (atom.how != "has_other_than")]
    return tuple(hits or value)
