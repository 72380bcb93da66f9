"""Jobs of follow-up: tasks fall due, and those concerned are told."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.followups import actions, queries
from xinglin.followups.events import Event
from xinglin.followups.models import FollowUpTask
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.batches import one_by_one
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents

TELL = "followups.tell"
RESIDENT_CHANGED = "followups.resident-changed"
CLOCK = system_actor("随访时限")
#: Tasks a job reads at a time.
BATCH = 500
#: Why follow-up ends with a registration, in the language of the records.
ENDED = {"DECEASED": "居民已去世", "MOVED": "居民已迁出本县"}

#: Who is told of an event, and how urgently: the facility that owes it, and the resident.
STAFF = {Event.PLANNED: 0, Event.FELL_DUE: 1}
PATIENT = {Event.PLANNED: 0, Event.FELL_DUE: 0}


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    for event in {*STAFF, *PATIENT}:
        subscribe(event, TELL)
    for changed in ("deceased", "moved", "transferred", "merged", "unmerged", "restored"):
        subscribe(f"resident.{changed}", RESIDENT_CHANGED)
    notifications.describe(Event.PLANNED, _("新的随访任务，%(due_on)s 到期。"), "followups:detail")
    notifications.describe(Event.FELL_DUE, _("随访任务今天到期，请联系居民。"), "followups:detail")
    notifications.describe(f"{Event.PLANNED}.patient", _("您的家庭医生将在 %(due_on)s 前后随访您。"), "residents:own")
    notifications.describe(
        f"{Event.FELL_DUE}.patient", _("您的随访已到期，请留意来电或到村卫生室复诊。"), "residents:own"
    )


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the facility that owes the follow-up; and the resident, if he has an account and his own clinic owes it."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    followup = FollowUpTask.objects.select_related("resident").get(uuid=object_uuid)
    kind, at, facts = Event(event.event), clock.now(), {"due_on": followup.due_on.isoformat()}
    notifications.tell(
        event_uuid=event_uuid, kind=kind, urgency=STAFF[kind], at=at, facility_id=followup.facility_id,
        permission=Permission.FOLLOWUP_DO, object_kind="followups.followuptask", object_uuid=object_uuid, facts=facts,
    )  # fmt: skip
    account = _own_account(followup) if followup.facility_id == followup.resident.managed_by_id else None
    if account is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=f"{kind}.patient", urgency=PATIENT[kind], at=at, user_id=account, facts=facts
        )


def _own_account(followup: FollowUpTask) -> int | None:
    accounts = get_user_model().objects.filter(resident_uuid=followup.resident.uuid)
    return accounts.values_list("pk", flat=True).first()


@task(RESIDENT_CHANGED)
def resident_changed(*, event_uuid: str, object_uuid: str) -> None:
    """Who died or left owes no answer any more; who is managed elsewhere, or under another registration, is followed up there.

    Of somebody whose death was entered by mistake everything is owed again. Who left and came back years later begins anew.
    Safe to run twice.
    """
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    if event.subject_uuid is None:
        return
    resident = residents.registration(event.subject_uuid)
    if event.event == "resident.merged":
        for merged in residents.registrations_merged_into(resident):
            actions.follow_merge(kept=resident, merged=merged, by=CLOCK, at=at)
    elif event.event == "resident.unmerged":
        _take_back(UUID(event.detail["kept"]), UUID(event.detail["merged"]), at=at)
    if resident.status in ENDED:
        actions.close_all_of(resident=resident, reason=ENDED[resident.status], by=CLOCK, at=at)
    elif event.event == "resident.transferred" and event.detail.get("former"):
        actions.follow_transfer(resident=resident, former_id=int(event.detail["former"]), by=CLOCK, at=at)
    elif event.event == "resident.restored" and event.detail.get("was") == "DECEASED":
        actions.take_up_all_of(resident=resident, reason=ENDED["DECEASED"], by=CLOCK, at=at)


def _take_back(kept: UUID, merged: UUID, *, at: datetime) -> None:
    """What a merge moved, unless the two are one again by now."""
    one, other = residents.registration(kept), residents.registration(merged)
    if one.pk != other.pk:
        actions.follow_unmerge(kept=one, merged=other, by=CLOCK, at=at)


@periodic("followups.hand-on", "20 2 * * *")
def hand_on(timestamp: int) -> None:
    """What a level has not done for too long goes to the next."""
    at = clock.now()
    late = queries.long_overdue(on=clock.today(at))
    one_by_one(late, lambda each: actions.hand_on(task=each, why="OVERDUE", by=CLOCK, at=at), at_a_time=BATCH)


@periodic("followups.fall-due", "*/10 * * * *")
def fall_due(timestamp: int) -> None:
    """Announce the tasks that have fallen due."""
    at = clock.now()
    due = queries.tasks_due(on=clock.today(at))
    one_by_one(due, lambda each: actions.fall_due(task=each, by=CLOCK, at=at), at_a_time=BATCH)
