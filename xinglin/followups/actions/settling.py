"""What the end of a call means for the tasks it was made for."""

from datetime import datetime, timedelta
from uuid import uuid5

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.accounts.data import Permission
from xinglin.followups.actions.handing import hand_on
from xinglin.followups.actions.tasks import plan_followup
from xinglin.followups.data import Dialled
from xinglin.followups.events import Event
from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.purposes import OWN
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, TRANSITIONS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

VERIFY = "call-verify"


def settle(call: Call, *, by: Actor, at: datetime) -> None:
    """Complete, put off, hand on or end the tasks of the actor's facilities that the call was made for, as it went.

    Tasks of others stay as they are: who is to do them sees this call and its answers.
    """
    places = by.places_where(Permission.FOLLOWUP_CALL)
    keys = list(call.purposes.filter(source=OWN).values_list("key", flat=True))
    rows = FollowUpTask.objects.select_for_update(of=("self",)).select_related("resident", "facility")
    tasks = rows.filter(uuid__in=keys, status__in=OPEN)
    if places is not None:
        tasks = tasks.filter(facility_id__in=places)
    for task in tasks.order_by("id"):
        if call.dialled == Dialled.ANSWERED:
            _complete(task, call, by=by, at=at)
        else:
            _not_reached(task, call, by=by, at=at)


def _complete(task: FollowUpTask, call: Call, *, by: Actor, at: datetime) -> None:
    on_time = clock.today(at) <= task.due_on
    move(
        task, table=TRANSITIONS, to=Status.DONE, by=by, at=at, place=task.facility_id, done_at=at, done_by=by.user_id,
        done_by_name=by.name[:40], outcome={"channel": call.channel, "call": str(call.uuid)}, note=call.note,
    )  # fmt: skip
    call.purposes.filter(source=OWN, key=task.uuid).update(is_settled=True)
    announce(
        Event.COMPLETED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        origin=str(task.origin_uuid), channel=call.channel, on_time=on_time,
    )  # fmt: skip


def _not_reached(task: FollowUpTask, call: Call, *, by: Actor, at: datetime) -> None:
    result = rules.result_of(call.dialled)
    if result.is_ended:
        with override(settings.LANGUAGE_CODE):
            reason = str(Dialled(call.dialled).label)
        move(
            task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=task.facility_id, reason=reason,
            reason_code=call.dialled,
        )  # fmt: skip
        announce(
            Event.CANCELLED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id, reason=reason,
            origin=str(task.origin_uuid),
        )  # fmt: skip
        return
    tried_enough = task.n_attempts + 1 >= rules.desk("most_tries") and call.dialled != Dialled.ASKED_BACK
    if (result.is_handed_on or tried_enough) and hand_on(task=task, why=call.dialled, by=by, at=at):
        return
    again_on = call.again_on or clock.today(at) + timedelta(days=rules.desk("handover_days"))
    move(
        task, table=TRANSITIONS, to=Status.UNREACHED, by=by, at=at, place=task.facility_id, reason_code=call.dialled,
        due_on=again_on, n_attempts=task.n_attempts + 1, reminded_at=None,
    )  # fmt: skip
    announce(
        Event.UNREACHED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id, why=call.dialled,
        attempts=task.n_attempts,
    )  # fmt: skip


def verify(call: Call, *, by: Actor, at: datetime) -> None:
    """Ask the managing facility to look whether what was said on the telephone is so, and to register it."""
    with override(settings.LANGUAGE_CODE):
        said = str(Dialled(call.dialled).label)
        plan = _("电话得知：%(what)s。请核实，属实的在居民档案中登记。") % {"what": said}
    plan_followup(
        resident=call.resident, facility_id=call.resident.managed_by_id, kind=FollowUpTask.Kind.PLANNED,
        origin_kind=VERIFY, origin_uuid=uuid5(call.uuid, "verify"),
        due_on=clock.today(at) + timedelta(days=rules.verify_days()), plan=plan, risk=FollowUpTask.Risk.RAISED, by=by,
        at=at,
    )  # fmt: skip
