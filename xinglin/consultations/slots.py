"""The times at which an expert can be booked: his week, cut into slots, without those that are taken."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from xinglin.consultations.data import Slot
from xinglin.consultations.models import Availability, Booking, Expert

#: Slots are offered for so many days.
AHEAD = 14
#: A meeting outside the timetable lasts so many minutes.
ORDINARY_MINUTES = 30


def cut(rows: Iterable[Availability], *, since: date, days: int = AHEAD) -> list[tuple[datetime, datetime]]:
    """The slots of a timetable over some days, in order; a rest shorter than a slot is none."""
    found = []
    for day in (since + timedelta(days=n) for n in range(days)):
        for row in rows:
            if (
                row.weekday == day.weekday()
                and row.valid_from <= day
                and (not row.valid_until or day < row.valid_until)
            ):
                found += list(_of_day(day, row.begins, row.ends, row.slot_minutes))
    return sorted(found)


def _of_day(day: date, begins: time, ends: time, minutes: int) -> Iterator[tuple[datetime, datetime]]:
    start = timezone.make_aware(datetime.combine(day, begins))
    end = timezone.make_aware(datetime.combine(day, ends))
    while (until := start + timedelta(minutes=minutes)) <= end:
        yield start, until
        start = until


def slots_of(expert: Expert, *, at: datetime, days: int = AHEAD) -> list[Slot]:
    """Slots to come of an expert, each said to be free or taken. Two queries."""
    rows = list(timetable(expert).filter(station__isnull=True))
    taken = set(
        Booking.objects.filter(expert=expert, released_at__isnull=True, starts_at__gt=at).values_list(
            "starts_at", flat=True
        )
    )
    times = cut(rows, since=timezone.localdate(at), days=days)
    return [Slot(start, end, start not in taken) for start, end in times if start > at]


def timetable(expert: Expert, *, on: date | None = None) -> QuerySet[Availability]:
    """The rows of an expert's week, with stations; those in force on a day, if one is named."""
    rows = Availability.objects.select_related("station__facility").filter(expert=expert)
    if on is not None:
        rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on))
    return rows.order_by("weekday", "begins")


def length_of(expert: Expert, starts_at: datetime) -> int:
    """How long a meeting that begins then lasts, in minutes."""
    local = timezone.localtime(starts_at)
    rows = Availability.objects.filter(
        expert=expert, station__isnull=True, weekday=local.weekday(), begins__lte=local.time(), ends__gt=local.time()
    )
    return rows.values_list("slot_minutes", flat=True).first() or ORDINARY_MINUTES
