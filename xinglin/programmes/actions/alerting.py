"""What a visit found that must be acted on: said, answered by the doctor, followed until it has an outcome."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from xinglin.followups import api as followups
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.programmes import answering, secrecy, standing
from xinglin.programmes.actions.texts import text
from xinglin.programmes.data import LEVELS, SYSTEM, AlertAnswer, AlertLevel, VisitIn
from xinglin.programmes.events import Event
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit
from xinglin.programmes.records import Record
from xinglin.programmes.rules.words import SEMICOLON
from xinglin.programmes.states import Status

#: A referral is followed within so many days where the programme says nothing else (rules 7.1).
FOLLOW_WITHIN_DAYS = 14
ORIGIN = "programme-alert"
#: With these nobody has seen him yet, so whoever is to follow him up still is: until he arrives, or the next visit (rules 7.1).
NOT_SEEN_YET = frozenset({"ACCEPTED", AlertAnswer.REFUSED})
#: Answers of the system (`standing.BY_ITSELF`); a person's have their words in `AlertAnswer`.
_ITS_OWN = {
    "SEEN": "已再次随访", "AMENDED": "随访记录已更正", "GONE": "按补到的资料不再成立", "ENDED": "已终止管理",
    "GRADUATED": "已达标结案",
}  # fmt: skip


def require_answer(outcomes: Iterable[Any], content: VisitIn) -> str:
    """What is done about the findings that want a referral; empty when there are none.

    :raises InvalidInput: nobody says; code ``alert-unanswered``
    """
    wanted = [each for outcome in outcomes for each in outcome.alerts if LEVELS[each.level] >= AlertLevel.REFER]
    if not wanted:
        return ""
    what = str(SEMICOLON).join(dict.fromkeys(str(each.text) for each in wanted))
    if content.alert_answer not in AlertAnswer.values:
        raise InvalidInput(
            _("需要转诊：%(what)s") % {"what": what}, code="alert-unanswered",
            fields={"alert_answer": _("请选择如何处理。")},
        )  # fmt: skip
    note = text("alert_note", content.alert_note)
    if content.alert_answer != AlertAnswer.REFER and not note:
        raise InvalidInput(
            _("不转诊的，请写明处理和理由。"), code="alert-unanswered", fields={"alert_note": _("必填。")}
        )
    return content.alert_answer


def follow(
    record: Record, enrolment: Enrolment, stands: Sequence[standing.Finding], *, replaced: ProgrammeVisit | None = None,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Open are the findings that stand (`standing.findings`), each once, unless somebody has answered them."""
    latest = record.results[enrolment.pk][-1].visit_id
    over, missing = standing.compared(record.alerts.get(enrolment.pk, ()), stands)
    for each in over:
        each.enrolment, enrolment.resident = enrolment, record.resident  # one row, not one query for each
        answer = "AMENDED" if replaced and each.visit_id == replaced.pk else "SEEN"
        close_alert(alert=each, answer=answer if each.visit_id != latest else "GONE", by=by, at=at)
    for visit, found in missing:
        _raise(record, visit, enrolment, found, by=by, at=at)


def end_fallen(
    record: Record, enrolment: Enrolment, *, replaced: ProgrammeVisit | None = None, by: Actor, at: datetime
) -> None:
    """Who was to be seen for what turned out never to have been found need not be seen for it any more."""
    for each in standing.fallen(record, enrolment):
        if _waits(each):
            answer = "AMENDED" if replaced and each.visit_id == replaced.pk else "GONE"
            end_follow_up(each, answer, by=by, at=at)


def _raise(record: Record, visit: ProgrammeVisit, enrolment: Enrolment, found: Any, *, by: Actor, at: datetime) -> None:
    """Write down what was found, for whom it counts by now: the visit may be of a registration merged since."""
    within = found.follow_within_days or FOLLOW_WITHIN_DAYS
    follow_by = max(timezone.localdate(at), timezone.localdate(visit.happened_at) + timedelta(days=within))
    alert = Alert.objects.create(
        visit=visit, enrolment=enrolment, code=found.code, level=LEVELS[found.level], version=enrolment.version,
        values=answering.kept(found.values), channel=found.channel, criterion=found.criterion,
        raised_at=at, follow_by=follow_by,
    )  # fmt: skip
    is_secret = enrolment.programme in secrecy.secrets()  # whoever does the task must open the programme to know
    # A task's words are Chinese like all records; `titles.rule_said` says them to a reader of English.
    plan = f"{secrecy.WRITTEN}：请打开疾病管理查看" if is_secret else found.text.zh
    is_emergency = alert.level == AlertLevel.EMERGENCY
    followups.plan_followup(
        resident=record.resident, facility_id=enrolment.facility_id, kind="PLANNED", origin_kind=ORIGIN,
        origin_uuid=alert.uuid, due_on=follow_by, plan=plan, risk=2 if is_emergency else 1, by=by, at=at,
    )  # fmt: skip
    announce(
        Event.ALERTED, obj=alert, subject=record.resident.uuid, by=by, at=at, place=enrolment.facility_id,
        code=secrecy.SLUG if is_secret else alert.code, level=alert.level, answer=visit.alert_answer,
    )  # fmt: skip


