"""Events of points: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to points, goods and exchanges."""

    EARNED = "points.earned"
    TAKEN_BACK = "points.taken-back"
    EXPIRED = "points.expired"
    MOVED = "points.moved"
    RESERVED = "points.reserved"
    HANDED_OVER = "points.handed-over"
    CANCELLED = "points.cancelled"
    STOCK_RECEIVED = "points.stock-received"
    STOCK_COUNTED = "points.stock-counted"
    STOCK_HANDED_OVER = "points.stock-handed-over"
    KEPT_ELSEWHERE = "points.kept-elsewhere"
    # Looks.
    VIEWED = "points.viewed"
    OWN_VIEWED = "points.own-viewed"
    LISTED = "points.listed"
    STOCK_LISTED = "points.stock-listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.EARNED: _("获得健康积分"),
    Event.TAKEN_BACK: _("收回健康积分"),
    Event.EXPIRED: _("健康积分到期"),
    Event.MOVED: _("档案合并，积分转移"),
    Event.RESERVED: _("兑换健康用品"),
    Event.HANDED_OVER: _("发放健康用品"),
    Event.CANCELLED: _("退回兑换"),
    Event.STOCK_RECEIVED: _("健康用品入库"),
    Event.STOCK_COUNTED: _("更正健康用品库存"),
    Event.STOCK_HANDED_OVER: _("机构合并，健康用品转交承接机构"),
    Event.KEPT_ELSEWHERE: _("机构合并，兑换的用品改由承接机构发放"),
    Event.VIEWED: _("查看了健康积分"),
    Event.OWN_VIEWED: _("本人查看积分"),
    Event.LISTED: _("查看兑换列表"),
    Event.STOCK_LISTED: _("查看健康用品库存"),
}
