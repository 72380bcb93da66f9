"""What may be read of follow-up, always from an actor's point of view."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.followups.models import Call, DischargePlan, FollowUpStatusChange, FollowUpTask
from xinglin.followups.purposes import SPOKEN_TO
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import known_box
from xinglin.platform.paging import Page, page_of
from xinglin.residents import api as residents

#: Boxes of the due list: what is overdue or due today, this week, later, and what has ended.
BOXES = ("due", "week", "later", "done")


def followups_visible_to(actor: Actor) -> QuerySet[FollowUpTask]:
    """Tasks of the facilities where the actor may look at follow-up."""
    places = actor.places_where(Permission.FOLLOWUP_VIEW)
    return FollowUpTask.objects.all() if places is None else FollowUpTask.objects.filter(facility_id__in=places)


def visible_followup(actor: Actor, uuid: UUID) -> FollowUpTask:
    """One task with its resident. :raises NotVisible: it does not exist, or belongs to another facility"""
    task = (
        followups_visible_to(actor)
        .select_related("resident__managed_by", "facility", "visit")
        .filter(uuid=uuid)
        .first()
    )
    if task is None:
        raise NotVisible("followups.followuptask", uuid)
    return task


def due_list(actor: Actor, *, box: str = "due", at: datetime, cursor: str = "") -> Page[FollowUpTask]:
    """One page of a box: open tasks by risk and due day, ended ones newest first.

    :raises InvalidInput: there is no such box
    """
    known_box(BOXES, box)
    tasks = followups_visible_to(actor).select_related("resident", "facility", "visit")
    if box == "done":
        return page_of(tasks.exclude(status__in=OPEN), by=("-status_changed_at", "-id"), cursor=cursor)
    return page_of(
        tasks.filter(status__in=OPEN).filter(_in_box(box, clock.today(at))), by=("-risk", "due_on", "id"), cursor=cursor
    )


def box_counts(actor: Actor, *, at: datetime) -> dict[str, int]:
    """How many open tasks each box holds. One query."""
    today = clock.today(at)
    counts = {box: Count("id", filter=_in_box(box, today)) for box in BOXES if box != "done"}
    return followups_visible_to(actor).filter(status__in=OPEN).aggregate(**counts)


def _in_box(box: str, today: date) -> Q:
    week = today + timedelta(days=7)
    return {
        "due": Q(due_on__lte=today),
        "week": Q(due_on__gt=today, due_on__lte=week),
        "later": Q(due_on__gt=week),
    }[box]


def waiting(actor: Actor, *, on: date, limit: int) -> list[FollowUpTask]:
    """Tasks due by a day at the facilities where the actor follows up, most urgent first."""
    places = actor.places_where(Permission.FOLLOWUP_DO)
    tasks = FollowUpTask.objects.select_related("resident", "facility").filter(status__in=OPEN, due_on__lte=on)
    if places is not None:
        tasks = tasks.filter(facility_id__in=places)
    return list(tasks.order_by("-risk", "due_on", "id")[:limit])


def tasks_due(*, on: date) -> QuerySet[FollowUpTask]:
    """Tasks that fall due by a day and were not announced; for the job."""
    rows = FollowUpTask.objects.select_related("resident")
    return rows.filter(status__in=OPEN, reminded_at__isnull=True, due_on__lte=on)


def changes_of(resident_ids: Iterable[int], *, before: datetime, limit: int) -> list[FollowUpStatusChange]:
    """Steps of all follow-ups of a person before a moment, newest first. The caller has seen the person."""
    return list(
        FollowUpStatusChange.objects.select_related("subject__facility")
        .filter(subject__resident_id__in=list(resident_ids), changed_at__lt=before)
        .order_by("-changed_at", "-id")[:limit]
    )


def tasks_of_origin(origin_uuid: UUID) -> list[FollowUpTask]:
    """Tasks that arose from one thing, e.g. a referral, in order of their day. The caller has seen that thing."""
    return list(
        FollowUpTask.objects.select_related("facility").filter(origin_uuid=origin_uuid).order_by("due_on", "id")
    )


def earlier_outcomes(task: FollowUpTask, resident_ids: Iterable[int], *, limit: int = 6) -> list[FollowUpTask]:
    """Completed follow-ups of the same person, newest first."""
    return list(
        FollowUpTask.objects.select_related("facility")
        .filter(resident_id__in=list(resident_ids), status=Status.DONE)
        .exclude(pk=task.pk)
        .order_by("-done_at")[:limit]
    )


def long_overdue(*, on: date) -> QuerySet[FollowUpTask]:
    """Tasks that nobody has done for so long that the next level takes over, of the levels that have one. For the job."""
    day = on - timedelta(days=rules.desk("overdue_days"))
    rows = FollowUpTask.objects.select_related("resident").filter(status__in=OPEN, due_on__lt=day)
    return rows.filter(level__in=rules.levels_with_a_next())


def latest_spoken(resident: Any, *, at: datetime) -> Call | None:
    """The call by which the resident was spoken to this week. One query. The caller has seen the person."""
    since = at - timedelta(days=rules.window_days())
    rows = Call.objects.filter(resident_id=resident.pk, opened_at__gt=since, dialled__in=SPOKEN_TO)
    return rows.order_by("-opened_at").first()


def calls_visible_to(actor: Actor) -> QuerySet[Call]:
    """Calls of the actor's facilities, and about residents whose follow-up he sees."""
    places = actor.places_where(Permission.FOLLOWUP_CALL)
    own = Q() if places is None else Q(facility_id__in=places)
    seen = residents.residents_visible_to(actor, Permission.FOLLOWUP_VIEW).values("pk")
    return Call.objects.filter(own | Q(resident_id__in=seen))


def visible_call(actor: Actor, uuid: UUID) -> Call:
    """One of the calls the actor sees. :raises NotVisible: none of them"""
    rows = calls_visible_to(actor).select_related("resident__managed_by", "facility")
    found = rows.prefetch_related("purposes__facility").filter(uuid=uuid).first()
    if found is None:
        raise NotVisible("followups.call", uuid)
    return found


def visible_discharge_plan(actor: Actor, uuid: UUID) -> DischargePlan:
    """A plan of the actor's hospital, or about a resident whose follow-up he sees. :raises NotVisible: neither"""
    places = actor.places_where(Permission.FOLLOWUP_VIEW)
    own = Q() if places is None else Q(facility_id__in=places)
    seen = residents.residents_visible_to(actor, Permission.FOLLOWUP_VIEW).values("pk")
    rows = DischargePlan.objects.select_related("resident__managed_by", "facility")
    found = rows.filter(own | Q(resident_id__in=seen), uuid=uuid).first()
    if found is None:
        raise NotVisible("followups.dischargeplan", uuid)
    return found
