"""What follows from everything that is known by now: results of visits, state of enrolments, open findings, the line of the day list.

Whatever arrives, visits and values of the laboratory in any order, what stands in the end is the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.programmes import records, secrecy, standing
from xinglin.programmes.actions import agenda, alerting
from xinglin.programmes.data import Because, VisitKind
from xinglin.programmes.events import Event
from xinglin.programmes.models import Enrolment, ProgrammeVisit, ResultChange, VisitResult
from xinglin.programmes.queries import managed_line
from xinglin.programmes.records import Record
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.assessing import Outcome
from xinglin.programmes.states import MANAGED


@dataclass(slots=True)
class Fresh:
    """A visit that was just written, with what it came to then; `replaces`: it stands in place of another."""

    visit: ProgrammeVisit
    outcomes: Mapping[int, Outcome]  # by enrolment
    replaces: ProgrammeVisit | None = None


@transaction.atomic
def settle_resident(
    *, resident: Any, since: date, because: Because, fresh: Fresh | None = None, by: Actor, at: datetime
) -> int:
    """Judge the visits of a resident from a day on by all that is known, and bring up to date what follows; how many results
    changed. Running it twice changes nothing.

    Called by actions that have checked the actor's rights, and by the system.
    """
    agenda.lock_all(resident.pk)
    if not VisitResult.objects.filter(enrolment__resident=resident).exists():
        agenda.refresh(resident.pk)
        return 0
    record = records.record_of(resident)
    before = {pk: _state(several) for pk, several in record.results.items()}
    if fresh is not None:
        before |= {
            pk: _state([each for each in record.results[pk] if each.visit_id != fresh.visit.pk])
            for pk in fresh.outcomes
        }
    changed = _judge(record, since, because, fresh, at=at)
    for enrolment in record.enrolments:
        results = record.results[enrolment.pk]
        if not results:
            continue
        is_due_anew = before[enrolment.pk] != _state(results) or (fresh is not None and fresh.replaces is not None)
        stands = standing.findings(record, enrolment)
        _bring_up_to_date(record, enrolment, stands, is_due_anew=is_due_anew)
        if enrolment.status in MANAGED:
            alerting.follow(record, enrolment, stands, replaced=fresh.replaces if fresh else None, by=by, at=at)
        alerting.end_fallen(record, enrolment, replaced=fresh.replaces if fresh else None, by=by, at=at)
        if fresh is not None and fresh.replaces is None and enrolment.pk in fresh.outcomes:
            alerting.note_seen(record, enrolment, fresh.visit, by=by, at=at)
    agenda.refresh(resident.pk, count_tries=True)
    _announce(resident, changed, fresh, because, by=by, at=at)
    return len(changed)


@transaction.atomic
def follow_answers(*, resident: Any) -> None:
    """Bring how serious the resident's enrolments and his line are up to date, after a finding has got its answer."""
    agenda.lock_all(resident.pk)
    record = records.record_of(resident)
    for enrolment in record.enrolments:
        if record.results[enrolment.pk]:
            _bring_up_to_date(record, enrolment, standing.findings(record, enrolment), is_due_anew=False)
    agenda.refresh(resident.pk)


@transaction.atomic
def follow_devices(*, resident: Any, by: Actor, at: datetime) -> bool:
    """Bring the resident's line up to date with what devices measured; whether that changed how urgent he is."""
    agenda.lock_all(resident.pk)
    was = _severity(resident)
    agenda.refresh(resident.pk)
    line = managed_line(resident)
    if line is None or line.severity == was:
        return False
    announce(
        Event.URGENCY_CHANGED, obj=line, subject=resident.uuid, by=by, at=at, place=line.facility_id, was=was,
        level=line.severity,
    )  # fmt: skip
    return True


def _severity(resident: Any) -> int | None:
    line = managed_line(resident)
    return line.severity if line else None


def _state(results: Sequence[VisitResult]) -> tuple[Any, ...]:
    return (results[-1].visit_id, results[-1].next_due_on) if results else ()


