"""Who may do what with a referral: role at the unit whose turn it is, and state."""

from typing import Literal

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused
from xinglin.referrals import policies
from xinglin.referrals.models import Referral
from xinglin.referrals.policies import Verb

Side = Literal["sender", "receiver", "either", "clock"]
P = Permission

#: Who does a verb: the right it takes, and at which of the two units.
NEEDS: dict[Verb, tuple[Permission, Side]] = {
    Verb.SUBMIT: (P.REFERRAL_SEND, "sender"),
    Verb.SIGN: (P.REFERRAL_SEND, "either"),
    Verb.WITHDRAW: (P.REFERRAL_SEND, "sender"),
    Verb.ACCEPT: (P.REFERRAL_ANSWER, "receiver"),
    Verb.DECLINE: (P.REFERRAL_ANSWER, "receiver"),
    Verb.SEND_BACK: (P.REFERRAL_ANSWER, "receiver"),
    Verb.REDIRECT: (P.REFERRAL_ANSWER, "receiver"),
    Verb.ARRIVE: (P.REFERRAL_ANSWER, "receiver"),
    Verb.NO_SHOW: (P.REFERRAL_ANSWER, "receiver"),
    Verb.EXPIRE: (P.REFERRAL_ANSWER, "clock"),
    Verb.ADMIT: (P.REFERRAL_ADMIT, "receiver"),
    Verb.DISCHARGE: (P.REFERRAL_ADMIT, "receiver"),
    Verb.RETURN: (P.REFERRAL_RETURN, "receiver"),
    Verb.RECEIVE_BACK: (P.REFERRAL_RECEIVE_BACK, "receiver"),
    Verb.CLOSE: (P.REFERRAL_ADMIT, "receiver"),
}
#: The same where a down-referral asks for another right.
NEEDS_DOWN: dict[Verb, tuple[Permission, Side]] = {
    Verb.WITHDRAW: (P.REFERRAL_RETURN, "sender"),
    Verb.SUBMIT: (P.REFERRAL_RETURN, "sender"),
    Verb.DECLINE: (P.REFERRAL_RECEIVE_BACK, "receiver"),
    Verb.SEND_BACK: (P.REFERRAL_RECEIVE_BACK, "receiver"),
    Verb.REDIRECT: (P.REFERRAL_RECEIVE_BACK, "receiver"),
    Verb.CLOSE: (P.REFERRAL_RECEIVE_BACK, "receiver"),
}


def needs(verb: Verb, direction: str) -> tuple[Permission, Side]:
    """The right a verb takes for a direction, and at which unit it must be held."""
    if direction == Referral.Direction.DOWN and verb in NEEDS_DOWN:
        return NEEDS_DOWN[verb]
    return NEEDS[verb]


def may(verb: Verb, actor: Actor, referral: Referral) -> Decision:
    """Whether the actor may do `verb` to the referral now: right at the right unit first, then the state."""
    permission, side = needs(verb, referral.direction)
    return first_refusal(_held(actor, permission, side, referral), policies.can(verb, referral))


def _held(actor: Actor, permission: Permission, side: Side, referral: Referral) -> Decision:
    if side == "clock":
        return ALLOWED if actor.kind == "system" else refused("clock-only", _("这一步由系统按时限自动处理。"))
    if side == "either":
        at_sender = actor.may(permission, at=referral.from_facility_id)
        return at_sender if at_sender else actor.may(Permission.REFERRAL_ANSWER, at=referral.to_facility_id)
    return actor.may(permission, at=referral.from_facility_id if side == "sender" else referral.to_facility_id)


def may_send(actor: Actor, *, from_facility_id: int, direction: str) -> Decision:
    """Whether the actor may start a referral from a facility. To send somebody back ends a stay: a merged unit still may."""
    if direction == Referral.Direction.DOWN:
        return actor.may(P.REFERRAL_RETURN, at=from_facility_id)
    return actor.may_begin(P.REFERRAL_SEND, at=from_facility_id)


def may_count(actor: Actor) -> Decision:
    """Whether the actor may see how many referrals there were."""
    board = actor.may(P.BOARD_VIEW)
    return board if board else actor.may(P.REFERRAL_VIEW)
