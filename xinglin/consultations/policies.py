"""What is possible for a case, an invitation or a pack now, whoever asks."""

from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from xinglin.consultations.models import Case, Fee, Invitation, Opinion
from xinglin.consultations.states import FINAL, UNDER_WAY, FeeStatus, InvitationStatus, Status
from xinglin.platform.decisions import ALLOWED, Decision, impossible


class Verb(StrEnum):
    """What people, or the clock, do with a case."""

    INVITE = "invite"
    DECLINE = "decline"  # the desk says no to the case
    SCHEDULE = "schedule"
    BEGIN = "begin"
    OPINE = "opine"
    AMEND = "amend"
    CHANGE_PACK = "change-pack"
    TALK = "talk"
    RATE = "rate"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


S = Status
_MET = frozenset({S.ACCEPTED, S.SCHEDULED, S.IN_SESSION})
#: States a verb may be done in. What it leads to stands in `TRANSITIONS`.
POSSIBLE_IN: dict[Verb, frozenset[Status]] = {
    Verb.INVITE: UNDER_WAY,
    Verb.DECLINE: frozenset({S.REQUESTED}),
    Verb.SCHEDULE: frozenset({S.REQUESTED, S.ACCEPTED, S.SCHEDULED}),
    Verb.BEGIN: frozenset({S.ACCEPTED, S.SCHEDULED}),
    Verb.OPINE: _MET,
    Verb.AMEND: frozenset({S.OPINION_GIVEN}),
    Verb.CHANGE_PACK: UNDER_WAY,
    Verb.TALK: UNDER_WAY | {S.OPINION_GIVEN},
    Verb.RATE: frozenset({S.OPINION_GIVEN, S.CLOSED}),
    Verb.CLOSE: frozenset({S.OPINION_GIVEN}),
    Verb.WITHDRAW: frozenset({S.REQUESTED, S.ACCEPTED, S.SCHEDULED}),
    Verb.EXPIRE: frozenset({S.REQUESTED}),
}


def can(verb: Verb, case: Case) -> Decision:
    """Whether `verb` can be done to the case as it is."""
    status = Status(case.status)
    if status in POSSIBLE_IN[verb]:
        return ALLOWED
    if status in FINAL:
        return impossible("ended", _("会诊已结束：%(status)s。") % {"status": status.label})
    return impossible("not-now", _("当前状态“%(status)s”，不能进行这一步。") % {"status": status.label})


def pack_is_open(case: Case, at: datetime) -> Decision:
    """Whether the pack may still be read: while the case is under way, and until `pack_until` after that."""
    if case.pack_until is None or at < case.pack_until:
        return ALLOWED
    return impossible("pack-closed", _("会诊资料的查阅期已过，资料已关闭。"))


def can_be_answered(invitation: Invitation) -> Decision:
    """Whether an expert may say yes or no."""
    if invitation.status == InvitationStatus.INVITED and invitation.case.status in UNDER_WAY:
        return ALLOWED
    label = InvitationStatus(invitation.status).label
    return impossible("answered-already", _("这份邀请现在是“%(status)s”，不能再答复。") % {"status": label})


def can_step_down(invitation: Invitation) -> Decision:
    """Whether an expert who accepted may still step down: until the meeting begins."""
    if invitation.status == InvitationStatus.ACCEPTED and invitation.case.status in {S.ACCEPTED, S.SCHEDULED}:
        return ALLOWED
    return impossible("too-late", _("会诊已经开始或结束，不能退出。"))


def can_be_signed(opinion: Opinion) -> Decision:
    """Whether a joint opinion still waits for signatures."""
    if opinion.completed_at is None:
        return ALLOWED
    return impossible("signed-already", _("这份意见已签署完成。"))


def can_be_settled(fee: Fee) -> Decision:
    """Whether a fee still waits."""
    if fee.status == FeeStatus.DUE:
        return ALLOWED
    return impossible("settled-already", _("这笔费用已经处理过。"))
