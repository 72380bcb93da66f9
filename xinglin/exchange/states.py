"""States of a message that came in, and of one that goes out."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InboundStatus(models.TextChoices):
    """Stored and acknowledged, then worked through in order; what fails waits for a person."""

    RECEIVED = "RECEIVED", _("待处理")
    PROCESSED = "PROCESSED", _("已处理")
    IGNORED = "IGNORED", _("未采用")
    FAILED = "FAILED", _("处理失败")
    DISCARDED = "DISCARDED", _("已放弃")
    REFUSED = "REFUSED", _("已拒收")


class OutboundStatus(models.TextChoices):
    """Waits until the other side says yes or no."""

    QUEUED = "QUEUED", _("待发送")
    SENT = "SENT", _("对方已接收")
    REFUSED = "REFUSED", _("对方拒收")
    DISCARDED = "DISCARDED", _("已放弃")


INBOUND_TRANSITIONS: dict[InboundStatus, frozenset[InboundStatus]] = {
    InboundStatus.RECEIVED: frozenset({InboundStatus.PROCESSED, InboundStatus.IGNORED, InboundStatus.FAILED}),
    InboundStatus.FAILED: frozenset({InboundStatus.RECEIVED, InboundStatus.DISCARDED}),
    InboundStatus.IGNORED: frozenset({InboundStatus.RECEIVED}),
    InboundStatus.PROCESSED: frozenset(),
    InboundStatus.DISCARDED: frozenset(),
    InboundStatus.REFUSED: frozenset(),
}
OUTBOUND_TRANSITIONS: dict[OutboundStatus, frozenset[OutboundStatus]] = {
    OutboundStatus.QUEUED: frozenset({OutboundStatus.SENT, OutboundStatus.REFUSED, OutboundStatus.DISCARDED}),
    OutboundStatus.REFUSED: frozenset({OutboundStatus.QUEUED, OutboundStatus.DISCARDED}),
    OutboundStatus.SENT: frozenset(),
    OutboundStatus.DISCARDED: frozenset(),
}

#: Tone and icon of each state on a page.
LOOKS: dict[str, tuple[str, str]] = {
    InboundStatus.RECEIVED: ("info", "clock"),
    InboundStatus.PROCESSED: ("ok", "check-circle"),
    InboundStatus.IGNORED: ("neutral", "ban"),
    InboundStatus.FAILED: ("critical", "alert-triangle"),
    InboundStatus.DISCARDED: ("neutral", "trash"),
    InboundStatus.REFUSED: ("warning", "x"),
    OutboundStatus.QUEUED: ("info", "clock"),
    OutboundStatus.SENT: ("ok", "check-circle"),
}
