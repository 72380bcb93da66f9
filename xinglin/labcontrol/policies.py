"""What is possible for a loss of control now, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.labcontrol.models import OutOfControl
from xinglin.labcontrol.states import Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def _is(loss: OutOfControl, *wanted: Status) -> Decision:
    status = Status(loss.status)
    if status in wanted:
        return ALLOWED
    return impossible("wrong-status", _("失控记录现在的状态是“%(status)s”，不能做这一步。") % {"status": status.label})


def can_be_explained(loss: OutOfControl) -> Decision:
    """Whether its cause can be written down."""
    return _is(loss, Status.OPEN)


def can_be_acted_on(loss: OutOfControl) -> Decision:
    """Whether what was done can be written down: the cause comes first."""
    return _is(loss, Status.CAUSED)


def can_be_reviewed(loss: OutOfControl) -> Decision:
    """Whether it can be closed or sent back: a run after the action was in control."""
    return _is(loss, Status.RETESTED)
