"""States of an assignment and of a second reading."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssignmentStatus(models.TextChoices):
    """What became of a suggestion who should read."""

    ASSIGNED = "ASSIGNED", _("已分配")
    STARTED = "STARTED", _("已开始")
    LAPSED = "LAPSED", _("超时未开始")
    WITHDRAWN = "WITHDRAWN", _("已撤回")


ASSIGNMENT_TRANSITIONS: dict[AssignmentStatus, frozenset[AssignmentStatus]] = {
    AssignmentStatus.ASSIGNED: frozenset(
        {AssignmentStatus.STARTED, AssignmentStatus.LAPSED, AssignmentStatus.WITHDRAWN}
    ),
    AssignmentStatus.STARTED: frozenset(),
    AssignmentStatus.LAPSED: frozenset(),
    AssignmentStatus.WITHDRAWN: frozenset(),
}


class SecondStatus(models.TextChoices):
    """A second reading: drawn, graded blind, then compared with the report."""

    DRAWN = "DRAWN", _("待复阅")
    GRADED = "GRADED", _("待比较")
    COMPARED = "COMPARED", _("已比较")


SECOND_TRANSITIONS: dict[SecondStatus, frozenset[SecondStatus]] = {
    SecondStatus.DRAWN: frozenset({SecondStatus.GRADED}),
    SecondStatus.GRADED: frozenset({SecondStatus.COMPARED}),
    SecondStatus.COMPARED: frozenset(),
}
