"""Where a referral stands on its way, for the stepper of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.states import FINAL, LOOKS, Status
from xinglin.web.pills import Pill

S = Status
WAY_UP = (S.SUBMITTED, S.ACCEPTED, S.ARRIVED, S.IN_CARE, S.DISCHARGED, S.RETURNED, S.RECEIVED_BACK, S.CLOSED)
WAY_DOWN = (S.SUBMITTED, S.RECEIVED_BACK, S.CLOSED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `state` is done, current, todo, failed or skipped."""

    label: str
    state: str
    at: datetime | None = None
    by: str = ""
    note: str = ""


def status_view(referral: Referral) -> Pill:
    """The pill of a referral: a down-referral that waits reads as "to be received back", a held slot as such."""
    status = Status(referral.status)
    tone, icon = LOOKS[status]
    label = str(status.label)
    if status == S.SUBMITTED and referral.direction == Referral.Direction.DOWN:
        label = _("待接回")
    elif status == S.ACCEPTED and referral.hold_kind:
        label = _("床位已留") if referral.hold_kind == Referral.Hold.BED else _("号源已留")
    return Pill(label, tone, icon)


def steps_of(referral: Referral, changes: Sequence[ReferralStatusChange]) -> list[Step]:
    """The way of a referral, with who and when for what is done."""
    status = Status(referral.status)
    down = referral.direction == Referral.Direction.DOWN
    latest = {Status(change.became): change for change in changes}
    ended_badly = status in FINAL and status != S.CLOSED
    steps: list[Step] = []
    for step in WAY_DOWN if down else WAY_UP:
        change = latest.get(step)
        if change is not None and not (step == S.RETURNED and status == S.DISCHARGED):
            steps.append(Step(_label(step, down), "done", change.changed_at, change.changed_by_name))
        elif ended_badly:
            break
        elif status == S.CLOSED:
            steps.append(Step(_label(step, down), "skipped"))
        else:
            steps.append(Step(_label(step, down), "todo"))
    if ended_badly:
        change = latest.get(status)
        steps.append(Step(str(status.label), "failed", referral.closed_at, change.changed_by_name if change else ""))
        return steps
    return _with_current(steps, referral, status)


def _with_current(steps: list[Step], referral: Referral, status: Status) -> list[Step]:
    for index, step in enumerate(steps):
        if step.state == "todo":
            note = _("退回补充") if status == S.SENT_BACK else referral.hold_text if status == S.ACCEPTED else ""
            steps[index] = Step(step.label, "current", note=note)
            break
    return steps


def _label(status: Status, down: bool) -> str:
    if down and status == S.CLOSED:
        return _("首次随访")
    return {
        S.SUBMITTED: _("提交"),
        S.ACCEPTED: _("接收"),
        S.ARRIVED: _("到院"),
        S.IN_CARE: _("收治"),
        S.DISCHARGED: _("出院"),
        S.RETURNED: _("下转"),
        S.RECEIVED_BACK: _("接回"),
        S.CLOSED: _("结案"),
    }[status]
