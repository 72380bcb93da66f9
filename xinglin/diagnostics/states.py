"""States of a request (request → report) and of a critical value."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestStatus(models.TextChoices):
    """A request as the asking unit sees it."""

    REQUESTED = "REQUESTED", _("待诊断")
    IN_PROGRESS = "IN_PROGRESS", _("检查中")
    PERFORMED = "PERFORMED", _("已检查")
    CLAIMED = "CLAIMED", _("诊断中")
    PRELIMINARY = "PRELIMINARY", _("初步报告")
    FINAL = "FINAL", _("已报告")
    AMENDED = "AMENDED", _("已更正")
    REJECTED = "REJECTED", _("已退回")
    CANCELLED = "CANCELLED", _("已撤销")


REQUEST_TRANSITIONS: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.REQUESTED: frozenset(
        {
            RequestStatus.IN_PROGRESS,
            RequestStatus.PERFORMED,
            RequestStatus.CLAIMED,
            RequestStatus.REJECTED,  # a specimen refused on receipt
            RequestStatus.CANCELLED,
        }
    ),
    # Rejected on the way: every specimen of it was refused.
    RequestStatus.IN_PROGRESS: frozenset({RequestStatus.PERFORMED, RequestStatus.REQUESTED, RequestStatus.REJECTED}),
    RequestStatus.PERFORMED: frozenset({RequestStatus.CLAIMED, RequestStatus.REQUESTED}),
    RequestStatus.CLAIMED: frozenset(
        {
            RequestStatus.REQUESTED,
            RequestStatus.PERFORMED,
            RequestStatus.PRELIMINARY,
            RequestStatus.FINAL,
            RequestStatus.REJECTED,
        }
    ),
    # Preliminary again: of a laboratory order with several items, more of them are known.
    RequestStatus.PRELIMINARY: frozenset({RequestStatus.PRELIMINARY, RequestStatus.FINAL}),
    RequestStatus.FINAL: frozenset({RequestStatus.AMENDED}),
    RequestStatus.AMENDED: frozenset({RequestStatus.AMENDED}),
    RequestStatus.REJECTED: frozenset(),
    RequestStatus.CANCELLED: frozenset(),
}


class CriticalStatus(models.TextChoices):
    """A critical value on its way: nobody closes one silently."""

    NOTIFIED = "NOTIFIED", _("待确认")
    CONFIRMED = "CONFIRMED", _("已确认")
    HANDLED = "HANDLED", _("已处置")
    CLOSED = "CLOSED", _("已关闭")
    SUPERSEDED = "SUPERSEDED", _("已被更正报告取代")


CRITICAL_TRANSITIONS: dict[CriticalStatus, frozenset[CriticalStatus]] = {
    CriticalStatus.NOTIFIED: frozenset({CriticalStatus.CONFIRMED, CriticalStatus.SUPERSEDED}),
    CriticalStatus.CONFIRMED: frozenset({CriticalStatus.HANDLED, CriticalStatus.SUPERSEDED}),
    CriticalStatus.HANDLED: frozenset({CriticalStatus.CLOSED}),
    CriticalStatus.CLOSED: frozenset(),
    CriticalStatus.SUPERSEDED: frozenset(),
}
