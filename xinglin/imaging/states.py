"""States of a study (影像检查): whose it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StudyStatus(models.TextChoices):
    """Whether it is known whom a study shows."""

    UNMATCHED = "UNMATCHED", _("待匹配")
    MATCHED = "MATCHED", _("已匹配")
    REJECTED = "REJECTED", _("已拒收")


STUDY_TRANSITIONS: dict[StudyStatus, frozenset[StudyStatus]] = {
    StudyStatus.UNMATCHED: frozenset({StudyStatus.MATCHED, StudyStatus.REJECTED}),
    StudyStatus.MATCHED: frozenset({StudyStatus.UNMATCHED, StudyStatus.MATCHED}),
    StudyStatus.REJECTED: frozenset(),
}
