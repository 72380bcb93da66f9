"""States of a round, of one unit's sheet in it, of an appeal, and of a distribution of funds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RoundStatus(models.TextChoices):
    """Units check themselves, others review, results are told, appeals are decided, the ranking is published."""

    SELF_CHECK = "SELF_CHECK", _("自查中")
    REVIEW = "REVIEW", _("复核中")
    APPEAL = "APPEAL", _("结果反馈")
    PUBLISHED = "PUBLISHED", _("已通报")
    CLOSED = "CLOSED", _("已办结")
    CANCELLED = "CANCELLED", _("已取消")


class SheetStatus(models.TextChoices):
    """One unit in one round: it checks itself or lets the time pass, is reviewed, and agrees with the result or not."""

    OPEN = "OPEN", _("待自查")
    SUBMITTED = "SUBMITTED", _("已自查")
    MISSED = "MISSED", _("未按时自查")
    REVIEWED = "REVIEWED", _("已复核")
    CONFIRMED = "CONFIRMED", _("已确认结果")


class AppealStatus(models.TextChoices):
    """A unit disagrees with a score; somebody who did not give it decides, unless the round is given up before."""

    OPEN = "OPEN", _("待处理")
    UPHELD = "UPHELD", _("申诉成立")
    REJECTED = "REJECTED", _("申诉不成立")
    ENDED = "ENDED", _("随考核取消")


class FundStatus(models.TextChoices):
    """A distribution is worked out by one, approved by another, then published; after that only replaced."""

    DRAFT = "DRAFT", _("测算稿")
    SUBMITTED = "SUBMITTED", _("待审批")
    APPROVED = "APPROVED", _("已批准")
    PUBLISHED = "PUBLISHED", _("已公布")
    REPLACED = "REPLACED", _("已更正")
    DROPPED = "DROPPED", _("已撤销")


R, S, A, F = RoundStatus, SheetStatus, AppealStatus, FundStatus
ROUND_TRANSITIONS: dict[RoundStatus, frozenset[RoundStatus]] = {
    R.SELF_CHECK: frozenset({R.REVIEW, R.CANCELLED}),
    R.REVIEW: frozenset({R.APPEAL, R.CANCELLED}),
    R.APPEAL: frozenset({R.PUBLISHED, R.CANCELLED}),
    R.PUBLISHED: frozenset({R.CLOSED}),
    R.CLOSED: frozenset(),
    R.CANCELLED: frozenset(),
}
SHEET_TRANSITIONS: dict[SheetStatus, frozenset[SheetStatus]] = {
    S.OPEN: frozenset({S.SUBMITTED, S.MISSED}),
    S.SUBMITTED: frozenset({S.REVIEWED}),
    S.MISSED: frozenset({S.REVIEWED}),
    S.REVIEWED: frozenset({S.CONFIRMED}),
    S.CONFIRMED: frozenset(),
}
APPEAL_TRANSITIONS: dict[AppealStatus, frozenset[AppealStatus]] = {
    A.OPEN: frozenset({A.UPHELD, A.REJECTED, A.ENDED}),
    A.UPHELD: frozenset(),
    A.REJECTED: frozenset(),
    A.ENDED: frozenset(),
}
FUND_TRANSITIONS: dict[FundStatus, frozenset[FundStatus]] = {
    F.DRAFT: frozenset({F.SUBMITTED, F.DROPPED}),
    F.SUBMITTED: frozenset({F.APPROVED, F.DRAFT, F.DROPPED}),
    F.APPROVED: frozenset({F.PUBLISHED, F.DROPPED}),
    F.PUBLISHED: frozenset({F.REPLACED}),
    F.REPLACED: frozenset(),
    F.DROPPED: frozenset(),
}
#: While units may disagree, and be answered.
APPEALED_IN = (R.APPEAL, R.PUBLISHED)
#: Tone and icon of each state on a page, by kind: states of two kinds may have one name.
LOOKS: dict[type[models.TextChoices], dict[str, tuple[str, str]]] = {
    R: {
        R.SELF_CHECK: ("info", "edit"),
        R.REVIEW: ("info", "search"),
        R.APPEAL: ("warning", "clock"),
        R.PUBLISHED: ("ok", "check-circle"),
        R.CLOSED: ("neutral", "lock"),
        R.CANCELLED: ("neutral", "ban"),
    },
    S: {
        S.OPEN: ("warning", "clock"),
        S.SUBMITTED: ("info", "check"),
        S.MISSED: ("critical", "alert-triangle"),
        S.REVIEWED: ("ok", "check"),
        S.CONFIRMED: ("ok", "check-circle"),
    },
    A: {
        A.OPEN: ("warning", "clock"),
        A.UPHELD: ("ok", "check-circle"),
        A.REJECTED: ("neutral", "ban"),
        A.ENDED: ("neutral", "lock"),
    },
    F: {
        F.DRAFT: ("neutral", "edit"),
        F.SUBMITTED: ("warning", "clock"),
        F.APPROVED: ("info", "check"),
        F.PUBLISHED: ("ok", "check-circle"),
        F.REPLACED: ("neutral", "history"),
        F.DROPPED: ("neutral", "ban"),
    },
}
