"""The work list of whoever contacts residents: one line for a person, whatever he is to be contacted for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet

from xinglin.accounts.data import Permission
from xinglin.followups.data import Channel
from xinglin.followups.models import Call, ContactWish, FollowUpTask
from xinglin.followups.purposes import SPOKEN_TO
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.residents import api as residents

#: What is urgent stands in front; of the rest of a long list there is no need to see everything at once.
MOST = 60


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


def lines(actor: Actor, *, at: datetime) -> list[Line]:
    """Whoever is due by today, the dangerous first, then who waits longest. Five queries, whatever the number of lines."""
    today = clock.today(at)
    grouped = list(
        tasks_to_call(actor)
        .filter(due_on__lte=today)
        .order_by()
        .values("resident_id", "facility_id")
        .annotate(n=Count("id"), first=Min("due_on"), worst=Max("risk"), tried=Max("n_attempts"))
        .order_by("-worst", "first", "resident_id")[:MOST]
    )
    ids = [each["resident_id"] for each in grouped]
    people = residents.registrations_by_id(ids)
    held = {each.resident_id: each for each in Call.objects.filter(resident_id__in=ids, ended_at__isnull=True)}
    called, refusing = _called(ids, at=at), _refusing(ids)
    found = []
    for each in grouped:
        call, last = held.get(each["resident_id"]), called.get(each["resident_id"])
        is_held = call is not None and call.held_until >= at
        is_mine = call is not None and is_held and call.opened_by == actor.user_id
        found.append(
            Line(
                resident=people[each["resident_id"]], facility_id=each["facility_id"], n_tasks=each["n"],
                first_due_on=each["first"], risk=each["worst"], n_attempts=each["tried"],
                held_by=call.opened_by_name if call is not None and is_held and not is_mine else "",
                own_call=call.uuid if call is not None and is_mine else None,
                called_on=clock.today(last.opened_at) if last else None,
                called_by=last.opened_by_name if last else "", says_no=each["resident_id"] in refusing,
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


def wishes_of(resident_ids: list[int]) -> list[ContactWish]:
    """The newest wish of each channel. The caller has seen the person."""
    rows = ContactWish.objects.filter(resident_id__in=resident_ids).order_by("noted_at", "id")
    return list({each.channel: each for each in rows}.values())


def due_today(actor: Actor, *, at: datetime) -> int:
    """How many people wait on the desk; for the badge."""
    return tasks_to_call(actor).filter(due_on__lte=clock.today(at)).values("resident_id").distinct().count()
