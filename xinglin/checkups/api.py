"""The front door of check-ups."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.checkups import queries
from xinglin.checkups.events import Event
from xinglin.checkups.states import CHECKUP_TRANSITIONS, STATION_TRANSITIONS
from xinglin.platform.actors import Actor
from xinglin.web.work import ORDINARY, WorkItem

__all__ = ["Event", "state_tables", "waiting_for"]

MOST = 25


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"checkups.checkup": CHECKUP_TRANSITIONS, "checkups.station": STATION_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Check-ups that wait for the actor to sign their report."""
    if Permission.CHECKUP_REPORT not in actor.permissions:
        return []
    return [
        WorkItem(
            kind="checkup", icon="clipboard", title=_("体检待总检：%(name)s") % {"name": each.resident.name},
            detail=f"{each.number} · {each.facility}", url=reverse("checkups:detail", args=[each.uuid]), risk=ORDINARY,
            since=each.arrived_at,
        )
        for each in queries.waiting_reports(actor, limit=MOST)
    ]  # fmt: skip
