"""What may be read of devices and readings, from an actor's point of view."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Prefetch, Q, QuerySet
from django.db.models.functions import TruncDate

from xinglin.accounts.data import Permission
from xinglin.followups import api as followups
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of
from xinglin.readings import rules
from xinglin.readings.data import Given, ReadingFacts
from xinglin.readings.models import Concern, Device, Loan, Reading, Seat
from xinglin.readings.states import DeviceStatus, ReadingStatus
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def devices_visible_to(actor: Actor) -> QuerySet[Device]:
    """Devices of the facilities where the actor keeps them."""
    places = actor.places_where(Permission.METER_MANAGE)
    return Device.objects.all() if places is None else Device.objects.filter(facility_id__in=places)


def visible_device(actor: Actor, uuid: UUID) -> Device:
    """One device. :raises NotVisible: it does not exist, or belongs to another facility"""
    return the_one(devices_visible_to(actor).select_related("facility", "stands_at"), uuid=uuid)


def list_of_devices(actor: Actor, *, cursor: str = "") -> Page[Device]:
    """A page of devices, those with a fault first, then by state; each with its open loan and how many readings wait."""
    rows = devices_visible_to(actor).select_related("facility").prefetch_related(
        Prefetch("loans", Loan.objects.filter(returned_at__isnull=True).select_related("resident"), to_attr="open_loans")
    ).annotate(n_waiting=Count("readings", filter=Q(readings__status=ReadingStatus.WAITING)))  # fmt: skip
    return page_of(rows, by=("-fault_code", "status", "id"), cursor=cursor)


def device_that_speaks(uuid: UUID) -> Device | None:
    """A device in use that holds a key. For the edge where devices speak."""
    return Device.objects.filter(uuid=uuid, status=DeviceStatus.IN_USE, signing_key__isnull=False).first()


def loan_at(device: Device, at: datetime) -> Loan | None:
    """To whom the device was lent at a moment."""
    period = Q(returned_at__isnull=True) | Q(returned_at__gt=at)
    return (
        device.loans.select_related("resident__managed_by", "resident__merged_into__managed_by")
        .filter(period, lent_at__lte=at).first()
    )  # fmt: skip


def seated_at(facility_id: int, at: datetime) -> Any:
    """Who measured himself at the corner of a facility at a moment; None when nobody, or it cannot be said."""
    rows = Seat.objects.select_related("resident__managed_by", "resident__merged_into__managed_by")
    rows = rows.filter(facility_id=facility_id, since__lte=at, until__gte=at).order_by("-since")
    people = [each.resident.merged_into or each.resident for each in rows[:2]]
    found = {each.pk: each for each in people}
    return next(iter(found.values())) if len(found) == 1 else None


def seat_of(facility_id: int, resident: Any, at: datetime) -> Seat | None:
    """The seat somebody has in the corner of a facility at a moment."""
    mine = Seat.objects.filter(facility_id=facility_id, resident=resident, is_taken=True)
    return mine.filter(since__lte=at, until__gte=at).first()


def is_borrower(loan: Loan, resident: Any) -> bool:
    """Whether a device was lent to this person, or to his household."""
    if loan.resident_id in residents.ids_of_person(resident):
        return True
    return loan.for_household and loan.resident.household_id is not None and (
        loan.resident.household_id == resident.household_id
    )  # fmt: skip


def person_said(given: Given) -> Any:
    """The registration a device named, or None."""
    return residents.holder_of_carrier(given.who_kind, given.who)


def kept_of(resident_ids: Sequence[int]) -> QuerySet[Reading]:
    """What stands in a person's record, with values and device. The caller has seen him."""
    rows = Reading.objects.filter(resident_id__in=resident_ids, status=ReadingStatus.KEPT)
    return rows.select_related("device__facility").prefetch_related("values")


def values_of(reading: Reading) -> dict[str, Any]:
    """Values of a reading by item."""
    return {each.item: each.value for each in reading.values.all()}


def is_far(resident: Any, newest: rules.Past, *, but: Reading | None = None) -> bool:
    """Whether values lie too far from what this person had before; `but` is the reading they are of, once it stands there."""
    since = newest.at - timedelta(days=rules.limit("far_days"))
    rows = kept_of(residents.ids_of_person(resident)).filter(measured_at__range=(since, newest.at))
    rows = rows if but is None else rows.exclude(pk=but.pk)
    past = [values_of(each) for each in rows.order_by("-measured_at")[:20]]
    return bool(rules.is_far(newest.values, past))


def taken(resident: Any, measured_at: datetime, values: rules.Values) -> rules.Past:
    """A measurement as the rules look at it; nobody's when nobody knows whose it is."""
    if resident is None:
        return rules.Past(measured_at, values)
    on, whose = clock.today(measured_at), dict.fromkeys(residents.ids_of_person(resident), resident.pk)
    is_pregnant = visits.pregnancies([resident], whose)[resident.pk].on(on) is True
    return rules.Past(measured_at, values, clock.completed_years(resident.born_on, on), is_pregnant)


