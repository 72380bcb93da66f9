"""What the interface engineer does with messages that did not go through."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.exchange import permissions
from xinglin.exchange.data import DiscardReason
from xinglin.exchange.events import Event
from xinglin.exchange.models import InboundMessage, OutboundMessage
from xinglin.exchange.states import INBOUND_TRANSITIONS, OUTBOUND_TRANSITIONS, InboundStatus, OutboundStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

MAX_REMARK = 400
MOST_AT_ONCE = 1000


@transaction.atomic
def replay(*, message: InboundMessage, by: Actor, at: datetime) -> InboundMessage:
    """Put a message that failed, or that nobody handled, back into its place in the order.

    :raises NotPermitted: not an interface engineer
    :raises Conflict: it is in no state to be replayed
    """
    permissions.may_replay(by, message).require()
    move(message, table=INBOUND_TRANSITIONS, to=InboundStatus.RECEIVED, by=by, at=at)
    announce(Event.REPLAYED, obj=message, by=by, at=at, connection=message.connection, fault=message.fault_code)
    return message


@transaction.atomic
def replay_fault(*, connection: str, fault_code: str, by: Actor, at: datetime) -> int:
    """Replay the messages of a connection that failed for one reason, the oldest first; returns how many.

    :raises NotPermitted: not an interface engineer
    """
    permissions.may_manage(by).require()
    failed = InboundMessage.objects.select_for_update().filter(
        connection=connection, fault_code=fault_code, status=InboundStatus.FAILED
    )
    messages = list(failed.order_by("id")[:MOST_AT_ONCE])
    for message in messages:
        replay(message=message, by=by, at=at)
    return len(messages)


@transaction.atomic
def discard(*, message: InboundMessage, reason: str, remark: str = "", by: Actor, at: datetime) -> InboundMessage:
    """Give a failed message up, with a coded reason.

    :raises NotPermitted: not an interface engineer
    :raises Conflict: it has not failed
    :raises InvalidInput: no reason of the list, or OTHER without a remark
    """
    permissions.may_discard(by, message).require()
    remark = _checked(reason, remark)
    move(
        message, table=INBOUND_TRANSITIONS, to=InboundStatus.DISCARDED, by=by, at=at, reason_code=reason, reason=remark
    )
    announce(Event.DISCARDED, obj=message, by=by, at=at, connection=message.connection, why=reason)
    return message


@transaction.atomic
def send_again(*, message: OutboundMessage, by: Actor, at: datetime) -> OutboundMessage:
    """Send a message again that the other side refused, under the same control id.

    :raises NotPermitted: not an interface engineer
    :raises Conflict: it was not refused
    """
    permissions.may_send_again(by, message).require()
    move(message, table=OUTBOUND_TRANSITIONS, to=OutboundStatus.QUEUED, by=by, at=at, next_try_at=at, n_tries=0)
    announce(Event.SENT_AGAIN, obj=message, by=by, at=at, connection=message.connection)
    return message


@transaction.atomic
def discard_outbound(
    *, message: OutboundMessage, reason: str, remark: str = "", by: Actor, at: datetime
) -> OutboundMessage:
    """Give up sending, with a coded reason.

    :raises NotPermitted: not an interface engineer
    :raises Conflict: the other side has it
    :raises InvalidInput: no reason of the list, or OTHER without a remark
    """
    permissions.may_discard_outbound(by, message).require()
    remark = _checked(reason, remark)
    move(
        message, table=OUTBOUND_TRANSITIONS, to=OutboundStatus.DISCARDED, by=by, at=at, reason_code=reason,
        reason=remark,
    )  # fmt: skip
    announce(Event.DISCARDED, obj=message, by=by, at=at, connection=message.connection, why=reason)
    return message


def _checked(reason: str, remark: str) -> str:
    remark = " ".join(remark.split())
    if reason not in DiscardReason.values:
        raise InvalidInput(_("请选择放弃的原因。"), fields={"reason": _("请从列表中选择。")})
    if len(remark) > MAX_REMARK or "\x00" in remark:
        raise InvalidInput(_("说明太长或含有无效字符。"), fields={"remark": _("最多 400 个字。")})
    if reason == DiscardReason.OTHER and not remark:
        raise InvalidInput(_("请说明原因。"), fields={"remark": _("必填。")})
    return remark
