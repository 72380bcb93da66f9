"""States of a registered telephone, and of what a telephone sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """A telephone is in use; it is to erase itself at its next contact; it has; or its owner has laid it down."""

    ACTIVE = "ACTIVE", _("使用中")
    WIPING = "WIPING", _("待清除")
    WIPED = "WIPED", _("已清除")
    ENDED = "ENDED", _("已停用")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.ACTIVE: frozenset({Status.WIPING, Status.ENDED}),
    Status.WIPING: frozenset({Status.WIPED}),
    Status.WIPED: frozenset(),
    Status.ENDED: frozenset(),
}


class ChangeStatus(models.TextChoices):
    """What was received is done or refused at once, or a person looks at it: adopts it, or rejects it with a reason."""

    RECEIVED = "RECEIVED", _("已收到")
    DONE = "DONE", _("已入档")
    REVIEW = "REVIEW", _("待核对")
    REFUSED = "REFUSED", _("不能入档")
    ADOPTED = "ADOPTED", _("核对后入档")
    REJECTED = "REJECTED", pgettext_lazy("pocket", "核对后不采用")


CHANGE_TRANSITIONS: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.RECEIVED: frozenset({ChangeStatus.DONE, ChangeStatus.REVIEW, ChangeStatus.REFUSED}),
    ChangeStatus.DONE: frozenset(),
    ChangeStatus.REVIEW: frozenset({ChangeStatus.ADOPTED, ChangeStatus.REJECTED}),
    ChangeStatus.REFUSED: frozenset(),
    ChangeStatus.ADOPTED: frozenset(),
    ChangeStatus.REJECTED: frozenset(),
}

#: Tone and icon of each state on a page.
LOOKS: dict[str, tuple[str, str]] = {
    Status.ACTIVE: ("ok", "check-circle"),
    Status.WIPING: ("warning", "clock"),
    Status.WIPED: ("neutral", "trash"),
    Status.ENDED: ("neutral", "ban"),
}
