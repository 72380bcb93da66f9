"""What is known of managed residents, loaded for many at once: what a visit of any day comes to by all that belongs to it by now.

A visit is judged by what is known of the days up to its own, whenever that reached the server. So the order in which visits
and values of the laboratory arrive changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from xinglin.programmes import answering, timeline
from xinglin.programmes.data import LEVELS, AlertLevel
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.rules import assessing, catalogue
from xinglin.programmes.rules.items import Value
from xinglin.programmes.rules.shapes import Programme
from xinglin.residents import api as residents
from xinglin.visits import api as visits

#: Values of the laboratory count for a year at most: nothing older than this before the first visit is read.
LONGEST = timedelta(days=366)
MOST = 1_000_000


@dataclass(slots=True)
class Record:
    """One resident: his enrolments, the results that stand, and what counts of elsewhere. `values` are the answers of a visit."""

    resident: Any
    enrolments: list[Enrolment]
    results: dict[int, list[VisitResult]]  # by enrolment, oldest first
    diagnosed: Mapping[str, date]  # the day a code was first written down
    elsewhere: list[tuple[int, assessing.Past]] = field(default_factory=list)  # with the visit it is of, 0: none
    alerts: dict[int, list[Alert]] = field(default_factory=dict)  # by enrolment
    pregnancy: visits.Pregnancy = field(default_factory=visits.Pregnancy)
    _outcomes: dict[int, dict[int, assessing.Outcome]] = field(default_factory=dict)
    _values: dict[int, dict[str, Value]] = field(default_factory=dict)

    def visits(self) -> list[tuple[ProgrammeVisit, dict[int, VisitResult]]]:
        """The visits that stand with their results by enrolment, oldest first."""
        found: dict[int, dict[int, VisitResult]] = {}
        rows: dict[int, ProgrammeVisit] = {}
        for several in self.results.values():
            for each in several:
                rows[each.visit_id] = each.visit
                found.setdefault(each.visit_id, {})[each.enrolment_id] = each
        return [(visit, found[visit.pk]) for visit in sorted(rows.values(), key=order_of)]

    def values(self, visit: ProgrammeVisit) -> dict[str, Value]:
        """What a visit answered, as rules read it."""
        if visit.pk not in self._values:
            self._values[visit.pk] = answering.values_of(visit.answers)
        return self._values[visit.pk]

    def outcomes(
        self, runs: Mapping[Enrolment, Programme], answers: Mapping[str, Value], *, on: date, kind: str,
        without: int | None = None,
    ) -> dict[Enrolment, assessing.Outcome]:  # fmt: skip
        """What answers of a day come to in each programme, by the version given. The visit `without` does not count."""
        person = self._person(runs, on)
        elsewhere = [past for pk, past in self.elsewhere if past.on <= on and (not pk or pk != without)]
        given, found = dict(answers), {}
        for enrolment in sorted(runs, key=lambda each: not runs[each].provides):
            past = [
                assessing.Past(day, self.values(each.visit), each.is_controlled, each.grade)
                for each in self.results.get(enrolment.pk, ())
                if each.visit_id != without and (day := timezone.localdate(each.visit.happened_at)) <= on
            ]
            outcome = assessing.assess(runs[enrolment], person, given, past, on, kind=kind, elsewhere=elsewhere)
            found[enrolment] = outcome
            given |= dict.fromkeys(runs[enrolment].provides, outcome.grade or None)
        return {each: found[each] for each in runs}

    def judged(self, visit: ProgrammeVisit, runs: Mapping[Enrolment, Programme]) -> dict[Enrolment, assessing.Outcome]:
        """What a visit that stands comes to by now."""
        on = timezone.localdate(visit.happened_at)
        return self.outcomes(runs, self.values(visit), on=on, kind=visit.kind, without=visit.pk)

    def outcomes_of(self, visit: ProgrammeVisit) -> dict[int, assessing.Outcome]:
        """What a visit that stands comes to by now, by enrolment, each by the version its result names. Judged once: whoever changes
        results asks for the visits in their order.
        """
        if visit.pk not in self._outcomes:
            runs = {
                each: catalogue.programme(each.programme, result.version)
                for each in self.enrolments
                for result in self.results[each.pk]
                if result.visit_id == visit.pk
            }
            self.note(visit, {each.pk: outcome for each, outcome in self.judged(visit, runs).items()})
        return self._outcomes[visit.pk]

    def note(self, visit: ProgrammeVisit, outcomes: Mapping[int, assessing.Outcome]) -> None:
        """Take over what was judged a moment ago by what is known here."""
        self._outcomes[visit.pk] = dict(outcomes)

    def _person(self, enrolments: Iterable[Enrolment], on: date) -> assessing.Person:
        codes = {code for code, first in self.diagnosed.items() if first <= on}
        named = {*self.resident.conditions, *(each.programme for each in enrolments)}
        codes |= {code for slug in named for code in first_code(slug)}
        return assessing.Person(
            sex=self.resident.sex, born_on=self.resident.born_on, is_pregnant=self.pregnancy.on(on),
            diagnoses=frozenset(codes),
        )  # fmt: skip


def order_of(visit: ProgrammeVisit) -> tuple[datetime, Any]:
    """Visits of one moment have an order that does not depend on which of them arrived first."""
    return visit.happened_at, visit.client_id


def first_code(slug: str) -> tuple[str, ...]:
    """The code that stands for being managed in a programme."""
    try:
        return catalogue.programme(slug).diseases[:1]
    except LookupError:
        return ()


def record_of(resident: Any, *, on: date | None = None) -> Record:
    """The record of one resident, of all his registrations. `on`: a day to be judged, beside those of his visits."""
    whose = dict.fromkeys(residents.ids_of_person(resident), resident.pk)
    return records_of([resident], whose=whose, on=on)[resident.pk]


def records_of(
    rows: Sequence[Any], *, whose: Mapping[int, int] | None = None, on: date | None = None
) -> dict[int, Record]:
    """The records of residents, by id. The number of queries does not grow with them."""
    owner = whose or residents.persons_of([each.pk for each in rows])
    found = {each.pk: Record(each, [], {}, {}) for each in rows}
    for enrolment in Enrolment.objects.filter(resident_id__in=list(found)).order_by("id"):
        found[enrolment.resident_id].enrolments.append(enrolment)
        found[enrolment.resident_id].results[enrolment.pk] = []
    _fill_alerts(found)
    rows_of_visits = ProgrammeVisit.objects.filter(resident_id__in=list(owner), replaced_by__isnull=True)
    standing = list(rows_of_visits.order_by("-happened_at", "-client_id"))
    _fill_results(found, standing)
    _fill_diagnoses(found, owner)
    for pk, pregnancy in visits.pregnancies(rows, owner).items():
        found[pk].pregnancy = pregnancy
    first = _fill_from_visits(found, owner, standing)
    days = [each for each in (first, on) if each is not None]
    if days:
        fill_from_others(found, owner, since=min(days) - LONGEST)
    return found


def _fill_results(found: Mapping[int, Record], standing: Sequence[ProgrammeVisit]) -> None:
    whose = {each.pk: record for record in found.values() for each in record.enrolments}
    by_visit: dict[int, list[VisitResult]] = {}
    for result in VisitResult.objects.filter(enrolment_id__in=list(whose)).order_by("id"):
        by_visit.setdefault(result.visit_id, []).append(result)
    for visit in reversed(standing):
        for result in by_visit.get(visit.pk, ()):
            result.visit = visit  # one row for all its results
            whose[result.enrolment_id].results[result.enrolment_id].append(result)


def _fill_alerts(found: Mapping[int, Record]) -> None:
    whose = {each.pk: record for record in found.values() for each in record.enrolments}
    for alert in Alert.objects.filter(enrolment_id__in=list(whose)).order_by("id"):
        whose[alert.enrolment_id].alerts.setdefault(alert.enrolment_id, []).append(alert)


def _fill_diagnoses(found: Mapping[int, Record], owner: Mapping[int, int]) -> None:
    for pk, codes in visits.first_diagnosed(list(owner)).items():
        known = dict(found[owner[pk]].diagnosed)
        for code, moment in codes.items():
            day = timezone.localdate(moment)
            known[code] = min(day, known.get(code, day))
        found[owner[pk]].diagnosed = known


def _fill_from_visits(
    found: Mapping[int, Record], owner: Mapping[int, int], standing: Sequence[ProgrammeVisit]
) -> date | None:
    """Values that count for an interval of their own, from visits of any programme, newest first; the day of the first visit."""
    lasting, first = catalogue.lasting(), None
    for visit in standing:
        record, first = found[owner[visit.resident_id]], timezone.localdate(visit.happened_at)
        if not lasting.keys().isdisjoint(visit.answers):
            values = {code: value for code, value in record.values(visit).items() if code in lasting}
            record.elsewhere.append((visit.pk, assessing.Past(first, values, None, "")))
    return first


def fill_from_others(found: Mapping[int, Record], owner: Mapping[int, int], *, since: date) -> None:
    """Values that count for an interval of their own, from whoever else measured, newest day first. One query for each source."""
    codes = {each.loinc: code for code, each in catalogue.lasting().items() if each.loinc and each.kind == "number"}
    moment = timezone.make_aware(datetime.combine(since, time.min))
    days: dict[tuple[int, date], dict[str, Value]] = {}
    known = residents.measurements_of(list(owner), codes, since=moment, limit=MOST, without=timeline.measured)
    for each in known:
        key = (owner[each.resident_id], timezone.localdate(each.at))
        days.setdefault(key, {}).setdefault(codes[each.code], Decimal(each.value))
    for (pk, day), values in sorted(days.items(), reverse=True):
        found[pk].elsewhere.append((0, assessing.Past(day, values, None, "")))


def severity_of(outcome: assessing.Outcome) -> int:
    """The most serious alert of an outcome."""
    return max((LEVELS[each.level] for each in outcome.alerts), default=AlertLevel.NONE)


def facts_of(outcome: assessing.Outcome) -> dict[str, Any]:
    """What a result keeps of an outcome: codes, never words, which are the reader's."""
    return {
        "grade": outcome.grade, "is_controlled": outcome.controlled, "on_target": outcome.on_target,
        "is_complete": outcome.complete, "missing": list(outcome.missing), "severity": severity_of(outcome),
        "advice": [each.code for each in outcome.advice], "next_due_on": outcome.next_due,
        "findings": [each.code for each in outcome.alerts if each.level in assessing.REFERRING],
    }  # fmt: skip
