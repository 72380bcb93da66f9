"""What is possible for a message now, whoever asks."""

from django.utils.translation import gettext_lazy as _

from xinglin.exchange.models import InboundMessage, OutboundMessage
from xinglin.exchange.states import InboundStatus, OutboundStatus
from xinglin.platform.decisions import ALLOWED, Decision, impossible


def can_be_replayed(message: InboundMessage) -> Decision:
    """What failed, and what nobody handled, can be worked through again."""
    if message.status in {InboundStatus.FAILED, InboundStatus.IGNORED}:
        return ALLOWED
    return impossible("not-failed", _("只有处理失败或未采用的消息可以重放。"))


def can_be_discarded(message: InboundMessage) -> Decision:
    """Only what failed is given up."""
    if message.status == InboundStatus.FAILED:
        return ALLOWED
    return impossible("not-failed", _("只有处理失败的消息可以放弃。"))


def can_be_sent_again(message: OutboundMessage) -> Decision:
    """Only what the other side refused; what waits is sent by itself."""
    if message.status == OutboundStatus.REFUSED:
        return ALLOWED
    return impossible("not-refused", _("只有对方拒收的消息可以再次发送。"))


def can_be_given_up(message: OutboundMessage) -> Decision:
    """Anything the other side has not accepted."""
    if message.status in {OutboundStatus.QUEUED, OutboundStatus.REFUSED}:
        return ALLOWED
    return impossible("ended", _("这条消息已有结果。"))
