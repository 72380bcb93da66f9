"""The line of the day list, written from the enrolments it stands for."""

from typing import Any

from django.db.models import Q

from xinglin.programmes.models import Enrolment, ManagedResident
from xinglin.programmes.rules import catalogue
from xinglin.programmes.states import MANAGED, Status


def refresh(resident_id: int, *, reached: bool = False) -> None:
    """Bring the resident's line up to date; without an enrolment that is managed he has none.

    `reached`: he was seen, so that earlier tries in vain no longer count. Called inside the transaction of an action.
    """
    managed = list(Enrolment.objects.filter(resident_id=resident_id, status__in=MANAGED).order_by("programme"))
    if not managed:
        ManagedResident.objects.filter(resident_id=resident_id).delete()
        return
    facts = _facts(managed)
    if reached:
        facts |= {"n_attempts": 0, "try_again_on": None}
    ManagedResident.objects.update_or_create(resident_id=resident_id, defaults=facts)


def _facts(managed: list[Enrolment]) -> dict[str, Any]:
    active = [each for each in managed if each.status == Status.ENROLLED]
    counted = active or managed
    days = [each.next_due_on for each in counted if each.next_due_on is not None]
    seen = [each.last_visit_on for each in managed if each.last_visit_on is not None]
    return {
        "facility_id": counted[0].facility_id,
        "programmes": [each.programme for each in managed],
        "is_lost": not active,
        "severity": max(each.severity for each in counted),
        "next_due_on": min(days) if days else managed[0].created_at.date(),
        "grade_rank": max(grade_rank(each) for each in counted),
        "last_visit_on": max(seen) if seen else None,
    }


def grade_rank(enrolment: Enrolment) -> int:
    """Which place the grade has in its programme, 0 the mildest or not yet graded."""
    grade = catalogue.programme(enrolment.programme, enrolment.version).grade(enrolment.grade)
    return grade.severity if grade else 0


def lock(resident_id: int, *, paused: bool = True) -> list[Enrolment]:
    """The enrolments of a resident that a visit speaks to, locked until the transaction ends."""
    states = Q(status__in=MANAGED) | (Q(status=Status.PAUSED) if paused else Q())
    rows = Enrolment.objects.select_for_update().filter(states, resident_id=resident_id)
    return list(rows.order_by("id"))
