"""What a definition would do, before it takes effect: its forms, its grades, a year of visits, and its worked examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from xinglin.programmes.rules import catalogue, examples
from xinglin.programmes.rules.assessing import due_date
from xinglin.programmes.rules.describing import described
from xinglin.programmes.rules.forms import listing
from xinglin.programmes.rules.items import Item
from xinglin.programmes.rules.shapes import Grade, Programme

YEAR = 365


@dataclass(frozen=True, slots=True)
class FormLine:
    """One item on a form. `when`: for whom it is asked, in words; empty for everybody."""

    item: Item
    is_required: bool
    when: str


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One grade with its condition in words, how often it is seen, and by which level."""

    grade: Grade
    condition: str
    every_days: int
    level: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """The days of a year's visits of one grade: all controlled, and when the first was not."""

    grade: Grade
    controlled: tuple[date, ...]
    not_controlled_first: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert with its condition in words."""

    code: str
    level: str
    text: str
    condition: str


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """A worked example and what it came to: the differences are empty when it computes."""

    title: str
    expected: Mapping[str, Any]
    differences: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything a clinician looks at before a definition is dated."""

    programme: Programme
    forms: Mapping[str, tuple[FormLine, ...]]
    grades: tuple[GradeLine, ...]
    timetables: tuple[Timetable, ...]
    alerts: tuple[AlertLine, ...]
    examples: tuple[ExampleLine, ...]


def preview(programme: Programme) -> Preview:
    """The preview of a programme that was read without faults; texts in the reader's language."""
    items = catalogue.items()
    return Preview(
        programme=programme,
        forms={
            kind: tuple(
                FormLine(listing(items[use.code], use.options), use.is_required, described(use.when, items) if use.when is not None else "")
                for use in uses
            )
            for kind, uses in programme.items.items()
        },
        grades=tuple(
            GradeLine(
                grade, described(grade.when, items), programme.plan.intervals[grade.slug].every_days,
                programme.plan.intervals[grade.slug].level,
            )
            for grade in programme.grades
        ),
        timetables=tuple(timetable(programme, grade) for grade in programme.grades),
        alerts=tuple(
            AlertLine(each.code, each.level, str(each.text), described(each.when, items)) for each in programme.alerts
        ),
        examples=tuple(
            ExampleLine(each.get("title", ""), each.get("expect", {}), tuple(examples.differences(programme, each)))
            for each in programme.examples
        ),
    )  # fmt: skip


def timetable(programme: Programme, grade: Grade, since: date | None = None) -> Timetable:
    """A year's visits of a grade, the first of them on `since` (the day the version begins, unless said otherwise)."""
    since = since or programme.valid_from
    return Timetable(grade, _year(programme, grade.slug, since, True), _year(programme, grade.slug, since, False))


def _year(programme: Programme, grade: str, since: date, controlled: bool) -> tuple[date, ...]:
    days = [since]
    while days[-1] < since + timedelta(days=YEAR):
        is_first = len(days) == 1
        answer = controlled or not is_first
        days.append(due_date(programme, grade, days[-1], answer, 0 if answer else 1))
    return tuple(days[:-1])
