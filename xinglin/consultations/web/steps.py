"""How a case stands, for pills, the stepper and the trail."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.consultations.models import Case, Fee, Invitation
from xinglin.consultations.states import (
    FEE_LOOKS,
    FINAL,
    INVITATION_LOOKS,
    LOOKS,
    FeeStatus,
    InvitationStatus,
    Status,
)
from xinglin.web.pills import Pill


def status_pill(case: Case) -> Pill:
    """How a case stands."""
    status = Status(case.status)
    return Pill(str(status.label), *LOOKS[status])


def invitation_pill(invitation: Invitation) -> Pill:
    """What an expert answered."""
    status = InvitationStatus(invitation.status)
    return Pill(str(status.label), *INVITATION_LOOKS[status])


def fee_pill(fee: Fee) -> Pill:
    """Whether a fee was paid."""
    status = FeeStatus(fee.status)
    return Pill(str(status.label), *FEE_LOOKS[status])


def kind_pill(case: Case) -> Pill:
    """Immediate or booked."""
    immediate = case.kind == Case.Kind.IMMEDIATE
    return Pill(str(case.get_kind_display()), "critical" if immediate else "info", "bolt" if immediate else "calendar")


def due_words(case: Case) -> str:
    """What the running deadline is of; empty when none runs."""
    if case.due_at is None or case.status in FINAL:
        return ""
    return _("答复时限") if case.status == Status.REQUESTED else _("意见时限")


def steps_of(case: Case) -> list[dict[str, Any]]:
    """The way of a case for the stepper."""
    moments = [
        (_("已申请"), case.requested_at), (_("专家接受"), case.answered_at), (_("会诊"), case.began_at),
        (_("已出意见"), case.opinion_at), (_("已结束"), case.closed_at),
    ]  # fmt: skip
    if case.status in FINAL and case.status != Status.CLOSED:
        done = [step(label, at) for label, at in moments[:-1] if at is not None]
        return [*done, {"label": str(Status(case.status).label), "state": "failed", "at": case.closed_at}]
    last = max(index for index, (_label, at) in enumerate(moments) if at is not None)
    return [
        step(label, at) if at is not None else {"label": label, "state": _todo(index, last)}
        for index, (label, at) in enumerate(moments)
    ]


def step(label: str, at: datetime | None) -> dict[str, Any]:
    """A step that was taken."""
    return {"label": label, "state": "done", "at": at}


def _todo(index: int, last: int) -> str:
    if index < last:
        return "skipped"
    return "current" if index == last + 1 else "todo"


def local_input(moment: datetime | None) -> str:
    """A moment for a field of date and time."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""
