"""Start-up check: plans of assessments and funds can be read, a county's own among them."""

from typing import Any

from django.core.checks import CheckMessage

from xinglin.evaluations.rules.funds import funds
from xinglin.evaluations.rules.plans import plans
from xinglin.platform.checks import unreadable


def definitions_hold(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A plan whose weights do not come to its full mark, or that is for no units, is refused with its place."""
    return unreadable((plans, funds))
