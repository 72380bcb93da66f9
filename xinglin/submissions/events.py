"""Events of submissions: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a submission, and who looked."""

    OPENED = "submission.opened"
    DUE_SOON = "submission.due-soon"
    OVERDUE = "submission.overdue"
    MADE = "submission.made"
    CHECKED = "submission.checked"
    CONFIRMED = "submission.confirmed"
    TURNED_BACK = "submission.turned-back"
    DELIVERED = "submission.delivered"
    NOT_DELIVERED = "submission.not-delivered"
    SENT = "submission.sent"
    RECEIVED = "submission.received"
    REFUSED = "submission.refused"
    DRIFTED = "submission.drifted"
    CANCELLED = "submission.cancelled"
    DESTINATION_SET = "submission.destination-set"
    LISTED = "submission.listed"
    VIEWED = "submission.viewed"
    DOWNLOADED = "submission.downloaded"
    EXCHANGED = "submission.exchanged"


#: Events in words, for the audit trail.
TITLES = {
    Event.OPENED: _("开始一次上报"),
    Event.DUE_SOON: _("上报快到期"),
    Event.OVERDUE: _("上报已逾期"),
    Event.MADE: _("编制上报数据"),
    Event.CHECKED: _("核对上报数据"),
    Event.CONFIRMED: _("复核上报数据"),
    Event.TURNED_BACK: _("退回重新编制"),
    Event.DELIVERED: _("对方系统已接收"),
    Event.NOT_DELIVERED: _("没有送达对方系统"),
    Event.SENT: _("报出"),
    Event.RECEIVED: _("登记回执"),
    Event.REFUSED: _("登记被退回"),
    Event.DRIFTED: _("报出后数据有变动"),
    Event.CANCELLED: _("作废上报"),
    Event.DESTINATION_SET: _("设置接收系统"),
    Event.LISTED: _("查看上报列表"),
    Event.VIEWED: _("查看一次上报"),
    Event.DOWNLOADED: _("下载上报文件"),
    Event.EXCHANGED: _("以FHIR读取指标"),
}
