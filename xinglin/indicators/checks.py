"""Start-up check: definitions of indicators and returns can be read, a county's own among them."""

from typing import Any

from django.core.checks import CheckMessage

from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.facts.layouts import layouts
from xinglin.platform.checks import unreadable


def definitions_hold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A definition that cannot be computed is refused with its place."""
    return unreadable((indicators, layouts), hint="python -m xinglin indicators check FILE")
