"""Events of figures: stable slugs in the audit trail and the outbox."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Event(StrEnum):
    """What may happen to returns and published figures, and who looked."""

    RETURN_TAKEN = "return.taken"
    PUBLISHED = "figures.published"
    BOARD_VIEWED = "board.viewed"
    OPENED = "board.opened"
    RETURNS_VIEWED = "return.viewed"


#: Events in words, for the audit trail.
TITLES = {
    Event.RETURN_TAKEN: _("接收上报数据"),
    Event.PUBLISHED: _("发布指标"),
    Event.BOARD_VIEWED: _("查看医共体看板"),
    Event.OPENED: _("打开一项指标"),
    Event.RETURNS_VIEWED: _("查看上报日历"),
}
