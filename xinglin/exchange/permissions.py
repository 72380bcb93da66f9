"""Who may do what with messages: the interface engineer, for the whole county."""

from xinglin.accounts.data import Permission
from xinglin.exchange import policies
from xinglin.exchange.models import InboundMessage, OutboundMessage
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal


def may_manage(actor: Actor) -> Decision:
    """See connections and messages."""
    return actor.may(Permission.EXCHANGE_MANAGE)


def may_replay(actor: Actor, message: InboundMessage) -> Decision:
    """Have a message worked through again."""
    return first_refusal(may_manage(actor), policies.can_be_replayed(message))


def may_discard(actor: Actor, message: InboundMessage) -> Decision:
    """Give a message up."""
    return first_refusal(may_manage(actor), policies.can_be_discarded(message))


def may_send_again(actor: Actor, message: OutboundMessage) -> Decision:
    """Send a refused message again."""
    return first_refusal(may_manage(actor), policies.can_be_sent_again(message))


def may_discard_outbound(actor: Actor, message: OutboundMessage) -> Decision:
    """Give up sending."""
    return first_refusal(may_manage(actor), policies.can_be_given_up(message))
