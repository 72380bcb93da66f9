"""What may be read of check-ups, always from an actor's point of view."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from xinglin.accounts.data import Permission
from xinglin.checkups import rules
from xinglin.checkups.data import DayFigures, PlanStep
from xinglin.checkups.models import (
    Checkup,
    CheckupReport,
    CheckupStatusChange,
    CheckupValue,
    Session,
    StationVisit,
    Terminal,
)
from xinglin.checkups.states import StationStatus, Status
from xinglin.diagnostics import api as diagnostics
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import known_box, the_one
from xinglin.platform.paging import Page, page_of
from xinglin.programmes import api as programmes
from xinglin.residents import api as residents

#: Reads what the centres were asked, for somebody who sees the person.
READER = system_actor("体检结果")
#: Boxes of the list.
BOXES = ("today", "unfinished", "open", "done")
SEEING = (Permission.CHECKUP_VIEW, Permission.CHECKUP_BOOK)


def checkups_here(actor: Actor) -> QuerySet[Checkup]:
    """Check-ups at the facilities where the actor books or sees them."""
    places = actor.places_where_any(*SEEING)
    rows = Checkup.objects.select_related("resident", "facility", "session")
    return rows if places is None else rows.filter(facility_id__in=places)


def checkups_visible_to(actor: Actor) -> QuerySet[Checkup]:
    """The same, and those of residents on the actor's rosters, wherever they were examined; a resident's own."""
    places = actor.places_where_any(*SEEING)
    rows = Checkup.objects.select_related("resident", "facility", "session")
    if places is None:
        return rows
    seen = Q(facility_id__in=places)
    if Permission.CHECKUP_VIEW in actor.permissions:
        seen |= Q(resident__in=residents.residents_visible_to(actor, Permission.CHECKUP_VIEW))
    if actor.self_uuid is not None and Permission.OWN_RECORD in actor.permissions:
        seen |= Q(resident_id__in=residents.ids_of_person(residents.own_resident(actor)))
    return rows.filter(seen)


def visible_checkup(actor: Actor, uuid: UUID) -> Checkup:
    """One check-up. :raises NotVisible: out of scope or absent"""
    return the_one(checkups_visible_to(actor), uuid=uuid)


def checkup_list(actor: Actor, *, box: str, on: date, cursor: str = "") -> Page[Checkup]:
    """One page of a box: today's with who came back today, what was left unfinished, all that are open, and what has ended, newest
    first.

    :raises InvalidInput: there is no such box
    """
    known_box(BOXES, box)
    rows = checkups_here(actor)
    if box == "today":
        back = StationVisit.objects.filter(_queued(on), checkup=OuterRef("pk"))
        today = rows.filter(Q(session__held_on=on) | Exists(back))
        return page_of(today, by=("session__half", "id"), cursor=cursor)
    if box == "unfinished":
        left = unfinished_here(actor, on=on).prefetch_related("stations")
        return page_of(left, by=("session__held_on", "id"), cursor=cursor)
    if box == "open":
        open_now = rows.filter(status__in=[Status.BOOKED, Status.ARRIVED, Status.EXAMINED])
        return page_of(open_now, by=("session__held_on", "id"), cursor=cursor)
    return page_of(
        rows.filter(status__in=[Status.REPORTED, Status.CANCELLED, Status.MISSED]), by=("-id",), cursor=cursor
    )


def sessions_of(facility_ids: Iterable[int], *, since: date, limit: int = 60) -> list[Session]:
    """Sessions from a day on. How full they are is no secret."""
    rows = Session.objects.select_related("facility").filter(facility_id__in=list(facility_ids), held_on__gte=since)
    return list(rows.order_by("held_on", "half", "facility__name")[:limit])


def sessions_for(actor: Actor, *, since: date) -> list[Session]:
    """Sessions of the facilities where the actor books."""
    places = actor.places_where(Permission.CHECKUP_BOOK)
    rows = Session.objects.select_related("facility").filter(held_on__gte=since)
    rows = rows if places is None else rows.filter(facility_id__in=places)
    return list(rows.order_by("held_on", "half", "facility__name")[:60])


def session_to_book(actor: Actor, uuid: UUID) -> Session:
    """A session where the actor books. :raises NotVisible: none, or another facility's"""
    places = actor.places_where(Permission.CHECKUP_BOOK)
    found = Session.objects.select_related("facility").filter(uuid=uuid).first()
    if found is None or (places is not None and found.facility_id not in places):
        raise NotVisible("checkups.session", uuid)
    return found


