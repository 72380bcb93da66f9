"""What may be read of contracts, from an actor's point of view. People are found through `residents.api` only."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.contracts.data import Rate, TeamOfResident
from xinglin.contracts.models import (
    Agreement,
    AgreementStatusChange,
    GroupEntry,
    Pairing,
    Promise,
    Rating,
    Team,
    TeamMember,
    TeamPlace,
)
from xinglin.contracts.people import in_key_group, is_signed
from xinglin.contracts.rules import packages, settled
from xinglin.contracts.states import IN_FORCE, RAN_OUT, Status
from xinglin.network import api as network
from xinglin.platform import clock, definitions
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import known_box, the_one
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents

#: Boxes of the list of agreements: in force, term near its end, with an overdue item, prepared, ended.
BOXES = ("active", "renewal", "overdue", "draft", "ended")


# Teams ---------------------------------------------------------------------------------------------------------------
def current(on: date) -> Q:
    """Rows with `since` and `until` that hold on a day."""
    return Q(since__lte=on) & (Q(until__isnull=True) | Q(until__gte=on))


def teams_visible_to(actor: Actor) -> QuerySet[Team]:
    """Teams at home at, or serving, a facility where the actor looks at contracts or manages teams."""
    places = actor.places_where_any(Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE)
    if places is None:
        return Team.objects.all()
    serves_ = TeamPlace.objects.filter(team=OuterRef("pk"), facility__in=places)
    return Team.objects.filter(Q(facility__in=places) | Q(Exists(serves_)))


def visible_team(actor: Actor, uuid: UUID) -> Team:
    """One team with its home. :raises NotVisible: it does not exist, or serves elsewhere"""
    return the_one(teams_visible_to(actor).select_related("facility"), uuid=uuid)


def teams_of_facility(facility_id: int, *, on: date, kind: str = Team.Kind.FAMILY, disease: str = "") -> list[Team]:
    """Teams that serve a facility on a day, those at home there first. Teams are no secret to who works there."""
    serving = TeamPlace.objects.filter(current(on), facility_id=facility_id).values("team")
    found = Team.objects.select_related("facility").filter(pk__in=serving, kind=kind, formed_on__lte=on)
    found = found.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on))
    found = found.filter(disease=disease) if disease else found
    return sorted(found, key=lambda each: (each.facility_id != facility_id, each.name, each.pk))


def serves(team: Team, facility_id: int, *, on: date) -> bool:
    """Whether a team serves a facility on a day."""
    return TeamPlace.objects.filter(current(on), team=team, facility_id=facility_id).exists()


def team_of_resident(resident_ids: Iterable[int]) -> TeamOfResident | None:
    """The team a person is signed with now. One query. The caller has seen the person."""
    found = (
        Agreement.objects.select_related("team", "team__facility")
        .filter(resident_id__in=list(resident_ids), status=Status.ACTIVE)
        .first()
    )
    if found is None:
        return None
    team = found.team
    return TeamOfResident(team.uuid, team.name, phone_of(team), team.facility_id, found.uuid, found.ends_on)


def phone_of(team: Team) -> str:
    """Where a team is called: its own telephone, else its home's."""
    return team.phone or team.facility.phone


def is_member(team_id: int, user_id: int | None, *, on: date) -> bool:
    """Whether an account is in a team on a day."""
    return user_id is not None and TeamMember.objects.filter(current(on), team_id=team_id, user_id=user_id).exists()


def visible_member(actor: Actor, uuid: UUID) -> TeamMember:
    """One member of a visible team. :raises NotVisible: out of scope or absent"""
    found = TeamMember.objects.select_related("team").filter(uuid=uuid, team__in=teams_visible_to(actor)).first()
    if found is None:
        raise NotVisible("contracts.teammember", uuid)
    return found


def visible_place(actor: Actor, uuid: UUID) -> TeamPlace:
    """One place of a visible team. :raises NotVisible: out of scope or absent"""
    found = TeamPlace.objects.select_related("team").filter(uuid=uuid, team__in=teams_visible_to(actor)).first()
    if found is None:
        raise NotVisible("contracts.teamplace", uuid)
    return found


def visible_pairing(actor: Actor, uuid: UUID) -> Pairing:
    """One pairing of a visible team. :raises NotVisible: out of scope or absent"""
    found = Pairing.objects.select_related("team").filter(uuid=uuid, team__in=teams_visible_to(actor)).first()
    if found is None:
        raise NotVisible("contracts.pairing", uuid)
    return found


