"""Events of running a centre. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to a roster, an assignment, a second reading, a teaching case."""

    ROSTER_SET = "roster.set"
    SHIFT_ENTERED = "shift.entered"
    SHIFT_WITHDRAWN = "shift.withdrawn"
    WEEK_COPIED = "roster.week-copied"
    SHIFTS_IMPORTED = "roster.imported"
    ASSIGNED = "assignment.made"
    ASSIGNMENT_STARTED = "assignment.started"
    ASSIGNMENT_LAPSED = "assignment.lapsed"
    ASSIGNMENT_WITHDRAWN = "assignment.withdrawn"
    SECOND_DRAWN = "second-reading.drawn"
    SECOND_GRADED = "second-reading.graded"
    SECOND_COMPARED = "second-reading.compared"
    OUTSIDE_ORDER_TAKEN = "outside-order.taken"
    CASE_MADE = "teaching-case.made"
    CASE_WITHDRAWN = "teaching-case.withdrawn"


class Look(StrEnum):
    """Slugs of looks."""

    FIGURES = "centre.figures-viewed"
    FIGURES_EXPORTED = "centre.figures-exported"
    SECOND = "second-reading.viewed"
    SECONDS = "second-reading.listed"
    CASE = "teaching-case.viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.ROSTER_SET: _("设置排班分配"),
    Event.SHIFT_ENTERED: _("登记值班"),
    Event.SHIFT_WITHDRAWN: _("撤销值班"),
    Event.WEEK_COPIED: _("复制一周值班"),
    Event.SHIFTS_IMPORTED: _("导入值班表"),
    Event.ASSIGNED: _("分配诊断任务"),
    Event.ASSIGNMENT_STARTED: _("开始已分配的诊断"),
    Event.ASSIGNMENT_LAPSED: _("分配超时未开始"),
    Event.ASSIGNMENT_WITHDRAWN: _("撤回诊断分配"),
    Event.SECOND_DRAWN: _("抽取双盲复阅"),
    Event.SECOND_GRADED: _("双盲复阅评价"),
    Event.SECOND_COMPARED: _("复阅与原报告比较"),
    Event.OUTSIDE_ORDER_TAKEN: _("接收其他系统的医嘱"),
    Event.CASE_MADE: _("制作教学病例"),
    Event.CASE_WITHDRAWN: _("撤下教学病例"),
    Look.FIGURES: _("查看中心运行情况"),
    Look.FIGURES_EXPORTED: _("导出中心运行情况"),
    Look.SECOND: _("双盲复阅阅片"),
    Look.SECONDS: _("查看复阅列表"),
    Look.CASE: _("查看教学病例"),
}
