"""Whether an actor may do it: the sender at his unit, the desk, the technicians and the pathologists at the centre."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.diagnostics import api as diagnostics
from xinglin.pathology import policies
from xinglin.pathology.models import Block, FrozenSection, Loan, PathologyCase, Receipt, SecondOpinion
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal, refused


def _at_centre(actor: Actor, permission: Permission, case: PathologyCase) -> Decision:
    return actor.may(permission, at=case.centre.facility_id)


def sends(actor: Actor, case: PathologyCase) -> Decision:
    """The unit that sent it."""
    return actor.may(Permission.REQUEST_PLACE, at=case.request.from_facility_id)


def may_receive(actor: Actor, case: PathologyCase) -> Decision:
    """The desk takes it in."""
    return first_refusal(_at_centre(actor, Permission.PATHOLOGY_RECEIVE, case), policies.can_be_received(case))


def may_hold(actor: Actor, case: PathologyCase) -> Decision:
    """The desk asks the sender."""
    return first_refusal(_at_centre(actor, Permission.PATHOLOGY_RECEIVE, case), policies.can_be_held(case))


def may_refuse(actor: Actor, case: PathologyCase) -> Decision:
    """The desk refuses it."""
    return first_refusal(_at_centre(actor, Permission.PATHOLOGY_RECEIVE, case), policies.can_be_refused(case))


def may_answer(actor: Actor, receipt: Receipt) -> Decision:
    """The sender answers."""
    return first_refusal(sends(actor, receipt.case), policies.can_be_answered(receipt))


def may_withdraw(actor: Actor, case: PathologyCase) -> Decision:
    """The sender takes it back."""
    return first_refusal(sends(actor, case), policies.can_be_withdrawn(case))


def prepares(actor: Actor, case: PathologyCase) -> Decision:
    """Who grosses and makes slides at the centre."""
    return _at_centre(actor, Permission.PATHOLOGY_PREPARE, case)


def may_gross(actor: Actor, case: PathologyCase) -> Decision:
    """Make the first blocks."""
    return first_refusal(prepares(actor, case), policies.can_be_grossed(case))


def may_add_blocks(actor: Actor, case: PathologyCase) -> Decision:
    """Make further blocks."""
    return first_refusal(prepares(actor, case), policies.can_take_blocks(case))


def may_withdraw_block(actor: Actor, case: PathologyCase, block: Block) -> Decision:
    """Who made a block takes it back, before it is embedded or cut."""
    decision = first_refusal(prepares(actor, case), policies.can_lose_block(case, block))
    if decision and block.made_by != actor.user_id:
        return refused("not-own", _("蜡块由取材的人撤销。"))
    return decision


def may_make_slides(actor: Actor, case: PathologyCase) -> Decision:
    """Make slides, embed blocks."""
    return first_refusal(prepares(actor, case), policies.can_take_slides(case))


def may_order(actor: Actor, case: PathologyCase) -> Decision:
    """Who reads asks for further slides; of cytology there are no blocks to cut."""
    return first_refusal(diagnostics.reads_at(actor, case.centre), policies.can_take_blocks(case))


def may_grade(actor: Actor, case: PathologyCase) -> Decision:
    """Who reads says how good a slide is."""
    return first_refusal(diagnostics.reads_at(actor, case.centre), policies.can_take_slides(case))


def may_add_picture(actor: Actor, case: PathologyCase) -> Decision:
    """Who prepares, or who reads."""
    return first_refusal(prepares(actor, case), policies.can_take_pictures(case))


def may_tell(actor: Actor, frozen: FrozenSection) -> Decision:
    """A pathologist of the centre tells the theatre."""
    return first_refusal(diagnostics.reads_at(actor, frozen.case.centre), policies.can_be_told(frozen))


def may_compare(actor: Actor, frozen: FrozenSection) -> Decision:
    """A pathologist of the centre compares."""
    return first_refusal(diagnostics.reads_at(actor, frozen.case.centre), policies.can_be_compared(frozen))


def may_ask_opinion(actor: Actor, case: PathologyCase) -> Decision:
    """A pathologist of the centre asks another."""
    return first_refusal(diagnostics.reads_at(actor, case.centre), policies.can_take_slides(case))


def may_give_opinion(actor: Actor, opinion: SecondOpinion) -> Decision:
    """Who was asked; of an outside hospital, who enters its signed answer at the centre (not the asker's own word)."""
    decision = first_refusal(diagnostics.reads_at(actor, opinion.case.centre), policies.can_be_given(opinion))
    if decision and opinion.to_user is not None and opinion.to_user != actor.user_id:
        return refused("not-asked", _("这份会诊请的是另一位医师。"))
    return decision


def may_lend(actor: Actor, case: PathologyCase) -> Decision:
    """Who keeps the archive."""
    return first_refusal(_at_centre(actor, Permission.PATHOLOGY_LEND, case), policies.can_be_lent(case))


def may_take_back(actor: Actor, loan: Loan) -> Decision:
    """Who keeps the archive."""
    return first_refusal(_at_centre(actor, Permission.PATHOLOGY_LEND, loan.case), policies.can_be_returned(loan))


def is_of_centre(actor: Actor, case: PathologyCase) -> bool:
    """Whether the actor works at the centre: desk, technician or pathologist."""
    held = (Permission.PATHOLOGY_RECEIVE, Permission.PATHOLOGY_PREPARE, Permission.REPORT_WRITE)
    return any(_at_centre(actor, permission, case) for permission in held)
