"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to specimens, boxes and results."""

    SPECIMEN_LABELLED = "specimen.labelled"
    SPECIMEN_COLLECTED = "specimen.collected"
    SPECIMEN_NOT_COLLECTED = "specimen.not-collected"
    COLLECTION_UNDONE = "specimen.collection-undone"
    SHIPMENT_SENT = "shipment.handed-over"
    TEMPERATURE_NOTED = "shipment.temperature-noted"
    SHIPMENT_BREACHED = "shipment.temperature-breached"
    SHIPMENT_ARRIVED = "shipment.arrived"
    SPECIMEN_RECEIVED = "specimen.received"
    SPECIMEN_REFUSED = "specimen.refused"
    SPECIMEN_STORED = "specimen.stored"
    SPECIMEN_DISPOSED = "specimen.disposed"
    RESULTS_MATCHED = "result.matched"
    RESULTS_ENTERED = "result.entered"
    RESULTS_RELEASED = "result.released"


class Look(StrEnum):
    """Slugs of looks at somebody's specimens and results."""

    LIST = "laboratory.listed"
    ORDER = "laboratory.viewed"
    LABELS = "laboratory.labels-printed"
    REPORT = "laboratory.report-printed"
    TREND = "laboratory.trend-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.RESULTS_MATCHED: _("检验结果匹配到申请"),
    Event.SPECIMEN_LABELLED: _("生成标本条码"),
    Event.SPECIMEN_COLLECTED: _("采集标本"),
    Event.SPECIMEN_NOT_COLLECTED: _("标本未能采集"),
    Event.COLLECTION_UNDONE: _("撤销标本采集"),
    Event.SHIPMENT_SENT: _("交接标本转运箱"),
    Event.TEMPERATURE_NOTED: _("记录运送温度"),
    Event.SHIPMENT_BREACHED: _("运送温度超限"),
    Event.SHIPMENT_ARRIVED: _("标本转运箱到达"),
    Event.SPECIMEN_RECEIVED: _("核收标本"),
    Event.SPECIMEN_REFUSED: _("拒收标本"),
    Event.SPECIMEN_STORED: _("标本留样"),
    Event.SPECIMEN_DISPOSED: _("处置标本"),
    Event.RESULTS_ENTERED: _("登记检验结果"),
    Event.RESULTS_RELEASED: _("发布检验结果"),
    Look.LIST: _("查看检验列表"),
    Look.ORDER: _("查看检验申请"),
    Look.LABELS: _("打印标本条码"),
    Look.REPORT: _("打印检验报告"),
    Look.TREND: _("查看检验结果趋势"),
}
