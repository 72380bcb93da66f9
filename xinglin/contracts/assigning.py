"""What may be read of residents and the teams that answer for them. Assigned is not signed: both are told apart."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from xinglin.accounts.data import Permission
from xinglin.contracts import queries, secrecy
from xinglin.contracts.models import Agreement, Assignment, Distribution, Team, TeamMember, TeamPlace
from xinglin.contracts.people import READER, in_key_group, in_one_group, is_signed
from xinglin.contracts.states import IN_FORCE, Status
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents


@dataclass(frozen=True, slots=True)
class Wish:
    """Which residents without a team are meant: of a facility, a village, a key group, with a long-term condition."""

    facility_id: int | None = None
    village: str = ""
    group: str = ""
    condition: str = ""


def standing_of(resident_ids: Iterable[int]) -> Assignment | None:
    """The assignment of a person that stands. One query. The caller has seen the person."""
    found = Assignment.objects.select_related("team__facility").filter(
        resident_id__in=list(resident_ids), ended_at__isnull=True
    )
    return found.first()


def standing_of_many(resident_ids: Iterable[int]) -> list[Assignment]:
    """Assignments of many that stand. One query."""
    found = Assignment.objects.select_related("team").filter(resident_id__in=list(resident_ids), ended_at__isnull=True)
    return list(found)


def history_of(resident_ids: Iterable[int]) -> list[Assignment]:
    """All assignments of a person, the newest first. The caller has seen the person."""
    found = Assignment.objects.select_related("team").filter(resident_id__in=list(resident_ids))
    return list(found.order_by("-assigned_at", "-id")[:50])


def given_before(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[Assignment]:
    """Assignments of a person begun before a moment, newest first; not those that came with an agreement. One query."""
    found = Assignment.objects.select_related("team__facility", "resident").filter(
        resident_id__in=list(resident_ids), assigned_at__lt=before
    )
    return list(found.exclude(way=Assignment.Way.SIGNED).order_by("-assigned_at", "-id")[:limit])


def of_team(team: UUID, *, field: str = "resident_id") -> Q:
    """A condition for the lists of others: a team answers for the resident of `field`, assigned to it or signed with it."""
    bound = Agreement.objects.filter(team__uuid=team, status__in=IN_FORCE)
    given = Assignment.objects.filter(team__uuid=team, ended_at__isnull=True)
    found = Q()
    for rows in (bound, given):
        found |= Q(**{f"{field}__in": rows.values("resident_id")})
        found |= Q(**{f"{field}__in": rows.exclude(resident__merged_into=None).values("resident__merged_into_id")})
    return found


def visible_assignment(actor: Actor, uuid: UUID) -> Assignment:
    """An assignment of a resident the actor sees. :raises NotVisible: out of scope or absent"""
    found = (
        Assignment.objects.select_related("resident__managed_by", "team__facility", "run")
        .filter(uuid=uuid, resident__in=residents.residents_visible_to(actor, Permission.CONTRACT_VIEW))
        .first()
    )
    if found is None:
        raise NotVisible("contracts.assignment", uuid)
    return found


def team_residents_page(actor: Actor, team: Team, *, signed: str = "", cursor: str = "") -> Page[Assignment]:
    """Residents a team answers for whom the actor sees, each with the end of his agreement; `signed` ``yes`` or ``no``."""
    own = Q(resident_id=OuterRef("resident_id")) | Q(resident__merged_into_id=OuterRef("resident_id"))
    bound = Agreement.objects.filter(own, status__in=IN_FORCE, team=team)
    found = Assignment.objects.select_related("resident__managed_by").filter(
        team=team, ended_at__isnull=True,
        resident__in=residents.residents_visible_to(actor, Permission.CONTRACT_VIEW),
    )  # fmt: skip
    if signed in ("yes", "no"):
        found = found.filter(Exists(bound) if signed == "yes" else ~Exists(bound))
    ends = Subquery(bound.order_by("starts_on").values("ends_on")[:1])
    agreement = Subquery(bound.order_by("starts_on").values("uuid")[:1])
    return page_of(found.annotate(signed_until=ends, agreement=agreement), by=("id",), cursor=cursor)


def loads_of(team_ids: Iterable[int]) -> dict[int, int]:
    """How many residents teams answer for, by id; who has none is not named. One query."""
    open_ = Assignment.objects.filter(team__in=list(team_ids), ended_at__isnull=True)
    return dict(open_.order_by().values_list("team_id").annotate(n=Count("id")))


# Residents without a team --------------------------------------------------------------------------------------------
def without_team(people: QuerySet[Any]) -> QuerySet[Any]:
    """Of these residents those on record whom no team has, neither assigned nor signed."""
    given = Assignment.objects.filter(resident_id=OuterRef("pk"), ended_at__isnull=True)
    return people.filter(~Exists(given), ~is_signed(*IN_FORCE), status="ACTIVE")


def wished(people: QuerySet[Any], wish: Wish, *, by: Actor, on: date) -> QuerySet[Any]:
    """Those of the residents that are meant. By a secret condition only where the actor may know of it."""
    if wish.facility_id is not None:
        people = people.filter(managed_by__in=network.facility_ids_within(wish.facility_id, True, ""))
    if wish.village:
        people = people.filter(division_code=wish.village)
    if wish.group:
        people = people.filter(in_key_group(on) if wish.group == "any" else in_one_group(wish.group, on))
    if wish.condition:
        people = people.filter(conditions__contains=[wish.condition])
    if wish.condition in residents.secret_conditions() or wish.group in secrecy.secret_groups():
        places = by.places_where(Permission.PROGRAMME_CONFIDENTIAL)
        people = people if places is None else people.filter(managed_by__in=places)
    return people


def unassigned_page(actor: Actor, wish: Wish, *, on: date, cursor: str = "", size: int = 50) -> Page[Any]:
    """Residents without a team who are managed where the actor signs; by registration."""
    found = wished(without_team(_signable(actor)), wish, by=actor, on=on).select_related("managed_by")
    return page_of(found, by=("id",), cursor=cursor, size=size)


def unassigned_of(actor: Actor, wish: Wish, *, on: date, limit: int) -> list[Any]:
    """The first of them, for a table."""
    found = wished(without_team(_signable(actor)), wish, by=actor, on=on).select_related("managed_by")
    return list(found.order_by("managed_by", "division_code", "id")[:limit])


def managed_where(places: frozenset[int] | None) -> QuerySet[Any]:
    """Residents managed at places, None: everywhere. For rules, which show nobody."""
    everybody = residents.residents_visible_to(READER)
    return everybody if places is None else everybody.filter(managed_by__in=places)


def chosen_residents(actor: Actor, uuids: Iterable[UUID]) -> list[Any]:
    """Residents managed where the actor signs, by uuid, in order of registration.

    :raises NotVisible: one of them is out of scope or absent
    """
    wanted = set(uuids)
    found = list(_signable(actor).filter(uuid__in=wanted).select_related("managed_by").order_by("id"))
    if missing := wanted - {each.uuid for each in found}:
        raise NotVisible("residents.resident", min(missing))
    return found


def by_number(actor: Actor, numbers: Iterable[str]) -> dict[str, Any]:
    """Residents managed where the actor signs, by record number. One query."""
    found = _signable(actor).filter(number__in=set(numbers)).exclude(status="MERGED")
    return {each.number: each for each in found}


def villages_of(actor: Actor) -> list[str]:
    """Codes of the villages of the residents without a team whom the actor sees."""
    found = without_team(_signable(actor)).order_by().values_list("division_code", flat=True).distinct()
    return sorted(found[:500])


def _signable(actor: Actor) -> QuerySet[Any]:
    places = actor.places_where(Permission.CONTRACT_SIGN)
    seen = residents.residents_visible_to(actor, Permission.CONTRACT_SIGN)
    return seen if places is None else seen.filter(managed_by__in=places)


# Areas ---------------------------------------------------------------------------------------------------------------
def area_of(team: Team, *, on: date) -> Q:
    """A condition on residents: managed by a facility the team serves, or living in a village it serves."""
    found = Q(pk__in=[])
    for facility_id, code in TeamPlace.objects.filter(queries.current(on), team=team).values_list(
        "facility_id", "division_code"
    ):
        found |= Q(managed_by=facility_id) if facility_id else Q(division_code__startswith=_stem(code))
    return found


def teams_serving(
    spots: Iterable[tuple[int, str]], teams: Iterable[Team], *, on: date
) -> dict[tuple[int, str], list[int]]:
    """Which of the teams serve each place and village. One query."""
    by_place: dict[int, list[int]] = defaultdict(list)
    stems: list[tuple[str, int]] = []
    places = TeamPlace.objects.filter(queries.current(on), team__in=[each.pk for each in teams])
    for team, facility_id, code in places.order_by("team_id").values_list("team_id", "facility_id", "division_code"):
        if facility_id:
            by_place[facility_id].append(team)
        else:
            stems.append((_stem(code), team))
    return {
        (place, village): sorted(
            {*by_place.get(place, ()), *(team for stem, team in stems if village.startswith(stem))}
        )
        for place, village in set(spots)
    }


def teams_at_work(actor: Actor, *, on: date) -> list[Team]:
    """Family-doctor teams at work that the actor sees, by name."""
    found = (
        queries.teams_visible_to(actor)
        .select_related("facility")
        .filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on), kind=Team.Kind.FAMILY, formed_on__lte=on)
    )
    return list(found.order_by("name", "id")[:1_000])


def teams_to_give_to(actor: Actor, *, on: date) -> list[Team]:
    """Of these the ones the actor may give residents to: he is in them, or manages teams at their home. Two queries."""
    places = actor.places_where(Permission.CONTRACT_MANAGE)
    mine = (
        TeamMember.objects.filter(queries.current(on), user_id=actor.user_id)
        if actor.user_id
        else TeamMember.objects.none()
    )
    own = set(mine.values_list("team_id", flat=True))
    return [
        each for each in teams_at_work(actor, on=on) if places is None or each.facility_id in places or each.pk in own
    ]


def code_of(team: Team) -> str:
    """A team as people write it into a table."""
    return f"D{team.pk:04d}"


def signed_with(resident_ids: Iterable[int]) -> dict[int, Agreement]:
    """Agreements in force by resident, the present one before the coming; one under a merged registration by both. One query."""
    ids = list(resident_ids)
    own = Q(resident_id__in=ids) | Q(resident__merged_into_id__in=ids)
    found = Agreement.objects.select_related("team", "resident").filter(own, status__in=IN_FORCE)
    rows = sorted(found, key=lambda each: (each.status == Status.ACTIVE, -each.pk))
    merged = {each.resident.merged_into_id: each for each in rows if each.resident.merged_into_id is not None}
    return merged | {each.resident_id: each for each in rows}


def runs_of(actor: Actor, *, limit: int = 10) -> list[Distribution]:
    """The latest distributions where the actor manages teams."""
    places = actor.places_where(Permission.CONTRACT_MANAGE)
    found = Distribution.objects.select_related("facility")
    return list((found if places is None else found.filter(facility__in=places))[:limit])


def _stem(code: str) -> str:
    """What the codes of villages inside an area begin with: twelve digits ending in 000 are a township's."""
    return code[:9] if len(code) == 12 and code.endswith("000") else code  # noqa: PLR2004
