"""States of a referral: responsibility for a person moves and must not be lost on the way."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Union of the states of three systems seen (rules 1.5)."""

    DRAFT = "DRAFT", _("草稿")
    SUBMITTED = "SUBMITTED", _("待接收")
    SENT_BACK = "SENT_BACK", _("退回补充")
    ACCEPTED = "ACCEPTED", _("已接收")
    ARRIVED = "ARRIVED", _("已到院")
    IN_CARE = "IN_CARE", _("诊疗中")
    DISCHARGED = "DISCHARGED", _("已出院")
    RETURNED = "RETURNED", _("已下转")
    RECEIVED_BACK = "RECEIVED_BACK", _("已接回")
    CLOSED = "CLOSED", _("已结案")
    REJECTED = "REJECTED", _("已拒绝")
    REDIRECTED = "REDIRECTED", _("已改派")
    WITHDRAWN = "WITHDRAWN", _("已撤回")
    EXPIRED = "EXPIRED", _("已过期")
    NO_SHOW = "NO_SHOW", _("未到院")


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    # A down-referral goes from here straight to RECEIVED_BACK: taking somebody back needs no bed.
    S.SUBMITTED: frozenset({S.ACCEPTED, S.REJECTED, S.SENT_BACK, S.REDIRECTED, S.WITHDRAWN, S.RECEIVED_BACK}),
    S.SENT_BACK: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.ARRIVED, S.NO_SHOW, S.EXPIRED, S.WITHDRAWN}),
    S.ARRIVED: frozenset({S.IN_CARE, S.CLOSED}),
    S.IN_CARE: frozenset({S.DISCHARGED, S.CLOSED}),
    S.DISCHARGED: frozenset({S.RETURNED, S.CLOSED}),
    # Back to DISCHARGED when the unit below declined: the hospital must find another.
    S.RETURNED: frozenset({S.RECEIVED_BACK, S.DISCHARGED}),
    S.RECEIVED_BACK: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.REJECTED: frozenset(),
    S.REDIRECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.EXPIRED: frozenset(),
    S.NO_SHOW: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)

#: Whose turn it is: the sending unit, the receiving unit, or nobody. RETURNED waits for the down-referral's receiver.
SENDER, RECEIVER, NOBODY = "sender", "receiver", "nobody"
TURN: dict[Status, str] = {
    S.DRAFT: SENDER,
    S.SUBMITTED: RECEIVER,
    S.SENT_BACK: SENDER,
    S.ACCEPTED: RECEIVER,
    S.ARRIVED: RECEIVER,
    S.IN_CARE: RECEIVER,
    S.DISCHARGED: RECEIVER,
    S.RETURNED: NOBODY,
    S.RECEIVED_BACK: RECEIVER,
    S.CLOSED: NOBODY,
    S.REJECTED: NOBODY,
    S.REDIRECTED: NOBODY,
    S.WITHDRAWN: NOBODY,
    S.EXPIRED: NOBODY,
    S.NO_SHOW: NOBODY,
}

#: Tone and icon of each state on a page (`xinglin.web` status pill).
LOOKS: dict[Status, tuple[str, str]] = {
    S.DRAFT: ("neutral", "edit"),
    S.SUBMITTED: ("warning", "inbox"),
    S.SENT_BACK: ("warning", "edit"),
    S.ACCEPTED: ("info", "bed"),
    S.ARRIVED: ("primary", "hospital"),
    S.IN_CARE: ("primary", "stethoscope"),
    S.DISCHARGED: ("accent", "house-medical"),
    S.RETURNED: ("accent", "arrow-down"),
    S.RECEIVED_BACK: ("ok", "house-medical"),
    S.CLOSED: ("neutral", "check-circle"),
    S.REJECTED: ("critical", "x-circle"),
    S.REDIRECTED: ("neutral", "transfer"),
    S.WITHDRAWN: ("neutral", "ban"),
    S.EXPIRED: ("critical", "timer"),
    S.NO_SHOW: ("critical", "user"),
}
