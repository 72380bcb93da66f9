"""Jobs of referrals: tell the other side at each step, watch the clocks, end what is followed up."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.followups import api as followups
from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.referrals import actions, catalogue, queries
from xinglin.referrals.actions.steps import is_emergency
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.states import TURN, Status

TELL = "referrals.tell"
FOLLOWED_UP = "referrals.followed-up"
CLOCK = system_actor("转诊时限")  # read by people, on timelines and in the audit trail
#: The clock looks ahead this far for reminders.
LOOK_AHEAD = timedelta(hours=24)
SOON, NOW, ORDINARY = 1, 2, 0


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of an event (``sender``, ``receiver``, ``turn``: whose turn it is), how urgently, in what words."""

    sides: tuple[str, ...]
    urgency: int
    sentence: object


#: For each event whom it concerns. Emergency channels are always told as "now".
TELLINGS: dict[Event, Telling] = {
    Event.SENT: Telling(("receiver",), SOON, _("%(channel)s：%(from)s 转来一位患者，请答复（%(number)s）。")),
    Event.COMPLETED: Telling(("receiver",), SOON, _("%(from)s 已补充转诊资料，请答复（%(number)s）。")),
    Event.WITHDRAWN: Telling(("receiver",), ORDINARY, _("%(from)s 撤回了转诊（%(number)s）。")),
    Event.ACCEPTED: Telling(("sender",), SOON, _("%(to)s 已接收转诊（%(number)s）：%(hold)s。")),
    Event.DECLINED: Telling(("sender",), NOW, _("%(to)s 未接收转诊（%(number)s），请另行安排。")),
    Event.SENT_BACK: Telling(("sender",), NOW, _("%(to)s 退回转诊，请补充后再提交（%(number)s）。")),
    Event.REDIRECTED: Telling(("sender",), SOON, _("%(to)s 已将转诊改派到另一家机构（%(number)s）。")),
    Event.ARRIVED: Telling(("sender",), ORDINARY, _("转诊患者已到达 %(to)s（%(number)s）。")),
    Event.ADMITTED: Telling(("sender",), ORDINARY, _("转诊患者已在 %(to)s 收治（%(number)s）。")),
    Event.DISCHARGED: Telling(("sender",), ORDINARY, _("转诊患者已从 %(to)s 出院（%(number)s）。")),
    Event.RETURNED: Telling(("sender",), ORDINARY, _("%(to)s 已将患者下转康复（%(number)s）。")),
    Event.RETURN_DECLINED: Telling(("receiver",), NOW, _("下转未被接收，请另行安排（%(number)s）。")),
    Event.RECEIVED_BACK: Telling(("sender",), ORDINARY, _("患者已由基层接回（%(number)s）。")),
    Event.CLOSED: Telling(("sender",), ORDINARY, _("转诊已结案（%(number)s）。")),
    Event.EXPIRED: Telling(("sender", "receiver"), SOON, _("保留的床位已到期，患者未到院（%(number)s），请联系患者。")),
    Event.NO_SHOW: Telling(("sender", "receiver"), SOON, _("患者未按时到院（%(number)s），请联系患者。")),
    Event.DUE_SOON: Telling(("turn",), SOON, _("转诊即将到时限，请处理（%(number)s）。")),
    Event.OVERDUE: Telling(("turn", "sender"), NOW, _("转诊已超过时限，请立即处理（%(number)s）。")),
}


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    for event, telling in TELLINGS.items():
        subscribe(event, TELL)
        notifications.describe(event, telling.sentence, "referrals:detail")
    subscribe(followups.Event.COMPLETED, FOLLOWED_UP)


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell whom an event concerns; safe to run twice."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    referral = Referral.objects.select_related("from_facility", "to_facility", "origin__origin").get(uuid=object_uuid)
    telling = TELLINGS[Event(event.event)]
    urgency = NOW if is_emergency(referral) and telling.urgency == SOON else telling.urgency
    for facility_id, permission in _readers(referral, event, telling):
        notifications.tell(
            event_uuid=event_uuid, kind=event.event, urgency=urgency, at=clock.now(), facility_id=facility_id,
            permission=permission, object_kind="referrals.referral", object_uuid=object_uuid, facts=_facts(referral),
        )  # fmt: skip


