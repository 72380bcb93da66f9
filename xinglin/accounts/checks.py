"""Start-up checks of accounts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})


@register(Tags.security)
def second_factor_is_required(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Administrators and staff with export rights sign in with one factor on loopback only."""
    if settings.SECOND_FACTOR_REQUIRED or set(settings.ALLOWED_HOSTS) <= LOOPBACK:
        return []
    return [Error("XINGLIN_SECOND_FACTOR=off is for loopback only", id="xinglin.E006")]
