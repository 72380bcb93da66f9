"""Follow-up tasks: planned, done, put off, ended."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from xinglin.followups import permissions
from xinglin.followups.actions.quiet import CALLS, quiet_until, require_a_quiet_week
from xinglin.followups.actions.texts import MAX_TEXT, text
from xinglin.followups.data import UNREACHED_WORDS, Adherence, Channel, Outcome, Symptom
from xinglin.followups.events import Event
from xinglin.followups.models import FollowUpTask
from xinglin.followups.rules import contacts as rules
from xinglin.followups.states import OPEN, TRANSITIONS, Status
from xinglin.followups.weeks import take_turns
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.formats import listed_text, parted_text

#: A kind of visit for each way of meeting; a call is not one.
VISIT_KINDS = {Channel.CLINIC: "FOLLOWUP", Channel.HOME: "HOME"}


def plan_followup(
    *,
    resident: Any,
    facility_id: int,
    kind: str,
    origin_kind: str,
    origin_uuid: UUID,
    due_on: date,
    plan: str,
    risk: int,
    step: str = "",
    level: str = "",
    script: str = "",
    taken_over_from: FollowUpTask | None = None,
    by: Actor,
    at: datetime,
) -> FollowUpTask:
    """Plan what a facility owes a resident; once for each origin, kind, facility and step, however often it is asked for.

    Called inside the transaction of another action, which has checked the actor's rights.
    """
    with transaction.atomic():
        task, is_new = FollowUpTask.objects.get_or_create(
            origin_uuid=origin_uuid,
            kind=kind,
            facility_id=facility_id,
            step=step,
            defaults={
                "level": level,
                "script": script,
                "taken_over_from": taken_over_from,
                "resident": resident,
                "origin_kind": origin_kind,
                "due_on": due_on,
                "plan": plan[:MAX_TEXT],
                "risk": risk,
                "status_changed_at": at,
                "created_at": at,
            },
        )
        if is_new:
            note_status(task, by=by, at=at, place=facility_id)
            announce(
                Event.PLANNED, obj=task, subject=resident.uuid, by=by, at=at, place=facility_id, kind=kind,
                due_on=due_on.isoformat(), origin=str(origin_uuid),
            )  # fmt: skip
    return task


def held_open(task_id: int) -> FollowUpTask | None:
    """A task, if it is open, and stays so until the transaction ends."""
    rows = FollowUpTask.objects.select_for_update(of=("self",)).select_related("resident")
    return rows.filter(pk=task_id, status__in=OPEN).first()


@transaction.atomic
def hasten_followup(*, task: FollowUpTask, due_on: date, risk: int, plan: str, by: Actor, at: datetime) -> FollowUpTask:
    """Let an open task (`held_open`) be due earlier and weigh more, because of something that joined it and is written to its plan.

    Called inside the transaction of another action, which has checked the actor's rights.
    """
    longer = f"{task.plan}\n{plan}"
    plans = task.plan if plan in task.plan or len(longer) > MAX_TEXT else longer
    if task.due_on <= due_on and task.risk >= risk and plans == task.plan:
        return task
    task.due_on, task.risk, task.plan = min(task.due_on, due_on), max(task.risk, risk), plans
    task.save(update_fields=["due_on", "risk", "plan"])
    announce(
        Event.HASTENED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        due_on=task.due_on.isoformat(), risk=task.risk,
    )  # fmt: skip
    return task


@transaction.atomic
def schedule_followup(
    *,
    resident: Any,
    facility_id: int,
    due_on: date,
    plan: str,
    risk: int = 1,
    origin_uuid: UUID,
    by: Actor,
    at: datetime,
) -> FollowUpTask:
    """Plan a follow-up by hand. Of a high risk it may stand in a week in which the resident was contacted already.

    :raises NotPermitted: the actor does not follow up at the facility
    :raises InvalidInput: the day has passed or lies in such a week, or the plan is missing or too long
    """
    permissions.may_plan(by, facility_id).require()
    if not clock.today(at) <= due_on <= clock.today(at) + timedelta(days=730):
        raise InvalidInput(_("随访日期应在今天之后、两年之内。"), fields={"due_on": _("日期不对。")})
    if risk not in FollowUpTask.Risk.values:
        raise InvalidInput(_("请选择风险等级。"), fields={"risk": _("请从列表中选择。")})
    plan = text("plan", plan)
    if not plan:
        raise InvalidInput(_("请写明随访内容。"), fields={"plan": _("必填。")})
    if risk < FollowUpTask.Risk.HIGH:
        _require_day_to_call(resident, "due_on", due_on, by=by, at=at)
    return plan_followup(
        resident=resident, facility_id=facility_id, kind=FollowUpTask.Kind.PLANNED, origin_kind="hand",
        origin_uuid=origin_uuid, due_on=due_on, plan=plan, risk=risk, by=by, at=at,
    )  # fmt: skip


def _require_day_to_call(resident: Any, field: str, day: date, *, by: Actor, at: datetime) -> None:
    first = quiet_until(by, residents.ids_of_person(resident), at=at)
    if first is not None and day < first:
        told = _("本周已联系过这位居民，%(day)s 起才再联系；高危的可以提前。") % {"day": first.isoformat()}
        raise InvalidInput(told, fields={field: told}, code="called-this-week")


@transaction.atomic
def complete_followup(*, task: FollowUpTask, outcome: Outcome, note: str = "", by: Actor, at: datetime) -> FollowUpTask:
    """Write down what the follow-up found, and end the task. What was measured face to face becomes a visit, too.

    Pressure or glucose is taken, or it is written down why not. A dangerous value is not passed over: what was done
    about it is written down, too.

    :raises NotPermitted: the actor does not follow up at the task's facility
    :raises Conflict: it has ended; or it is a second call in one week (``called-this-week``), and nothing is dangerous
    :raises InvalidInput: the form is not complete, or a value cannot be; `code` ``vitals-critical``: a value is
        dangerous, and nobody has said what was done about it
    """
    permissions.may_do(by, task).require()
    content = _content(outcome)
    _require_answer_to_danger(task, outcome, at=at)
    if outcome.channel in CALLS and not _may_call_again(task, outcome, at=at):
        ids = residents.ids_of_person(task.resident)
        take_turns(ids)
        require_a_quiet_week(by, ids, at=at, same_talk=True)
    note = text("note", note)
    visit = None
    if outcome.was_measured and outcome.channel in VISIT_KINDS:
        visit = _record(task, outcome, note, by=by, at=at)
    move(
        task, table=TRANSITIONS, to=Status.DONE, by=by, at=at, place=task.facility_id, done_at=at, done_by=by.user_id,
        done_by_name=by.name[:40], outcome=content, note=note, visit=visit,
    )  # fmt: skip
    announce(
        Event.COMPLETED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        origin=str(task.origin_uuid), channel=outcome.channel, on_time=clock.today(at) <= task.due_on,
    )  # fmt: skip
    return task


@transaction.atomic
def note_unreached(*, task: FollowUpTask, why: str, try_again_on: date, by: Actor, at: datetime) -> FollowUpTask:
    """Note that the resident was not reached, and when to try again.

    :raises NotPermitted: the actor does not follow up at the task's facility
    :raises Conflict: it has ended
    """
    permissions.may_do(by, task).require()
    if why not in UNREACHED_WORDS:
        raise InvalidInput(_("请选择未联系上的原因。"), fields={"why": _("请从列表中选择。")})
    today = clock.today(at)
    if not today <= try_again_on <= today + timedelta(days=90):
        raise InvalidInput(_("再次联系的日期应在今天之后、90天之内。"), fields={"try_again_on": _("日期不对。")})
    if not rules.exemption(task.origin_kind, task.risk):
        _require_day_to_call(task.resident, "try_again_on", try_again_on, by=by, at=at)
    move(
        task, table=TRANSITIONS, to=Status.UNREACHED, by=by, at=at, place=task.facility_id, reason_code=why,
        due_on=try_again_on, n_attempts=task.n_attempts + 1, reminded_at=None,
    )  # fmt: skip
    announce(
        Event.UNREACHED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id, why=why,
        attempts=task.n_attempts,
    )  # fmt: skip
    return task


@transaction.atomic
def cancel_followup(*, task: FollowUpTask, reason: str, by: Actor, at: datetime) -> FollowUpTask:
    """End a task that is no longer owed, with the reason written out.

    :raises NotPermitted: the actor does not follow up at the task's facility
    :raises Conflict: it has ended
    """
    permissions.may_do(by, task).require()
    reason = text("reason", reason)
    if not reason:
        raise InvalidInput(_("请写明取消原因。"), fields={"reason": _("必填。")})
    move(task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=task.facility_id, reason=reason)
    announce(
        Event.CANCELLED, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id, reason=reason,
        origin=str(task.origin_uuid),
    )  # fmt: skip
    return task


@transaction.atomic
def fall_due(*, task: FollowUpTask, by: Actor, at: datetime) -> bool:
    """Announce once that a task is due; whether this call did it. Called by the system."""
    found = FollowUpTask.objects.filter(pk=task.pk, status__in=OPEN, reminded_at__isnull=True)
    if not found.update(reminded_at=at):
        return False
    announce(
        Event.FELL_DUE, obj=task, subject=task.resident.uuid, by=by, at=at, place=task.facility_id,
        due_on=task.due_on.isoformat(),
    )  # fmt: skip
    return True


def _content(outcome: Outcome) -> dict[str, Any]:
    wrong: dict[str, object] = {}
    if outcome.channel not in Channel.values:
        wrong["channel"] = _("请选择随访方式。")
    if outcome.adherence and outcome.adherence not in Adherence.values:
        wrong["adherence"] = _("请从列表中选择。")
    if not set(outcome.symptoms) <= set(Symptom.values):
        wrong["symptoms"] = _("请从列表中选择。")
    if (outcome.systolic is None) != (outcome.diastolic is None):
        wrong["diastolic" if outcome.diastolic is None else "systolic"] = _("收缩压、舒张压要一起填。")
    elif outcome.systolic is not None and outcome.diastolic is not None and outcome.systolic <= outcome.diastolic:
        wrong["systolic"] = _("收缩压应高于舒张压。")
    for name, low, high in (("systolic", 40, 300), ("diastolic", 20, 200), ("pulse", 20, 250), ("glucose", 1, 50)):
        value = getattr(outcome, name)
        if value is not None and not low <= value <= high:
            wrong[name] = _("超出可能的范围（%(low)d—%(high)d）。") % {"low": low, "high": high}
    why = text("not_measured", outcome.not_measured)
    if outcome.systolic is None and outcome.diastolic is None and outcome.glucose is None and not why:
        wrong["not_measured"] = _("请测血压或血糖；未测量时请写明原因。")
    if wrong:
        raise InvalidInput(_("随访记录填写有误。"), fields=wrong)
    return {
        "channel": outcome.channel,
        "systolic": outcome.systolic,
        "diastolic": outcome.diastolic,
        "pulse": outcome.pulse,
        "glucose": str(outcome.glucose) if outcome.glucose is not None else None,
        "symptoms": list(outcome.symptoms),
        "adherence": outcome.adherence,
        "advice": text("advice", outcome.advice),
        "not_measured": why,
        "critical_note": text("critical_note", outcome.critical_note),
    }


def hints_of(task: FollowUpTask, outcome: Outcome, *, at: datetime) -> list[visits.Hint]:
    """What is dangerous in the values and symptoms of a follow-up: the hints a visit would show, the worst first."""
    return visits.hints(
        visits.Vitals(
            systolic=outcome.systolic, diastolic=outcome.diastolic, pulse=outcome.pulse, glucose=outcome.glucose
        ),
        words=_words_of(outcome),
        age_years=visits.age_in_months(task.resident.born_on, clock.today(at)) // 12,
    )


def _require_answer_to_danger(task: FollowUpTask, outcome: Outcome, *, at: datetime) -> None:
    dangers = [hint.title for hint in hints_of(task, outcome, at=at) if hint.tone == "critical"]
    if dangers and not outcome.critical_note.strip():
        raise InvalidInput(
            _("有危急的测量值：%(what)s") % {"what": parted_text(dangers)},
            fields={"critical_note": _("请写明已作的处理，或不转诊的理由。")}, code="vitals-critical",
        )  # fmt: skip


def _may_call_again(task: FollowUpTask, outcome: Outcome, *, at: datetime) -> bool:
    """What is dangerous does not wait for the next week: by its origin, or by what was found."""
    if rules.exemption(task.origin_kind, task.risk):
        return True
    return any(hint.tone == "critical" for hint in hints_of(task, outcome, at=at))


def _words_of(outcome: Outcome) -> str:
    """The symptoms in the language of the records, in which the definitions look for words."""
    with override(settings.LANGUAGE_CODE):
        return listed_text(str(Symptom(each).label) for each in outcome.symptoms if each in Symptom.values)


def _record(task: FollowUpTask, outcome: Outcome, note: str, *, by: Actor, at: datetime) -> Any:
    """The visit of a follow-up, under the diagnosis of the latest one; unsigned when there is none to carry forward."""
    known = (
        visits.visits_visible_to(by)
        .filter(resident_id__in=residents.ids_of_person(task.resident), diagnoses__is_primary=True)
        .exclude(status="VOIDED")
        .order_by("-started_at", "-id")
        .values_list("diagnoses__code", "diagnoses__name", "diagnoses__system")
        .first()
    )
    glucose_when = "RANDOM" if outcome.glucose is not None else ""
    return visits.record_visit(
        resident=task.resident, facility_id=task.facility_id,
        content=visits.Content(
            kind=VISIT_KINDS[Channel(outcome.channel)],
            vitals=visits.Vitals(
                systolic=outcome.systolic, diastolic=outcome.diastolic, pulse=outcome.pulse, glucose=outcome.glucose,
                glucose_when=glucose_when, confirmed_unusual=outcome.confirmed_unusual,
            ),
            complaint=_complaint(task, outcome), history=_history(outcome, note), advice=outcome.advice,
            diagnoses=[visits.DiagnosisIn(*known)] if known else [],
        ),
        sign=known is not None, by=by, at=at,
    )  # fmt: skip


def _complaint(task: FollowUpTask, outcome: Outcome) -> str:
    """What the visit was for, in the language of the county's records, whatever language the reader has chosen."""
    with override(settings.LANGUAGE_CODE):
        kind = str(FollowUpTask.Kind(task.kind).label)
    return "：".join(part for part in (kind, _words_of(outcome)) if part)


def _history(outcome: Outcome, note: str) -> str:
    return "\n".join(part for part in (note, outcome.critical_note.strip()) if part)
