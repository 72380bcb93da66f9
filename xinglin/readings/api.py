"""The front door of readings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.readings import queries, rules
from xinglin.readings.actions.corner import leave_seat, take_seat
from xinglin.readings.data import OwnReading, ReadingFacts
from xinglin.readings.events import Event
from xinglin.readings.observing import Asked, Found, Source, register_observations
from xinglin.readings.queries import reading_facts, unanswered_urgent
from xinglin.readings.states import DEVICE_TRANSITIONS, READING_TRANSITIONS
from xinglin.readings.timeline import words_of
from xinglin.web.work import CRITICAL, RAISED, WorkItem

__all__ = [
    "Asked",
    "Event",
    "Found",
    "Source",
    "leave_seat",
    "has_seat",
    "last_received",
    "own_readings_since",
    "OwnReading",
    "reading_facts",
    "register_observations",
    "ReadingFacts",
    "state_tables",
    "take_seat",
    "unanswered_urgent",
    "waiting_for",
]


def own_readings_since(resident_ids: Sequence[int], since: datetime) -> list[OwnReading]:
    """What devices have just brought into a person's record, with what he is told of it. The caller has seen him."""
    found = []
    for each in queries.kept_since(resident_ids, since):
        newest, past = queries.past_of(each)
        raised = rules.raised(newest, past)
        said = tuple(rule.plain for rule in raised)
        found.append(OwnReading(each.measured_at, words_of(each), said, any(rule.is_urgent for rule in raised)))
    return found


def has_seat(*, facility_id: int, resident: Any, at: datetime) -> bool:
    """Whether he measures himself in the corner of a facility now."""
    return queries.seat_of(facility_id, resident, at) is not None


def last_received(resident_ids: Sequence[int], *, since: datetime) -> datetime | None:
    """When a device last brought something into a person's record, not before `since`."""
    return max((each.received_at for each in queries.kept_since(resident_ids, since)), default=None)


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"readings.device": DEVICE_TRANSITIONS, "readings.reading": READING_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """One line when readings wait for somebody to say whose they are."""
    if Permission.READING_SORT not in actor.permissions:
        return []
    dangerous, waiting = queries.dangerous_waiting(actor), queries.waiting(actor).order_by("received_at", "id")
    if urgent := dangerous.first():
        title, risk, due_at = _("待核实的危急测量：%(n)d次"), CRITICAL, urgent.received_at
        n, url = dangerous.count(), reverse("readings:reading", args=[urgent.uuid])
    elif oldest := waiting.first():
        title, risk, due_at = _("待核实的设备测量：%(n)d次"), RAISED, oldest.received_at
        n, url = waiting.count(), reverse("readings:queue")
    else:
        return []
    return [
        WorkItem(
            kind="reading", icon="pulse", title=title % {"n": n}, detail=_("设备上报的测量不知属于谁，请核实"), url=url,
            risk=risk, due_at=due_at,
        )
    ]  # fmt: skip
