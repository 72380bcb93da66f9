"""Who may do what with a case: the unit that asks, the desk of the centre, and the experts who accepted."""

from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.consultations import policies
from xinglin.consultations.models import Case, Expert, Fee, Invitation, Opinion
from xinglin.consultations.policies import Verb
from xinglin.consultations.states import InvitationStatus
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused

P = Permission
Side = Literal["inviter", "desk", "expert", "clock"]

#: Which sides may do a verb.
NEEDS: dict[Verb, tuple[Side, ...]] = {
    Verb.INVITE: ("desk", "inviter"),
    Verb.DECLINE: ("desk",),
    Verb.SCHEDULE: ("desk", "expert"),
    Verb.BEGIN: ("expert", "inviter", "desk"),
    Verb.OPINE: ("expert",),
    Verb.AMEND: ("expert",),
    Verb.CHANGE_PACK: ("inviter",),
    Verb.TALK: ("inviter", "expert"),
    Verb.RATE: ("inviter", "expert"),
    Verb.CLOSE: ("inviter", "clock"),
    Verb.WITHDRAW: ("inviter",),
    Verb.EXPIRE: ("clock",),
}


def is_on_side(actor: Actor, case: Case, side: Side) -> Decision:
    """Whether the actor stands on a side of the case."""
    if side == "inviter":
        return actor.may(P.CONSULTATION_REQUEST, at=case.from_facility_id)
    if side == "desk":
        return actor.may(P.CONSULTATION_DESK, at=case.to_facility_id)
    if side == "clock":
        return ALLOWED if actor.kind == "system" else refused("clock-only", _("这一步由系统按时限自动处理。"))
    if not actor.may(P.CONSULTATION_ANSWER):
        return actor.may(P.CONSULTATION_ANSWER)
    if accepted_invitation(actor, case) is not None:
        return ALLOWED
    return refused("not-accepted", _("只有接受了邀请的专家可以这样做。"))


def accepted_invitation(actor: Actor, case: Case) -> Invitation | None:
    """The invitation to this case that the actor accepted."""
    if actor.user_id is None:
        return None
    rows = Invitation.objects.select_related("expert__user", "expert__managed_by")
    return rows.filter(case=case, expert__user=actor.user_id, status=InvitationStatus.ACCEPTED).first()


def may(verb: Verb, actor: Actor, case: Case) -> Decision:
    """Whether the actor may do `verb` to the case now: on one of its sides first, then the state."""
    decisions = [is_on_side(actor, case, side) for side in NEEDS[verb]]
    on_side = next((each for each in decisions if each), decisions[0])
    return first_refusal(on_side, policies.can(verb, case))


def may_request(actor: Actor, *, from_facility_id: int) -> Decision:
    """Whether the actor may ask for a consultation from a facility."""
    return actor.may_begin(P.CONSULTATION_REQUEST, at=from_facility_id)


def may_read_pack(actor: Actor, case: Case, *, at: datetime) -> Decision:
    """Whether the actor may open the pack now: who chose it and who accepted, while the case and its time last.

    Neither the desk nor an expert who has not answered reads it.
    """
    sides = (is_on_side(actor, case, "inviter"), is_on_side(actor, case, "expert"))
    return first_refusal(ALLOWED if any(sides) else sides[1], policies.pack_is_open(case, at))


def may_answer(actor: Actor, invitation: Invitation) -> Decision:
    """Whether the actor may say yes or no to an invitation: it is his own."""
    return first_refusal(_own(actor, invitation), policies.can_be_answered(invitation))


def may_step_down(actor: Actor, invitation: Invitation) -> Decision:
    """Whether the actor may take back his acceptance."""
    return first_refusal(_own(actor, invitation), policies.can_step_down(invitation))


def _own(actor: Actor, invitation: Invitation) -> Decision:
    if actor.may(P.CONSULTATION_ANSWER) and invitation.expert.user_id == actor.user_id:
        return ALLOWED
    return refused("not-invited", _("这份邀请不是发给您的。"))


def may_sign(actor: Actor, opinion: Opinion) -> Decision:
    """Whether the actor may add his signature to a joint opinion."""
    waiting = opinion.signatures.filter(expert__user=actor.user_id or 0, signed_at__isnull=True).exists()
    own = ALLOWED if waiting else refused("not-a-signer", _("这份意见不需要您签署，或您已签署。"))
    return first_refusal(is_on_side(actor, opinion.case, "expert"), policies.can_be_signed(opinion), own)


def may_keep_experts(actor: Actor, facility_id: int | None = None) -> Decision:
    """Whether the actor keeps the register of experts and stations of a unit (any, if none is named)."""
    return actor.may(P.CONSULTATION_DESK, at=facility_id)


def may_set_times(actor: Actor, expert: Expert) -> Decision:
    """An expert sets his own times, the desk those of its experts."""
    if actor.may(P.CONSULTATION_ANSWER) and expert.user_id == actor.user_id:
        return ALLOWED
    return may_keep_experts(actor, expert.managed_by_id)


def may_see_experts(actor: Actor) -> Decision:
    """The directory is for all who ask, answer or organise."""
    wanted = (P.CONSULTATION_REQUEST, P.CONSULTATION_ANSWER, P.CONSULTATION_DESK)
    return ALLOWED if any(actor.may(each) for each in wanted) else actor.may(P.CONSULTATION_REQUEST)


def may_settle(actor: Actor, fee: Fee) -> Decision:
    """The desk of the centre settles or waives."""
    return first_refusal(actor.may(P.CONSULTATION_DESK, at=fee.case.to_facility_id), policies.can_be_settled(fee))


def may_count(actor: Actor) -> Decision:
    """Whether the actor may see how many consultations there were."""
    board = actor.may(P.BOARD_VIEW)
    return board if board else actor.may(P.CONSULTATION_DESK)
