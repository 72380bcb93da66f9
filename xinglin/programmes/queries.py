"""What may be read of programmes, always from an actor's point of view."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.contracts import api as contracts
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import known_box
from xinglin.platform.paging import Page, page_of
from xinglin.programmes import secrecy
from xinglin.programmes.data import EndReason
from xinglin.programmes.models import (
    Alert,
    Attempt,
    Enrolment,
    EnrolmentStatusChange,
    ManagedResident,
    ProgrammeVisit,
    VisitResult,
)
from xinglin.programmes.settings import rule
from xinglin.programmes.states import ACTIVE, MANAGED, Status
from xinglin.residents import api as residents

#: Boxes of the day list: overdue and due today, due soon, whoever is lost, everybody.
BOXES = ("due", "soon", "lost", "all")
#: So many lines are read at one time by a job that looks at all.
PIECE = 500
#: Order of the day list: the most serious finding first, then whoever waits longest, then the worst grade.
BY_RISK = ("-severity", "next_due_on", "-grade_rank", "id")


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the day list; nothing said means all."""

    facility: int | None = None
    programme: str = ""
    team: UUID | None = None  # whose residents, assigned or signed


def visible_resident(actor: Actor, uuid: UUID, *, at: datetime, permission: str = Permission.PROGRAMME_VIEW) -> Any:
    """A resident on a roster of a facility where the actor holds the right. :raises NotVisible: out of scope or absent"""
    return residents.visible_resident(actor, uuid, at=at, permission=permission)


def enrolments_visible_to(actor: Actor) -> QuerySet[Enrolment]:
    """Enrolments of the residents on the actor's rosters, without those kept secret from him."""
    seen = residents.residents_visible_to(actor, Permission.PROGRAMME_VIEW)
    return secrecy.known_to(actor, Enrolment.objects.filter(resident__in=seen))


def programme_visits_visible_to(actor: Actor) -> QuerySet[ProgrammeVisit]:
    """Visits of the residents on the actor's rosters in programmes he may know of."""
    return ProgrammeVisit.objects.filter(results__enrolment__in=enrolments_visible_to(actor)).distinct()


def visible_enrolment(actor: Actor, uuid: UUID) -> Enrolment:
    """One enrolment with its resident. :raises NotVisible: out of scope or absent"""
    rows = Enrolment.objects.select_related("resident__managed_by", "facility")
    found = rows.filter(uuid=uuid, pk__in=enrolments_visible_to(actor).filter(uuid=uuid).values("pk")).first()
    if found is None:
        raise NotVisible("programmes.enrolment", uuid)
    return found


def visible_programme_visit(actor: Actor, uuid: UUID) -> ProgrammeVisit:
    """One programme visit with its results. :raises NotVisible: out of scope or absent"""
    seen = residents.residents_visible_to(actor, Permission.PROGRAMME_VIEW)
    rows = ProgrammeVisit.objects.select_related("resident__managed_by", "facility", "visit", "replaces")
    found = rows.prefetch_related("results__enrolment", "alerts").filter(uuid=uuid, resident__in=seen).first()
    if found is None or not secrecy.knows_visit(actor, found):
        raise NotVisible("programmes.programmevisit", uuid)
    return found


def visit_of_client(actor: Actor, client_id: UUID) -> ProgrammeVisit:
    """The visit that stands by now of what a device sent under its own name. :raises NotVisible: out of scope or absent"""
    found = ProgrammeVisit.objects.select_related("replaced_by").filter(client_id=client_id).first()
    while found is not None and (newer := getattr(found, "replaced_by", None)) is not None:
        found = newer
    return visible_programme_visit(actor, found.uuid if found else client_id)


def enrolments_of(resident: Any, *, active: bool = True) -> list[Enrolment]:
    """What a resident is in. The caller has seen the person."""
    rows = Enrolment.objects.select_related("facility").filter(resident=resident)
    return list((rows.filter(status__in=ACTIVE) if active else rows).order_by("programme", "-id"))


def looked_at(resident: Any) -> tuple[frozenset[str], dict[str, date]]:
    """Programmes somebody looks at a resident for, or decided against; and of those he was in and left, since when."""
    looked: set[str] = set()
    left: dict[str, date] = {}
    for each in enrolments_of(resident, active=False):
        if each.status in {*ACTIVE, Status.DISMISSED}:
            looked.add(each.programme)
        else:
            day = each.ended_on or timezone.localdate(each.status_changed_at)
            left[each.programme] = max(day, left.get(each.programme, day))
    return frozenset(looked), left


