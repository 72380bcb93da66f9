"""Who may do what with points and goods."""

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal
from xinglin.points import policies
from xinglin.points.models import Exchange, Movement


def may_keep(actor: Actor, facility_id: int | None) -> Decision:
    """Write down behaviours and exchange points at a facility."""
    return actor.may_begin(Permission.POINTS_KEEP, at=facility_id)


def may_take_back(actor: Actor, movement: Movement) -> Decision:
    """Take back what was earned by mistake: where the resident's record is managed."""
    keeps = actor.may(Permission.POINTS_KEEP, at=movement.account.resident.managed_by_id)
    return first_refusal(keeps, policies.can_be_taken_back(movement))


def may_stock(actor: Actor, facility_id: int | None) -> Decision:
    """Receive and count the goods of a facility."""
    return actor.may_begin(Permission.POINTS_STOCK, at=facility_id)


def may_finish(actor: Actor, exchange: Exchange) -> Decision:
    """Hand over or give back now."""
    return first_refusal(may_keep(actor, exchange.stock.facility_id), policies.can_be_finished(exchange))
