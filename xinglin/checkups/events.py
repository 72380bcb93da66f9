"""Events of check-ups: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to check-ups."""

    SESSION_OPENED = "checkup.session-opened"
    BOOKED = "checkup.booked"
    ARRIVED = "checkup.arrived"
    RESUMED = "checkup.resumed"
    CLOSED = "checkup.closed"
    CANCELLED = "checkup.cancelled"
    MISSED = "checkup.missed"
    HANDED_OVER = "checkup.handed-over"
    SESSION_HANDED_OVER = "checkup.session-handed-over"
    STATION_DONE = "checkup.station-done"
    STATION_LEFT_OUT = "checkup.station-left-out"
    STATION_REOPENED = "checkup.station-reopened"
    SKIPPED = "checkup.skipped"
    LABORATORY_ASKED = "checkup.laboratory-asked"
    RESULTS_TAKEN = "checkup.results-taken"
    REPORTED = "checkup.reported"
    VOIDED = "checkup.voided"
    TERMINAL_REGISTERED = "checkup.terminal-registered"
    TERMINAL_ENDED = "checkup.terminal-ended"
    TERMINAL_HANDED_OVER = "checkup.terminal-handed-over"
    CODE_GIVEN = "checkup.kiosk-code-given"
    KIOSK_OPENED = "checkup.kiosk-sat-down"
    KIOSK_REFUSED = "checkup.kiosk-refused"
    KIOSK_LEFT = "checkup.kiosk-left"
    # Looks.
    VIEWED = "checkup.viewed"
    OWN_VIEWED = "checkup.own-viewed"
    PRINTED = "checkup.printed"
    LISTED = "checkup.listed"
    QUEUE_LISTED = "checkup.queue-listed"
    DAY_COUNTED = "checkup.day-counted"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.SESSION_OPENED: _("安排体检场次"),
    Event.BOOKED: _("预约体检"),
    Event.ARRIVED: _("体检报到"),
    Event.RESUMED: _("继续没有做完的体检"),
    Event.CLOSED: _("结束没有做完的体检"),
    Event.CANCELLED: _("取消体检"),
    Event.MISSED: _("登记未到检"),
    Event.HANDED_OVER: _("机构合并，体检由承接机构完成"),
    Event.SESSION_HANDED_OVER: _("机构合并，体检场次转交承接机构"),
    Event.STATION_DONE: _("完成体检一站"),
    Event.STATION_LEFT_OUT: _("登记体检未做"),
    Event.STATION_REOPENED: _("重新排队补检"),
    Event.SKIPPED: _("体检过号"),
    Event.LABORATORY_ASKED: _("体检送检验"),
    Event.RESULTS_TAKEN: _("取回体检检验结果"),
    Event.REPORTED: _("签发体检报告"),
    Event.VOIDED: _("撤回体检报告"),
    Event.TERMINAL_REGISTERED: _("登记自助终端"),
    Event.TERMINAL_ENDED: _("停用自助终端"),
    Event.TERMINAL_HANDED_OVER: _("机构合并，自助终端转交承接机构"),
    Event.CODE_GIVEN: _("发放自助查询码"),
    Event.KIOSK_OPENED: _("本人在自助终端登录"),
    Event.KIOSK_REFUSED: _("自助终端登录未成功"),
    Event.KIOSK_LEFT: _("离开自助终端"),
    Event.VIEWED: _("查看了体检"),
    Event.OWN_VIEWED: _("本人查看体检"),
    Event.PRINTED: _("打印体检报告"),
    Event.LISTED: _("查看体检名单"),
    Event.QUEUE_LISTED: _("查看体检队列"),
    Event.DAY_COUNTED: _("查看体检日报"),
}
