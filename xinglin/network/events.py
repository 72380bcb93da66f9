"""Events of the network: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to the network."""

    OPENED = "facility.opened"
    EDITED = "facility.edited"
    STARTED = "facility.started"  # a planned or suspended unit works (again)
    SUSPENDED = "facility.suspended"
    MERGED = "facility.merged"
    CLOSED = "facility.closed"
    POINT_ADDED = "facility.service-point-added"
    HOLDING_CHANGED = "facility.holding-changed"  # department, service, equipment, beds, title
    CONSORTIUM_FORMED = "consortium.formed"
    CONSORTIUM_JOINED = "consortium.joined"
    CONSORTIUM_LEFT = "consortium.left"
    CONSORTIUM_RESTRUCTURED = "consortium.restructured"
    AREA_SET = "area.set"
    IMPORT_CHECKED = "network.import-checked"
    IMPORTED = "network.imported"
    EXPORTED = "network.exported"
    VIEWED = "facility.viewed"
    LISTED = "facility.listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.OPENED: _("开办机构"),
    Event.EDITED: _("修改机构信息"),
    Event.STARTED: _("机构开始服务"),
    Event.SUSPENDED: _("机构暂停服务"),
    Event.MERGED: _("机构并入另一机构"),
    Event.CLOSED: _("注销机构"),
    Event.POINT_ADDED: _("增设服务点"),
    Event.HOLDING_CHANGED: _("更新科室、服务、设备、床位或称号"),
    Event.CONSORTIUM_FORMED: _("组建医共体"),
    Event.CONSORTIUM_JOINED: _("机构加入医共体"),
    Event.CONSORTIUM_LEFT: _("机构退出医共体"),
    Event.CONSORTIUM_RESTRUCTURED: _("调整医共体结构"),
    Event.AREA_SET: _("划定片区"),
    Event.IMPORT_CHECKED: _("核对导入表格"),
    Event.IMPORTED: _("导入机构表格"),
    Event.EXPORTED: _("导出机构表格"),
    Event.VIEWED: _("查看了机构"),
    Event.LISTED: _("查看机构列表"),
}