def queue_of(actor: Actor, station: str, *, on: date) -> list[StationVisit]:
    """Who waits at a station today, in the order they are called; who was skipped comes after who came later. Where a laboratory
    measures, those of former days follow: their results are not here yet.
    """
    places, today = actor.places_where(Permission.CHECKUP_EXAMINE), _queued(on)
    rows = StationVisit.objects.select_related("checkup__resident", "checkup__facility", "checkup__session")
    rows = rows.filter(station=station, status=StationStatus.WAITING, checkup__status=Status.ARRIVED)
    rows = rows if places is None else rows.filter(checkup__facility_id__in=places)
    rows = rows if station in _of_laboratory(on) else rows.filter(today)
    return list(rows.order_by(Case(When(today, then=0), default=1), "queued_at", "id")[:200])


def queue_counts(actor: Actor, *, on: date) -> dict[str, int]:
    """How many wait at each station today, and for a laboratory. One query."""
    places = actor.places_where(Permission.CHECKUP_EXAMINE)
    rows = StationVisit.objects.filter(status=StationStatus.WAITING, checkup__status=Status.ARRIVED)
    rows = rows if places is None else rows.filter(checkup__facility_id__in=places)
    rows = rows.filter(_queued(on) | Q(station__in=_of_laboratory(on)))
    return dict(rows.values_list("station").annotate(n=Count("id")))


def _queued(on: date) -> Q:
    """Visits that joined a queue on a day: on arrival, or when the resident came back for what was left."""
    return Q(queued_at__gte=clock.start_of(on), queued_at__lt=clock.end_of(on))


def _of_laboratory(on: date) -> list[str]:
    """Stations whose results come from a laboratory, on another day perhaps."""
    return [code for code, each in rules.stations(on).items() if any(rules.analyte_of(item) for item in each.items)]


def is_here(checkup: Checkup, *, on: date) -> bool:
    """Whether the resident came, or came back, on a day. The caller has seen it."""
    return checkup.stations.filter(_queued(on)).exists()


def waits_today(checkup: Checkup, *, on: date) -> bool:
    """Whether he stands in a queue of a day. The caller has seen it."""
    return checkup.stations.filter(_queued(on), status=StationStatus.WAITING).exists()


def unfinished_here(actor: Actor, *, on: date) -> QuerySet[Checkup]:
    """Check-ups that were left on a former day before every station was done, and not taken up again today. Where only the
    answer of the county's laboratory is awaited, nobody has left.
    """
    waiting = StationVisit.objects.filter(checkup=OuterRef("pk"), status=StationStatus.WAITING)
    awaited = Q(station__in=_of_laboratory(on), checkup__laboratory__isnull=False)
    return checkups_here(actor).filter(
        ~Exists(waiting.filter(_queued(on))), Exists(waiting.exclude(awaited)), status=Status.ARRIVED
    )


def visible_station(actor: Actor, uuid: UUID) -> StationVisit:
    """One station of a check-up at the actor's facilities. :raises NotVisible: out of scope or absent"""
    rows = StationVisit.objects.select_related("checkup__resident", "checkup__facility", "checkup__session")
    found = rows.filter(uuid=uuid, checkup__in=checkups_here(actor)).first()
    if found is None:
        raise NotVisible("checkups.stationvisit", uuid)
    return found


def stations_of(checkup: Checkup) -> list[StationVisit]:
    """Its stations in order. The caller has seen it."""
    return list(checkup.stations.order_by("position"))


def values_of(checkup: Checkup) -> dict[str, str]:
    """What was found so far, as kept. The caller has seen it."""
    return dict(checkup.values.order_by("id").values_list("item", "text"))


def ecg_request_of(checkup: Checkup) -> Any:
    """The ECG that the county's centre is asked to read for a check-up: the newest asked for since the resident came, as a
    summary; None where there is none, or it was sent back or cancelled. The caller has seen the person.
    """
    if checkup.arrived_at is None:
        return None
    asked = diagnostics.requests_visible_to(READER).filter(
        resident_id__in=residents.ids_of_person(checkup.resident), kind="ECG", requested_at__gte=checkup.arrived_at
    )
    found = asked.exclude(status__in=["REJECTED", "CANCELLED"]).order_by("-requested_at").first()
    return diagnostics.request_summary(found) if found is not None else None


def report_of(checkup: Checkup) -> CheckupReport | None:
    """The report that stands. The caller has seen the check-up."""
    return checkup.reports.filter(withdrawn_at__isnull=True).first()


def proposed_plan(checkup: Checkup, *, on: date) -> list[PlanStep]:
    """What comes next by what was found, proposed to who signs. The caller may see the values."""
    found = rules.findings(values_of(checkup), checkup.resident.sex)
    return rules.plan(found, on, managed=programmes.programmes_managed(residents.ids_of_person(checkup.resident)))


def past_reports(resident_ids: Sequence[int], *, before: Checkup | None = None, limit: int = 6) -> list[CheckupReport]:
    """Standing reports of a person, newest first. The caller has seen him."""
    rows = CheckupReport.objects.select_related("checkup__facility", "checkup__resident", "checkup__session").filter(
        checkup__resident_id__in=resident_ids, withdrawn_at__isnull=True
    )
    if before is not None:
        rows = rows.filter(checkup__arrived_at__lt=before.arrived_at or before.booked_at)
    return list(rows.order_by("-checkup__arrived_at", "-id")[:limit])


