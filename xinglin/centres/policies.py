"""Whether a step is possible now, by the state of the object alone."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from xinglin.centres.models import Assignment, SecondReading, Shift, TeachingCase
from xinglin.centres.states import SECOND_TRANSITIONS, SecondStatus
from xinglin.diagnostics.api import RequestStatus, can_be_claimed
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.platform.transitions import can_move

REPORTED = (RequestStatus.FINAL, RequestStatus.AMENDED)


def step_of(request: Any) -> str:
    """Which step of a request waits for a reader: READ, REVIEW (a senior signs), or none."""
    if can_be_claimed(request):
        return str(Assignment.Step.READ)
    if request.status == RequestStatus.PRELIMINARY and request.centre.two_step:
        return str(Assignment.Step.REVIEW)
    return ""


def can_be_withdrawn(shift: Shift) -> Decision:
    """Whether a shift stands."""
    return ALLOWED if shift.withdrawn_at is None else impossible("withdrawn", _("这个班次已撤销。"))


def can_be_graded(reading: SecondReading) -> Decision:
    """Whether the blind opinion can still be written."""
    return can_move(reading, table=SECOND_TRANSITIONS, to=SecondStatus.GRADED)


def can_be_compared(reading: SecondReading) -> Decision:
    """Whether the first report may be shown and compared: only after the blind opinion."""
    if reading.status == SecondStatus.DRAWN:
        return impossible("not-graded", _("请先写下您的评价，再看原报告。"))
    return can_move(reading, table=SECOND_TRANSITIONS, to=SecondStatus.COMPARED)


def can_be_taught(request: Any) -> Decision:
    """Whether it has a report that stands."""
    return ALLOWED if request.status in REPORTED else impossible("no-report", _("还没有正式报告，不能制作教学病例。"))


def can_case_be_withdrawn(case: TeachingCase) -> Decision:
    """Whether it is still shown."""
    return ALLOWED if case.withdrawn_at is None else impossible("withdrawn", _("这份教学病例已撤下。"))
