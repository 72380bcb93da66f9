"""Events of figures: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to returns and published figures, and who looked."""

    RETURN_TAKEN = "return.taken"
    PUBLISHED = "figures.published"
    BOARD_VIEWED = "board.viewed"
    OPENED = "board.opened"
    RETURNS_VIEWED = "return.viewed"
    FLOW_VIEWED = "board.flow-viewed"
    SCREEN_REGISTERED = "screen.registered"
    SCREEN_ENDED = "screen.ended"
    SUBSCRIBED = "report.subscribed"
    UNSUBSCRIBED = "report.unsubscribed"
    REPORT_ASKED = "report.monthly-asked"
    REPORT_MADE = "report.monthly-made"
    REPORT_VIEWED = "report.monthly-viewed"


#: Events in words, for the audit trail.
TITLES = {
    Event.RETURN_TAKEN: _("接收上报数据"),
    Event.PUBLISHED: _("发布指标"),
    Event.BOARD_VIEWED: _("查看医共体看板"),
    Event.OPENED: _("打开一项指标"),
    Event.RETURNS_VIEWED: _("查看上报日历"),
    Event.FLOW_VIEWED: _("查看就医流向"),
    Event.SCREEN_REGISTERED: _("登记大屏"),
    Event.SCREEN_ENDED: _("停用大屏"),
    Event.SUBSCRIBED: _("订阅月报"),
    Event.UNSUBSCRIBED: _("取消订阅月报"),
    Event.REPORT_ASKED: _("要求提前生成月报"),
    Event.REPORT_MADE: _("生成月报"),
    Event.REPORT_VIEWED: _("查看月报"),
}
