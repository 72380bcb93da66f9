"""The front door of programmes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.programmes import offline, queries, secrecy
from xinglin.programmes.actions import enrol_resident, note_attempt, note_candidate, record_programme_visit
from xinglin.programmes.data import AlertLevel, VisitIn
from xinglin.programmes.events import Event
from xinglin.programmes.evidence import of_checkup
from xinglin.programmes.queries import (
    enrolments_visible_to,
    managed_line,
    programme_visits_visible_to,
    programmes_managed,
)
from xinglin.programmes.states import EDITION_TRANSITIONS, TRANSITIONS, Status
from xinglin.programmes.titles import short
from xinglin.web.work import CRITICAL, HIGH, ORDINARY, RAISED, WorkItem

__all__ = [
    "Event",
    "Status",
    "VisitIn",
    "enrol_resident",
    "enrolments_visible_to",
    "managed_line",
    "note_attempt",
    "note_candidate",
    "of_checkup",
    "offline",
    "programme_visits_visible_to",
    "programmes_managed",
    "record_programme_visit",
    "short",
    "state_tables",
    "waiting_for",
]

MOST = 50
RISKS = {AlertLevel.EMERGENCY: CRITICAL, AlertLevel.REFER: HIGH, AlertLevel.ADJUST: RAISED}


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"programmes.enrolment": TRANSITIONS, "programmes.edition": EDITION_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Managed residents who are due or overdue at the actor's facilities."""
    if Permission.PROGRAMME_DO not in actor.permissions:
        return []
    return [
        WorkItem(
            kind="programme",
            icon="heart",
            title=_("慢病随访：%(name)s") % {"name": line.resident.name},
            detail=" · ".join(
                [
                    *dict.fromkeys(secrecy.short(actor, each, line.facility_id) for each in line.programmes),
                    str(line.facility),
                ]
            ),
            url=reverse("programmes:form", args=[line.resident.uuid]),
            risk=RISKS.get(AlertLevel(line.severity), ORDINARY),
            due_on=line.next_due_on,
        )
        for line in queries.due_now(actor, at=at, limit=MOST)
    ]