@transaction.atomic
def close_alert(
    *, alert: Alert, answer: str, note: str = "", referral_uuid: Any = None, by: Actor, at: datetime
) -> bool:
    """What was found has its answer: its follow-up task is no longer owed, once he was seen. Whether this call did it."""
    open_rows = Alert.objects.filter(pk=alert.pk, answered_at__isnull=True)
    if not open_rows.update(answered_at=at, answer=answer[:40], answer_note=note, referral_uuid=referral_uuid):
        return False
    if answer not in NOT_SEEN_YET:
        end_follow_up(alert, answer, by=by, at=at)
    announce(
        Event.ALERT_ANSWERED, obj=alert, subject=alert.enrolment.resident.uuid, by=by, at=at,
        place=alert.enrolment.facility_id, answer=answer,
    )  # fmt: skip
    return True


def close_all_of(enrolment: Enrolment, answer: str, *, by: Actor, at: datetime) -> None:
    """An enrolment is over: its findings with it, and who was still to be seen for one of them."""
    for alert in Alert.objects.filter(enrolment=enrolment).order_by("id"):
        alert.enrolment = enrolment
        if alert.answered_at is None:
            close_alert(alert=alert, answer=answer, by=by, at=at)
        elif _waits(alert):
            end_follow_up(alert, answer, by=by, at=at)


def take_up_all_of(enrolment: Enrolment, *, by: Actor, at: datetime) -> None:
    """An end was none: what only it had closed is open again, and whoever was to be seen is to be seen."""
    for alert in Alert.objects.filter(enrolment=enrolment, answered_at__isnull=False).order_by("id"):
        if alert.answer == Status.ENDED:
            alert.answered_at, alert.answer = None, ""
            alert.save(update_fields=["answered_at", "answer"])
        elif not _waits(alert):
            continue
        for task in followups.tasks_of_origin(alert.uuid):
            if _ended_with_him(task):
                followups.take_up(task=task, by=by, at=at)


def _waits(alert: Alert) -> bool:
    """Whether a finding has its answer and somebody is to see him all the same."""
    return alert.answered_at is not None and alert.answer in NOT_SEEN_YET


def _ended_with_him(task: Any) -> bool:
    """Whether a task was cancelled because he died or left: by follow-up itself, or here when the enrolment ended."""
    last = task.status_changes.last()
    by_system = last is not None and last.changed_by is None
    return by_system and (last.changed_by_name != SYSTEM or last.reason == _ITS_OWN["ENDED"])


def end_follow_up(alert: Alert, answer: str, *, by: Actor, at: datetime) -> None:
    """He was seen, or is not to be: nobody owes the follow-up of a finding any more."""
    for task in followups.tasks_of_origin(alert.uuid):
        _cancel(task, answer, by=by, at=at)


def note_seen(record: Record, enrolment: Enrolment, visit: ProgrammeVisit, *, by: Actor, at: datetime) -> None:
    """A visit follows up what was answered before it and still waited for somebody to see him."""
    for alert in record.alerts.get(enrolment.pk, ()):
        if _waits(alert) and alert.visit_id != visit.pk and alert.visit.happened_at <= visit.happened_at:
            end_follow_up(alert, "SEEN", by=by, at=at)


def _cancel(task: Any, answer: str, *, by: Actor, at: datetime) -> None:
    """The system ends what it planned."""
    try:
        followups.cancel_followup(task=task, reason=_reason(answer), by=system_actor(SYSTEM, within=by), at=at)
    except Conflict:
        return  # somebody has done it


def _reason(answer: str) -> str:
    """Why it is no longer owed, in the language of records."""
    if answer in _ITS_OWN:
        return _ITS_OWN[answer]
    if answer not in AlertAnswer.values:
        return f"转诊已有结果（{answer}）"
    with translation.override("zh-hans"):
        return str(AlertAnswer(answer).label)
