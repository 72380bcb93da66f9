"""A follow-up that another contact of the week has answered, or that waits until the week is over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.followups import permissions, purposes
from xinglin.followups.data import Dialled
from xinglin.followups.events import Event
from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, TRANSITIONS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move
from xinglin.residents import api as residents


@transaction.atomic
def cover_followup(*, task: FollowUpTask, call: Call, by: Actor, at: datetime) -> FollowUpTask:
    """End a task by what another's call of this week has answered, without a second call.

    :raises NotPermitted: the actor neither follows up nor calls for the task's facility
    :raises Conflict: it has ended; the call answered nothing, is another person's, or longer ago than the window; or the task is
        dangerous and came after it
    """
    permissions.may_settle(by, task).require()
    oldest = clock.today(at) - timedelta(days=rules.window_days())
    is_same = call.resident_id in residents.ids_of_person(task.resident)
    if not is_same or call.dialled != Dialled.ANSWERED or clock.today(call.opened_at) <= oldest:
        raise Conflict(_("只能并入本周内已接通的同一居民的通话。"), code="nothing-to-cover")
    if rules.exemption(task.origin_kind, task.risk) and task.created_at > call.opened_at:
        raise Conflict(_("危险的事项在那次联系之后才出现，请再联系。"), code="dangerous")
    move(
        task, table=TRANSITIONS, to=Status.DONE, by=by, at=at, place=task.facility_id, done_at=at, done_by=by.user_id,
        done_by_name=by.name[:40], outcome={"channel": call.channel, "call": str(call.uuid), "covered": True},
    )  # fmt: skip
    announce(
        Event.COVERED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id, call=str(call.uuid),
        origin=str(task.origin_uuid),
    )  # fmt: skip
    return task


@transaction.atomic
def put_off_followup(*, task: FollowUpTask, by: Actor, at: datetime) -> FollowUpTask:
    """Let a task wait until the week after the last contact is over.

    :raises NotPermitted: the actor neither follows up nor calls for the task's facility
    :raises Conflict: it has ended, is dangerous, or nobody has contacted the resident this week
    """
    permissions.may_settle(by, task).require()
    if rules.exemption(task.origin_kind, task.risk):
        raise Conflict(_("危险的事项不能推迟。"), code="dangerous")
    contact = purposes.contact_this_week(by, residents.ids_of_person(task.resident), at=at)
    if contact is None:
        raise Conflict(_("本周没有联系过，不必推迟。"), code="nothing-to-wait-for")
    due_on = max(task.due_on, clock.today(contact.at) + timedelta(days=rules.window_days()))
    moved = FollowUpTask.objects.filter(pk=task.pk, status__in=OPEN).update(due_on=due_on, reminded_at=None)
    if moved != 1:
        raise Conflict(_("别人刚刚处理过这一条，请刷新后再看。"))
    task.refresh_from_db()
    announce(
        Event.PUT_OFF, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        due_on=due_on.isoformat(),
    )  # fmt: skip
    return task


@transaction.atomic
def settle_week(*, tasks: Iterable[FollowUpTask], call: Call | None, by: Actor, at: datetime) -> None:
    """Leave a person in peace who was spoken to this week: end tasks by that call, or, without one, let them wait until the week is over.

    :raises NotPermitted: the actor neither follows up nor calls for a task's facility
    :raises Conflict: as of one task; there is none; or one is dangerous, for which nobody is left in peace
    """
    owed = list(tasks)
    if not owed:
        raise Conflict(_("别人刚刚处理过这一条，请刷新后再看。"))
    if any(rules.exemption(each.origin_kind, each.risk) for each in owed):
        raise Conflict(_("有危险的事项，请联系。"), code="dangerous")
    for task in owed:
        if call is None:
            put_off_followup(task=task, by=by, at=at)
        else:
            cover_followup(task=task, call=call, by=by, at=at)
