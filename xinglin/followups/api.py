"""The front door of follow-up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.followups import queries
from xinglin.followups.actions import (
    cancel_followup,
    complete_followup,
    hasten_followup,
    held_open,
    note_unreached,
    plan_followup,
    schedule_followup,
    take_up,
)
from xinglin.followups.data import Contact, Outcome, Purpose
from xinglin.followups.events import Event
from xinglin.followups.models import FollowUpTask
from xinglin.followups.purposes import contact_this_week, register_contacts, register_purposes
from xinglin.followups.queries import followups_visible_to, tasks_of_origin, visible_followup
from xinglin.followups.states import OPEN, TRANSITIONS
from xinglin.followups.weeks import QuietWeek, may_call, quiet_week, quiet_weeks, take_turns
from xinglin.followups.wording import register_plan_words
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web.work import HIGH, ORDINARY, RAISED, WorkItem

__all__ = [
    "Contact",
    "contact_this_week",
    "OPEN",
    "Purpose",
    "QuietWeek",
    "quiet_week",
    "quiet_weeks",
    "register_contacts",
    "register_plan_words",
    "register_purposes",
    "TRANSITIONS",
    "Event",
    "Outcome",
    "cancel_followup",
    "complete_followup",
    "followups_visible_to",
    "hasten_followup",
    "held_open",
    "may_call",
    "note_unreached",
    "plan_followup",
    "schedule_followup",
    "state_tables",
    "take_turns",
    "take_up",
    "tasks_of_origin",
    "visible_followup",
    "waiting_for",
]

MOST = 50


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"followups.task": TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Follow-ups that are due or overdue at the actor's facilities."""
    if Permission.FOLLOWUP_DO not in actor.permissions:
        return []
    risks = {FollowUpTask.Risk.HIGH: HIGH, FollowUpTask.Risk.RAISED: RAISED}
    return [
        WorkItem(
            kind="followup",
            icon="calendar-check",
            title=_("随访：%(name)s") % {"name": task.resident.name},
            detail=f"{task.get_kind_display()} · {task.facility}",
            url=reverse("followups:detail", args=[task.uuid]),
            risk=risks.get(FollowUpTask.Risk(task.risk), ORDINARY),
            due_on=task.due_on,
        )
        for task in queries.waiting(actor, on=clock.today(at), limit=MOST)
    ]
