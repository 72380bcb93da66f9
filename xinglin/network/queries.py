"""What may be read of the network, from an actor's point of view."""

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.network.models import Area, Consortium, Division, Facility, Membership
from xinglin.network.states import FINAL, Status
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.paging import Page, page_of

LEVELS_BELOW = 4  # county hospital, township hospital, clinic, service point
MOST_SUCCESSORS = 20
_WITHIN = """
WITH RECURSIVE below(id, depth) AS (
    SELECT %s::bigint, 0
    UNION
    SELECT f.id, b.depth + 1 FROM network_facility f JOIN below b ON f.manager_id = b.id OR f.host_id = b.id
    WHERE b.depth < %s
) SELECT f.id, f.closed_on, s.name FROM network_facility f LEFT JOIN network_facility s ON s.id = f.successor_id
WHERE f.id IN (SELECT id FROM below)
"""


def facility_ids_within(facility_id: int | None, with_subordinates: bool, division_code: str) -> frozenset[int]:
    """Ids of the facilities a grant reaches: one with all below it (managed, service points), or those of a region."""
    return frozenset(places_within(facility_id, with_subordinates, division_code))


def places_within(facility_id: int | None, with_subordinates: bool, division_code: str) -> dict[int, str | None]:
    """The same, each with `None`, or, if it was merged or closed, with the name of its successor or nothing.

    A merged unit keeps its own place: a grant there reaches its history and what is open there, not its successor.
    """
    if facility_id is None and not division_code:
        return {}
    if facility_id is None:
        inside = Facility.objects.filter(division__code__startswith=division_code)
        rows = list(inside.values_list("id", "closed_on", "successor__name"))
    else:
        with connection.cursor() as cursor:
            cursor.execute(_WITHIN, [facility_id, LEVELS_BELOW if with_subordinates else 0])
            rows = cursor.fetchall()
    return {pk: (heir or "") if closed_on else None for pk, closed_on, heir in rows}


def facilities_visible_to(actor: Actor) -> QuerySet[Facility]:
    """All facilities for staff; none for residents and the public."""
    return Facility.objects.all() if actor.may(Permission.NETWORK_VIEW) else Facility.objects.none()