def team_page(actor: Actor, *, kind: str, on: date, cursor: str = "") -> Page[Team]:
    """Teams that work, by name, each with how many residents are signed with it and how many members it has."""
    found = teams_visible_to(actor).select_related("facility").filter(kind=kind, ended_on__isnull=True)
    return page_of(found.annotate(**_sizes(on)).prefetch_related("members"), by=("name", "id"), cursor=cursor)


def _sizes(on: date) -> dict[str, Count]:
    member = Q(members__since__lte=on) & (Q(members__until__isnull=True) | Q(members__until__gte=on))
    return {
        "n_members": Count("members", filter=member, distinct=True),
        "n_signed": Count("agreements", filter=Q(agreements__status=Status.ACTIVE), distinct=True),
    }


# Agreements ----------------------------------------------------------------------------------------------------------
def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """Agreements of residents served where the actor looks at contracts, or of teams at home there."""
    places = actor.places_where(Permission.CONTRACT_VIEW)
    if places is None:
        return Agreement.objects.all()
    return Agreement.objects.filter(Q(facility__in=places) | Q(team__facility__in=places))


def bound_on(day: date) -> Q:
    """Agreements that bound on a day, whatever became of them since; one that ran out bound on its last day, too."""
    stood = Q(ended_on__isnull=True) | Q(end_reason__in=RAN_OUT) | Q(ended_on__gt=day)
    return Q(stood, signed_at__isnull=False, starts_on__lte=day, ends_on__gte=day)


