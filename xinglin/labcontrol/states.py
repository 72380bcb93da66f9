"""States of a loss of control."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """A loss of control is explained, acted upon, shown to be over by a new run, and reviewed by somebody else."""

    OPEN = "OPEN", _("待查原因")
    CAUSED = "CAUSED", _("待处理")
    ACTED = "ACTED", _("待复测")
    RETESTED = "RETESTED", _("待审核")
    CLOSED = "CLOSED", _("已审核关闭")


#: A repeat that fails, and a reviewer who does not agree, lead back to the cause.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.CAUSED}),
    Status.CAUSED: frozenset({Status.ACTED}),
    Status.ACTED: frozenset({Status.RETESTED, Status.OPEN}),
    Status.RETESTED: frozenset({Status.CLOSED, Status.OPEN}),
    Status.CLOSED: frozenset(),
}
#: While a loss of control is in one of these, results are not released.
BLOCKING = (Status.OPEN, Status.CAUSED, Status.ACTED)
UNFINISHED = (*BLOCKING, Status.RETESTED)

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.OPEN: ("critical", "alert-octagon"),
    Status.CAUSED: ("critical", "edit"),
    Status.ACTED: ("warning", "refresh"),
    Status.RETESTED: ("info", "eye"),
    Status.CLOSED: ("ok", "check-circle"),
}
