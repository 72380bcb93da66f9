"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum


class Event(StrEnum):
    """What happens to a request, its report and its critical values."""

    CENTRE_OPENED = "centre.opened"
    FILE_UPLOADED = "recording.uploaded"
    REQUEST_PLACED = "request.placed"
    RECORDING_ADDED = "request.recording-added"
    REQUEST_CANCELLED = "request.cancelled"
    REQUEST_CLAIMED = "request.claimed"
    REQUEST_RELEASED = "request.released"
    REQUEST_TAKEN_OVER = "request.taken-over"
    REQUEST_REJECTED = "request.rejected"
    REPORT_PRELIMINARY = "report.preliminary"
    REPORT_SIGNED = "report.signed"
    REPORT_AMENDED = "report.amended"
    CRITICAL_NOTIFIED = "critical.notified"
    CRITICAL_CONFIRMED = "critical.confirmed"
    CRITICAL_HANDLED = "critical.handled"
    CRITICAL_CLOSED = "critical.closed"
    CRITICAL_ESCALATED = "critical.escalated"
    CRITICAL_SUPERSEDED = "critical.superseded"


class Look(StrEnum):
    """Slugs of looks at a person's examination."""

    WORKLIST = "request.worklist-viewed"
    REQUEST = "request.viewed"
    TRACE = "request.trace-viewed"
    REPORT = "report.printed"
    CRITICAL = "critical.viewed"