def programmes_managed(resident_ids: Sequence[int]) -> frozenset[str]:
    """Slugs of the programmes a person is in; candidates are not in. One query. The caller has seen him."""
    rows = Enrolment.objects.filter(resident_id__in=resident_ids, status__in=MANAGED)
    return frozenset(rows.values_list("programme", flat=True))


def enrolments_known_to(actor: Actor, resident: Any, *, active: bool = True) -> list[Enrolment]:
    """The same as far as the actor may know of it."""
    return [each for each in enrolments_of(resident, active=active) if secrecy.knows(actor, each)]


def managed_at(actor: Actor) -> QuerySet[ManagedResident]:
    """Lines of the facilities where the actor looks at programmes."""
    places = actor.places_where(Permission.PROGRAMME_VIEW)
    rows = ManagedResident.objects.all()
    return rows if places is None else rows.filter(facility_id__in=places)


def day_list(
    actor: Actor, *, box: str = "due", filters: Filters = Filters(), at: datetime, cursor: str = ""
) -> Page[ManagedResident]:
    """One page of the day list, the most urgent first. One query.

    :raises InvalidInput: there is no such box
    """
    known_box(BOXES, box)
    rows = _narrowed(actor, filters).filter(_in_box(box, clock.today(at)))
    return page_of(rows.select_related("resident", "facility"), by=BY_RISK, cursor=cursor)


def box_counts(actor: Actor, *, filters: Filters = Filters(), at: datetime) -> dict[str, int]:
    """How many residents each box holds. One query."""
    today = clock.today(at)
    counts = {box: Count("id", filter=_in_box(box, today)) for box in BOXES}
    return _narrowed(actor, filters).aggregate(**counts)


def _narrowed(actor: Actor, filters: Filters) -> QuerySet[ManagedResident]:
    """By place and programme; to ask for a secret programme tells nothing where the actor may not know of it."""
    rows = managed_at(actor)
    if filters.facility is not None:
        rows = rows.filter(facility_id=filters.facility)
    if filters.team is not None:
        rows = rows.filter(contracts.of_team(filters.team))
    if not filters.programme:
        return rows
    places = actor.places_where(Permission.PROGRAMME_CONFIDENTIAL)
    if filters.programme in secrecy.secrets() and places is not None:
        rows = rows.filter(facility_id__in=places)
    return rows.filter(programmes__contains=[filters.programme])


def _in_box(box: str, today: date) -> Q:
    soon = today + timedelta(days=rule("visits", "soon_days"))
    waits = Q(try_again_on__isnull=True) | Q(try_again_on__lte=today)
    return {
        "due": Q(is_lost=False) & (Q(urgent_reading_at__isnull=False) | Q(next_due_on__lte=today) & waits),
        "soon": Q(is_lost=False, next_due_on__gt=today, next_due_on__lte=soon),
        "lost": Q(is_lost=True),
        "all": Q(),
    }[box]


def due_now(actor: Actor, *, at: datetime, limit: int) -> list[ManagedResident]:
    """Residents to see today where the actor manages, the most urgent first."""
    places = actor.places_where(Permission.PROGRAMME_DO)
    rows = ManagedResident.objects.select_related("resident", "facility").filter(_in_box("due", clock.today(at)))
    if places is not None:
        rows = rows.filter(facility_id__in=places)
    return list(rows.order_by(*BY_RISK)[:limit])


def managed_line(resident: Any) -> ManagedResident | None:
    """The line of a resident. The caller has seen the person."""
    return ManagedResident.objects.filter(resident=resident).first()


def spoken_to(resident_id: int, *, at: datetime) -> QuerySet[Enrolment]:
    """What a visit of a moment speaks to: the enrolments managed or paused now; where there is none any more, those managed on its day."""
    mine = Enrolment.objects.filter(resident_id=resident_id)
    present = mine.filter(status__in=[*MANAGED, Status.PAUSED])
    if present.exists():
        return present
    day = clock.today(at)
    over = mine.filter(status__in=[Status.ENDED, Status.GRADUATED], enrolled_on__lte=day, ended_on__gte=day)
    return over.exclude(end_reason=EndReason.DUPLICATE)


def standing_visits(resident_ids: Iterable[int], *, limit: int = 12) -> list[ProgrammeVisit]:
    """The versions that stand of a person's programme visits, newest first, with results. Two queries."""
    rows = ProgrammeVisit.objects.filter(resident_id__in=list(resident_ids), replaced_by__isnull=True)
    results = Prefetch("results", VisitResult.objects.select_related("enrolment").order_by("id"))
    return list(
        rows.select_related("facility").prefetch_related(results).order_by("-happened_at", "-client_id")[:limit]
    )  # fmt: skip


