"""A unit is merged into another, which holds its sessions, finishes its check-ups and keeps its terminals."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, Session, Terminal
from xinglin.checkups.states import OPEN
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents


@transaction.atomic
def follow_facility_merger(*, merged_id: int, successor_id: int, by: Actor, at: datetime) -> int:
    """Hand over sessions from today on with their places, and check-ups that are open; how many check-ups they were.

    Called by the system; safe to run twice. What was reported or has ended stays with whom it was.
    """
    rows = Checkup.objects.select_related("resident", "session").select_for_update(of=("self",))
    mine = rows.filter(facility_id=merged_id, status__in=OPEN).order_by("id")
    list(mine.all())  # a check-up is locked before its session, as where it is cancelled
    planned = Session.objects.select_for_update().filter(facility_id=merged_id, held_on__gte=clock.today(at))
    for session in planned.order_by("id"):
        _hold(session, successor_id, by=by, at=at)
    moved = list(mine.all())  # with those booked before the session was locked
    _finish(moved, merged_id, successor_id, by=by, at=at)
    for terminal in Terminal.objects.select_for_update().filter(facility_id=merged_id, ended_at__isnull=True):
        terminal.stands_at_id, terminal.facility_id = terminal.corner_id, successor_id
        terminal.save(update_fields=["stands_at", "facility"])
        announce(Event.TERMINAL_HANDED_OVER, obj=terminal, by=by, at=at, place=successor_id)
    return len(moved)


def _hold(session: Session, successor_id: int, *, by: Actor, at: datetime) -> None:
    """Two sessions of one half-day become one with the places of both; what has ended stays with the first."""
    twin = (
        Session.objects.select_for_update()
        .filter(facility_id=successor_id, held_on=session.held_on, half=session.half)
        .first()
    )
    if twin is None:
        session.facility_id = successor_id
        session.save(update_fields=["facility"])
        announce(Event.SESSION_HANDED_OVER, obj=session, by=by, at=at, place=successor_id, n=session.n_booked)
        return
    n = Checkup.objects.filter(session=session, status__in=OPEN).update(session=twin)
    twin.capacity += session.capacity - (session.n_booked - n)
    twin.n_booked += n
    twin.save(update_fields=["capacity", "n_booked"])
    session.n_booked -= n
    session.capacity = session.n_booked
    session.save(update_fields=["capacity", "n_booked"])
    announce(Event.SESSION_HANDED_OVER, obj=session, by=by, at=at, place=successor_id, n=n, into=str(twin.uuid))


def _finish(checkups: Iterable[Checkup], merged_id: int, successor_id: int, *, by: Actor, at: datetime) -> None:
    successor, was = network.facility_by_id(successor_id), str(network.facility_by_id(merged_id).uuid)
    for checkup in checkups:
        checkup.facility_id = successor_id
        checkup.save(update_fields=["facility"])
        residents.note_on_roster(resident=checkup.resident, facility_id=successor_id, basis="VISIT", at=at)
        announce(
            Event.HANDED_OVER, obj=checkup, subject=checkup.resident.uuid, by=by, at=at, place=successor_id, was=was,
            facility=successor.name, held_on=checkup.session.held_on.isoformat(),
        )  # fmt: skip
