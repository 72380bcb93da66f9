"""Events of follow-up: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a follow-up task."""

    PLANNED = "followup.planned"
    HASTENED = "followup.hastened"
    FELL_DUE = "followup.fell-due"
    COMPLETED = "followup.completed"
    UNREACHED = "followup.unreached"
    CANCELLED = "followup.cancelled"
    HANDED_ON = "followup.handed-on"
    PUT_OFF = "followup.put-off"
    COVERED = "followup.covered"
    TAKEN_UP = "followup.taken-up"
    MOVED = "followup.moved"
    DISCHARGE_PLANNED = "followup.discharge-planned"
    DISCHARGE_CANCELLED = "followup.discharge-cancelled"
    DISCHARGE_VIEWED = "followup.discharge-viewed"
    CALL_OPENED = "followup.call-opened"
    CALL_ENDED = "followup.call-ended"
    CALL_RELEASED = "followup.call-released"
    CALL_VIEWED = "followup.call-viewed"
    WISHED = "followup.wished"
    CONTACTS_VIEWED = "followup.contacts-viewed"
    DESK_LISTED = "followup.desk-listed"
    FIGURES_VIEWED = "followup.figures-viewed"
    VIEWED = "followup.viewed"
    LISTED = "followup.listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.PLANNED: _("安排随访"),
    Event.HASTENED: _("随访提前"),
    Event.FELL_DUE: _("随访到期"),
    Event.COMPLETED: _("完成了随访"),
    Event.UNREACHED: _("随访未联系上"),
    Event.CANCELLED: _("取消随访"),
    Event.HANDED_ON: _("联系不上，转交下一级随访"),
    Event.PUT_OFF: _("推迟随访"),
    Event.COVERED: _("并入已有的联系"),
    Event.TAKEN_UP: _("继续了已取消的随访"),
    Event.MOVED: _("随访转到新的管理机构"),
    Event.DISCHARGE_PLANNED: _("制定出院随访计划"),
    Event.DISCHARGE_CANCELLED: _("取消出院随访计划"),
    Event.DISCHARGE_VIEWED: _("查看了出院随访计划"),
    Event.CALL_OPENED: _("领取随访通话"),
    Event.CALL_ENDED: _("记录随访通话"),
    Event.CALL_RELEASED: _("放回随访通话"),
    Event.CALL_VIEWED: _("查看了随访通话"),
    Event.WISHED: _("登记联系方式意愿"),
    Event.CONTACTS_VIEWED: _("查看了联系记录"),
    Event.DESK_LISTED: _("查看随访工作台"),
    Event.FIGURES_VIEWED: _("查看随访统计"),
    Event.VIEWED: _("查看了随访"),
    Event.LISTED: _("查看随访列表"),
}