def past_of(reading: Reading) -> tuple[rules.Past, list[rules.Past]]:
    """A reading, and what the rules look at beside it: the days before, and what came later of the same day."""
    newest = taken(reading.resident, reading.measured_at, values_of(reading))
    since = reading.measured_at - timedelta(days=8)
    ids = residents.ids_of_person(reading.resident) if reading.resident is not None else []
    rows = kept_of(ids).filter(measured_at__range=(since, reading.measured_at + timedelta(days=1)))
    past = [rules.Past(each.measured_at, values_of(each)) for each in rows.exclude(pk=reading.pk)]
    return newest, past


def readings_visible_to(actor: Actor) -> QuerySet[Reading]:
    """Readings of devices of the facilities where the actor sorts them."""
    places = actor.places_where(Permission.READING_SORT)
    rows = Reading.objects.select_related("device__facility", "resident").prefetch_related("values")
    return rows if places is None else rows.filter(device__facility_id__in=places)


def visible_reading(actor: Actor, uuid: UUID) -> Reading:
    """One reading. :raises NotVisible: it does not exist, or another facility's device brought it"""
    return the_one(readings_visible_to(actor), uuid=uuid)


def waiting_list(actor: Actor, *, cursor: str = "") -> Page[Reading]:
    """A page of what waits for somebody to say whose it is, what is dangerous first, then the oldest."""
    rows = readings_visible_to(actor).filter(status=ReadingStatus.WAITING)
    return page_of(rows, by=("-is_dangerous", "received_at", "id"), cursor=cursor)


def waiting(actor: Actor) -> QuerySet[Reading]:
    """Readings that wait for the actor."""
    return readings_visible_to(actor).filter(status=ReadingStatus.WAITING)


def dangers_of(reading: Reading) -> list[rules.Rule]:
    """What is dangerous in a reading by itself, whosever it is."""
    return rules.dangers(taken(reading.resident, reading.measured_at, values_of(reading)))


def dangerous_waiting(actor: Actor) -> QuerySet[Reading]:
    """Those that wait for the actor and are dangerous, the oldest first."""
    return waiting(actor).filter(is_dangerous=True).order_by("received_at", "id")


def waiting_reading(uuid: UUID | str) -> Reading | None:
    """A reading that still waits, with its device; for the job."""
    return Reading.objects.select_related("device").filter(uuid=uuid, status=ReadingStatus.WAITING).first()


def figures(resident_ids: Sequence[int], codes: Sequence[str], *, since: datetime, limit: int) -> list[Reading]:
    """Readings with a value of some LOINC codes since a moment, newest first. The caller has seen the person."""
    rows = kept_of(resident_ids).filter(measured_at__gte=since, values__loinc__in=codes).distinct()
    return list(rows.order_by("-measured_at", "-id")[:limit])


def days_before(resident_ids: Sequence[int], *, before: datetime, limit: int) -> list[list[Reading]]:
    """The readings of whole days whose last one was before a moment, the newest day first. The caller has seen him."""
    rows = kept_of(resident_ids)
    days = (
        Reading.objects.filter(resident_id__in=resident_ids, status=ReadingStatus.KEPT)
        .annotate(day=TruncDate("measured_at")).values("day").annotate(last=Max("measured_at"))
        .filter(last__lt=before).order_by("-last")[:limit]
    )  # fmt: skip
    wanted = [each["day"] for each in days]
    found: dict[Any, list[Reading]] = {day: [] for day in wanted}
    for each in rows.annotate(day=TruncDate("measured_at")).filter(day__in=wanted).order_by("-measured_at", "-id"):
        found[each.day].append(each)
    return [found[day] for day in wanted]


def concern(uuid: str) -> Any:
    """A concern with its task; for the job."""
    return Concern.objects.select_related("task").get(uuid=uuid)


def unanswered_urgent(resident_ids: Sequence[int]) -> dict[int, datetime]:
    """When something dangerous was measured last of these people, under whatever registration, as long as its task is open."""
    person = residents.persons_of(list(resident_ids))
    rows = Reading.objects.filter(
        concern__resident_id__in=list(person), concern__closed_at__isnull=True, concern__urgent_on__isnull=False,
        concern__task__status__in=followups.OPEN, received_at__date__lte=F("concern__urgent_on"),
    )  # fmt: skip
    last: dict[int, datetime] = {}
    for pk, measured_at in rows.order_by().values_list("concern__resident_id").annotate(last=Max("measured_at")):
        last[person[pk]] = max(measured_at, last.get(person[pk], measured_at))
    return last


def reading_facts(uuid: UUID | str) -> ReadingFacts | None:
    """What a reading says while it stands in somebody's record; None otherwise. For jobs."""
    found = Reading.objects.prefetch_related("values").filter(uuid=uuid, status=ReadingStatus.KEPT).first()
    return ReadingFacts(found.measured_at, values_of(found)) if found else None


def kept_since(resident_ids: Sequence[int], since: datetime) -> list[Reading]:
    """What came into a person's record since a moment, newest first. The caller has seen him."""
    rows = kept_of(resident_ids).select_related("resident").filter(received_at__gte=since)
    return list(rows.order_by("-measured_at", "-id")[:20])
