"""Status, priority and stage as pills: icon, word and tone together."""

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.kinds import status_word
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.policies import waits_for_images
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.web.pills import Pill

REQUEST_PILLS = {
    RequestStatus.REQUESTED: ("warning", "clock"),
    RequestStatus.IN_PROGRESS: ("info", "timer"),
    RequestStatus.PERFORMED: ("warning", "image"),
    RequestStatus.CLAIMED: ("info", "user"),
    RequestStatus.PRELIMINARY: ("info", "edit"),
    RequestStatus.FINAL: ("ok", "check-circle"),
    RequestStatus.AMENDED: ("ok", "refresh"),
    RequestStatus.REJECTED: ("critical", "x-circle"),
    RequestStatus.CANCELLED: ("neutral", "ban"),
}
CRITICAL_PILLS = {
    CriticalStatus.NOTIFIED: ("critical", "alert-octagon"),
    CriticalStatus.CONFIRMED: ("warning", "check"),
    CriticalStatus.HANDLED: ("ok", "check-circle"),
    CriticalStatus.CLOSED: ("neutral", "lock"),
    CriticalStatus.SUPERSEDED: ("neutral", "ban"),
}
PRIORITY_PILLS = {
    Request.Priority.EMERGENCY: ("critical", "bolt"),
    Request.Priority.URGENT: ("warning", "chevron-up"),
    Request.Priority.ROUTINE: ("neutral", "minus"),
}


def status_pill(request: Request) -> Pill:
    """The pill of a request."""
    status = RequestStatus(request.status)
    if request.kind == "IMAGING" and waits_for_images(request) and status == RequestStatus.REQUESTED:
        return Pill(str(_("待检查")), *REQUEST_PILLS[status])
    return Pill(status_word(request.kind, status, str(status.label)), *REQUEST_PILLS[status])


def priority_pill(request: Request) -> Pill:
    """The pill of how urgent a request is."""
    priority = Request.Priority(request.priority)
    return Pill(str(priority.label), *PRIORITY_PILLS[priority])


def critical_pill(critical: CriticalValue) -> Pill:
    """The pill of a critical value."""
    status = CriticalStatus(critical.status)
    return Pill(str(status.label), *CRITICAL_PILLS[status])
