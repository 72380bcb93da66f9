"""From rows to what the rules ask for, and from what they answer to what a page or an action needs."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.programmes import answering, queries, records
from xinglin.programmes.data import Change, Preview
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.programmes.rules import assessing, catalogue
from xinglin.programmes.rules.items import Value
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.rules.words import SEMICOLON
from xinglin.programmes.states import ACTIVE, Status
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def programme_of(slug: str, *, on: date) -> Programme:
    """The version of a programme in force on a day, as of this moment. :raises InvalidInput: there is none"""
    try:
        return catalogue.programme(slug, on=on, fresh=True)
    except LookupError as error:
        raise InvalidInput(_("没有这个管理病种。"), fields={"programme": _("请从列表中选择。")}) from error


def definition_of(enrolment: Enrolment) -> Programme:
    """The version an enrolment runs by."""
    return catalogue.programme(enrolment.programme, enrolment.version)


def person_of(resident: Any, *, on: date, enrolments: Sequence[Enrolment] = ()) -> assessing.Person:
    """What the rules may know of a resident: codes of signed visits, long-term conditions, what he is managed for, and whether she is
    known to be expecting on a day.
    """
    ids = residents.ids_of_person(resident)
    codes = {code for found in visits.diagnosis_codes_of(ids).values() for code in found}
    named = {*resident.conditions, *(each.programme for each in enrolments if each.status != Status.CANDIDATE)}
    codes |= {code for slug in named for code in records.first_code(slug)}
    pregnancy = visits.pregnancies([resident], dict.fromkeys(ids, resident.pk))[resident.pk]
    return assessing.Person(
        sex=resident.sex, born_on=resident.born_on, is_pregnant=pregnancy.on(on), diagnoses=frozenset(codes)
    )  # fmt: skip


def require_not_excluded(resident: Any, programme: str, *, on: date) -> assessing.Eligibility:
    """What the programme says of the resident. :raises InvalidInput: it excludes him"""
    known = queries.enrolments_of(resident)
    person = person_of(resident, on=on, enrolments=[each for each in known if each.status in ACTIVE])
    found = assessing.eligible(programme_of(programme, on=on), person, on)
    if found.is_excluded:
        reasons = str(SEMICOLON).join(str(each) for each in found.reasons)
        raise InvalidInput(
            _("不能纳入：%(reasons)s") % {"reasons": reasons}, fields={"programme": reasons}, code="excluded"
        )
    return found


def outcomes(
    resident: Any,
    enrolments: Sequence[Enrolment],
    answers: Mapping[str, Value],
    *,
    on: date,
    kind: str = "routine",
    without: ProgrammeVisit | None = None,
) -> dict[Enrolment, assessing.Outcome]:
    """What a visit of a day comes to in each programme. `without`: a visit that is being amended does not count."""
    record = records.record_of(resident, on=on)
    runs = {each: definition_of(each) for each in enrolments}
    return record.outcomes(runs, answers, on=on, kind=kind, without=without.pk if without else None)


def joint_items(
    enrolments: Sequence[Enrolment], kind: str, person: assessing.Person, past: Sequence[assessing.Past], *, on: date
) -> list[assessing.ItemOnForm]:
    """The items of one form for all these programmes, each once, with what is carried forward."""
    return assessing.joint_items([definition_of(each) for each in enrolments], kind, person, past, on)


def joint_past(resident_ids: Sequence[int], *, on: date) -> list[assessing.Past]:
    """What was answered before in any programme, and what others measured, oldest first: for carrying forward."""
    rows = queries.standing_visits(resident_ids)
    past = [
        assessing.Past(
            on=timezone.localdate(each.happened_at),
            answers=answering.values_of(each.answers),
            controlled=None,
            grade="",
        )
        for each in rows
        if timezone.localdate(each.happened_at) <= on
    ]
    return sorted([*past, *measured(resident_ids, on=on)], key=lambda each: each.on)


def measured(resident_ids: Sequence[int], *, on: date) -> list[assessing.Past]:
    """What other capabilities measured in the year before, by day."""
    codes = {each.loinc: each.code for each in catalogue.items().values() if each.loinc and each.kind == "number"}
    since = timezone.make_aware(datetime.combine(one_year_before(on), time.min))
    by_day: dict[date, dict[str, Value]] = {}
    for each in residents.measurements_of(resident_ids, codes, since=since):
        day = timezone.localdate(each.at)
        if day <= on:
            by_day.setdefault(day, {}).setdefault(codes[each.code], Decimal(each.value))
    return [assessing.Past(on=day, answers=found, controlled=None, grade="") for day, found in by_day.items()]


def one_year_before(day: date) -> date:
    """The same day of the year before; 29 February becomes the 28th."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, last))


