"""What may be read of institutions, from an actor's point of view. People are found through `residents.api` only."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.institutions import rules
from xinglin.institutions.models import CareAgreement, Institution, Round, Seen, Stay
from xinglin.institutions.states import InstitutionStatus, RoundStatus, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import known_box, the_one
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents

#: Boxes of rounds: to do now, missed, done.
ROUND_BOXES = ("due", "missed", "done")
#: Who serves is reminded of a round so many days before its last day.
SOON_DAYS = 14


# Institutions --------------------------------------------------------------------------------------------------------
def institutions_visible_to(actor: Actor) -> QuerySet[Institution]:
    """Institutions kept where the actor looks at contracts, or served from there."""
    places = actor.places_where_any(Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE)
    if places is None:
        return Institution.objects.all()
    serves = CareAgreement.objects.filter(_at(places), institution=OuterRef("pk")).exclude(status=Status.DISCARDED)
    return Institution.objects.filter(Q(keeper__in=places) | Q(Exists(serves)))


def visible_institution(actor: Actor, uuid: UUID) -> Institution:
    """One institution with its keeper. :raises NotVisible: out of scope or absent"""
    return the_one(institutions_visible_to(actor).select_related("keeper"), uuid=uuid)


def institution_page(actor: Actor, *, kind: str = "", unsigned: bool = False, at: datetime, cursor: str = "") -> Page[Institution]:  # fmt: skip
    """Open institutions by name, each with how many live there, its agreements in force and its missed rounds."""
    found = institutions_visible_to(actor).select_related("keeper").filter(status=InstitutionStatus.OPEN)
    if kind:
        found = found.filter(kind=kind)
    active = CareAgreement.objects.filter(institution=OuterRef("pk"), status=Status.ACTIVE)
    if unsigned:
        found = found.filter(~Exists(active))
    missed = Q(agreements__rounds__status=RoundStatus.PLANNED, agreements__rounds__due_on__lt=clock.today(at))
    found = found.annotate(
        n_living=Count("stays", filter=Q(stays__until__isnull=True), distinct=True),
        n_active=Count("agreements", filter=Q(agreements__status=Status.ACTIVE), distinct=True),
        n_missed=Count("agreements__rounds", filter=missed & Q(agreements__status=Status.ACTIVE), distinct=True),
    )
    return page_of(found, by=("name", "id"), cursor=cursor)


def _at(places: Any) -> Q:
    return Q(facility__in=places) | Q(team__facility__in=places)


# Who lives there -----------------------------------------------------------------------------------------------------
def stays_of(actor: Actor, institution: Institution, *, on: date) -> tuple[list[Stay], int]:
    """Who lives there on a day, as far as the actor may see them, by room; and how many others do. Two queries."""
    living = institution.stays.filter(since__lte=on).filter(Q(until__isnull=True) | Q(until__gte=on))
    seen = residents.residents_visible_to(actor)
    known = list(
        living.select_related("resident__managed_by").filter(resident__in=seen.values("pk")).order_by("room", "id")
    )
    return known, living.count() - len(known)


def visible_stay(actor: Actor, uuid: UUID) -> Stay:
    """One stay in a visible institution, of a resident the actor sees. :raises NotVisible: out of scope or absent"""
    stay = Stay.objects.select_related("institution", "resident").filter(uuid=uuid).first()
    if stay is None or not institutions_visible_to(actor).filter(pk=stay.institution_id).exists():
        raise NotVisible("institutions.stay", uuid)
    if not residents.residents_visible_to(actor).filter(pk=stay.resident_id).exists():
        raise NotVisible("institutions.stay", uuid)
    return stay


# Agreements ----------------------------------------------------------------------------------------------------------
def agreements_visible_to(actor: Actor) -> QuerySet[CareAgreement]:
    """Agreements of the units where the actor looks at contracts, and of the institutions kept there."""
    places = actor.places_where_any(Permission.CONTRACT_VIEW, Permission.CONTRACT_MANAGE)
    rows = CareAgreement.objects.all()
    return rows if places is None else rows.filter(_at(places) | Q(institution__keeper__in=places))


def visible_agreement(actor: Actor, uuid: UUID) -> CareAgreement:
    """One agreement. :raises NotVisible: out of scope or absent"""
    return the_one(_whole(agreements_visible_to(actor)), uuid=uuid)


def agreements_of(institution: Institution) -> list[CareAgreement]:
    """Agreements with an institution, the newest first. The caller has seen it."""
    return list(_whole(institution.agreements.all()).order_by("-starts_on", "-id")[:50])


def _whole(rows: QuerySet[CareAgreement]) -> QuerySet[CareAgreement]:
    return rows.select_related("institution__keeper", "facility", "team__facility", "scan", "renews")


def renewals_of(actor: Actor, *, on: date, limit: int) -> list[CareAgreement]:
    """Agreements of the actor's units near their end that nobody has renewed, the first to end first."""
    places = actor.places_where(Permission.CONTRACT_SIGN)
    last = on + timedelta(days=max((each.renew_days for each in rules.packages(on)), default=30))
    rows = _whole(CareAgreement.objects.filter(status=Status.ACTIVE, ends_on__lte=last))
    rows = rows.exclude(renewals__status=Status.SIGNED)
    found = rows if places is None else rows.filter(_at(places))
    near = [
        each
        for each in found.order_by("ends_on", "id")[: 2 * limit]
        if each.ends_on - timedelta(days=rules.version(each.package).renew_days) <= on
    ]
    return near[:limit]


