"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to a request, its report and its critical values."""

    CENTRE_OPENED = "centre.opened"
    CENTRE_CHANGED = "centre.changed"
    FILE_UPLOADED = "recording.uploaded"
    REQUEST_PLACED = "request.placed"
    RECORDING_ADDED = "request.recording-added"
    EXAMINATION_STARTED = "request.started"
    EXAMINATION_PERFORMED = "request.performed"
    EXAMINATION_UNDONE = "request.performance-undone"
    QUALITY_MARKED = "request.quality-marked"
    REQUEST_CANCELLED = "request.cancelled"
    REQUEST_CLAIMED = "request.claimed"
    REQUEST_RELEASED = "request.released"
    REQUEST_TAKEN_OVER = "request.taken-over"
    REQUEST_REJECTED = "request.rejected"
    REPORT_PRELIMINARY = "report.preliminary"
    REPORT_SIGNED = "report.signed"
    REPORT_AMENDED = "report.amended"
    REPORT_SUPPLEMENTED = "report.supplemented"
    CRITICAL_NOTIFIED = "critical.notified"
    CRITICAL_CONFIRMED = "critical.confirmed"
    CRITICAL_HANDLED = "critical.handled"
    CRITICAL_CLOSED = "critical.closed"
    CRITICAL_ESCALATED = "critical.escalated"
    CRITICAL_SUPERSEDED = "critical.superseded"


class Look(StrEnum):
    """Slugs of looks at a person's examination."""

    WORKLIST = "request.worklist-viewed"
    REQUEST = "request.viewed"
    TRACE = "request.trace-viewed"
    REPORT = "report.printed"
    CRITICAL = "critical.viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.CENTRE_OPENED: _("开设诊断中心"),
    Event.CENTRE_CHANGED: _("修改诊断中心设置"),
    Event.FILE_UPLOADED: _("上传心电图文件"),
    Event.REQUEST_PLACED: _("申请检查"),
    Event.RECORDING_ADDED: _("补充心电图"),
    Event.EXAMINATION_STARTED: _("开始检查"),
    Event.EXAMINATION_PERFORMED: _("完成检查"),
    Event.EXAMINATION_UNDONE: _("撤回检查"),
    Event.QUALITY_MARKED: _("评价检查质量"),
    Event.REQUEST_CANCELLED: _("撤销检查申请"),
    Event.REQUEST_CLAIMED: _("领取诊断任务"),
    Event.REQUEST_RELEASED: _("放回诊断任务"),
    Event.REQUEST_TAKEN_OVER: _("接手诊断任务"),
    Event.REQUEST_REJECTED: _("退回检查申请"),
    Event.REPORT_PRELIMINARY: _("签发初步报告"),
    Event.REPORT_SIGNED: _("签发报告"),
    Event.REPORT_AMENDED: _("更正报告"),
    Event.REPORT_SUPPLEMENTED: _("补充报告"),
    Event.CRITICAL_NOTIFIED: _("通报危急值"),
    Event.CRITICAL_CONFIRMED: _("确认危急值"),
    Event.CRITICAL_HANDLED: _("处置危急值"),
    Event.CRITICAL_CLOSED: _("关闭危急值"),
    Event.CRITICAL_ESCALATED: _("危急值逐级上报"),
    Event.CRITICAL_SUPERSEDED: _("危急值因更正报告取代"),
    Look.WORKLIST: _("查看检查申请列表"),
    Look.REQUEST: _("查看检查申请"),
    Look.TRACE: _("查看心电图"),
    Look.REPORT: _("打印检查报告"),
    Look.CRITICAL: _("查看危急值"),
}