def yearly_due_on(enrolment: Enrolment) -> date | None:
    """When the yearly assessment falls due: so long after the last one, or after enrolment; None where there is none."""
    days, last = definition_of(enrolment).plan.yearly_days, enrolment.yearly_on or enrolment.enrolled_on
    return last + timedelta(days=days) if days and last else None


def graduation_reasons(enrolment: Enrolment) -> dict[str, str]:
    """The aims of a programme for which somebody graduates, in words by code; for any other reason managing is ended."""
    return {each.code: str(each.text) for each in definition_of(enrolment).graduation if each.is_aim}


def shows_reached(enrolment: Enrolment, reason: str) -> bool:
    """Whether the latest visit shows an aim as reached; one without a condition is a person's to know."""
    if any(each.code == reason and each.when is None for each in definition_of(enrolment).graduation):
        return True
    results = queries.results_of([enrolment.pk])[enrolment.pk]
    if not results:
        return False
    outcomes = records.record_of(enrolment.resident).judged(
        results[-1].visit, {enrolment: definition_of(enrolment)}
    )  # fmt: skip
    return reason in outcomes[enrolment].reached


def newer_version(enrolment: Enrolment, *, on: date) -> str:
    """The version in force today when the enrolment runs by another, otherwise nothing."""
    try:
        current = catalogue.programme(enrolment.programme, on=on).version
    except LookupError:
        return ""
    return current if current != enrolment.version else ""


def preview_version(enrolment: Enrolment, version: str, *, on: date) -> Preview:
    """What another version of the programme would change, judged by the latest visit.

    :raises InvalidInput: the programme has no such version
    """
    try:
        new = catalogue.programme(enrolment.programme, version)
    except LookupError as error:
        raise InvalidInput(_("没有这个版本。"), fields={"version": _("请从列表中选择。")}) from error
    old, results = definition_of(enrolment), queries.results_of([enrolment.pk])[enrolment.pk]
    if not results:
        return Preview(new.version, (), enrolment.next_due_on or on)
    record, latest = records.record_of(enrolment.resident), results[-1]
    was, becomes = (record.judged(latest.visit, {enrolment: each})[enrolment] for each in (old, new))
    pairs = (
        (_("分级"), _grade(old, was.grade), _grade(new, becomes.grade)),
        (_("控制（报告口径）"), yes_no(was.controlled), yes_no(becomes.controlled)),
        (_("达到临床目标"), yes_no(was.on_target), yes_no(becomes.on_target)),
        (_("下次随访"), was.next_due.isoformat(), becomes.next_due.isoformat()),
    )
    changes = tuple(Change(what, before, after) for what, before, after in pairs if before != after)
    return Preview(new.version, changes, becomes.next_due)


def _grade(definition: Programme, slug: str) -> str:
    grade = definition.grade(slug)
    return str(grade.title) if grade else _("未分级")


def yes_no(value: bool | None) -> str:
    """Unknown is said as such."""
    return _("未评估") if value is None else _("是") if value else _("否")


def answers_of_clinic(resident: Any, visit: Any, *, by: Actor) -> dict[str, Any]:
    """Answers of the routine form from a visit of the clinic: what it measured, and what carries forward."""
    on, ids = timezone.localdate(visit.started_at), residents.ids_of_person(resident)
    enrolments = [
        each
        for each in queries.enrolments_known_to(by, resident)
        if each.status in {Status.ENROLLED, Status.LOST, Status.PAUSED}
    ]
    items = joint_items(
        enrolments, "routine", person_of(resident, on=on, enrolments=enrolments), joint_past(ids, on=on), on=on
    )
    asked = {each.item.code: each for each in items}
    found = answering.kept(
        {code: each.value for code, each in asked.items() if each.value is not None and not each.stands_until}
    )
    measured_then = {each.code: each.value for each in visits.measurements_of_visit(visit)}
    by_loinc = {each.item.loinc: code for code, each in asked.items() if each.item.loinc}
    return found | {by_loinc[loinc]: str(value) for loinc, value in measured_then.items() if loinc in by_loinc}