def open_checkup_of(resident_ids: Sequence[int]) -> Checkup | None:
    """The check-up that is booked or under way. The caller has seen the person."""
    rows = Checkup.objects.select_related("facility", "session", "resident")
    return rows.filter(
        resident_id__in=resident_ids, status__in=[Status.BOOKED, Status.ARRIVED, Status.EXAMINED]
    ).first()


def counted_this_year(resident_ids: Sequence[int], year: int) -> set[str]:
    """Packages a person has had, or has booked, in a year."""
    rows = Checkup.objects.filter(resident_id__in=resident_ids, year=year)
    return set(rows.exclude(status__in=[Status.CANCELLED, Status.MISSED]).values_list("package", flat=True))


def waiting_reports(actor: Actor, *, limit: int) -> list[Checkup]:
    """Check-ups that wait for a doctor to sign."""
    places = actor.places_where(Permission.CHECKUP_REPORT)
    rows = Checkup.objects.select_related("resident", "facility", "session").filter(status=Status.EXAMINED)
    rows = rows if places is None else rows.filter(facility_id__in=places)
    return list(rows.order_by("status_changed_at", "id")[:limit])


def day_figures(actor: Actor, on: date) -> DayFigures:
    """A day of the actor's facilities. None is "no data"."""
    rows = checkups_here(actor).filter(session__held_on=on)
    by_status = dict(rows.order_by().values_list("status").annotate(n=Count("id")))
    booked = sum(by_status.values())
    arrived = sum(by_status.get(each, 0) for each in (Status.ARRIVED, Status.EXAMINED, Status.REPORTED))
    reported = by_status.get(Status.REPORTED, 0)
    reports = CheckupReport.objects.filter(checkup__in=rows, withdrawn_at__isnull=True)
    abnormal = sum(
        any(each["level"] in ("abnormal", "urgent") for each in found)
        for found in reports.values_list("findings", flat=True)
    )
    places, held = actor.places_where_any(*SEEING), Session.objects.filter(held_on=on)
    if places is not None:
        held = held.filter(Q(facility_id__in=places) | Q(pk__in=rows.values("session_id")))
    capacity = sum(held.values_list("capacity", flat=True))
    stations: dict[str, list[int]] = {}
    order = {StationStatus.DONE: 0, StationStatus.NOT_DONE: 1, StationStatus.WAITING: 2}
    visits = StationVisit.objects.filter(checkup__in=rows.exclude(status=Status.CANCELLED))
    counted = visits.order_by().values_list("station", "status").annotate(n=Count("id"))
    for station, status, n in counted:
        stations.setdefault(station, [0, 0, 0])[order[StationStatus(status)]] = n
    return DayFigures(
        booked=booked or None, arrived=arrived if booked else None, reported=reported if arrived else None,
        missed=by_status.get(Status.MISSED, 0) if booked else None,
        cancelled=by_status.get(Status.CANCELLED, 0) if booked else None, abnormal=abnormal if reported else None,
        capacity=capacity or None, stations={code: (n[0], n[1], n[2]) for code, n in stations.items()},
    )  # fmt: skip


def changes_of(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[CheckupStatusChange]:
    """Steps of the check-ups of a person before a moment, newest first. The caller has seen him."""
    return list(
        CheckupStatusChange.objects.select_related("subject__facility")
        .filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
        .order_by("-changed_at", "-id")[:limit]
    )


def measured(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[CheckupValue]:
    """Figures measured at check-ups, newest first; those of a laboratory are told by the laboratory."""
    rows = CheckupValue.objects.select_related("checkup__facility").filter(
        checkup__resident_id__in=resident_ids, loinc__in=codes, number__isnull=False, source="", found_at__gte=since
    )
    return list(rows.order_by("-found_at", "-id")[:limit])


def checkup_under_way(actor: Actor, number: str) -> Checkup | None:
    """The check-up that is under way at the actor's facilities, by its number or the resident's."""
    places = actor.places_where(Permission.CHECKUP_EXAMINE)
    rows = Checkup.objects.select_related("resident", "facility", "session").filter(
        Q(number=number) | Q(resident__number=number), status__in=[Status.ARRIVED, Status.EXAMINED]
    )
    rows = rows if places is None else rows.filter(facility_id__in=places)
    return rows.first()


def terminals_of(actor: Actor) -> list[Terminal]:
    """Terminals in use of the facilities where the actor manages check-ups."""
    places = actor.places_where(Permission.CHECKUP_MANAGE)
    rows = Terminal.objects.select_related("facility").filter(ended_at__isnull=True)
    return list((rows if places is None else rows.filter(facility_id__in=places)).order_by("facility__name", "id"))
