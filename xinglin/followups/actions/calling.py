"""One contact with one resident for everything that is due: opened by one person at a time, ended with how it went."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.followups import permissions, purposes
from xinglin.followups.actions.handing import hand_on
from xinglin.followups.actions.quiet import may_be_called
from xinglin.followups.actions.settling import settle, verify
from xinglin.followups.actions.tasks import plan_followup
from xinglin.followups.actions.texts import text
from xinglin.followups.actions.wishes import note_wish
from xinglin.followups.data import SPOKEN, CallEnd, Channel, Dialled, Purpose
from xinglin.followups.events import Event
from xinglin.followups.models import Call, CallPurpose, ContactWish, FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.rules import scripts
from xinglin.followups.weeks import take_turns
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents

#: Origin of the tasks that answers raise.
ALERT = "call-alert"
MOST_DAYS_LATER = 90

__all__ = ["end_call", "hand_on", "open_call", "release_call"]


@transaction.atomic
def open_call(*, resident: Any, facility_id: int, channel: str = Channel.PHONE, by: Actor, at: datetime) -> Call:
    """Take a resident to contact him about everything that is due, so that nobody else does.

    :raises NotPermitted: the actor contacts nobody for the facility
    :raises Conflict: ``not-active``, ``nothing-due``, ``call-open`` (somebody else is at it), ``called-this-week``,
        ``do-not-call``, ``no-consent``
    """
    permissions.may_call(by, facility_id).require()
    if channel not in Channel.values or channel == Channel.CLINIC:
        raise InvalidInput(_("请选择联系方式。"), fields={"channel": _("请从列表中选择。")})
    if resident.status != "ACTIVE":
        raise Conflict(_("居民已不在册，不再联系。"), code="not-active")
    ids = residents.ids_of_person(resident)
    call = _take(resident, ids, facility_id, channel, by=by, at=at)
    # The place is taken first: what is read from here on, nobody who comes at the same time can change.
    take_turns(ids)
    due = purposes.due_for(by, ids, at=at)
    may_be_called(by, ids, facility_id, due, at=at).require()
    exemption = ",".join(dict.fromkeys(each.exemption for each in due if each.exemption))
    if not exemption:
        _require_wanted(ids, channel)
    call.exemption, call.scripts = exemption[:200], _scripts_of(due, facility_id, at=at)
    call.save(update_fields=["exemption", "scripts"])
    CallPurpose.objects.bulk_create(_rows(call, due))
    announce(
        Event.CALL_OPENED, obj=call, subject=resident.uuid, by=by, at=at, place=facility_id, channel=channel,
        purposes=len(due), exempt=bool(exemption),
    )  # fmt: skip
    return call


def _take(resident: Any, ids: list[int], facility_id: int, channel: str, *, by: Actor, at: datetime) -> Call:
    rows = Call.objects.filter(resident_id__in=ids, ended_at__isnull=True)
    rows.filter(held_until__lt=at).update(ended_at=at, dialled=Dialled.RELEASED)
    try:
        with transaction.atomic():
            return Call.objects.create(
                resident=resident, facility_id=facility_id, channel=channel, opened_at=at,
                held_until=at + timedelta(minutes=rules.desk("lease_minutes")), opened_by=by.user_id or 0,
                opened_by_name=by.name[:40],
            )  # fmt: skip
    except IntegrityError as error:
        other = rows.select_related("facility").first()
        who = f"{other.facility} {other.opened_by_name}" if other else ""
        raise Conflict(_("%(who)s正在联系这位居民。") % {"who": who}, code="call-open") from error


def _rows(call: Call, due: list[Purpose]) -> list[CallPurpose]:
    return [
        CallPurpose(
            call=call, source=each.source, key=each.key, facility_id=each.facility_id, due_on=each.due_on,
            is_critical=bool(each.exemption),
        )
        for each in due
    ]  # fmt: skip


def _require_wanted(ids: list[int], channel: str) -> None:
    """A wish against a way of contact is kept; a message wants an agreement that was given."""
    wish = ContactWish.objects.filter(resident_id__in=ids, channel=channel).order_by("-noted_at", "-id").first()
    if wish is not None and not wish.is_agreed:
        raise Conflict(_("居民不同意以这种方式联系：%(words)s") % {"words": wish.words}, code="do-not-call")
    if wish is None and channel == Channel.MESSAGE:
        raise Conflict(_("居民尚未同意微信联系，请先登记同意。"), code="no-consent")


def _scripts_of(due: list[Purpose], facility_id: int, *, at: datetime) -> list[dict[str, str]]:
    """The scripts of what the facility itself is to do, each once; the general one when none is named."""
    keys = [each.key for each in due if each.source == purposes.OWN and each.facility_id == facility_id]
    tasks = {task.uuid: task for task in FollowUpTask.objects.filter(uuid__in=keys)}
    slugs = [tasks[key].script or rules.script_for(tasks[key].kind) for key in keys]
    today = clock.today(at)
    chosen = [scripts.script(slug, today) for slug in dict.fromkeys(slugs or ["general"])]
    return [{"slug": each.slug, "version": each.version} for each in chosen]


@transaction.atomic
def release_call(*, call: Call, by: Actor, at: datetime) -> Call:
    """Let a resident go whom nobody dialled. :raises Conflict: it has ended"""
    permissions.may_end(by, call).require()
    _end(call, at=at, dialled=Dialled.RELEASED)
    announce(Event.CALL_RELEASED, obj=call, subject=call.resident.uuid, by=by, at=at, place=call.facility_id)
    return call


@transaction.atomic
def end_call(*, call: Call, end: CallEnd, by: Actor, at: datetime) -> Call:
    """Write down how a call went. Answered, it settles what the actor's facilities owe, and answers that call for it
    raise tasks; otherwise the next attempt, the handing on or the end follow from the rule.

    :raises NotPermitted: somebody else holds the call
    :raises Conflict: it has ended, or was let go when its time was over
    :raises InvalidInput: how it went is not said, or questions are open; by code of the question
    """
    permissions.may_end(by, call).require()
    if end.dialled not in SPOKEN:
        raise InvalidInput(_("请选择拨号结果。"), fields={"dialled": _("请从列表中选择。")})
    is_answered = end.dialled == Dialled.ANSWERED
    facts = _answered(call, end) if is_answered else {"again_on": _again_on(end, at=at)}
    raised = facts.pop("alerts", [])
    _end(call, at=at, dialled=end.dialled, note=text("note", end.note), **facts)
    settle(call, by=by, at=at)
    for alert in raised:
        _raise(call, alert, by=by, at=at)
    if not is_answered and rules.result_of(end.dialled).is_verified:
        verify(call, by=by, at=at)
    if end.no_more_calls:
        note_wish(
            resident=call.resident, facility_id=call.facility_id, channel=call.channel, is_agreed=False,
            words=text("note", end.note)[:200], by=by, at=at,
        )  # fmt: skip
    announce(
        Event.CALL_ENDED, obj=call, subject=call.resident.uuid, by=by, at=at, place=call.facility_id,
        dialled=call.dialled, alerts=[each.code for each in raised],
    )  # fmt: skip
    return call


def _end(call: Call, *, at: datetime, **facts: Any) -> None:
    """Compare and swap: who comes after the time was over, or a second time, learns it."""
    if Call.objects.filter(pk=call.pk, ended_at__isnull=True).update(ended_at=at, **facts) != 1:
        raise Conflict(_("这次通话已结束，或领取已超时放回。"), code="call-ended")
    call.refresh_from_db()


def scripts_of_call(call: Call) -> list[scripts.Script]:
    """The scripts of a call, in the versions it was opened with."""
    return [scripts.version(each["version"]) for each in call.scripts]


def _answered(call: Call, end: CallEnd) -> dict[str, Any]:
    used = scripts_of_call(call)
    answers, wrong = scripts.read(used, end.answers)
    outcomes = [scripts.assess(each, answers) for each in used]
    items = {item.code: item for each in used for item in each.items}
    missing = {code for each in outcomes for code in each.missing}
    for code in (each for each in items if each in missing and each not in wrong):
        wrong[code] = _("请询问：%(question)s") % {"question": items[code].text}
    if wrong:
        is_open = any(code in missing for code in wrong)
        raise InvalidInput(_("话术还没有问完。") if is_open else _("有的回答要改正。"), fields=wrong)
    said = [each.satisfaction for each in outcomes if each.satisfaction is not None]
    alerts = {alert.code: alert for each in outcomes for alert in each.alerts}
    return {
        "answers": [
            {"code": code, "question": items[code].text.zh, "value": value, "answer": items[code].says_in_record(value)}
            for code, value in answers.items()
        ],
        "results": [
            {"version": each.version, "score": each.score, "alerts": [alert.code for alert in each.alerts]}
            for each in outcomes
        ],
        "satisfaction": min(said) if said else None,
        "alerts": list(alerts.values()),
    }


def _again_on(end: CallEnd, *, at: datetime) -> Any:
    today, result = clock.today(at), rules.result_of(end.dialled)
    if end.again_on is not None and end.dialled == Dialled.ASKED_BACK:
        if not today <= end.again_on <= today + timedelta(days=MOST_DAYS_LATER):
            raise InvalidInput(_("再次联系的日期应在今天之后、90天之内。"), fields={"again_on": _("日期不对。")})
        return end.again_on
    return None if result.again_days is None else today + timedelta(days=result.again_days)


def _raise(call: Call, alert: scripts.Alert, *, by: Actor, at: datetime) -> None:
    """A task for the managing facility; advice to see a doctor now makes it a dangerous one."""
    if alert.level == "note":
        return
    plan_followup(
        resident=call.resident, facility_id=call.resident.managed_by_id, kind=FollowUpTask.Kind.PLANNED,
        origin_kind=ALERT, origin_uuid=uuid5(call.uuid, alert.code),
        due_on=clock.today(at) + timedelta(days=alert.days), plan=alert.text.zh,
        risk=FollowUpTask.Risk.HIGH if alert.level == "refer" else FollowUpTask.Risk.RAISED, by=by, at=at,
    )  # fmt: skip
