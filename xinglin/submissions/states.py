"""States of a submission."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """From the day it is due to the answer of whoever asked for it. What was sent is never changed: a correction is a new one."""

    DUE = "DUE", _("待编制")
    MADE = "MADE", _("已编制，待核对")
    CHECKED = "CHECKED", _("已核对，待复核")
    CONFIRMED = "CONFIRMED", _("已复核，待报出")
    SENT = "SENT", _("已报出，待回执")
    RECEIVED = "RECEIVED", _("已收到回执")
    REFUSED = "REFUSED", _("被退回")
    CANCELLED = "CANCELLED", _("已作废")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DUE: frozenset({Status.MADE, Status.CANCELLED}),
    Status.MADE: frozenset({Status.MADE, Status.CHECKED, Status.CANCELLED}),
    Status.CHECKED: frozenset({Status.MADE, Status.CONFIRMED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.MADE, Status.SENT, Status.CANCELLED}),
    Status.SENT: frozenset({Status.RECEIVED, Status.REFUSED}),
    Status.RECEIVED: frozenset(),
    Status.REFUSED: frozenset(),
    Status.CANCELLED: frozenset(),
}
#: Somebody still has to do something.
OPEN = (Status.DUE, Status.MADE, Status.CHECKED, Status.CONFIRMED)
#: It has left the house: its file stands for ever.
OUT = (Status.SENT, Status.RECEIVED, Status.REFUSED)

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.DUE: ("warning", "clock"),
    Status.MADE: ("info", "edit"),
    Status.CHECKED: ("info", "check"),
    Status.CONFIRMED: ("info", "check-circle"),
    Status.SENT: ("info", "send"),
    Status.RECEIVED: ("ok", "check-circle"),
    Status.REFUSED: ("critical", "alert-octagon"),
    Status.CANCELLED: ("neutral", "ban"),
}