def _judge(record: Record, since: date, because: Because, fresh: Fresh | None, *, at: datetime) -> list[VisitResult]:
    """The results of visits from a day on that changed."""
    rows = [each for each in record.visits() if timezone.localdate(each[0].happened_at) >= since]
    if fresh is not None and [visit.pk for visit, _results in rows] == [fresh.visit.pk]:
        record.note(fresh.visit, fresh.outcomes)  # it was judged a moment ago, by the same that is known now
        return []
    return [
        results[pk]
        for visit, results in rows
        for pk, outcome in record.outcomes_of(visit).items()
        if _write(results[pk], outcome, because, at=at) and (fresh is None or visit.pk != fresh.visit.pk)
    ]


def _write(result: VisitResult, outcome: Outcome, because: Because, *, at: datetime) -> bool:
    """Keep what an outcome differs from the result, with what was said before; whether it differs."""
    facts = records.facts_of(outcome)
    was = {name: getattr(result, name) for name in facts}
    changed = [name for name in facts if facts[name] != was[name]]
    if not changed:
        return False
    for name, value in facts.items():
        setattr(result, name, value)
    result.save(update_fields=list(facts))
    if changed == ["findings"] and was["findings"] is None:  # nothing else than before, it was only not kept
        return False
    ResultChange.objects.create(
        result=result, because=because, changed_at=at, was={name: _plain(was[name]) for name in changed},
        became={name: _plain(facts[name]) for name in changed},
    )  # fmt: skip
    return True


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _bring_up_to_date(
    record: Record, enrolment: Enrolment, stands: Sequence[standing.Finding], *, is_due_anew: bool
) -> None:
    facts = state_of(record, enrolment, stands)
    if not is_due_anew:  # somebody set another day, e.g. by going on after a pause
        del facts["next_due_on"]
    if any(getattr(enrolment, name) != value for name, value in facts.items()):
        Enrolment.objects.filter(pk=enrolment.pk).update(**facts)
        for name, value in facts.items():
            setattr(enrolment, name, value)


def state_of(record: Record, enrolment: Enrolment, stands: Sequence[standing.Finding]) -> dict[str, Any]:
    """State of an enrolment from its latest result that stands, by the version it runs by now; there is one at least. As serious as the
    most serious of what `stands` from visits before.
    """
    results = record.results[enrolment.pk]
    latest = results[-1]
    facts: dict[str, Any] = {
        name: getattr(latest, name) for name in ("grade", "is_controlled", "on_target", "severity", "next_due_on")
    }
    if latest.version != enrolment.version:
        runs = {enrolment: catalogue.programme(enrolment.programme, enrolment.version)}
        outcome = record.judged(latest.visit, runs)[enrolment]
        told = records.facts_of(outcome)
        facts = {name: told[name] for name in facts}
    else:
        outcome = record.outcomes_of(latest.visit)[enrolment.pk]
    facts["severity"] = max(facts["severity"], standing.severity(stands, latest.visit))
    return facts | {
        "yearly_on": _yearly(results), "last_visit_on": timezone.localdate(latest.visit.happened_at),
        "n_uncontrolled": outcome.in_a_row,
    }  # fmt: skip


def _yearly(results: Sequence[VisitResult]) -> date | None:
    """The day of the latest yearly assessment."""
    days = [timezone.localdate(each.visit.happened_at) for each in results if each.visit.kind == VisitKind.YEARLY]
    return max(days) if days else None


def _announce(
    resident: Any, changed: Sequence[VisitResult], fresh: Fresh | None, because: Because, *, by: Actor, at: datetime
) -> None:
    visits = {each.visit_id: each.visit for each in changed if fresh is None or each.visit_id != fresh.visit.pk}
    for pk, visit in visits.items():
        programmes = [each.version.split("@")[0] for each in changed if each.visit_id == pk]
        announce(
            Event.JUDGED_ANEW, obj=visit, subject=resident.uuid, by=by, at=at, place=visit.facility_id, because=because,
            programmes=[secrecy.told(each) for each in programmes],
        )  # fmt: skip
