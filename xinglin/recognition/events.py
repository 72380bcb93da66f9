"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to results that could be recognised, and to marks."""

    RECOGNISED = "recognition.adopted"
    REPEATED = "recognition.repeated"
    NOT_SEEN = "recognition.not-seen"
    SERIAL = "recognition.serial"
    MARK_GRANTED = "recognition.mark-granted"
    MARK_ENDED = "recognition.mark-ended"
    MARKS_IMPORTED = "recognition.marks-imported"


class Look(StrEnum):
    """Slugs of looks at a person's results for the sake of recognition."""

    OFFERED = "recognition.offered"
    SOURCE = "recognition.source-viewed"
    DECISION = "recognition.decision-viewed"
    LISTED = "recognition.listed"
    REPORT = "recognition.report-viewed"
    OWN = "recognition.own-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.RECOGNISED: _("采用互认结果"),
    Event.REPEATED: _("登记重复检查原因"),
    Event.NOT_SEEN: _("登记未见到既往结果"),
    Event.SERIAL: _("登记连续监测"),
    Event.MARK_GRANTED: _("登记互认标识"),
    Event.MARK_ENDED: _("停用互认标识"),
    Event.MARKS_IMPORTED: _("导入互认标识"),
    Look.OFFERED: _("开单前查询可互认的结果"),
    Look.SOURCE: _("为互认查看报告"),
    Look.DECISION: _("查看互认记录"),
    Look.LISTED: _("查看互认记录列表"),
    Look.REPORT: _("查看互认统计"),
    Look.OWN: _("本人查看互认结果"),
}
