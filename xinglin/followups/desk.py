"""The work list of whoever contacts residents: one line for a person, whatever he is to be contacted for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.followups.data import Channel
from xinglin.followups.models import Call, ContactWish, FollowUpTask
from xinglin.followups.purposes import SPOKEN_TO
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents

#: People on one page.
SIZE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the desk. `held_by` says who is at it now, `own_call` the actor's own open call, `called_on` when the
    person was spoken to this week; `says_no` that he does not want to be called.
    """

    resident: Any
    facility_id: int
    n_tasks: int
    first_due_on: date
    risk: int
    n_attempts: int
    held_by: str
    own_call: UUID | None
    called_on: date | None
    called_by: str
    says_no: bool


def tasks_to_call(actor: Actor) -> QuerySet[FollowUpTask]:
    """Open tasks of the facilities for which the actor contacts residents."""
    places = actor.places_where(Permission.FOLLOWUP_CALL)
    rows = FollowUpTask.objects.filter(status__in=OPEN)
    return rows if places is None else rows.filter(facility_id__in=places)


def heads(actor: Actor, *, on: date) -> QuerySet[FollowUpTask]:
    """Of each person who is due by a day the task that stands first: the most dangerous, then the oldest."""
    due = tasks_to_call(actor).filter(due_on__lte=on)
    before = (
        Q(risk__gt=OuterRef("risk"))
        | Q(risk=OuterRef("risk"), due_on__lt=OuterRef("due_on"))
        | Q(risk=OuterRef("risk"), due_on=OuterRef("due_on"), id__lt=OuterRef("id"))
    )
    return due.filter(~Exists(due.filter(before, resident_id=OuterRef("resident_id"))))


def page(actor: Actor, *, at: datetime, cursor: str = "") -> Page[Line]:
    """Whoever is due by today, one line for a person, the dangerous first, then who waits longest; by keyset. Six queries,
    whatever the number of lines.
    """
    today = clock.today(at)
    found = page_of(heads(actor, on=today), by=("-risk", "due_on", "id"), cursor=cursor, size=SIZE)
    return Page(_lines(actor, found.rows, at=at), found.next_cursor, found.is_first)


def _lines(actor: Actor, first: Sequence[FollowUpTask], *, at: datetime) -> list[Line]:
    ids = [each.resident_id for each in first]
    counted = tasks_to_call(actor).filter(due_on__lte=clock.today(at), resident_id__in=ids).order_by()
    sums = {
        row["resident_id"]: row
        for row in counted.values("resident_id").annotate(n=Count("id"), first=Min("due_on"), tried=Max("n_attempts"))
    }
    people = residents.registrations_by_id(ids)
    held = {each.resident_id: each for each in Call.objects.filter(resident_id__in=ids, ended_at__isnull=True)}
    called, refusing = _called(ids, at=at), _refusing(ids)
    found = []
    for each in first:
        call, last, row = held.get(each.resident_id), called.get(each.resident_id), sums[each.resident_id]
        is_held = call is not None and call.held_until >= at
        is_mine = call is not None and is_held and call.opened_by == actor.user_id
        found.append(
            Line(
                resident=people[each.resident_id], facility_id=each.facility_id, n_tasks=row["n"],
                first_due_on=row["first"], risk=each.risk, n_attempts=row["tried"],
                held_by=call.opened_by_name if call is not None and is_held and not is_mine else "",
                own_call=call.uuid if call is not None and is_mine else None,
                called_on=clock.today(last.opened_at) if last else None,
                called_by=last.opened_by_name if last else "", says_no=each.resident_id in refusing,
            )
        )  # fmt: skip
    return found


def _called(ids: list[int], *, at: datetime) -> dict[int, Call]:
    since = at - timedelta(days=rules.window_days())
    rows = Call.objects.filter(resident_id__in=ids, opened_at__gt=since, dialled__in=SPOKEN_TO)
    return {each.resident_id: each for each in rows.order_by("opened_at")}


def _refusing(ids: list[int]) -> set[int]:
    rows = ContactWish.objects.filter(resident_id__in=ids, channel=Channel.PHONE).order_by("noted_at", "id")
    newest = dict(rows.values_list("resident_id", "is_agreed"))
    return {resident_id for resident_id, is_agreed in newest.items() if not is_agreed}


def resident_to_contact(actor: Actor, uuid: UUID, *, at: datetime) -> tuple[Any, int]:
    """A resident the actor may contact and the facility for which he does: he has something due there, or is on the
    roster of a facility for which the actor contacts residents.

    :raises NotVisible: neither
    """
    rows = tasks_to_call(actor).filter(resident__uuid=uuid).order_by("-risk", "due_on", "id")
    task = rows.select_related("resident__managed_by").first()
    if task is not None:
        return residents.registration(task.resident.uuid), task.facility_id
    resident = residents.visible_resident(actor, uuid, at=at, permission=Permission.FOLLOWUP_CALL)
    places = actor.places_where(Permission.FOLLOWUP_CALL)
    own = resident.managed_by_id
    if places is not None and own not in places:
        own = actor.place if actor.place in places else min(places)
    if own is None:
        raise NotVisible("residents.resident", uuid)
    return resident, own


def owed_to(actor: Actor, resident_ids: list[int], *, at: datetime) -> list[FollowUpTask]:
    """What the facilities for which the actor contacts residents owe a person by today."""
    rows = tasks_to_call(actor).filter(resident_id__in=resident_ids, due_on__lte=clock.today(at))
    return list(rows.select_related("resident").order_by("due_on", "id"))


def own_call(actor: Actor, resident_ids: list[int], *, at: datetime) -> Call | None:
    """The call the actor is at with a person."""
    rows = Call.objects.filter(resident_id__in=resident_ids, ended_at__isnull=True, held_until__gte=at)
    return rows.filter(opened_by=actor.user_id or 0).first()


def wishes_of(resident_ids: list[int]) -> list[ContactWish]:
    """The newest wish of each channel. The caller has seen the person."""
    rows = ContactWish.objects.filter(resident_id__in=resident_ids).order_by("noted_at", "id")
    return list({each.channel: each for each in rows}.values())


def due_today(actor: Actor, *, at: datetime) -> int:
    """How many people wait on the desk; for the badge."""
    return tasks_to_call(actor).filter(due_on__lte=clock.today(at)).values("resident_id").distinct().count()
