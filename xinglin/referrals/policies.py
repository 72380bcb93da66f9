"""What is possible for a referral now, whoever asks. One row for each verb: from which states it may be done."""

from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.referrals.models import Referral
from xinglin.referrals.states import FINAL, TURN, Status


class Verb(StrEnum):
    """What people, or the clock, do with a referral."""

    SUBMIT = "submit"  # send a draft, or send again what was sent back
    SIGN = "sign"  # add the consent that an emergency put off
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    DECLINE = "decline"
    SEND_BACK = "send-back"
    REDIRECT = "redirect"
    ARRIVE = "arrive"
    NO_SHOW = "no-show"
    EXPIRE = "expire"
    ADMIT = "admit"
    DISCHARGE = "discharge"
    RETURN = "return"
    RECEIVE_BACK = "receive-back"
    CLOSE = "close"


S = Status
_UNDER_WAY = frozenset(Status) - FINAL
#: States a verb may be done in. What it leads to stands in `TRANSITIONS`.
POSSIBLE_IN: dict[Verb, frozenset[Status]] = {
    Verb.SUBMIT: frozenset({S.DRAFT, S.SENT_BACK}),
    Verb.SIGN: _UNDER_WAY - {S.DRAFT},
    Verb.WITHDRAW: frozenset({S.DRAFT, S.SUBMITTED, S.SENT_BACK, S.ACCEPTED}),
    Verb.ACCEPT: frozenset({S.SUBMITTED}),
    Verb.DECLINE: frozenset({S.SUBMITTED}),
    Verb.SEND_BACK: frozenset({S.SUBMITTED}),
    Verb.REDIRECT: frozenset({S.SUBMITTED}),
    Verb.ARRIVE: frozenset({S.ACCEPTED}),
    Verb.NO_SHOW: frozenset({S.ACCEPTED}),
    Verb.EXPIRE: frozenset({S.ACCEPTED}),
    Verb.ADMIT: frozenset({S.ARRIVED}),
    Verb.DISCHARGE: frozenset({S.IN_CARE}),
    Verb.RETURN: frozenset({S.DISCHARGED}),
    Verb.RECEIVE_BACK: frozenset({S.SUBMITTED}),
    Verb.CLOSE: frozenset({S.ARRIVED, S.IN_CARE, S.DISCHARGED}),
}
#: The same for a down-referral where it differs: nobody holds a bed, somebody takes a person back.
POSSIBLE_DOWN: dict[Verb, frozenset[Status]] = {
    Verb.ACCEPT: frozenset(),
    Verb.WITHDRAW: frozenset({S.DRAFT, S.SUBMITTED, S.SENT_BACK}),
    Verb.CLOSE: frozenset({S.RECEIVED_BACK}),
}


def possible_in(verb: Verb, direction: str) -> frozenset[Status]:
    """The states in which `verb` can be done to a referral of a direction."""
    if direction == Referral.Direction.DOWN:
        return POSSIBLE_DOWN.get(verb, POSSIBLE_IN[verb])
    return frozenset() if verb == Verb.RECEIVE_BACK else POSSIBLE_IN[verb]


_ANSWERS = frozenset({Verb.ACCEPT, Verb.DECLINE, Verb.SEND_BACK, Verb.REDIRECT, Verb.RECEIVE_BACK})


def answered_words(referral: Referral) -> object:
    """How a referral stands, with who answered it and when, for who comes second."""
    label = Status(referral.status).label
    if referral.answered_at is None:
        return _("别人刚刚处理了这条转诊，现在的状态是“%(status)s”。") % {"status": label}
    return _("%(name)s已于%(at)s处理这条转诊，现在的状态是“%(status)s”。") % {
        "name": referral.answered_by_name, "at": f"{timezone.localtime(referral.answered_at):%m-%d %H:%M}", "status": label,
    }  # fmt: skip


def can(verb: Verb, referral: Referral) -> Decision:
    """Whether `verb` can be done to the referral as it is."""
    status = Status(referral.status)
    if status in possible_in(verb, referral.direction):
        if verb == Verb.SIGN and referral.consent_id is not None:
            return impossible("signed-already", _("知情同意已签署。"))
        return ALLOWED
    if verb in _ANSWERS and referral.answered_at is not None:
        return impossible("ended" if status in FINAL else "not-now", answered_words(referral))
    if status in FINAL:
        return impossible("ended", _("转诊已结束：%(status)s。") % {"status": status.label})
    if TURN[status] == "nobody":
        return impossible("not-now", _("当前状态“%(status)s”，等待下级机构接回。") % {"status": status.label})
    return impossible("not-now", _("当前状态“%(status)s”，不能进行这一步。") % {"status": status.label})
