"""Who may do what in laboratory control, at the facility of the instrument."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.labcontrol import policies
from xinglin.labcontrol.models import Instrument, OutOfControl
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_look(actor: Actor, facility_id: int) -> Decision:
    """Look at control of a facility."""
    return actor.may(Permission.CONTROL_VIEW, at=facility_id)


def may_manage(actor: Actor, facility_id: int) -> Decision:
    """Instruments, targets and external assessment of a facility."""
    return actor.may(Permission.CONTROL_MANAGE, at=facility_id)


def may_keep_materials(actor: Actor, facility_id: int) -> Decision:
    """Register, open and retire control materials: who measures them."""
    return actor.may(Permission.CONTROL_RECORD, at=facility_id)


def may_record(actor: Actor, instrument: Instrument) -> Decision:
    """Enter a run of an instrument."""
    return actor.may(Permission.CONTROL_RECORD, at=instrument.facility_id)


def may_explain(actor: Actor, loss: OutOfControl) -> Decision:
    """Write down the cause."""
    return first_refusal(_handles(actor, loss), policies.can_be_explained(loss))


def may_act(actor: Actor, loss: OutOfControl) -> Decision:
    """Write down what was done."""
    return first_refusal(_handles(actor, loss), policies.can_be_acted_on(loss))


def may_review(actor: Actor, loss: OutOfControl) -> Decision:
    """Close it or send it back: somebody other than who explained it or acted."""
    return first_refusal(
        actor.may(Permission.CONTROL_REVIEW, at=loss.assay.instrument.facility_id),
        policies.can_be_reviewed(loss),
        _is_another(actor, loss),
    )


def _handles(actor: Actor, loss: OutOfControl) -> Decision:
    return actor.may(Permission.CONTROL_RECORD, at=loss.assay.instrument.facility_id)


def _is_another(actor: Actor, loss: OutOfControl) -> Decision:
    if actor.user_id is not None and actor.user_id in {loss.caused_by, loss.acted_by}:
        return refused("own-work", _("失控由别人审核：原因或处理是您自己写的。"))
    return ALLOWED
