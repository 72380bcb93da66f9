"""States of an institution, an agreement with it, and a planned round."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InstitutionStatus(models.TextChoices):
    """Open, or closed for good with a reason."""

    OPEN = "OPEN", _("在营")
    CLOSED = "CLOSED", _("已关停")


class Status(models.TextChoices):
    """Of an agreement: prepared, signed for a day to come, in force, ended with a reason, thrown away unsigned."""

    DRAFT = "DRAFT", _("待签署")
    SIGNED = "SIGNED", _("已签，未生效")
    ACTIVE = "ACTIVE", _("履约中")
    ENDED = "ENDED", _("已终止")
    DISCARDED = "DISCARDED", _("已作废")


class RoundStatus(models.TextChoices):
    """Of a round: planned, done, or not owed any more. A planned one whose day has passed is missed."""

    PLANNED = "PLANNED", _("待巡诊")
    DONE = "DONE", _("已巡诊")
    DROPPED = "DROPPED", _("不再需要")


INSTITUTION_TRANSITIONS: dict[InstitutionStatus, frozenset[InstitutionStatus]] = {
    InstitutionStatus.OPEN: frozenset({InstitutionStatus.CLOSED}),
    InstitutionStatus.CLOSED: frozenset(),
}
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SIGNED, Status.ACTIVE, Status.DISCARDED}),
    Status.SIGNED: frozenset({Status.ACTIVE, Status.ENDED}),
    Status.ACTIVE: frozenset({Status.ENDED}),
    Status.ENDED: frozenset(),
    Status.DISCARDED: frozenset(),
}
ROUND_TRANSITIONS: dict[RoundStatus, frozenset[RoundStatus]] = {
    RoundStatus.PLANNED: frozenset({RoundStatus.DONE, RoundStatus.DROPPED}),
    RoundStatus.DONE: frozenset(),
    RoundStatus.DROPPED: frozenset(),
}
#: Agreements that bind.
IN_FORCE = (Status.SIGNED, Status.ACTIVE)

#: Tone and icon of each state of an agreement.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.DRAFT: ("warning", "edit"),
    Status.SIGNED: ("info", "signature"),
    Status.ACTIVE: ("ok", "check-circle"),
    Status.ENDED: ("neutral", "minus"),
    Status.DISCARDED: ("neutral", "ban"),
}
