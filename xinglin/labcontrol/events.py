"""Events of laboratory control: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen in laboratory control. None of it concerns a person: control materials are nobody's."""

    INSTRUMENT_ADDED = "control.instrument-added"
    INSTRUMENT_CHANGED = "control.instrument-changed"
    ASSAY_ADDED = "control.assay-added"
    ASSAY_CHANGED = "control.assay-changed"
    MATERIAL_ADDED = "control.material-added"
    MATERIAL_OPENED = "control.material-opened"
    MATERIAL_RETIRED = "control.material-retired"
    TARGET_SET = "control.target-set"
    TARGET_BEGUN = "control.target-begun"
    TARGET_ENDED = "control.target-ended"
    RUN_RECORDED = "control.run-recorded"
    LOST = "control.lost"
    CAUSE_FOUND = "control.cause-found"
    ACTED = "control.acted"
    FAILED_AGAIN = "control.failed-again"
    REGAINED = "control.regained"
    SENT_BACK = "control.sent-back"
    CLOSED = "control.closed"
    SCHEME_ADDED = "eqa.scheme-added"
    CERTIFICATE_KEPT = "eqa.certificate-kept"
    RESULTS_KEPT = "eqa.results-kept"
    VIEWED = "control.viewed"
    EXPORTED = "control.exported"


#: Events in words, for the audit trail.
TITLES = {
    Event.INSTRUMENT_ADDED: _("登记检验仪器"),
    Event.INSTRUMENT_CHANGED: _("修改检验仪器"),
    Event.ASSAY_ADDED: _("登记质控项目"),
    Event.ASSAY_CHANGED: _("修改质控项目"),
    Event.MATERIAL_ADDED: _("登记质控品"),
    Event.MATERIAL_OPENED: _("质控品开瓶"),
    Event.MATERIAL_RETIRED: _("停用质控品"),
    Event.TARGET_SET: _("设定质控靶值"),
    Event.TARGET_BEGUN: _("启用质控靶值"),
    Event.TARGET_ENDED: _("停用质控靶值"),
    Event.RUN_RECORDED: _("录入质控结果"),
    Event.LOST: _("质控失控"),
    Event.CAUSE_FOUND: _("写明失控原因"),
    Event.ACTED: _("写明失控处理"),
    Event.FAILED_AGAIN: _("失控处理后复测仍失控"),
    Event.REGAINED: _("失控处理后复测在控"),
    Event.SENT_BACK: _("退回失控处理"),
    Event.CLOSED: _("审核关闭失控"),
    Event.SCHEME_ADDED: _("登记室间质评"),
    Event.CERTIFICATE_KEPT: _("上传室间质评证书"),
    Event.RESULTS_KEPT: _("录入室间质评结果"),
    Event.VIEWED: _("查看质控"),
    Event.EXPORTED: _("导出质控数据"),
}
