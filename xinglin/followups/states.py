"""States of a follow-up task."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """A task falls due, is done, or ends with a reason."""

    PLANNED = "PLANNED", _("待随访")
    DONE = "DONE", _("已完成")
    UNREACHED = "UNREACHED", _("未联系上")
    CANCELLED = "CANCELLED", _("已取消")
    HANDED_ON = "HANDED_ON", _("已转交")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PLANNED: frozenset({Status.DONE, Status.UNREACHED, Status.CANCELLED, Status.HANDED_ON}),
    Status.UNREACHED: frozenset({Status.DONE, Status.UNREACHED, Status.CANCELLED, Status.HANDED_ON}),
    Status.DONE: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.HANDED_ON: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
OPEN = (Status.PLANNED, Status.UNREACHED)

#: What ended with a resident who is here after all is taken up again by the system.
TAKEN_UP: dict[Status, frozenset[Status]] = {Status.CANCELLED: frozenset({Status.PLANNED})}

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.PLANNED: ("info", "calendar"),
    Status.DONE: ("ok", "check-circle"),
    Status.UNREACHED: ("warning", "phone"),
    Status.CANCELLED: ("neutral", "ban"),
    Status.HANDED_ON: ("neutral", "arrow-right"),
}
