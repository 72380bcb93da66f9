"""States of a consultation, of an invitation to it, and of its fee."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """Where a case stands. Responsibility for the resident never moves: it stays with the inviting unit."""

    REQUESTED = "REQUESTED", _("待答复")
    ACCEPTED = "ACCEPTED", _("专家已接受")
    SCHEDULED = "SCHEDULED", _("已约定时间")
    IN_SESSION = "IN_SESSION", _("会诊中")
    OPINION_GIVEN = "OPINION_GIVEN", _("已出意见")
    CLOSED = "CLOSED", _("已结束")
    DECLINED = "DECLINED", _("未受理")
    WITHDRAWN = "WITHDRAWN", _("已撤回")
    EXPIRED = "EXPIRED", _("已过期")


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.REQUESTED: frozenset({S.ACCEPTED, S.SCHEDULED, S.DECLINED, S.WITHDRAWN, S.EXPIRED}),
    # An opinion may be written without a meeting. Back to REQUESTED when the only expert steps down.
    S.ACCEPTED: frozenset({S.IN_SESSION, S.OPINION_GIVEN, S.SCHEDULED, S.REQUESTED, S.WITHDRAWN}),
    S.SCHEDULED: frozenset({S.IN_SESSION, S.OPINION_GIVEN, S.REQUESTED, S.WITHDRAWN}),
    S.IN_SESSION: frozenset({S.OPINION_GIVEN}),
    S.OPINION_GIVEN: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.DECLINED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.EXPIRED: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)
#: Somebody still works on it: the pack may be read by who accepted.
UNDER_WAY = frozenset({S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.IN_SESSION})

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    S.REQUESTED: ("warning", "inbox"),
    S.ACCEPTED: ("info", "check"),
    S.SCHEDULED: ("info", "calendar"),
    S.IN_SESSION: ("primary", "stethoscope"),
    S.OPINION_GIVEN: ("ok", "file-text"),
    S.CLOSED: ("neutral", "check-circle"),
    S.DECLINED: ("critical", "x-circle"),
    S.WITHDRAWN: ("neutral", "ban"),
    S.EXPIRED: ("critical", "timer"),
}


class InvitationStatus(models.TextChoices):
    """What an expert answered."""

    INVITED = "INVITED", _("等待答复")
    ACCEPTED = "ACCEPTED", _("已接受")
    DECLINED = "DECLINED", _("不能参加")
    EXPIRED = "EXPIRED", _("超时未答")
    CANCELLED = "CANCELLED", _("邀请已取消")


I_ = InvitationStatus
INVITATION_TRANSITIONS: dict[InvitationStatus, frozenset[InvitationStatus]] = {
    I_.INVITED: frozenset({I_.ACCEPTED, I_.DECLINED, I_.EXPIRED, I_.CANCELLED}),
    I_.ACCEPTED: frozenset({I_.DECLINED, I_.CANCELLED}),  # steps down before the opinion, or the case is withdrawn
    I_.DECLINED: frozenset(),
    I_.EXPIRED: frozenset(),
    I_.CANCELLED: frozenset(),
}
INVITATION_LOOKS: dict[InvitationStatus, tuple[str, str]] = {
    I_.INVITED: ("warning", "timer"),
    I_.ACCEPTED: ("ok", "check"),
    I_.DECLINED: ("critical", "x-circle"),
    I_.EXPIRED: ("neutral", "timer"),
    I_.CANCELLED: ("neutral", "ban"),
}


class FeeStatus(models.TextChoices):
    """Whether the fee of an opinion was paid. It is settled or waived by somebody, never silently dropped."""

    DUE = "DUE", _("待结算")
    SETTLED = "SETTLED", pgettext_lazy("fee", "已结算")
    WAIVED = "WAIVED", _("已减免")


FEE_TRANSITIONS: dict[FeeStatus, frozenset[FeeStatus]] = {
    FeeStatus.DUE: frozenset({FeeStatus.SETTLED, FeeStatus.WAIVED}),
    FeeStatus.SETTLED: frozenset(),
    FeeStatus.WAIVED: frozenset(),
}
FEE_LOOKS: dict[FeeStatus, tuple[str, str]] = {
    FeeStatus.DUE: ("warning", "timer"),
    FeeStatus.SETTLED: ("ok", "check-circle"),
    FeeStatus.WAIVED: ("neutral", "minus"),
}
