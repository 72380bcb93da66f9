"""Jobs of check-ups: who did not come, who is told, and who examines for a merged unit."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import actions
from xinglin.checkups.events import Event
from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import api as laboratory
from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents

TELL, RESULTS, ECG, UNITS = (f"checkups.{name}" for name in ("tell", "results", "ecg", "units-merged"))
BY, CENTRES, UNIT = (system_actor(name) for name in ("体检预约", "体检结果", "机构合并"))

#: Older news are not told: the record was entered afterwards.
STALE = timedelta(days=30)


def connect() -> None:
    """Subscribe to what the resident is told, and say how it reads; and to what the county's centres find."""
    subscribe(laboratory.Event.RESULTS_RELEASED, RESULTS)
    subscribe(diagnostics.Event.REPORT_SIGNED, ECG)
    subscribe(diagnostics.Event.REPORT_AMENDED, ECG)
    subscribe("facility.merged", UNITS)
    for told, sentence in (
        (Event.BOOKED, _("您预约了%(held_on)s的健康体检，请空腹前往，带好身份证。")),
        (Event.HANDED_OVER, _("您预约的%(held_on)s的健康体检，因机构合并由%(facility)s完成。")),
        (Event.REPORTED, _("您的体检报告已出，可以查看。")),
    ):
        subscribe(told, TELL)
        notifications.describe(f"{told}.patient", sentence, "checkups:own")


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the resident, if he has an account; nobody of what lies long back."""
    event, at = OutboxEvent.objects.get(uuid=event_uuid), clock.now()
    if event.happened_at < at - STALE:
        return
    own = get_user_model().objects.filter(resident_uuid=event.subject_uuid).values_list("pk", flat=True).first()
    if own is not None:
        notifications.tell(
            event_uuid=event_uuid, kind=f"{event.event}.patient", urgency=0, at=at, user_id=own,
            facts={name: str(event.detail.get(name, "")) for name in ("held_on", "facility")},
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


@task(UNITS)
def units_merged(*, event_uuid: str, object_uuid: str) -> None:
    """The unit that takes over another holds the sessions it had planned and finishes what was begun."""
    merged_id, successor_id = network.merger_of(object_uuid)
    actions.follow_facility_merger(merged_id=merged_id, successor_id=successor_id, by=UNIT, at=clock.now())


@periodic("checkups.turn-day", "30 0 * * *")
def turn_day(timestamp: int) -> None:
    """Whoever was booked for a day that is over and did not come."""
    while actions.miss_all(by=BY, at=clock.now()):
        continue