def results_of(enrolment_ids: Sequence[int]) -> dict[int, list[VisitResult]]:
    """The results that stand, by enrolment, oldest first. One query."""
    found: dict[int, list[VisitResult]] = {each: [] for each in enrolment_ids}
    rows = VisitResult.objects.select_related("visit").filter(
        enrolment_id__in=enrolment_ids, visit__replaced_by__isnull=True
    )
    for result in rows.order_by("visit__happened_at", "visit__client_id"):
        found[result.enrolment_id].append(result)
    return found


def open_alerts(resident: Any) -> list[Alert]:
    """Alerts of a resident that nobody has answered, the worst first. The caller has seen the person."""
    rows = Alert.objects.select_related("enrolment", "visit__visit").filter(answered_at__isnull=True)
    return list(rows.filter(enrolment__resident=resident).order_by("-level", "raised_at"))


def visible_alert(actor: Actor, uuid: UUID) -> Alert:
    """One finding. :raises NotVisible: out of scope or absent"""
    rows = Alert.objects.select_related("enrolment__resident__managed_by", "enrolment__facility", "visit")
    found = rows.filter(uuid=uuid, enrolment__in=enrolments_visible_to(actor)).first()
    if found is None:
        raise NotVisible("programmes.alert", uuid)
    return found


def alerts_awaiting_referral(resident_ids: Iterable[int], *, before: datetime) -> list[Alert]:
    """Open alerts of a person that want a referral, of visits before a moment, however late they reached the server. For the job."""
    rows = Alert.objects.select_related("enrolment__resident").filter(
        answered_at__isnull=True, enrolment__resident_id__in=list(resident_ids), visit__happened_at__lte=before
    )
    return list(rows.exclude(channel="").order_by("id"))


def may_be_lost(resident_id: int) -> Decision:
    """Whether enough was tried on different days since the last visit."""
    n_days = tries_since_seen(resident_id).annotate(day=TruncDate("tried_at")).values("day").distinct().count()
    needed = rule("lost", "tries_on_different_days")
    if n_days >= needed:
        return ALLOWED
    return impossible(
        "too-few-tries", _("标记失访前应在%(needed)d个不同的日子联系，现有%(n)d天。") % {"needed": needed, "n": n_days}
    )


def alerts_of_referral(uuid: UUID) -> list[Alert]:
    """Findings that a referral has answered. For the job."""
    return list(Alert.objects.select_related("enrolment__resident").filter(referral_uuid=uuid).order_by("id"))


def tries_since_seen(resident_id: int) -> QuerySet[Attempt]:
    """Tries in vain after the latest visit that stands, under whichever registration: the only ones that count."""
    standing = VisitResult.objects.filter(enrolment__resident_id=resident_id, visit__replaced_by__isnull=True)
    seen_at = standing.aggregate(at=Max("visit__happened_at"))["at"]
    rows = Attempt.objects.filter(resident_id__in=list(residents.persons_of([resident_id])))
    return rows if seen_at is None else rows.filter(tried_at__gt=seen_at)


def attempts_of(resident: Any, *, limit: int = 6) -> list[Attempt]:
    """Tries in vain, newest first. The caller has seen the person."""
    return list(Attempt.objects.filter(resident=resident).order_by("-tried_at")[:limit])


def long_overdue(*, on: date) -> Iterator[int]:
    """Residents overdue for so long, and tried so often, that they may count as lost: all of them, a piece at a time. For the job."""
    day = on - timedelta(days=rule("lost", "overdue_days"))
    rows = ManagedResident.objects.filter(
        is_lost=False, next_due_on__lt=day, n_attempts__gte=rule("lost", "tries_on_different_days")
    )
    after = 0
    while piece := list(rows.filter(id__gt=after).order_by("id").values_list("id", "resident_id")[:PIECE]):
        yield from (resident_id for _id, resident_id in piece)
        after = piece[-1][0]


def steps_of(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[EnrolmentStatusChange]:
    """Steps of a person's enrolments before a moment, newest first. The caller has seen the person."""
    rows = EnrolmentStatusChange.objects.select_related("subject__facility")
    return list(
        rows.filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
        .exclude(became=Status.DISMISSED)
        .order_by("-changed_at", "-id")[:limit]
    )


def visits_before(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[ProgrammeVisit]:
    """Programme visits of a person that stand, before a moment, newest first. The caller has seen the person."""
    rows = ProgrammeVisit.objects.select_related("facility", "visit").prefetch_related("results__enrolment")
    return list(
        rows.filter(resident_id__in=list(resident_ids), replaced_by__isnull=True, happened_at__lt=before)
        .order_by("-happened_at", "-id")[:limit]
    )  # fmt: skip
