"""What becomes of the follow-up of a resident who dies, leaves the county, or is managed elsewhere from now on."""

from datetime import datetime
from typing import Any

from django.db import transaction

from xinglin.followups.data import Dialled
from xinglin.followups.events import Event
from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.states import OPEN, TRANSITIONS, Status
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import api as residents


@transaction.atomic
def close_all_of(*, resident: Any, reason: str, by: Actor, at: datetime) -> int:
    """End everything that is open about a resident, calls included; how many tasks that were. Called by the system."""
    ids = residents.ids_of_person(resident)
    Call.objects.filter(resident_id__in=ids, ended_at__isnull=True).update(ended_at=at, dialled=Dialled.RELEASED)
    rows = FollowUpTask.objects.select_for_update(of=("self",)).filter(resident_id__in=ids, status__in=OPEN)
    tasks = list(rows.order_by("id"))
    for task in tasks:
        move(task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=task.facility_id, reason=reason)
        announce(
            Event.CANCELLED, obj=task, subject=resident.uuid, by=by, at=at, place=task.facility_id, reason=reason,
            origin=str(task.origin_uuid),
        )  # fmt: skip
    return len(tasks)


@transaction.atomic
def follow_transfer(*, resident: Any, former_id: int, by: Actor, at: datetime) -> int:
    """Give open tasks of the former managing facility to the one that manages the resident now; how many. Safe to repeat."""
    ids = residents.ids_of_person(resident)
    rows = FollowUpTask.objects.select_for_update(of=("self",)).filter(
        resident_id__in=ids, status__in=OPEN, facility_id=former_id
    )
    if former_id == resident.managed_by_id:
        return 0
    n_moved = 0
    for task in rows.order_by("id"):
        same = FollowUpTask.objects.filter(
            origin_uuid=task.origin_uuid, kind=task.kind, step=task.step, facility_id=resident.managed_by_id
        )
        if same.exists():
            move(task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=former_id, reason_code="moved")
        else:
            FollowUpTask.objects.filter(pk=task.pk).update(facility_id=resident.managed_by_id, reminded_at=None)
        announce(
            Event.MOVED, obj=task, subject=resident.uuid, by=by, at=at, place=resident.managed_by_id, former=former_id
        )  # fmt: skip
        n_moved += 1
    return n_moved
