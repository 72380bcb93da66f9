"""What may be read of how a centre is run, always from an actor's point of view."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.centres.models import Assignment, Roster, SecondReading, Shift, TeachingCase, TeachingFile
from xinglin.centres.states import AssignmentStatus, SecondStatus
from xinglin.diagnostics.api import Look, Request, RequestStatus, centres_managed_by, centres_read_by
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one
from xinglin.platform.models import AuditRecord
from xinglin.platform.paging import Page, page_of

AT_ONCE = 100


def centres_of(actor: Actor) -> list[Any]:
    """Centres the actor reads for or answers for, by name."""
    rows = {each.pk: each for each in [*centres_read_by(actor), *centres_managed_by(actor)]}
    return sorted(rows.values(), key=lambda each: (each.name, each.pk))


def visible_centre(actor: Actor, uuid: UUID | str) -> Any:
    """One of them. :raises NotVisible: the actor has nothing to do with it"""
    found = next((each for each in centres_of(actor) if str(each.uuid) == str(uuid)), None)
    if found is None:
        raise NotVisible("diagnostics.centre", uuid)
    return found


def roster_of(centre: Any) -> Roster | None:
    """The roster of a centre, or None where it never kept one."""
    return Roster.objects.filter(centre=centre).first()


def shifts_between(centre: Any, since: date, until: date) -> list[Shift]:
    """Shifts that stand and begin on the days of ``[since, until)``, in their order: at most 1,000."""
    return list(
        centre.shifts.filter(
            starts_at__gte=clock.start_of(since), starts_at__lt=clock.start_of(until), withdrawn_at__isnull=True
        ).order_by("starts_at", "reader_name", "id")[:1_000]
    )  # fmt: skip


def rosters_that(wish: str) -> list[Roster]:
    """Rosters of active centres whose head asked for it (`draws_seconds`, `goes_on`); for the job."""
    return list(Roster.objects.select_related("centre").filter(centre__is_active=True, **{wish: True}).order_by("pk"))


def weeks_to_copy(centre: Any, *, today: date, n: int = 4) -> list[date]:
    """Mondays of the next `n` weeks for which nobody ever entered a shift. A week somebody emptied stays empty."""
    first = monday_of(today)
    weeks = [first + timedelta(days=7 * k) for k in range(1, n + 1)]
    return [
        week
        for week in weeks
        if not centre.shifts.filter(
            starts_at__gte=clock.start_of(week), starts_at__lt=clock.start_of(week + timedelta(days=7))
        ).exists()
    ]


def visible_shift(actor: Actor, uuid: UUID) -> Shift:
    """One shift of such a centre. :raises NotVisible: out of the actor's scope"""
    found = Shift.objects.select_related("centre").filter(uuid=uuid, centre__in=centres_of(actor)).first()
    if found is None:
        raise NotVisible("centres.shift", uuid)
    return found


def assignments_to_end(*, at: datetime) -> list[Assignment]:
    """Suggestions whose request no longer waits, or whose time is over; for the job."""
    waiting = Q(request__status__in=(RequestStatus.REQUESTED, RequestStatus.PERFORMED), step="READ") | Q(
        request__status=RequestStatus.PRELIMINARY, step="REVIEW"
    )
    found = Assignment.objects.select_related("request").filter(status=AssignmentStatus.ASSIGNED)
    return list(found.filter(~waiting | Q(until__lte=at)).order_by("until", "id")[:AT_ONCE])


def requests_to_assign() -> list[Request]:
    """Requests that wait at a centre with a roster and were suggested to nobody, the most urgent first; for the job."""
    waiting = Q(status__in=(RequestStatus.REQUESTED, RequestStatus.PERFORMED)) | Q(
        status=RequestStatus.PRELIMINARY, centre__two_step=True
    )
    found = Request.objects.select_related("centre").filter(waiting, centre__roster__is_on=True)
    standing = Assignment.objects.filter(
        Q(status=AssignmentStatus.ASSIGNED) | Q(status=AssignmentStatus.LAPSED), request__in=found
    )
    free = found.exclude(pk__in=standing.values("request"))
    return list(free.order_by("priority_rank", "requested_at", "id")[:AT_ONCE])


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


# Second readings -----------------------------------------------------------------------------------------------------
def seconds_visible_to(actor: Actor) -> QuerySet[SecondReading]:
    """Those given to the actor, and those of the centres he answers for."""
    rows = SecondReading.objects.select_related("request__centre", "request__from_facility", "request__resident")
    mine = Q(reader_id=actor.user_id or 0, request__centre__in=centres_read_by(actor))
    return rows.filter(mine | Q(request__centre__in=centres_managed_by(actor)))


def visible_second(actor: Actor, uuid: UUID) -> SecondReading:
    """One of them. :raises NotVisible: given to another, at a centre the actor does not answer for"""
    return the_one(seconds_visible_to(actor), uuid=uuid)


def my_seconds(actor: Actor) -> list[SecondReading]:
    """What the actor still has to read a second time, the oldest first: at most 100."""
    found = seconds_visible_to(actor).filter(reader_id=actor.user_id or 0).exclude(status=SecondStatus.COMPARED)
    return list(found.order_by("drawn_at", "id")[:AT_ONCE])


def all_seconds(actor: Actor, *, cursor: str = "") -> Page[SecondReading]:
    """Every second reading the actor may see, newest first."""
    return page_of(seconds_visible_to(actor), by=("-drawn_at", "-id"), cursor=cursor)


def has_seen(actor: Actor, request: Any) -> bool:
    """Whether the actor ever opened a request or its print, by the audit trail."""
    looks = AuditRecord.objects.filter(subject_uuid=request.resident.uuid, actor_id=actor.user_id)
    return looks.filter(event__in=(Look.REQUEST, Look.REPORT), object_key=str(request.uuid)).exists()


# Teaching cases ------------------------------------------------------------------------------------------------------
def cases_visible_to(actor: Actor) -> QuerySet[TeachingCase]:
    """Cases that stand, for all who see requests anywhere: they name nobody."""
    if not actor.may(Permission.REQUEST_VIEW):
        return TeachingCase.objects.none()
    return TeachingCase.objects.filter(withdrawn_at__isnull=True)


def visible_case(actor: Actor, uuid: UUID) -> TeachingCase:
    """One of them. :raises NotVisible: withdrawn, or not for the actor"""
    return the_one(cases_visible_to(actor), uuid=uuid)


def cases_found(actor: Actor, *, text: str = "", kind: str = "", cursor: str = "") -> Page[TeachingCase]:
    """Cases with a text in title or points, of a kind if one is named, newest first."""
    found = cases_visible_to(actor)
    if text := text.replace("\x00", "").strip():
        found = found.filter(Q(title__icontains=text) | Q(points__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    return page_of(found, by=("-made_at", "-id"), cursor=cursor)


def case_kinds(actor: Actor) -> list[str]:
    """Kinds of which there are cases."""
    return list(cases_visible_to(actor).order_by("kind").values_list("kind", flat=True).distinct())


def file_of_case(case: TeachingCase, number: int) -> TeachingFile:
    """One file of a visible case. :raises NotVisible: there is none of that number"""
    return the_one(case.files.select_related("file"), number=number)
