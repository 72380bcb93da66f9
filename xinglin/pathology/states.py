"""States of a case (病例): from what was sent to the report. Refusing is possible at receipt only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseStatus(models.TextChoices):
    """Where the material of a case is."""

    SUBMITTED = "SUBMITTED", _("待核收")
    HELD = "HELD", _("存疑待复")
    REFUSED = "REFUSED", _("已拒收")
    RECEIVED = "RECEIVED", _("已核收")
    GROSSED = "GROSSED", _("已取材")
    EMBEDDED = "EMBEDDED", _("已包埋")
    SLIDED = "SLIDED", _("已制片")
    READ = "READ", _("已阅片")
    REPORTED = "REPORTED", _("已报告")
    WITHDRAWN = "WITHDRAWN", _("已撤销")


CASE_TRANSITIONS: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.SUBMITTED: frozenset({CaseStatus.RECEIVED, CaseStatus.HELD, CaseStatus.REFUSED, CaseStatus.WITHDRAWN}),
    CaseStatus.HELD: frozenset({CaseStatus.SUBMITTED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN}),
    CaseStatus.REFUSED: frozenset(),
    # Of cytology slides are made at once, of the rest blocks come first.
    CaseStatus.RECEIVED: frozenset({CaseStatus.GROSSED, CaseStatus.SLIDED}),
    CaseStatus.GROSSED: frozenset({CaseStatus.EMBEDDED, CaseStatus.SLIDED}),
    CaseStatus.EMBEDDED: frozenset({CaseStatus.SLIDED}),
    CaseStatus.SLIDED: frozenset({CaseStatus.READ, CaseStatus.REPORTED}),
    CaseStatus.READ: frozenset({CaseStatus.REPORTED}),
    CaseStatus.REPORTED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
}
