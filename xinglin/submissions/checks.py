"""Start-up check: forms to hand in can be read, a county's own among them."""

from typing import Any

from django.core.checks import CheckMessage

from xinglin.platform.checks import unreadable
from xinglin.submissions.forms import forms


def definitions_hold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A form that names a figure, column or format nobody knows is refused with its place."""
    return unreadable((forms,))
