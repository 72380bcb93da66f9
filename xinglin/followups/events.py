"""Events of follow-up: stable slugs in the audit trail and the outbox."""

from enum import StrEnum


class Event(StrEnum):
    """What may happen to a follow-up task."""

    PLANNED = "followup.planned"
    FELL_DUE = "followup.fell-due"
    COMPLETED = "followup.completed"
    UNREACHED = "followup.unreached"
    CANCELLED = "followup.cancelled"
    VIEWED = "followup.viewed"
    LISTED = "followup.listed"
