"""A level that does not reach a resident hands the follow-up on to the next."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from xinglin.followups.actions.tasks import plan_followup
from xinglin.followups.data import Level
from xinglin.followups.events import Event
from xinglin.followups.models import FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import TRANSITIONS, Status
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

#: Steps of a plan are named at most so long.
MAX_STEP = 40


def facility_of(resident: Any, level: str, *, hospital: int) -> int:
    """Who acts for a resident at a level: his managing facility, the unit above it, the hospital."""
    if level == Level.COUNTY:
        return hospital
    if level == Level.TOWNSHIP:
        return network.manager_of(resident.managed_by_id) or resident.managed_by_id
    return int(resident.managed_by_id)


def _next_of(task: FollowUpTask) -> tuple[str, int] | None:
    """The level and the facility that take over; None when nobody else is left."""
    level = rules.next_level(task.level)
    while level:
        facility_id = facility_of(task.resident, level, hospital=task.facility_id)
        if facility_id != task.facility_id:
            return level, facility_id
        level = rules.next_level(level)
    return None


@transaction.atomic
def hand_on(*, task: FollowUpTask, why: str, by: Actor, at: datetime) -> FollowUpTask | None:
    """Give an open task to the next level, with the days that has; the new one, or None when nobody is left.

    Called by the action that noted the last attempt, and by the job for what nobody did.
    """
    target = _next_of(task)
    if target is None:
        return None
    level, facility_id = target
    taken = plan_followup(
        resident=task.resident, facility_id=facility_id, kind=task.kind, origin_kind=task.origin_kind,
        origin_uuid=task.origin_uuid, due_on=clock.today(at) + timedelta(days=rules.desk("handover_days")),
        plan=task.plan, risk=max(task.risk, FollowUpTask.Risk.RAISED), step=f"{task.step}+{level}"[-MAX_STEP:],
        level=level, script=task.script, taken_over_from=task, by=by, at=at,
    )  # fmt: skip
    move(task, table=TRANSITIONS, to=Status.HANDED_ON, by=by, at=at, place=task.facility_id, reason_code=why)
    announce(
        Event.HANDED_ON, obj=task, subject=task.resident.uuid, by=by, at=at, place=facility_id, why=why,
        to=str(taken.uuid), level=level,
    )  # fmt: skip
    return taken
