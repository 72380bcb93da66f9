"""What notifications tell by themselves: that somebody broke the glass."""

from xinglin.accounts.api import Permission, accounts_holding, emergency_of
from xinglin.notifications.api import tell
from xinglin.platform import clock
from xinglin.platform.jobs import task


@task("notifications.emergency-opened")
def tell_of_emergency(*, event_uuid: str, object_uuid: str) -> None:
    """Tell each who reviews break-glass accesses that one was opened."""
    access = emergency_of(object_uuid)
    for user_id in accounts_holding(Permission.EMERGENCY_REVIEW, at=clock.now()):
        tell(
            event_uuid=event_uuid, kind="emergency.opened", urgency=1, at=clock.now(), user_id=user_id,
            object_kind="accounts.emergencyaccess", object_uuid=object_uuid, facts={"by": access.user.name},
        )  # fmt: skip
