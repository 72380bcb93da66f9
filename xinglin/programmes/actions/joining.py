"""Two registrations become one, or two again: whose an enrolment is, and to which one a visit counts.

A merge is remembered in the enrolments themselves (`came_from`, `joined_into`), so that taking it back finds what it moved. To whom a
visit belongs needs no memory: it names the registration it was written for.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.programmes import queries, secrecy
from xinglin.programmes.actions import agenda
from xinglin.programmes.actions.returning import is_free, take_up
from xinglin.programmes.actions.settling import settle_resident
from xinglin.programmes.data import Because, EndReason
from xinglin.programmes.events import Event
from xinglin.programmes.models import Alert, Enrolment, VisitResult
from xinglin.programmes.states import ACTIVE, TRANSITIONS, Status
from xinglin.residents import api as residents

#: Of two enrolments in one programme the one that goes on: the one that is furthest; of two alike, that of the registration kept.
_FURTHEST = (Status.CANDIDATE, Status.CONFIRMED, Status.PAUSED, Status.LOST, Status.ENROLLED)

_NEVER_SEEN: dict[str, Any] = {
    "grade": "", "is_controlled": None, "on_target": None, "severity": 0, "n_uncontrolled": 0, "last_visit_on": None,
    "yearly_on": None,
}  # fmt: skip


@transaction.atomic
def join_registrations(*, kept: Any, merged: Any, by: Actor, at: datetime) -> None:
    """Two registrations were one person: he goes on in one enrolment in each programme, by all his visits. Safe to repeat."""
    _lock(kept, merged)
    ours = {each.programme: each for each in _active(kept)}
    joined: list[Enrolment] = []
    for each in _active(merged):
        twin = ours.get(each.programme)
        if twin is None:
            _go_over(each, kept, by=by, at=at)
        elif _FURTHEST.index(Status(each.status)) > _FURTHEST.index(Status(twin.status)):
            _end_as_duplicate(twin, each, by=by, at=at)
            _go_over(each, kept, by=by, at=at)
            joined.append(each)
        else:
            _end_as_duplicate(each, twin, by=by, at=at)
            joined.append(twin)
    _follow(kept, joined, by=by, at=at)
    agenda.refresh(merged.pk)


@transaction.atomic
def part_registrations(*, kept: Any, merged: Any, by: Actor, at: datetime) -> None:
    """A merge was taken back: each of the two is in again what he was in before. What was written to the kept one since stays there.
    Safe to repeat.
    """
    _lock(kept, merged)
    ids = residents.ids_of_person(merged)
    moved = _rows(resident=kept, came_from_id__in=ids).order_by("id")
    back = [each for each in moved if each.status not in ACTIVE or is_free(merged, each.programme)]
    for each in back:
        _go_over(each, merged, by=by, at=at)
    parted = list(back)
    for over in _rows(resident__in=[kept, merged], status=Status.ENDED, joined_into__isnull=False).order_by("id"):
        into = over.joined_into
        if into is not None and into.resident_id != over.resident_id and is_free(over.resident, over.programme):
            _point(into, over, visits_of=residents.ids_of_person(over.resident))
            take_up(over, by=by, at=at, joined_into=None)
            parted += [over, into]
    for resident in (kept, merged):
        _follow(resident, [each for each in parted if each.resident_id == resident.pk], by=by, at=at)


def _lock(kept: Any, merged: Any) -> None:
    for pk in sorted([kept.pk, merged.pk]):
        agenda.lock_all(pk)


def _rows(**which: Any) -> Any:
    return Enrolment.objects.select_related("resident", "joined_into").filter(**which)


def _active(resident: Any) -> list[Enrolment]:
    return list(_rows(resident=resident, status__in=ACTIVE).order_by("id"))


def _go_over(enrolment: Enrolment, resident: Any, *, by: Actor, at: datetime) -> None:
    """An enrolment is another registration's from now on; it remembers the one it began under."""
    began = enrolment.came_from_id or enrolment.resident_id
    if enrolment.status in ACTIVE:
        enrolment.facility_id = resident.managed_by_id
    enrolment.resident, enrolment.came_from_id = resident, None if began == resident.pk else began
    enrolment.save(update_fields=["resident", "facility", "came_from"])
    announce(
        Event.HANDED_OVER, obj=enrolment, subject=resident.uuid, by=by, at=at, place=enrolment.facility_id,
        programme=secrecy.told(enrolment.programme),
    )  # fmt: skip


def _end_as_duplicate(over: Enrolment, into: Enrolment, *, by: Actor, at: datetime) -> None:
    """What was found in one counts in the other from now on; nothing found is lost with it."""
    _point(over, into)
    move(
        over, table=TRANSITIONS, to=Status.ENDED, by=by, at=at, place=over.facility_id, reason_code=EndReason.DUPLICATE,
        ended_on=clock.today(at), end_reason=EndReason.DUPLICATE, joined_into=into,
    )  # fmt: skip
    announce(
        Event.ENDED, obj=over, subject=over.resident.uuid, by=by, at=at, place=over.facility_id,
        programme=secrecy.told(over.programme), why=EndReason.DUPLICATE,
    )  # fmt: skip


def _point(source: Enrolment, target: Enrolment, *, visits_of: Iterable[int] | None = None) -> None:
    """Results and findings of one enrolment become another's: all, or those of visits of some registrations."""
    which = {"enrolment": source} | ({} if visits_of is None else {"visit__resident_id__in": list(visits_of)})
    VisitResult.objects.filter(**which).update(enrolment=target)
    Alert.objects.filter(**which).update(enrolment=target)


def _follow(resident: Any, changed: Iterable[Enrolment], *, by: Actor, at: datetime) -> None:
    """Due as the latest visit by now says, and judged by all of them."""
    for each in changed:
        results = queries.results_of([each.pk])[each.pk]
        if results:
            Enrolment.objects.filter(pk=each.pk).update(next_due_on=results[-1].next_due_on)
        else:
            Enrolment.objects.filter(pk=each.pk).update(**_NEVER_SEEN)
    settle_resident(resident=resident, since=date.min, because=Because.MERGE, by=by, at=at)
