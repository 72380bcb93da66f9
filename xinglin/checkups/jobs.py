"""Jobs of check-ups: who did not come, and who is told."""

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import actions
from xinglin.checkups.events import Event
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import api as laboratory
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents

TELL, RESULTS, ECG = "checkups.tell", "checkups.results", "checkups.ecg"
BY, CENTRES = system_actor("体检预约"), system_actor("体检结果")


def connect() -> None:
    """Subscribe to what the resident is told, and say how it reads; and to what the county's centres find."""
    subscribe(laboratory.Event.RESULTS_RELEASED, RESULTS)
    subscribe(diagnostics.Event.REPORT_SIGNED, ECG)
    subscribe(diagnostics.Event.REPORT_AMENDED, ECG)
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


@task(RESULTS)
def results(*, event_uuid: str, object_uuid: str) -> None:
    """Released results stand in the check-up at once."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is not None:
        actions.fill_from_laboratory(resident=residents.registration(event.subject_uuid), by=CENTRES, at=clock.now())


@task(ECG)
def ecg(*, event_uuid: str, object_uuid: str) -> None:
    """An ECG that was read stands in the check-up at once."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is not None:
        actions.fill_ecg(resident=residents.registration(event.subject_uuid), by=CENTRES, at=clock.now())


@periodic("checkups.turn-day", "30 0 * * *")
def turn_day(timestamp: int) -> None:
    """Whoever was booked for a day that is over and did not come."""
    while actions.miss_all(by=BY, at=clock.now()):
        continue
