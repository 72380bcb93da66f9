"""States of a visit: being seen, signed by its clinician, or void. A signed visit is never edited."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a visit stands."""

    OPEN = "OPEN", _("待签名")
    SIGNED = "SIGNED", _("已签名")
    VOIDED = "VOIDED", _("已作废")


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.SIGNED, Status.VOIDED}),
    Status.SIGNED: frozenset({Status.VOIDED}),
    Status.VOIDED: frozenset(),
}
FINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)

#: How each status looks: tone and icon of its pill.
LOOKS: dict[Status, tuple[str, str]] = {
    Status.OPEN: ("warning", "edit"),
    Status.SIGNED: ("ok", "signature"),
    Status.VOIDED: ("neutral", "ban"),
}
