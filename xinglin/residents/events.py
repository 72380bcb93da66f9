"""What happens to residents, as stable slugs."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """Audit and outbox events."""

    REGISTERED = "resident.registered"
    EDITED = "resident.edited"
    TRANSFERRED = "resident.transferred"
    ARRIVED = "resident.arrived"
    MERGED = "resident.merged"
    UNMERGED = "resident.unmerged"
    MOVED = "resident.moved"
    DECEASED = "resident.deceased"
    RESTORED = "resident.restored"
    JOINED_HOUSEHOLD = "resident.joined-household"
    CONTACT_ADDED = "resident.contact-added"
    CONTACT_ENDED = "resident.contact-ended"
    CONSENTED = "resident.consented"
    REFUSED_CONSENT = "resident.refused-consent"
    WITHDREW_CONSENT = "resident.withdrew-consent"
    # Looks: audit only, nothing follows from them.
    VIEWED = "resident.viewed"
    EMERGENCY_VIEWED = "resident.emergency-viewed"
    SEARCHED = "resident.searched"
    LISTED = "resident.listed"
    TIMELINE_VIEWED = "resident.timeline-viewed"
    LOOKUPS_VIEWED = "resident.lookups-viewed"
    CONSENTS_VIEWED = "resident.consents-viewed"
    COMPARED = "resident.compared"
    OWN_VIEWED = "resident.own-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.VIEWED: _("打开了健康档案"),
    Event.EMERGENCY_VIEWED: _("以紧急访问打开了健康档案"),
    Event.LISTED: _("在列表中看到"),
    Event.TIMELINE_VIEWED: _("查看了健康时间轴"),
    Event.LOOKUPS_VIEWED: _("查看了“谁看过”"),
    Event.CONSENTS_VIEWED: _("查看了知情同意"),
    Event.COMPARED: _("核对是否重复建档"),
    Event.OWN_VIEWED: _("本人查看自己的档案"),
    Event.REGISTERED: _("建立了健康档案"),
    Event.EDITED: _("修改了基本信息"),
    Event.TRANSFERRED: _("变更了管理机构"),
    Event.ARRIVED: _("登记到诊，加入本机构名册"),
    Event.MERGED: _("合并了重复档案"),
    Event.UNMERGED: _("撤销了档案合并"),
    Event.CONSENTED: _("记录了同意"),
    Event.REFUSED_CONSENT: _("记录了不同意"),
    Event.WITHDREW_CONSENT: _("撤回了同意"),
    Event.JOINED_HOUSEHOLD: _("登记了家庭关系"),
    Event.CONTACT_ADDED: _("添加了联系人"),
    Event.CONTACT_ENDED: _("停用了联系人"),
    Event.DECEASED: _("登记了死亡"),
    Event.MOVED: _("登记了迁出"),
    Event.RESTORED: _("恢复在册"),
    Event.SEARCHED: _("查找了居民"),
}
