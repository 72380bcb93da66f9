"""What becomes of the follow-up of a resident who dies, leaves the county, is here after all, or is managed elsewhere from now on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from xinglin.followups.actions.handing import facility_of
from xinglin.followups.data import Dialled, Level
from xinglin.followups.events import Event
from xinglin.followups.models import Call, FollowUpStatusChange, FollowUpTask
from xinglin.followups.states import OPEN, TAKEN_UP, TRANSITIONS, Status
from xinglin.network import api as network
from xinglin.platform import clock
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
def take_up(*, task: FollowUpTask, by: Actor, at: datetime) -> bool:
    """A cancelled task is owed after all, today at the earliest; whether this call did it. Called by the system."""
    if task.status != Status.CANCELLED:
        return False
    due_on = max(task.due_on, clock.today(at))
    move(task, table=TAKEN_UP, to=Status.PLANNED, by=by, at=at, place=task.facility_id, due_on=due_on, reminded_at=None)
    announce(
        Event.TAKEN_UP, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        origin=str(task.origin_uuid),
    )  # fmt: skip
    return True


@transaction.atomic
def take_up_all_of(*, resident: Any, reason: str, by: Actor, at: datetime) -> int:
    """Owe again what was cancelled for a reason that did not hold; how many tasks that were."""
    ids = residents.ids_of_person(resident)
    last = FollowUpStatusChange.objects.filter(subject=OuterRef("pk")).order_by("-id")
    rows = FollowUpTask.objects.select_for_update(of=("self",)).select_related("resident")
    ended = rows.annotate(last_reason=Subquery(last.values("reason")[:1])).filter(
        resident_id__in=ids, status=Status.CANCELLED, last_reason=reason
    )
    return sum(take_up(task=each, by=by, at=at) for each in ended.order_by("id"))


@transaction.atomic
def follow_merge(*, kept: Any, merged: Any, by: Actor, at: datetime) -> int:
    """What is owed to a registration is owed to the one it was merged into; how many tasks. Safe to repeat."""
    n_moved = 0
    for task in _open_of(resident=merged):
        _give(task, kept, came_from=task.came_from_id or merged.pk, by=by, at=at)
        n_moved += 1
    if n_moved and merged.managed_by_id != kept.managed_by_id:
        follow_transfer(resident=kept, former_id=merged.managed_by_id, by=by, at=at)
    return n_moved


@transaction.atomic
def follow_unmerge(*, kept: Any, merged: Any, by: Actor, at: datetime) -> int:
    """A merge was taken back: what it moved and is still open goes back; how many tasks. Safe to repeat."""
    n_moved = 0
    for task in _open_of(resident=kept, came_from_id__in=residents.ids_of_person(merged)):
        _give(task, merged, came_from=None if task.came_from_id == merged.pk else task.came_from_id, by=by, at=at)
        n_moved += 1
    if n_moved and merged.managed_by_id != kept.managed_by_id:
        follow_transfer(resident=merged, former_id=kept.managed_by_id, by=by, at=at)
    return n_moved


def _open_of(**which: Any) -> list[FollowUpTask]:
    rows = FollowUpTask.objects.select_for_update(of=("self",)).filter(status__in=OPEN, **which)
    return list(rows.order_by("id"))


def _give(task: FollowUpTask, resident: Any, *, came_from: int | None, by: Actor, at: datetime) -> None:
    FollowUpTask.objects.filter(pk=task.pk).update(resident=resident, came_from_id=came_from)
    announce(
        Event.MOVED, obj=task, subject=resident.uuid, by=by, at=at, place=task.facility_id, former=task.facility_id
    )


@transaction.atomic
def follow_transfer(*, resident: Any, former_id: int, by: Actor, at: datetime) -> int:
    """Give open tasks of the former managing facility to the one that manages the resident now, and those of the unit above
    it, as the township's level, to the unit above now; how many. Safe to repeat.
    """
    ids, above = residents.ids_of_person(resident), network.manager_of(former_id)
    rows = FollowUpTask.objects.select_for_update(of=("self",)).filter(
        Q(facility_id=former_id) | Q(facility_id=above, level=Level.TOWNSHIP), resident_id__in=ids, status__in=OPEN
    )
    if former_id == resident.managed_by_id:
        return 0
    n_moved = 0
    for task in rows.order_by("id"):
        former, to = task.facility_id, facility_of(resident, task.level, hospital=task.facility_id)
        if to == former:
            continue
        same = FollowUpTask.objects.filter(origin_uuid=task.origin_uuid, kind=task.kind, step=task.step, facility_id=to)
        if same.exists():
            move(task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=former, reason_code="moved")
        else:
            FollowUpTask.objects.filter(pk=task.pk).update(facility_id=to, reminded_at=None)
        announce(Event.MOVED, obj=task, subject=resident.uuid, by=by, at=at, place=to, former=former)
        n_moved += 1
    return n_moved
