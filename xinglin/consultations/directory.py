"""Reading the directory: experts, their stations, and what was held there. No resident stands in it."""

from datetime import date
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet, Sum

from xinglin.accounts.data import Permission
from xinglin.consultations import permissions
from xinglin.consultations.models import Expert, Rating, Station, StationSession
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of


def experts_visible_to(actor: Actor) -> QuerySet[Expert]:
    """Everybody who asks, answers or organises sees the directory."""
    permissions.may_see_experts(actor).require()
    return Expert.objects.select_related("user", "managed_by").filter(ended_at__isnull=True)


def experts(actor: Actor, *, specialty: str = "", title: str = "", query: str = "", cursor: str = "") -> Page[Expert]:
    """One page of the directory, with how often each gave an opinion and how it was rated."""
    rows = experts_visible_to(actor)
    if specialty:
        rows = rows.filter(specialty=specialty)
    if title:
        rows = rows.filter(title=title)
    if query := query.replace("\x00", "").strip()[:40]:
        rows = rows.filter(
            Q(user__name__contains=query) | Q(field__contains=query) | Q(outside_hospital__contains=query)
        )
    return page_of(rows.prefetch_related("stations"), by=("specialty", "title", "id"), cursor=cursor)


def visible_expert(actor: Actor, uuid: UUID) -> Expert:
    """One expert. :raises NotVisible: there is none"""
    return the_one(experts_visible_to(actor), uuid=uuid)


def choices_for(actor: Actor, *, managed_by: int, specialty: str = "") -> list[Expert]:
    """Experts of a centre to invite, those of the specialty first: at most 100."""
    rows = list(experts_visible_to(actor).filter(managed_by=managed_by).order_by("specialty", "title", "id")[:100])
    return sorted(rows, key=lambda each: each.specialty != specialty)


def centres() -> list[int]:
    """Ids of the units that have experts to ask."""
    rows = Expert.objects.filter(ended_at__isnull=True).values_list("managed_by", flat=True)
    return list(rows.distinct().order_by("managed_by")[:200])


def ratings_of(expert: Expert) -> dict[str, float | int | None]:
    """How often an expert was rated by who asked, and how."""
    rows = Rating.objects.filter(expert=expert, side=Rating.Side.INVITER)
    return rows.aggregate(n=Count("id"), mean=Avg("score"))


def stations_of(expert: Expert) -> list[Station]:
    """The stations of an expert, newest agreement first."""
    return list(expert.stations.select_related("facility").order_by("-agreed_on", "-id"))


def visible_station(actor: Actor, uuid: UUID) -> Station:
    """One station whose expert's unit the actor's desk keeps. :raises NotVisible: out of scope or absent"""
    places = actor.places_where(Permission.CONSULTATION_DESK)
    rows = Station.objects.select_related("expert__user", "expert__managed_by", "facility").filter(uuid=uuid)
    if places is not None:
        rows = rows.filter(expert__managed_by__in=places)
    found = rows.first()
    if found is None:
        raise NotVisible("consultations.station", uuid)
    return found


def sessions_of(expert: Expert, *, limit: int = 20) -> list[StationSession]:
    """What was held lately at the stations of an expert."""
    rows = StationSession.objects.select_related("station__facility").filter(station__expert=expert)
    return list(rows.order_by("-held_on", "-id")[:limit])


def session_counts(*, since: date, until: date) -> list[dict[str, object]]:
    """Sessions and people by station and kind over ``[since, until)`` (WH-29, XC-17)."""
    rows = StationSession.objects.filter(held_on__gte=since, held_on__lt=until)
    grouped = rows.values("station", "station__name", "station__facility__name", "station__expert__user__name", "kind")
    counted = grouped.annotate(n=Count("id"), people=Sum("n_people")).order_by("station__name", "station", "kind")
    return [dict(row) for row in counted]


def is_open(station: Station, on: date) -> bool:
    """Whether the agreement of a station is in force on a day."""
    return station.agreed_on <= on < station.agreed_until
