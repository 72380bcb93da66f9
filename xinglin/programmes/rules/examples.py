"""Worked examples of a definition: what a person, his answers and his past come to, computed and compared."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import assess, confirmation, eligible, screen
from xinglin.programmes.rules.cases import Past, Person, Reading
from xinglin.programmes.rules.computing import about, completed, taken
from xinglin.programmes.rules.shapes import Programme

#: What an example may expect.
OF_ASSESSING = (
    "grade", "controlled", "on_target", "alerts", "advice", "due_in_days", "complete", "missing", "tests_due", "refused", "computed", "education",
    "may_move", "refuted",
)  # fmt: skip
OF_PERSON = ("eligible", "excluded")
OF_SCREENING = ("positive", "score", "again_in_days", "high_risk", "screened")
OF_CONFIRMATION = ("state", "days", "ask_again_in_days")
KEYS = {"title", "person", "answers", "past", "readings", "kind", "expect"}


def person_of(raw: Mapping[str, Any], on: date) -> Person:
    """The person of an example: ``sex``, ``age`` (full years, birthday on the day) or ``born_on``, ``diagnoses``."""
    born_on = raw.get("born_on") or _years_before(on, raw.get("age", 60))
    return Person(raw.get("sex", "1"), born_on, raw.get("is_pregnant"), frozenset(raw.get("diagnoses", ())))


def _years_before(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February
        return on.replace(year=on.year - years, day=28)


def values_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of an example: what a file writes as a list is several choices."""
    return {code: tuple(value) if isinstance(value, list) else value for code, value in raw.items()}


def day_of(programme: Programme) -> date:
    """The day on which the examples of a version take place: well after it has begun."""
    return programme.valid_from + timedelta(days=400)


def differences(programme: Programme, example: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What is not as the example expects: name, expected, computed."""
    expected = dict(example.get("expect", {}))
    found = dict(computed(programme, example, expected.keys()))
    wrong = [
        (name, value, found.get(name)) for name, value in expected.items() if name in found and found[name] != value
    ]
    return wrong + [(name, expected[name], "?") for name in expected.keys() - found.keys()]


def computed(programme: Programme, example: Mapping[str, Any], wanted: Any) -> Iterator[tuple[str, Any]]:
    """The wanted results of an example, as a file would write them."""
    on = day_of(programme)
    person = person_of(example.get("person", {}), on)
    wanted = set(wanted)
    if wanted & set(OF_PERSON):
        answer = eligible(programme, person, on)
        yield from (("eligible", answer.is_eligible), ("excluded", answer.is_excluded))
    if wanted & set(OF_SCREENING):
        yield from _screened(programme, person, example, on)
    if wanted & set(OF_CONFIRMATION):
        yield from _confirmed(programme, example, on)
    if wanted & set(OF_ASSESSING):
        yield from _assessed(programme, person, example, on, wanted)


def _assessed(
    programme: Programme, person: Person, example: Mapping[str, Any], on: date, wanted: set[str]
) -> Iterator[tuple[str, Any]]:
    past = [
        Past(on - timedelta(days=each["days_ago"]), values_of(each.get("answers", {})), each.get("controlled"), each.get("grade", ""))
        for each in example.get("past", ())
    ]  # fmt: skip
    found = assess(
        programme, person, values_of(example.get("answers", {})), past, on, kind=example.get("kind", "routine")
    )
    yield "grade", found.grade
    yield "controlled", _said(found.controlled)
    yield "on_target", _said(found.on_target)
    yield "alerts", [each.code for each in found.alerts]
    yield "advice", [each.code for each in found.advice]
    yield "education", [each.point for each in found.education]
    yield "due_in_days", (found.next_due - on).days
    yield "complete", found.complete
    yield "missing", list(found.missing)
    yield "tests_due", list(found.tests_due)
    yield "refused", list(found.refused)
    yield "may_move", list(found.may_move)
    yield "refuted", list(found.refuted)
    if "computed" in wanted:
        asked = example["expect"]["computed"]
        yield "computed", {code: float(found.computed[code]) for code in asked if code in found.computed}  # type: ignore[arg-type]


def _screened(programme: Programme, person: Person, example: Mapping[str, Any], on: date) -> Iterator[tuple[str, Any]]:
    found = screen(programme, person, values_of(example.get("answers", {})), on)
    yield "positive", _said(found.positive)
    yield "score", None if found.score is None else float(found.score)  # type: ignore[arg-type]
    yield "high_risk", _said(found.is_high_risk)
    yield "screened", found.is_due
    if found.again_on is not None:
        yield "again_in_days", (found.again_on - on).days


def _confirmed(programme: Programme, example: Mapping[str, Any], on: date) -> Iterator[tuple[str, Any]]:
    readings = [
        Reading(on - timedelta(days=each["days_ago"]), values_of({key: each[key] for key in each if key != "days_ago"}))
        for each in example.get("readings", ())
    ]
    found = confirmation(programme, readings, on)
    yield "state", found.state
    yield "days", found.days
    if found.ask_again_by is not None:
        yield "ask_again_in_days", (found.ask_again_by - on).days


def _said(answer: bool | None) -> bool | str:
    """TOML has no null: what is not known is written ``"unknown"``."""
    return "unknown" if answer is None else answer


def values_in(programme: Programme) -> list[dict[str, Any]]:
    """The values of every example, computed ones included: what the check of boundaries looks at."""
    on, known = day_of(programme), catalogue.items()
    found = []
    for example in programme.examples:
        given, _refused = taken(values_of(example.get("answers", {})), known, on)
        person = person_of(example.get("person", {}), on)
        found.append(completed(programme, {**given, **about(person, on)}, known))
    return found
