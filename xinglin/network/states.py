"""Life cycle of a facility. A unit is never deleted: its rows, its history and its successor stay."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a facility stands in its life."""

    PLANNED = "PLANNED", _("筹建")
    OPEN = "OPEN", _("运行")
    SUSPENDED = "SUSPENDED", _("停业")
    MERGED = "MERGED", _("已合并")
    CLOSED = "CLOSED", _("已关闭")


S = Status
TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.PLANNED: frozenset({S.OPEN}),
    S.OPEN: frozenset({S.SUSPENDED, S.MERGED, S.CLOSED}),
    S.SUSPENDED: frozenset({S.OPEN, S.CLOSED, S.MERGED}),
    S.MERGED: frozenset(),
    S.CLOSED: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    S.PLANNED: ("info", "flag"),
    S.OPEN: ("ok", "check-circle"),
    S.SUSPENDED: ("warning", "pause"),
    S.MERGED: ("neutral", "transfer"),
    S.CLOSED: ("neutral", "ban"),
}
