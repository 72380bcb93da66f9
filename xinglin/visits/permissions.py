"""May this actor do it? Role at the place, then the state. That the person is visible, the look-up has said before."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused
from xinglin.visits import policies
from xinglin.visits.models import Visit


def may_record(actor: Actor, facility_id: int | None, *, prescribing: bool = False, is_over: bool = False) -> Decision:
    """May the actor record visits (and prescribe) at a facility?

    :param is_over: the visit has been: it is signed, put right, or written down afterwards. At a unit that has ended this may still be
        done, of the time when it was running.
    """
    if facility_id is None:
        return refused("no-facility", _("您的账号没有所在机构，不能记录就诊。"))
    recording = (actor.may if is_over else actor.may_begin)(Permission.VISIT_RECORD, at=facility_id)
    return first_refusal(recording, may_prescribe(actor, facility_id)) if prescribing else recording


def may_prescribe(actor: Actor, facility_id: int) -> Decision:
    """May the actor prescribe at a facility?"""
    return actor.may(Permission.VISIT_PRESCRIBE, at=facility_id)


def may_sign(actor: Actor, visit: Visit) -> Decision:
    """May the actor sign this visit? Only who saw the patient signs."""
    own = ALLOWED if actor.user_id == visit.clinician_id else refused("not-own", _("只有接诊医生本人可以签名。"))
    return first_refusal(may_record(actor, visit.facility_id, is_over=True), own, policies.can_be_signed(visit))


def may_void(actor: Actor, visit: Visit) -> Decision:
    """May the actor void this visit? Whoever may record at its facility, so that a locum can put things right."""
    return first_refusal(may_record(actor, visit.facility_id, is_over=True), policies.can_be_voided(visit))


def may_correct(actor: Actor, visit: Visit) -> Decision:
    """May the actor write the right visit in place of this one?"""
    return first_refusal(may_record(actor, visit.facility_id, is_over=True), policies.can_be_replaced(visit))
