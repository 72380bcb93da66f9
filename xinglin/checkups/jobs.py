"""Jobs of check-ups: who did not come, and who is told."""

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import actions
from xinglin.checkups.events import Event
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe

TELL = "checkups.tell"
BY = system_actor("体检预约")


def connect() -> None:
    """Subscribe to what the resident is told, and say how it reads."""
    for told, sentence in (
        (Event.BOOKED, _("您预约了%(held_on)s的健康体检，请空腹前往，带好身份证。")),
        (Event.REPORTED, _("您的体检报告已出，可以查看。")),
    ):
        subscribe(told, TELL)
        notifications.describe(f"{told}.patient", sentence, "checkups:own")


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the resident, if he has an account."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    own = get_user_model().objects.filter(resident_uuid=event.subject_uuid).values_list("pk", flat=True).first()
    if own is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=f"{event.event}.patient", urgency=0, at=clock.now(), user_id=own,
            facts={"held_on": str(event.detail.get("held_on", ""))},
        )  # fmt: skip


@periodic("checkups.turn-day", "30 0 * * *")
def turn_day(timestamp: int) -> None:
    """Whoever was booked for a day that is over and did not come."""
    while actions.miss_all(by=BY, at=clock.now()):
        continue
