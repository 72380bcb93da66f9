"""What is possible for a follow-up task now, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.states import OPEN, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def can_be_ended(task: FollowUpTask) -> Decision:
    """Whether the task is open: it can be completed, noted as unreached, or cancelled."""
    status = Status(task.status)
    if status in OPEN:
        return ALLOWED
    return impossible("ended", _("这项随访已结束：%(status)s。") % {"status": status.label})


def can_be_written_down(call: Call) -> Decision:
    """Whether the call is still open."""
    return ALLOWED if call.ended_at is None else impossible("call-ended", _("这次通话已结束，或领取已超时放回。"))
