"""The line of the day list, written from the enrolments it stands for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from xinglin.platform import clock
from xinglin.programmes import queries
from xinglin.programmes.data import AlertLevel
from xinglin.programmes.models import Enrolment, ManagedResident, ProgrammeVisit
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import MANAGED, Status
from xinglin.readings import api as readings
from xinglin.residents import api as residents


def refresh(resident_id: int, *, count_tries: bool = False) -> None:
    """Bring the resident's line up to date; without an enrolment that is managed he has none.

    `count_tries`: his visits may have changed, so the tries in vain since the latest are counted anew. Called inside the transaction of an action, which locks
    no more of his enrolments afterwards: of two that change different ones, the second reads what the first has written.
    """
    _take_turns(resident_id)
    managed = list(Enrolment.objects.filter(resident_id=resident_id, status__in=MANAGED).order_by("programme"))
    if not managed:
        ManagedResident.objects.filter(resident_id=resident_id).delete()
        return
    facts = line_of(managed, _urgent_reading(resident_id))
    if count_tries:
        tries = list(queries.tries_since_seen(resident_id).order_by("tried_at", "id"))
        facts |= {"n_attempts": len(tries), "try_again_on": tries[-1].try_again_on if tries else None}
    ManagedResident.objects.update_or_create(resident_id=resident_id, defaults=facts)


def _take_turns(resident_id: int) -> None:
    """Only one transaction at a time reads a resident's enrolments to write his line; the lock ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('programmes.line'), hashint8(%s))", [resident_id])


def _urgent_reading(resident_id: int) -> datetime | None:
    """When a device measured something dangerous that nobody has answered and after which he was not seen."""
    measured_at = readings.unanswered_urgent([resident_id]).get(resident_id)
    if measured_at is None:
        return None
    ids = list(residents.persons_of([resident_id]))
    seen = ProgrammeVisit.objects.filter(resident_id__in=ids, replaced_by__isnull=True, happened_at__gte=measured_at)
    return None if seen.exists() else measured_at


def line_of(managed: Sequence[Enrolment], urgent_reading_at: datetime | None) -> dict[str, Any]:
    """What the line of a resident says, from the enrolments that are managed; at least one."""
    active = [each for each in managed if each.status == Status.ENROLLED]
    counted = active or managed
    days = [each.next_due_on for each in counted if each.next_due_on is not None]
    seen = [each.last_visit_on for each in managed if each.last_visit_on is not None]
    return {
        "facility_id": counted[0].facility_id,
        "programmes": [each.programme for each in managed],
        "is_lost": not active,
        "severity": AlertLevel.EMERGENCY if urgent_reading_at else max(each.severity for each in counted),
        "next_due_on": min(days) if days else clock.today(managed[0].created_at),
        "grade_rank": max(grade_rank(each) for each in counted),
        "last_visit_on": max(seen) if seen else None,
        "urgent_reading_at": urgent_reading_at,
    }


def grade_rank(enrolment: Enrolment) -> int:
    """Which place the grade has in its programme, 0 the mildest or not yet graded."""
    grade = catalogue.programme(enrolment.programme, enrolment.version).grade(enrolment.grade)
    return grade.severity if grade else 0


def lock_all(resident_id: int) -> None:
    """Lock all enrolments of a resident until the transaction ends: whoever changes what follows from visits waits here."""
    list(Enrolment.objects.select_for_update().filter(resident_id=resident_id).order_by("id").values_list("pk"))


def lock(resident_id: int, *, at: datetime) -> list[Enrolment]:
    """The enrolments of a resident that a visit of a moment speaks to, locked until the transaction ends."""
    lock_all(resident_id)
    return list(queries.spoken_to(resident_id, at=at).order_by("id"))
