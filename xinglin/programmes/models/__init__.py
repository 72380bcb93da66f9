"""Rows of programmes of care for long-term diseases."""

from xinglin.programmes.models.counting import KeptCount
from xinglin.programmes.models.managing import (
    Alert,
    Attempt,
    Enrolment,
    EnrolmentStatusChange,
    ManagedResident,
    NightlyCheck,
    ProgrammeVisit,
    QualityCheck,
    ResultChange,
    VersionMove,
    VisitResult,
)
from xinglin.programmes.models.reaching import Screening, ScreeningResult, Transfer, TransferredResident
from xinglin.programmes.models.writing import Edition, EditionEffect, EditionStatusChange, EditionText, JointMove

__all__ = [
    "Alert",
    "Attempt",
    "Edition",
    "EditionEffect",
    "EditionStatusChange",
    "EditionText",
    "Enrolment",
    "EnrolmentStatusChange",
    "JointMove",
    "KeptCount",
    "ManagedResident",
    "NightlyCheck",
    "ProgrammeVisit",
    "QualityCheck",
    "ResultChange",
    "Screening",
    "ScreeningResult",
    "Transfer",
    "TransferredResident",
    "VersionMove",
    "VisitResult",
]