def visible_facility(actor: Actor, uuid: UUID) -> Facility:
    """One facility with what its page names. :raises NotVisible: absent, or not for this actor"""
    found = (
        facilities_visible_to(actor)
        .select_related("division", "manager", "host", "successor")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise NotVisible("network.facility", uuid)
    return found


def matching(found: QuerySet[Facility], text: str) -> QuerySet[Facility]:
    """Facilities by part of the name, start of the pinyin initials, or start of the code."""
    text = text.strip().replace("\x00", "")[:40]
    if not text:
        return found
    condition = Q(name__contains=text) | Q(short_name__contains=text) | Q(code__istartswith=text)
    if text.isascii():
        condition |= Q(pinyin_initials__istartswith=text)
    return found.filter(condition)


def listed(
    actor: Actor, *, text: str = "", kind: str = "", tier: str = "", status: str = "", area: str = "",
    manager: UUID | None = None, cursor: str = "", size: int = 20,
) -> Page[Facility]:  # fmt: skip
    """One page of facilities by name, each with `n_managed`, the units below it that still exist."""
    found = matching(facilities_visible_to(actor), text)
    for name, value in (("kind", kind), ("tier", tier), ("status", status)):
        if value:
            found = found.filter(**{name: value})
    if area:
        found = found.filter(areas__code=area)
    if manager:
        found = found.filter(Q(manager__uuid=manager) | Q(host__uuid=manager))
    return page_of(with_counts(found), by=["name", "id"], cursor=cursor, size=size)


def with_counts(found: QuerySet[Facility]) -> QuerySet[Facility]:
    """Facilities with `n_managed` and what a row names."""
    alive = ~Q(managed__status__in=FINAL)
    return found.select_related("division", "manager", "host").annotate(n_managed=Count("managed", filter=alive))


def roots(actor: Actor, *, cursor: str = "", size: int = 40) -> Page[Facility]:
    """The upper levels of the tree: units of county and township tier that still exist, county first."""
    found = facilities_visible_to(actor).filter(tier__in=["COUNTY", "TOWNSHIP"]).exclude(status__in=FINAL)
    return page_of(with_counts(found), by=["tier", "name", "id"], cursor=cursor, size=size)


def children(facility: Facility, *, cursor: str = "", size: int = 40) -> Page[Facility]:
    """Units managed or hosted by a facility, ended ones too."""
    below = Facility.objects.filter(Q(manager=facility) | Q(host=facility))
    return page_of(with_counts(below), by=["name", "id"], cursor=cursor, size=size)


def final_successor(facility: Facility) -> Facility:
    """The unit that answers for a facility now: follows mergers to their end. A unit never merged is its own."""
    current = facility
    for _step in range(MOST_SUCCESSORS):
        if current.status != Status.MERGED or current.successor_id is None:
            return current
        current = Facility.objects.get(pk=current.successor_id)
    return current


def predecessors(facility: Facility) -> list[Facility]:
    """Units that were merged into this one, directly or by way of others, oldest merger first."""
    found: list[Facility] = []
    layer = [facility.pk]
    for _step in range(MOST_SUCCESSORS):
        rows = list(Facility.objects.filter(successor_id__in=layer).order_by("closed_on", "id")[:200])
        if not rows:
            break
        found += rows
        layer = [each.pk for each in rows]
    return found


def consortia(actor: Actor) -> QuerySet[Consortium]:
    """All consortia with the number of units they have today, for staff."""
    if not actor.may(Permission.NETWORK_VIEW):
        return Consortium.objects.none()
    return (
        Consortium.objects.select_related("division")
        .annotate(n_members=Count("memberships", filter=Q(memberships__valid_until__isnull=True)))
        .order_by("name", "id")
    )


def visible_consortium(actor: Actor, uuid: UUID) -> Consortium:
    """One consortium. :raises NotVisible: absent, or not for this actor"""
    return the_one(consortia(actor), uuid=uuid)


def members_on(consortium: Consortium, day: date) -> list[Membership]:
    """Memberships in force on a day, with their facilities, by role and name."""
    rows = Membership.objects.filter(consortium=consortium, valid_from__lte=day)
    rows = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
    return list(rows.select_related("facility", "facility__manager").order_by("role", "facility__name", "id"))


def areas(actor: Actor) -> QuerySet[Area]:
    """All areas with the number of their units, for staff."""
    if not actor.may(Permission.NETWORK_VIEW):
        return Area.objects.none()
    return Area.objects.annotate(n_units=Count("facilities")).order_by("code")


def visible_area(actor: Actor, uuid: UUID) -> Area:
    """One area. :raises NotVisible: absent, or not for this actor"""
    return the_one(areas(actor), uuid=uuid)


def divisions_under(actor: Actor, parent: str) -> QuerySet[Division]:
    """Divisions directly below a code (empty: the top ones), with whether anything lies below."""
    if not actor.may(Permission.NETWORK_VIEW):
        return Division.objects.none()
    below = Division.objects.filter(parent__code=parent) if parent else Division.objects.filter(parent__isnull=True)
    deeper = Division.objects.filter(parent=OuterRef("pk"))
    return below.annotate(has_children=Exists(deeper)).order_by("code")


def divisions_named(actor: Actor, text: str, limit: int = 12) -> list[Division]:
    """Divisions by part of the name or start of the code, for a search box."""
    text = text.strip().replace("\x00", "")[:40]
    if not text or not actor.may(Permission.NETWORK_VIEW):
        return []
    found = Division.objects.filter(Q(name__contains=text) | Q(code__startswith=text)).select_related("parent")
    return list(found.order_by("code")[:limit])


def facilities_named(actor: Actor, text: str, limit: int = 12) -> list[Facility]:
    """Facilities that still exist, for a search box."""
    if not text.strip():
        return []
    found = matching(facilities_visible_to(actor), text).exclude(status__in=FINAL).select_related("division")
    return list(found.order_by("tier", "name")[:limit])
