"""States of an exchange of points for goods."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Goods are kept for a resident who has paid with points, then handed to him or given back."""

    RESERVED = "RESERVED", _("待领取")
    HANDED_OVER = "HANDED_OVER", _("已领取")
    CANCELLED = "CANCELLED", _("已退回")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.RESERVED: frozenset({Status.HANDED_OVER, Status.CANCELLED}),
    Status.HANDED_OVER: frozenset(),
    Status.CANCELLED: frozenset(),
}
#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.RESERVED: ("info", "clock"),
    Status.HANDED_OVER: ("ok", "check-circle"),
    Status.CANCELLED: ("neutral", "ban"),
}
