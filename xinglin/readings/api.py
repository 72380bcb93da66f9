"""The front door of readings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.readings import queries
from xinglin.readings.data import ReadingFacts
from xinglin.readings.events import Event
from xinglin.readings.queries import reading_facts, unanswered_urgent
from xinglin.readings.states import DEVICE_TRANSITIONS, READING_TRANSITIONS
from xinglin.web.work import RAISED, WorkItem

__all__ = ["Event", "ReadingFacts", "reading_facts", "state_tables", "unanswered_urgent", "waiting_for"]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"readings.device": DEVICE_TRANSITIONS, "readings.reading": READING_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """One line when readings wait for somebody to say whose they are."""
    if Permission.READING_SORT not in actor.permissions:
        return []
    n, oldest = queries.n_waiting(actor), queries.waiting_list(actor).rows[:1]
    if not oldest:
        return []
    return [
        WorkItem(
            kind="reading", icon="pulse", title=_("待核实的设备测量：%(n)d次") % {"n": n},
            detail=_("设备上报的测量不知属于谁，请核实"), url=reverse("readings:queue"), risk=RAISED,
            due_at=oldest[0].received_at,
        )
    ]  # fmt: skip
