"""Rows of programmes of care for long-term diseases."""

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

__all__ = [
    "Alert",
    "Attempt",
    "Enrolment",
    "EnrolmentStatusChange",
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
