"""Events of devices and readings: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a device or a reading."""

    DEVICE_REGISTERED = "meter.registered"
    KEY_GIVEN = "meter.key-given"
    KEY_REVOKED = "meter.key-revoked"
    LOST = "meter.lost"
    FOUND = "meter.found"
    RETIRED = "meter.retired"
    LENT = "meter.lent"
    RETURNED = "meter.returned"
    HANDED_OVER = "meter.handed-over"
    DEVICES_LISTED = "meter.listed"
    DEVICE_VIEWED = "meter.viewed"
    BATCH = "reading.batch-taken"
    KEPT = "reading.kept"
    WAITING = "reading.waiting"
    ASSIGNED = "reading.assigned"
    WITHDRAWN = "reading.withdrawn"
    SPLIT = "reading.split"
    DISCARDED = "reading.discarded"
    SEATED = "reading.seated"
    CONCERN = "reading.concern"
    URGENT = "reading.urgent"
    URGENT_WAITING = "reading.urgent-waiting"
    VIEWED = "reading.viewed"
    QUEUE_LISTED = "reading.listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.DEVICE_REGISTERED: _("登记了测量设备"),
    Event.KEY_GIVEN: _("发放了设备密钥"),
    Event.KEY_REVOKED: _("收回了设备密钥"),
    Event.LOST: _("挂失了测量设备"),
    Event.FOUND: _("找回了测量设备"),
    Event.RETIRED: _("报废了测量设备"),
    Event.LENT: _("借出了测量设备"),
    Event.RETURNED: _("收回了测量设备"),
    Event.HANDED_OVER: _("机构合并，设备转交承接机构"),
    Event.DEVICES_LISTED: _("查看测量设备列表"),
    Event.DEVICE_VIEWED: _("查看了测量设备"),
    Event.BATCH: _("设备上传测量"),
    Event.KEPT: _("设备测量入档"),
    Event.WAITING: _("设备测量待核实"),
    Event.ASSIGNED: _("核实设备测量属于本人"),
    Event.WITHDRAWN: _("设备测量不属于本人，已移出"),
    Event.SPLIT: _("拆分了设备测量"),
    Event.DISCARDED: _("弃用了设备测量"),
    Event.SEATED: _("开始自助检测"),
    Event.CONCERN: _("设备测量异常，已安排随访"),
    Event.URGENT: _("设备测量达到危急水平"),
    Event.URGENT_WAITING: _("待核实的设备测量达到危急水平"),
    Event.VIEWED: _("查看了设备测量"),
    Event.QUEUE_LISTED: _("查看待核实的设备测量"),
}
