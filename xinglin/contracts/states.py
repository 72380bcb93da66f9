"""States of an agreement."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Prepared, signed for a day to come, in force, ended with a reason."""

    DRAFT = "DRAFT", _("待签署")
    SIGNED = "SIGNED", _("已签，未生效")
    ACTIVE = "ACTIVE", _("履约中")
    ENDED = "ENDED", _("已终止")
    DISCARDED = "DISCARDED", _("已作废")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SIGNED, Status.ACTIVE, Status.DISCARDED}),
    Status.SIGNED: frozenset({Status.ACTIVE, Status.ENDED}),
    Status.ACTIVE: frozenset({Status.ENDED}),
    Status.ENDED: frozenset(),
    Status.DISCARDED: frozenset(),
}
#: Agreements that bind.
IN_FORCE = (Status.SIGNED, Status.ACTIVE)
#: Why an agreement ended whose term ran out: it bound on its last day, too.
RAN_OUT = ("expired", "renewed")

#: Tone and icon of each state on a page.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.DRAFT: ("warning", "edit"),
    Status.SIGNED: ("info", "signature"),
    Status.ACTIVE: ("ok", "check-circle"),
    Status.ENDED: ("neutral", "minus"),
    Status.DISCARDED: ("neutral", "ban"),
}
