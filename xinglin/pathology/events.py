"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to a case and its material."""

    SUBMITTED = "pathology.submitted"
    WITHDRAWN = "pathology.withdrawn"
    RECEIVED = "pathology.received"
    HELD = "pathology.held"
    ANSWERED = "pathology.answered"
    REFUSED = "pathology.refused"
    GROSSED = "pathology.grossed"
    BLOCK_WITHDRAWN = "pathology.block-withdrawn"
    EMBEDDED = "pathology.embedded"
    STAIN_ORDERED = "pathology.stain-ordered"
    SLIDES_MADE = "pathology.slides-made"
    SLIDE_GRADED = "pathology.slide-graded"
    READ = "pathology.read"
    REPORTED = "pathology.reported"
    PICTURE_ADDED = "pathology.picture-added"
    FROZEN_ANSWERED = "pathology.frozen-answered"
    FROZEN_COMPARED = "pathology.frozen-compared"
    OPINION_ASKED = "pathology.opinion-asked"
    OPINION_GIVEN = "pathology.opinion-given"
    LENT = "pathology.lent"
    RETURNED = "pathology.returned"


class Look(StrEnum):
    """Slugs of looks at somebody's case."""

    WORKLIST = "pathology.listed"
    CASE = "pathology.viewed"
    PICTURE = "pathology.picture-viewed"
    REPORT = "pathology.printed"
    LABELS = "pathology.labels-printed"
    LOANS = "pathology.loans-listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.SUBMITTED: _("送检病理标本"),
    Event.WITHDRAWN: _("撤销病理申请"),
    Event.RECEIVED: _("核收病理标本"),
    Event.HELD: _("病理标本存疑"),
    Event.ANSWERED: _("答复标本疑问"),
    Event.REFUSED: _("拒收病理标本"),
    Event.GROSSED: _("病理取材"),
    Event.BLOCK_WITHDRAWN: _("撤销蜡块"),
    Event.EMBEDDED: _("包埋蜡块"),
    Event.STAIN_ORDERED: _("加做切片或染色"),
    Event.SLIDES_MADE: _("制作切片"),
    Event.SLIDE_GRADED: _("评价切片质量"),
    Event.READ: _("病理阅片"),
    Event.REPORTED: _("签发病理报告"),
    Event.PICTURE_ADDED: _("采集病理图像"),
    Event.FROZEN_ANSWERED: _("通报冰冻结果"),
    Event.FROZEN_COMPARED: _("冰冻与石蜡对照"),
    Event.OPINION_ASKED: _("申请病理会诊"),
    Event.OPINION_GIVEN: _("出具会诊意见"),
    Event.LENT: _("借出病理切片"),
    Event.RETURNED: _("归还病理切片"),
    Look.WORKLIST: _("查看病理工作列表"),
    Look.CASE: _("查看病理病例"),
    Look.PICTURE: _("查看病理图像"),
    Look.REPORT: _("打印病理报告"),
    Look.LABELS: _("打印病理标签"),
    Look.LOANS: _("查看病理借阅"),
}
