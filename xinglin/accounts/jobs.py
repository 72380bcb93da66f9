"""Jobs of accounts."""

from xinglin.accounts import sessions
from xinglin.platform import clock
from xinglin.platform.jobs import periodic


@periodic("accounts.forget-ended-sessions", "17 * * * *")
def forget_ended_sessions(timestamp: int) -> None:
    """Delete what is left of sessions that ended by time."""
    sessions.forget_ended(at=clock.now())
