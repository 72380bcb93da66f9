"""Events of institutions: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to institutions, agreements, stays and rounds."""

    RECORDED = "institution.recorded"
    EDITED = "institution.edited"
    CLOSED = "institution.closed"
    HANDED_OVER = "institution.handed-over"
    MOVED_IN = "institution.moved-in"
    MOVED_OUT = "institution.moved-out"
    DRAFTED = "institution.drafted"
    SIGNED = "institution.signed"
    BEGUN = "institution.begun"
    SERVED_BY_SUCCESSOR = "institution.served-by-successor"
    ENDED = "institution.ended"
    DISCARDED = "institution.discarded"
    ROUND_DONE = "institution.round-done"
    SEEN = "institution.seen"
    # Looks.
    LISTED = "institution.listed"
    VIEWED = "institution.viewed"
    RESIDENTS_VIEWED = "institution.residents-viewed"
    ROUND_VIEWED = "institution.round-viewed"
    SCAN_VIEWED = "institution.scan-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.RECORDED: _("登记签约机构"),
    Event.EDITED: _("修改签约机构"),
    Event.CLOSED: _("关停签约机构"),
    Event.HANDED_OVER: _("签约机构转由承接机构管理"),
    Event.MOVED_IN: _("登记入住"),
    Event.MOVED_OUT: _("登记离开"),
    Event.DRAFTED: _("准备医养协议"),
    Event.SIGNED: _("签署医养协议"),
    Event.BEGUN: _("医养协议生效"),
    Event.SERVED_BY_SUCCESSOR: _("医养协议转由承接机构履行"),
    Event.ENDED: _("终止医养协议"),
    Event.DISCARDED: _("作废医养协议"),
    Event.ROUND_DONE: _("完成机构巡诊"),
    Event.SEEN: _("巡诊时看过"),
    Event.LISTED: _("查看签约机构名单"),
    Event.VIEWED: _("查看签约机构"),
    Event.RESIDENTS_VIEWED: _("查看机构入住居民"),
    Event.ROUND_VIEWED: _("查看巡诊记录"),
    Event.SCAN_VIEWED: _("查看医养协议签字页"),
}