def may_know(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor may be told with whom somebody is signed."""
    return agreements_visible_to(actor).filter(pk=agreement.pk).exists()


def visible_agreement(actor: Actor, uuid: UUID) -> Agreement:
    """One agreement; the resident sees his own. :raises NotVisible: out of scope or absent"""
    found = _whole().filter(uuid=uuid, pk__in=agreements_visible_to(actor).values("pk")).first()
    if found is None and actor.may(Permission.OWN_RECORD) and actor.self_uuid is not None:
        own = residents.own_resident(actor)
        found = _whole().filter(uuid=uuid, resident_id__in=residents.ids_of_person(own)).first()
    if found is None:
        raise NotVisible("contracts.agreement", uuid)
    return found


def visible_promise(actor: Actor, uuid: UUID) -> Promise:
    """One promised item of a visible agreement. :raises NotVisible: out of scope or absent"""
    promise = Promise.objects.filter(uuid=uuid).values_list("agreement__uuid", flat=True).first()
    if promise is None:
        raise NotVisible("contracts.promise", uuid)
    agreement = visible_agreement(actor, promise)
    return Promise.objects.select_related("agreement__resident", "agreement__team", "team").get(
        uuid=uuid, agreement=agreement
    )


def own_agreements(actor: Actor) -> list[Agreement]:
    """The actor's own agreements that bind or have bound, the present one first."""
    ids = residents.ids_of_person(residents.own_resident(actor))
    found = _whole().filter(resident_id__in=ids).exclude(status__in=[Status.DRAFT, Status.DISCARDED])
    order = {Status.ACTIVE: 0, Status.SIGNED: 1}
    return sorted(found, key=lambda each: (order.get(Status(each.status), 2), -each.starts_on.toordinal()))


def agreements_of(resident_ids: Iterable[int]) -> list[Agreement]:
    """Agreements of a person, the newest first. The caller has seen the person."""
    return list(_whole().filter(resident_id__in=list(resident_ids)).order_by("-starts_on", "-id")[:50])


def lost_agreement(resident: Any, reasons: tuple[str, ...], *, on: date) -> Agreement | None:
    """What last ended for these reasons and would still bind, of a person who has no agreement now. For jobs."""
    rows = Agreement.objects.filter(resident_id__in=residents.ids_of_person(resident))
    ended = rows.filter(status=Status.ENDED, end_reason__in=reasons, ends_on__gte=on)
    return None if rows.filter(status__in=IN_FORCE).exists() else ended.order_by("-status_changed_at", "-id").first()


def fresh(agreement: Agreement) -> Agreement:
    """The agreement as it stands now."""
    return _whole().get(pk=agreement.pk)


def _whole() -> QuerySet[Agreement]:
    return Agreement.objects.select_related(
        "resident__managed_by",
        "resident__household",
        "team__facility",
        "facility",
        "consent__signature",
        "scan",
        "renews",
    )


def agreement_page(
    actor: Actor, *, box: str, group: str = "", places: frozenset[int] | None = None, team: UUID | None = None, at: datetime,
    cursor: str = "",
) -> Page[Agreement]:  # fmt: skip
    """One page of a box, by the end of the term, or of key groups and teams in it; of a group only at `places`.

    :raises InvalidInput: there is no such box
    """
    known_box(BOXES, box)
    found = (
        agreements_visible_to(actor)
        .select_related("resident", "team", "facility")
        .filter(_in_box(box, clock.today(at)))
    )
    if group:
        found = found.filter(groups__contains=[group])
        if places is not None:
            found = found.filter(facility__in=places)
    if team is not None:
        found = found.filter(team__uuid=team)
    return page_of(
        found, by=("-status_changed_at", "-id") if box in ("draft", "ended") else ("ends_on", "id"), cursor=cursor
    )


def box_counts(actor: Actor, *, at: datetime) -> dict[str, int]:
    """How many agreements the boxes of work hold. One query."""
    today = clock.today(at)
    boxes = {box: Count("id", filter=_in_box(box, today)) for box in ("active", "renewal", "overdue", "draft")}
    standing = agreements_visible_to(actor).filter(status__in=[Status.ACTIVE, Status.SIGNED, Status.DRAFT])
    return standing.aggregate(**boxes)


def _in_box(box: str, today: date) -> Q:
    overdue = Promise.objects.filter(
        agreement=OuterRef("pk"), done_on__isnull=True, dropped_on__isnull=True, due_on__lt=today
    )
    coming = Agreement.objects.filter(renews=OuterRef("pk"), status=Status.SIGNED)
    last = today + timedelta(days=settled.renew_days())
    return {
        "active": Q(status__in=IN_FORCE),
        "renewal": Q(status=Status.ACTIVE, ends_on__lte=last) & ~Q(Exists(coming)),
        "overdue": Q(status=Status.ACTIVE) & Q(Exists(overdue)),
        "draft": Q(status=Status.DRAFT),
        "ended": Q(status__in=[Status.ENDED, Status.DISCARDED]),
    }[box]


def overdue_counts(agreements: Iterable[Agreement], *, on: date) -> dict[int, int]:
    """Overdue items of agreements, by id. One query."""
    open_ = Promise.objects.filter(
        agreement__in=[each.pk for each in agreements], done_on__isnull=True, dropped_on__isnull=True, due_on__lt=on
    )
    return dict(open_.values_list("agreement").annotate(n=Count("id")).order_by())


def changes_of(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[AgreementStatusChange]:
    """Steps of all agreements of a person before a moment, newest first. The caller has seen the person."""
    return list(
        AgreementStatusChange.objects.select_related("subject__team", "subject__facility")
        .filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
        .exclude(became__in=[Status.DRAFT, Status.DISCARDED])
        .order_by("-changed_at", "-id")[:limit]
    )


# Promises ------------------------------------------------------------------------------------------------------------
def items_by_code() -> dict[str, dict[str, packages.Item]]:
    """Items of all packages by slug and code, whatever the day they are in force."""
    found = (packages.parse(each) for each in definitions.load(packages.TOPIC))
    return {each.slug: {item.code: item for item in each.items} for each in found}


def item_of(promise: Promise) -> packages.Item | None:
    """What an item is; None when the county has since removed it."""
    return items_by_code().get(promise.package.partition("@")[0], {}).get(promise.item)


def item_title(promise: Promise) -> str:
    """An item in words."""
    item = item_of(promise)
    return item.title if item is not None else promise.item


def proofs_of(promise: Promise) -> frozenset[str]:
    """What may prove an item."""
    item = item_of(promise)
    return item.proofs if item is not None else frozenset({"manual"})


def promises_of(agreement: Agreement) -> list[Promise]:
    """Everything promised, in order of the days it is due, with who owes it and what was said of it."""
    return list(
        agreement.promises.select_related("team", "proof_file").prefetch_related("ratings").order_by("due_on", "id")
    )


def open_by_item(agreement: Agreement, proofs: frozenset[str]) -> dict[str, list[Promise]]:
    """Items still owed that these proofs would show, by item, the oldest first."""
    known, found = items_by_code(), defaultdict(list)
    owed = agreement.promises.filter(done_on__isnull=True, dropped_on__isnull=True).order_by("due_on", "id")
    for promise in owed:
        item = known.get(promise.package.partition("@")[0], {}).get(promise.item)
        if item is not None and item.proofs & proofs:
            promise.agreement = agreement
            found[promise.item].append(promise)
    return dict(found)


def is_place_of(agreement: Agreement, facility_id: int) -> bool:
    """Whether a facility is one from which the agreement's resident is served, or was merged into such a one."""
    if facility_id in (agreement.facility_id, agreement.team.facility_id):
        return True
    if TeamPlace.objects.filter(team=agreement.team_id, facility_id=facility_id, until__isnull=True).exists():
        return True
    successor = network.successor_of(facility_id)
    return successor != facility_id and is_place_of(agreement, successor)


def overdue_of(actor: Actor, *, on: date, limit: int) -> dict[Agreement, list[Promise]]:
    """Agreements with the items overdue in each, where the actor signs and serves: who waits longest first. Two queries."""
    places = actor.places_where(Permission.CONTRACT_SIGN)
    owed = Promise.objects.filter(
        done_on__isnull=True, dropped_on__isnull=True, due_on__lt=on, agreement__status=Status.ACTIVE
    )
    if places is not None:
        owed = owed.filter(agreement__facility__in=places)
    waiting = owed.order_by().values("agreement").annotate(oldest=Min("due_on")).order_by("oldest", "agreement")[:limit]
    found: dict[Agreement, list[Promise]] = {}
    named = owed.filter(agreement__in=[each["agreement"] for each in waiting])
    for each in named.select_related("agreement__resident", "agreement__facility", "team").order_by("due_on", "id"):
        found.setdefault(each.agreement, []).append(each)
    return found


def renewals_of(actor: Actor, *, on: date, limit: int) -> list[Agreement]:
    """Agreements near their end where the actor signs, the first to end first."""
    places = actor.places_where(Permission.CONTRACT_SIGN)
    found = Agreement.objects.select_related("resident", "team", "facility").filter(_in_box("renewal", on))
    if places is not None:
        found = found.filter(facility__in=places)
    return list(found.order_by("ends_on", "id")[:limit])


def fulfilment(promises: QuerySet[Promise], *, since: date, until: date) -> Rate:
    """Items done in time with proof, of those due in ``[since, until]``. One query."""
    due = promises.filter(due_on__gte=since, due_on__lte=until, dropped_on__isnull=True)
    in_time = Count("id", filter=Q(done_on__isnull=False, done_on__lte=F("due_on")))
    found = due.aggregate(of=Count("id"), n=in_time)
    return Rate(found["n"], found["of"])


def satisfaction(ratings: QuerySet[Rating]) -> Rate:
    """Content of those who answered. One query."""
    content = Count("id", filter=Q(score__gte=settled.terms()["satisfied_from"]))
    found = ratings.aggregate(of=Count("id"), n=content)
    return Rate(found["n"], found["of"])


# Groups --------------------------------------------------------------------------------------------------------------
def entries_of(resident_ids: Iterable[int]) -> list[GroupEntry]:
    """Entries of a person into key groups, the newest first. The caller has seen the person."""
    return list(GroupEntry.objects.filter(resident_id__in=list(resident_ids)).order_by("-since", "-id")[:50])


def unsigned_page(actor: Actor, *, on: date, cursor: str = "") -> Page[Any]:
    """People of the key groups on the rosters where the actor signs, who have no agreement; by registration."""
    people = residents.residents_visible_to(actor, Permission.CONTRACT_SIGN).filter(in_key_group(on), status="ACTIVE")
    return page_of(people.filter(~is_signed(*IN_FORCE)).select_related("managed_by"), by=("id",), cursor=cursor)


def clinic_of(actor: Actor, managing_id: int) -> int:
    """Where a resident is signed: where the actor works, if he signs there; else the facility that manages the resident.

    :raises NotPermitted: he signs at neither
    """
    if actor.place is not None and actor.may(Permission.CONTRACT_SIGN, at=actor.place):
        return actor.place
    actor.may(Permission.CONTRACT_SIGN, at=managing_id).require()
    return managing_id


def n_served_at(facility_id: int) -> int:
    """How many active agreements are served at a facility. Names nobody."""
    return Agreement.objects.filter(facility_id=facility_id, status=Status.ACTIVE).count()
