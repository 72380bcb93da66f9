"""Events of the exchange: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to messages between systems."""

    PROCESSED = "exchange.processed"
    IGNORED = "exchange.ignored"
    FAILED = "exchange.failed"
    REPLAYED = "exchange.replayed"
    DISCARDED = "exchange.discarded"
    MATCHED = "exchange.matched"
    QUEUED = "exchange.queued"
    SENT = "exchange.sent"
    SEND_REFUSED = "exchange.send-refused"
    SENT_AGAIN = "exchange.sent-again"
    # Looks and edges: audit only.
    LISTED = "exchange.listed"
    VIEWED = "exchange.viewed"
    REVEALED = "exchange.revealed"
    PEER_REFUSED = "exchange.peer-refused"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.PROCESSED: _("医院系统的登记信息已处理"),
    Event.IGNORED: _("收到医院系统的消息，未采用"),
    Event.FAILED: _("外来消息处理失败"),
    Event.REPLAYED: _("重放消息"),
    Event.DISCARDED: _("放弃消息"),
    Event.MATCHED: _("医院系统发来了此人的登记信息"),
    Event.QUEUED: _("向医院系统准备了一条检查消息"),
    Event.SENT: _("检查消息已发送到医院系统"),
    Event.SEND_REFUSED: _("医院系统拒收了检查消息"),
    Event.SENT_AGAIN: _("再次发送消息"),
    Event.LISTED: _("查看消息列表"),
    Event.VIEWED: _("查看消息"),
    Event.REVEALED: _("接口工程师查看了一条消息的原文"),
    Event.PEER_REFUSED: _("拒绝未登记的来源地址"),
}
