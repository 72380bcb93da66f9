"""Events of follow-up: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to a follow-up task."""

    PLANNED = "followup.planned"
    FELL_DUE = "followup.fell-due"
    COMPLETED = "followup.completed"
    UNREACHED = "followup.unreached"
    CANCELLED = "followup.cancelled"
    VIEWED = "followup.viewed"
    LISTED = "followup.listed"


#: Events in words, for the audit trail and for the residents they concern.
TITLES = {
    Event.PLANNED: _("安排随访"),
    Event.FELL_DUE: _("随访到期"),
    Event.COMPLETED: _("完成了随访"),
    Event.UNREACHED: _("随访未联系上"),
    Event.CANCELLED: _("取消随访"),
    Event.VIEWED: _("查看了随访"),
    Event.LISTED: _("查看随访列表"),
}
