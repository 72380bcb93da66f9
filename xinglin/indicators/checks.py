"""Start-up check: definitions of indicators and returns can be read, a county's own among them."""

from collections.abc import Callable
from typing import Any

from django.core.checks import CheckMessage, Error

from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.facts.layouts import layouts
from xinglin.platform.definitions import DefinitionError

_READ: tuple[Callable[[], object], ...] = (indicators, layouts)


def definitions_hold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A definition that cannot be computed is refused with its place before the service starts, not page by page."""
    problems: list[CheckMessage] = []
    for read in _READ:
        try:
            read()
        except (DefinitionError, KeyError) as error:
            problems.append(Error(str(error), hint="python -m xinglin indicators check FILE", id="xinglin.E006"))
    return problems
