"""The plan a hospital makes when it sends somebody home: who follows up, on which day, with which script."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.followups import permissions
from xinglin.followups.actions.handing import facility_of
from xinglin.followups.actions.tasks import plan_followup
from xinglin.followups.actions.texts import text
from xinglin.followups.data import Discharge
from xinglin.followups.events import Event
from xinglin.followups.models import DischargePlan, FollowUpTask
from xinglin.followups.rules import plans
from xinglin.followups.states import OPEN, TRANSITIONS, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

ORIGIN = "discharge"
#: A plan is made at most so many days before or after the discharge.
AROUND = timedelta(days=30)
CODE = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Za-z+*]{1,6})?")


@transaction.atomic
def plan_discharge(
    *,
    resident: Any,
    facility_id: int,
    ward: str = "",
    discharge: str,
    diagnosis_code: str,
    diagnosis_name: str,
    discharged_on: date,
    advice: str = "",
    by: Actor,
    at: datetime,
) -> DischargePlan:
    """Make the follow-up plan of a discharge, with a task for each step at its level.

    :raises NotPermitted: the actor does not follow up at the hospital
    :raises InvalidInput: the day, the diagnosis or the way of leaving cannot be
    :raises Conflict: the resident is not in the register any more, or the plan was made already
    """
    permissions.may_plan(by, facility_id).require()
    if resident.status != "ACTIVE":
        raise Conflict(_("居民已不在册，不能安排随访。"), code="not-active")
    wrong: dict[str, object] = {}
    today = clock.today(at)
    if not today - AROUND <= discharged_on <= today + AROUND:
        wrong["discharged_on"] = _("出院日期应在前后30天之内。")
    if discharge not in Discharge.values:
        wrong["discharge"] = _("请从列表中选择。")
    code = diagnosis_code.strip().upper()
    if not CODE.fullmatch(code):
        wrong["diagnosis_code"] = _("请填ICD-10编码，如 I21.9。")
    name = text("diagnosis_name", diagnosis_name, 120)
    if not name:
        wrong["diagnosis_name"] = _("必填。")
    chosen = None if wrong else plans.plan_for(discharge, code, on=today)
    if chosen is None:
        raise InvalidInput(_("出院信息填写有误。"), fields=wrong or {"discharge": _("没有适用的随访计划。")})
    try:
        with transaction.atomic():
            plan = DischargePlan.objects.create(
                resident=resident, facility_id=facility_id, ward=text("ward", ward, 60), discharge=discharge,
                diagnosis_code=code, diagnosis_name=name, discharged_on=discharged_on, advice=text("advice", advice),
                version=chosen.version, made_at=at, made_by=by.user_id, made_by_name=by.name[:40],
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("这次出院的随访计划已经制定。"), code="already-planned") from error
    _plan_steps(plan, chosen, by=by, at=at)
    announce(
        Event.DISCHARGE_PLANNED, obj=plan, subject=resident.uuid, by=by, at=at, place=facility_id, version=plan.version
    )  # fmt: skip
    return plan


def _plan_steps(plan: DischargePlan, chosen: plans.Plan, *, by: Actor, at: datetime) -> None:
    made_on = clock.today(at)
    for step, due_on in plans.steps_of(chosen, discharged_on=plan.discharged_on, made_on=made_on):
        plan_followup(
            resident=plan.resident, facility_id=facility_of(plan.resident, step.level, hospital=plan.facility_id),
            kind=step.kind, origin_kind=ORIGIN, origin_uuid=plan.uuid, due_on=due_on,
            plan="\n".join(each for each in (step.text.zh, plan.diagnosis_name, plan.advice) if each), risk=step.risk,
            step=step.code, level=step.level, script=step.script, by=by, at=at,
        )  # fmt: skip


@transaction.atomic
def cancel_discharge_plan(*, plan: DischargePlan, reason: str, by: Actor, at: datetime) -> DischargePlan:
    """End what is still open of a plan, at all levels: the resident is in hospital again, or it was made by mistake.

    :raises NotPermitted: the actor does not follow up at the hospital
    :raises InvalidInput: no reason
    :raises Conflict: nothing of it is open
    """
    permissions.may_end_plan(by, plan.facility_id).require()
    why = text("reason", reason)
    if not why:
        raise InvalidInput(_("请写明取消原因。"), fields={"reason": _("必填。")})
    rows = FollowUpTask.objects.select_for_update(of=("self",)).filter(origin_uuid=plan.uuid, status__in=OPEN)
    tasks = list(rows.order_by("id"))
    if not tasks:
        raise Conflict(_("这个计划没有未完成的随访。"), code="nothing-open")
    for task in tasks:
        move(task, table=TRANSITIONS, to=Status.CANCELLED, by=by, at=at, place=task.facility_id, reason=why)
    announce(
        Event.DISCHARGE_CANCELLED, obj=plan, subject=plan.resident.uuid, by=by, at=at, place=plan.facility_id,
        reason=why, n=len(tasks),
    )  # fmt: skip
    return plan
