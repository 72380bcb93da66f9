"""Events of the audit trail and the outbox. Slugs are kept for ever."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What happens to a study and to the devices that send."""

    NODE_ADMITTED = "dicom-node.admitted"
    NODE_CLOSED = "dicom-node.closed"
    STUDY_RECEIVED = "study.received"
    INSTANCE_STORED = "study.instance-stored"
    INSTANCE_REPEATED = "study.instance-repeated"
    CONFLICT_KEPT = "study.conflict-kept"
    CONFLICT_SETTLED = "study.conflict-settled"
    STUDY_MATCHED = "study.matched"
    STUDY_UNMATCHED = "study.unmatched"
    STEP_BEGUN = "performed-step.begun"
    STEP_ENDED = "performed-step.ended"
    STUDY_REJECTED = "study.rejected"
    INSTANCE_ARCHIVED = "study.instance-archived"
    INSTANCE_LOST = "study.instance-lost-outside"
    INSTANCE_REMOVED = "study.instance-bytes-removed"
    INSTANCE_BROUGHT_BACK = "study.instance-brought-back"


class Look(StrEnum):
    """Slugs of looks at somebody's images."""

    WORKLIST = "worklist.listed"
    STUDY = "study.viewed"
    STUDIES = "study.listed"
    QUEUE = "study.queue-listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.NODE_ADMITTED: _("接入影像设备"),
    Event.NODE_CLOSED: _("停用影像设备"),
    Event.STUDY_RECEIVED: _("收到影像检查"),
    Event.INSTANCE_STORED: _("保存影像"),
    Event.INSTANCE_REPEATED: _("重复收到影像"),
    Event.CONFLICT_KEPT: _("留存标识冲突的影像"),
    Event.CONFLICT_SETTLED: _("处理影像标识冲突"),
    Event.STUDY_MATCHED: _("匹配影像"),
    Event.STUDY_UNMATCHED: _("解除影像匹配"),
    Event.STUDY_REJECTED: _("拒收影像"),
    Event.INSTANCE_ARCHIVED: _("影像存入外部影像存档"),
    Event.INSTANCE_LOST: _("外部影像存档缺失影像"),
    Event.INSTANCE_REMOVED: _("删除影像的本机副本"),
    Event.INSTANCE_BROUGHT_BACK: _("从外部影像存档取回影像"),
    Event.STEP_BEGUN: _("设备开始检查"),
    Event.STEP_ENDED: _("设备结束检查"),
    Look.WORKLIST: _("设备查询工作列表"),
    Look.STUDY: _("查看影像"),
    Look.STUDIES: _("查询影像"),
    Look.QUEUE: _("查看待匹配影像"),
}