def _readers(referral: Referral, event: OutboxEvent, telling: Telling) -> set[tuple[int, str]]:
    if event.detail.get("whom") == "manager":
        place = _waits_at(referral, event.detail.get("status", referral.status))
        above = (place, network.manager_of(place), network.lead_hospital_of(place))
        return {(facility_id, Permission.BOARD_VIEW) for facility_id in above if facility_id is not None}
    down = referral.direction == Referral.Direction.DOWN
    sender = {(referral.from_facility_id, Permission.REFERRAL_RETURN if down else Permission.REFERRAL_SEND)}
    receiver = {(referral.to_facility_id, Permission.REFERRAL_RECEIVE_BACK if down else Permission.REFERRAL_ANSWER)}
    if event.detail.get("status") == Status.DISCHARGED:
        receiver = {(referral.to_facility_id, Permission.REFERRAL_RETURN)}
    if event.detail.get("status") == Status.ARRIVED:
        receiver = {(referral.to_facility_id, Permission.REFERRAL_ADMIT)}
    if event.event == Event.RETURN_DECLINED:
        receiver = {(referral.to_facility_id, Permission.REFERRAL_RETURN)}
    # Who first sent the patient up stays in the loop on the way down.
    sender |= {
        (each.from_facility_id, Permission.REFERRAL_SEND)
        for each in _origins(referral)
        if each.direction != referral.direction
    }
    readers: set[tuple[int, str]] = set()
    for side in telling.sides:
        if side == "turn":
            side = TURN[Status(event.detail.get("status", referral.status))]
        readers |= {"sender": sender, "receiver": receiver, "nobody": set()}[side]
    return readers


def _waits_at(referral: Referral, status: str) -> int:
    return referral.from_facility_id if TURN[Status(status)] == "sender" else referral.to_facility_id


def _origins(referral: Referral) -> list[Referral]:
    found, each = [], referral.origin
    while each is not None:
        found.append(each)
        each = each.origin
    return found


def _facts(referral: Referral) -> dict[str, str]:
    return {
        "number": referral.number,
        "from": referral.from_facility.name,
        "to": referral.to_facility.name,
        "channel": catalogue.channel_title(referral.channel),
        "hold": " ".join(part for part in (str(referral.get_hold_kind_display()), referral.hold_text) if part),
    }


@periodic("referrals.watch-clocks", "* * * * *")
def watch_clocks(timestamp: int) -> None:
    """Each minute: remind of deadlines that are near, escalate those that have passed, end holds nobody came for."""
    at = clock.now()
    n_steps = catalogue.n_escalations()
    for referral in queries.with_running_clock(at=at, ahead=LOOK_AHEAD, n_escalations=n_steps):
        due_at = referral.due_at
        if due_at is None:
            continue
        try:
            if due_at > at:
                if due_at - catalogue.remind_lead(emergency=is_emergency(referral)) <= at:
                    actions.remind_due(referral=referral, by=CLOCK, at=at)
            elif referral.status == Status.ACCEPTED:
                actions.expire_hold(referral=referral, by=CLOCK, at=at)
            else:
                while actions.escalate_overdue(referral=referral, by=CLOCK, at=at):
                    pass
        except Conflict:
            continue  # somebody was faster than the clock: nothing is owed any more


@task(FOLLOWED_UP)
def followed_up(*, event_uuid: str, object_uuid: str) -> None:
    """The first follow-up is done: the way back it came from ends."""
    origin = OutboxEvent.objects.get(uuid=event_uuid).detail.get("origin")
    referral = queries.received_back_of(UUID(origin)) if origin else None
    if referral is None:
        return
    try:
        actions.close_followed_up(referral=referral, by=CLOCK, at=clock.now())
    except Conflict:
        return  # it was closed in between
