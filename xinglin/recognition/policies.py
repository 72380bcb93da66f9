"""Whether a step is possible now, by the object alone."""

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.recognition.models import Mark


def can_be_ended(mark: Mark) -> Decision:
    """Whether a mark can still be withdrawn."""
    return ALLOWED if mark.ended_at is None else impossible("mark-ended", _("这个互认标识已停用。"))
