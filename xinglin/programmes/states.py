"""States of an enrolment: from a candidate somebody or a rule found, to managed, to ended with a reason."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """A candidate is looked at by a person; a confirmed one gets a plan and is managed; managing ends with a reason."""

    CANDIDATE = "CANDIDATE", _("待核实")
    CONFIRMED = "CONFIRMED", _("已核实待建档")
    ENROLLED = "ENROLLED", _("在管")
    PAUSED = "PAUSED", _("暂停管理")
    LOST = "LOST", _("失访")
    GRADUATED = "GRADUATED", pgettext_lazy("programme", "达标结案")
    ENDED = "ENDED", _("终止管理")
    DISMISSED = "DISMISSED", _("已排除")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.CANDIDATE: frozenset({Status.CONFIRMED, Status.DISMISSED, Status.ENDED}),
    Status.CONFIRMED: frozenset({Status.ENROLLED, Status.DISMISSED, Status.ENDED}),
    Status.ENROLLED: frozenset({Status.PAUSED, Status.LOST, Status.GRADUATED, Status.ENDED}),
    Status.PAUSED: frozenset({Status.ENROLLED, Status.LOST, Status.ENDED}),
    Status.LOST: frozenset({Status.ENROLLED, Status.ENDED}),
    Status.GRADUATED: frozenset(),
    Status.ENDED: frozenset(),
    Status.DISMISSED: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
#: Of these a resident has at most one in each programme.
ACTIVE = tuple(status for status in Status if status not in FINAL)
#: Somebody is responsible for seeing this person regularly.
MANAGED = (Status.ENROLLED, Status.LOST)

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.CANDIDATE: ("warning", "search"),
    Status.CONFIRMED: ("info", "clipboard"),
    Status.ENROLLED: ("ok", "check-circle"),
    Status.PAUSED: ("neutral", "pause"),
    Status.LOST: ("critical", "phone"),
    Status.GRADUATED: ("ok", "star"),
    Status.ENDED: ("neutral", "ban"),
    Status.DISMISSED: ("neutral", "x"),
}
