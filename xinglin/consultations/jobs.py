"""Jobs of consultations: tell the other side at each step, watch the clocks, end what nobody answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.consultations import actions, catalogue, queries
from xinglin.consultations.events import Event
from xinglin.consultations.models import Case, Invitation
from xinglin.consultations.states import InvitationStatus, Status
from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe

TELL = "consultations.tell"
CLOCK = system_actor("会诊时限")  # read by people, on timelines and in the audit trail
#: The clock looks ahead this far for reminders.
LOOK_AHEAD = timedelta(hours=24)
ORDINARY, SOON, NOW = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told (``inviter``, ``desk``, ``experts`` who accepted, ``invited``: whom it names), how urgently, in what
    words.
    """

    sides: tuple[str, ...]
    urgency: int
    sentence: object


TELLINGS: dict[Event, Telling] = {
    Event.REQUESTED: Telling(("desk",), SOON, _("%(from)s 申请远程会诊：%(specialty)s（%(number)s）。")),
    Event.INVITED: Telling(("invited",), SOON, _("%(from)s 邀请您会诊：%(specialty)s，请答复（%(number)s）。")),
    Event.ACCEPTED: Telling(("inviter",), SOON, _("专家已接受会诊（%(number)s）。")),
    Event.DECLINED_BY_EXPERT: Telling(("inviter", "desk"), SOON, _("专家不能参加会诊，请另请专家（%(number)s）。")),
    Event.STEPPED_DOWN: Telling(("inviter", "desk"), NOW, _("专家退出会诊，请另请专家（%(number)s）。")),
    Event.UNANSWERED: Telling(("inviter", "desk"), SOON, _("专家超时未答复，请另请专家（%(number)s）。")),
    Event.SCHEDULED: Telling(("inviter", "experts"), SOON, _("会诊时间或链接已更新（%(number)s）。")),
    Event.BEGAN: Telling(("inviter", "experts"), NOW, _("会诊开始，请进入（%(number)s）。")),
    Event.MESSAGE_SENT: Telling(("other",), ORDINARY, _("会诊中有新消息（%(number)s）。")),
    Event.OPINION_WRITTEN: Telling(("experts",), ORDINARY, _("会诊意见已写出，联合意见请签署（%(number)s）。")),
    Event.OPINION_GIVEN: Telling(("inviter",), NOW, _("会诊意见已完成，请查看并作出处理决定（%(number)s）。")),
    Event.OPINION_AMENDED: Telling(("inviter", "experts"), NOW, _("会诊意见有更正，请查看（%(number)s）。")),
    Event.CLOSED: Telling(("experts",), ORDINARY, _("会诊已结束（%(number)s）。")),
    Event.DECLINED: Telling(("inviter",), NOW, _("会诊申请未受理，请查看原因（%(number)s）。")),
    Event.WITHDRAWN: Telling(("desk", "experts"), SOON, _("%(from)s 撤回了会诊申请（%(number)s）。")),
    Event.EXPIRED: Telling(("inviter", "desk"), SOON, _("会诊申请无人接受，已过期（%(number)s）。")),
    Event.DUE_SOON: Telling(("turn",), SOON, _("会诊即将到时限，请处理（%(number)s）。")),
    Event.OVERDUE: Telling(("turn", "desk"), NOW, _("会诊已超过时限，请立即处理（%(number)s）。")),
}


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    for event, telling in TELLINGS.items():
        subscribe(event, TELL)
        notifications.describe(event, telling.sentence, "consultations:case", _told)


def _told(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**facts, "specialty": catalogue.specialty_title(facts.get("specialty", ""))}


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell whom an event concerns; safe to run twice."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    case = Case.objects.select_related("from_facility", "to_facility").get(uuid=object_uuid)
    telling = TELLINGS[Event(event.event)]
    urgency = NOW if case.kind == Case.Kind.IMMEDIATE and telling.urgency == SOON else telling.urgency
    facts = {"number": case.number, "from": case.from_facility.name, "specialty": case.specialty}
    for whom in _readers(case, event, telling):
        notifications.tell(
            event_uuid=event_uuid, kind=event.event, urgency=urgency, at=clock.now(), object_kind="consultations.case",
            object_uuid=object_uuid, facts=facts, **whom,
        )  # fmt: skip


def _readers(case: Case, event: OutboxEvent, telling: Telling) -> list[dict[str, Any]]:
    if event.detail.get("whom") == "manager":
        above = {case.to_facility_id, network.lead_hospital_of(case.to_facility_id)} - {None}
        return [{"facility_id": each, "permission": Permission.BOARD_VIEW} for each in above]
    readers: list[dict[str, Any]] = []
    for side in telling.sides:
        readers += _of_side(case, event, side)
    return [each for number, each in enumerate(readers) if each not in readers[:number]]


def _of_side(case: Case, event: OutboxEvent, side: str) -> list[dict[str, Any]]:
    if side == "turn":
        side = "desk" if event.detail.get("status") == Status.REQUESTED else "experts"
    if side == "other":
        side = "experts" if event.detail.get("inviter") else "inviter"
    if side == "inviter":
        return [{"facility_id": case.from_facility_id, "permission": Permission.CONSULTATION_REQUEST}]
    if side == "desk":
        return [{"facility_id": case.to_facility_id, "permission": Permission.CONSULTATION_DESK}]
    rows = Invitation.objects.filter(case=case)
    named = {"uuid": event.detail["invitation"]} if side == "invited" else {"status": InvitationStatus.ACCEPTED}
    rows = rows.filter(**named)
    return [{"user_id": each} for each in rows.values_list("expert__user_id", flat=True)]


@periodic("consultations.watch-clocks", "* * * * *")
def watch_clocks(timestamp: int) -> None:
    """Each minute: remind and escalate, end invitations and cases nobody answered, close what was forgotten."""
    at = clock.now()
    for case in queries.with_running_clock(until=at + LOOK_AHEAD):
        _watch(case, at)
    for invitation in queries.unanswered(at=at):
        _try(actions.expire_invitation, invitation=invitation, at=at)
    for kind in Case.Kind.values:
        lasts = catalogue.deadline("give-up", kind, since=at) - at
        for case in queries.waiting_requests(before=at - lasts, kind=kind):
            _try(actions.expire_case, case=case, at=at)
    for case in queries.forgotten(at=at):
        _try(actions.close_forgotten, case=case, at=at)


def _watch(case: Case, at: Any) -> None:
    if case.due_at is None:
        return
    if case.due_at > at:
        if case.due_at - catalogue.remind_lead(case.kind) <= at:
            _try(actions.remind_due, case=case, at=at)
        return
    while _try(actions.escalate_overdue, case=case, at=at):
        pass


def _try(action: Any, **arguments: Any) -> Any:
    try:
        return action(by=CLOCK, **arguments)
    except Conflict:
        return None  # somebody was faster than the clock: nothing is owed any more
