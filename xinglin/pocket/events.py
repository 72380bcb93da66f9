"""Events of telephones: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a telephone, and to what it sent."""

    REGISTERED = "pocket.registered"
    WIPE_ORDERED = "pocket.wipe-ordered"
    WIPED = "pocket.wiped"
    ENDED = "pocket.ended"
    RECEIVED = "pocket.received"
    HANDED_ON = "pocket.handed-on"
    ADOPTED = "pocket.adopted"
    REJECTED = "pocket.rejected"
    # Looks: audit only, nothing follows from them.
    CARRIED = "pocket.carried"
    DEFINITIONS = "pocket.definitions-listed"
    DEVICES_LISTED = "pocket.devices-listed"
    REVIEWS_LISTED = "pocket.reviews-listed"
    REVIEW_VIEWED = "pocket.review-viewed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.REGISTERED: _("登记了随访手机"),
    Event.WIPE_ORDERED: _("要求清除随访手机"),
    Event.WIPED: _("随访手机已清除"),
    Event.ENDED: _("停用了随访手机"),
    Event.RECEIVED: _("收到手机上传的记录"),
    Event.HANDED_ON: _("待核对的手机记录转到了新的管理机构"),
    Event.ADOPTED: _("核对后采用了手机记录"),
    Event.REJECTED: _("核对后未采用手机记录"),
    Event.CARRIED: _("随访资料下载到随身手机"),
    Event.DEFINITIONS: _("手机下载了管理方案"),
    Event.DEVICES_LISTED: _("查看了随访手机列表"),
    Event.REVIEWS_LISTED: _("查看了待核对的手机记录"),
    Event.REVIEW_VIEWED: _("查看了一条待核对的手机记录"),
}