# Rounds --------------------------------------------------------------------------------------------------------------
def rounds_visible_to(actor: Actor) -> QuerySet[Round]:
    """Rounds of visible agreements."""
    return Round.objects.filter(agreement__in=agreements_visible_to(actor).values("pk"))


def visible_round(actor: Actor, uuid: UUID) -> Round:
    """One round with its agreement. :raises NotVisible: out of scope or absent"""
    return the_one(_with_agreement(rounds_visible_to(actor)), uuid=uuid)


def round_page(actor: Actor, *, box: str, at: datetime, cursor: str = "") -> Page[Round]:
    """A box of rounds, by the day due; those done by when somebody came. :raises InvalidInput: there is no such box"""
    known_box(ROUND_BOXES, box)
    rows = _with_agreement(rounds_visible_to(actor)).filter(_in_box(box, clock.today(at)))
    return page_of(rows, by=("-came_at", "-id") if box == "done" else ("due_on", "id"), cursor=cursor)


def box_counts(actor: Actor, *, at: datetime) -> dict[str, int]:
    """How many rounds wait, and how many were missed. One query."""
    today = clock.today(at)
    boxes = {box: Count("id", filter=_in_box(box, today)) for box in ("due", "missed")}
    return rounds_visible_to(actor).filter(status=RoundStatus.PLANNED).aggregate(**boxes)


def _in_box(box: str, today: date) -> Q:
    owed = Q(status=RoundStatus.PLANNED, agreement__status=Status.ACTIVE)
    return {
        "due": owed & Q(opens_on__lte=today, due_on__gte=today),
        "missed": owed & Q(due_on__lt=today),
        "done": Q(status=RoundStatus.DONE),
    }[box]


def _with_agreement(rows: QuerySet[Round]) -> QuerySet[Round]:
    return rows.select_related(
        "agreement__institution__keeper", "agreement__facility", "agreement__team__facility", "scan"
    )


def rounds_to_do(actor: Actor, *, on: date, limit: int) -> list[Round]:
    """Rounds that are due soon or missed where the actor signs and serves, the oldest first."""
    places = actor.places_where(Permission.CONTRACT_SIGN)
    rows = _with_agreement(Round.objects.filter(_in_box("due", on) | _in_box("missed", on)))
    rows = rows.filter(due_on__lte=on + timedelta(days=SOON_DAYS))
    if places is not None:
        rows = rows.filter(Q(agreement__facility__in=places) | Q(agreement__team__facility__in=places))
    return list(rows.order_by("due_on", "id")[:limit])


def rounds_of(agreement: CareAgreement) -> list[tuple[Round, int]]:
    """The whole plan of an agreement with how many were seen at each, by the day due. The caller has seen it."""
    return [(each, each.n_seen) for each in agreement.rounds.annotate(n_seen=Count("seen")).order_by("due_on", "id")]


def seen_at(actor: Actor, found: Round) -> tuple[list[Seen], int]:
    """Whom a round saw, as far as the actor may see them; and how many others there are."""
    rows = found.seen.select_related("resident__managed_by", "visit", "stay").order_by("id")
    visible = set(
        residents.residents_visible_to(actor)
        .filter(pk__in=[each.resident_id for each in rows])
        .values_list("pk", flat=True)
    )
    known = [each for each in rows if each.resident_id in visible]
    return known, len(rows) - len(known)


def item_titles(package: str) -> dict[str, str]:
    """Items of a package in words, by code."""
    try:
        return {each.code: each.title for each in rules.version(package).items}
    except LookupError:
        return {}


def item_of(found: Round) -> rules.Item | None:
    """What a round is; None when the county has since removed it."""
    try:
        items = rules.version(found.agreement.package).items
    except LookupError:
        return None
    return next((each for each in items if each.code == found.item), None)


def places_of(agreement: CareAgreement) -> frozenset[int]:
    """From where an agreement is served."""
    return frozenset({agreement.facility_id, *([agreement.team.facility_id] if agreement.team else [])})
