"""States of an institution and of a planned round. An agreement goes the same way as one with a resident."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.contracts.data import IN_FORCE, LOOKS, TRANSITIONS, Status

__all__ = [
    "IN_FORCE",
    "INSTITUTION_TRANSITIONS",
    "LOOKS",
    "ROUND_TRANSITIONS",
    "TRANSITIONS",
    "InstitutionStatus",
    "RoundStatus",
    "Status",
]


class InstitutionStatus(models.TextChoices):
    """Open, or closed for good with a reason."""

    OPEN = "OPEN", _("在营")
    CLOSED = "CLOSED", _("已关停")


class RoundStatus(models.TextChoices):
    """Of a round: planned, done, or not owed any more. A planned one whose day has passed is missed."""

    PLANNED = "PLANNED", _("待巡诊")
    DONE = "DONE", _("已巡诊")
    DROPPED = "DROPPED", _("不再需要")


INSTITUTION_TRANSITIONS: dict[InstitutionStatus, frozenset[InstitutionStatus]] = {
    InstitutionStatus.OPEN: frozenset({InstitutionStatus.CLOSED}),
    InstitutionStatus.CLOSED: frozenset(),
}
ROUND_TRANSITIONS: dict[RoundStatus, frozenset[RoundStatus]] = {
    RoundStatus.PLANNED: frozenset({RoundStatus.DONE, RoundStatus.DROPPED}),
    RoundStatus.DONE: frozenset(),
    RoundStatus.DROPPED: frozenset(),
}
