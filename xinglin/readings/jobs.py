"""Jobs of readings: who is told of what is dangerous, and whose devices a merged unit's are."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.notifications import api as notifications
from xinglin.notifications.data import Facts
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.readings import queries, rules
from xinglin.readings.actions.mergers import follow_facility_merger
from xinglin.readings.events import Event
from xinglin.web.formats import parted_text

TELL, TELL_WAITING, UNITS = "readings.tell", "readings.tell-waiting", "readings.units-merged"
BY = system_actor("设备测量")


def connect() -> None:
    """Subscribe to mergers and to what is dangerous, and say how its message reads."""
    subscribe(Event.URGENT, TELL)
    subscribe(Event.URGENT_WAITING, TELL_WAITING)
    subscribe("facility.merged", UNITS)
    notifications.describe(
        Event.URGENT, gettext_lazy("设备测量达到危急水平：%(what)s。请立即联系居民。"), "followups:detail", _told
    )
    notifications.describe(
        Event.URGENT_WAITING, gettext_lazy("待核实的设备测量达到危急水平：%(what)s。请马上核实是谁测的，并联系本人。"),
        "readings:reading", _told,
    )  # fmt: skip


def _told(facts: Facts) -> Facts:
    titles = {each.slug: each.title for each in rules.rules()}
    return {**facts, "what": parted_text(titles.get(slug, _("异常")) for slug in facts.get("rules", ()))}


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the clinic that manages the resident."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    concern = queries.concern(object_uuid)
    notifications.tell(
        event_uuid=event_uuid, kind=Event.URGENT, urgency=2, at=clock.now(), facility_id=concern.task.facility_id,
        permission=Permission.FOLLOWUP_DO, object_kind="followups.followuptask", object_uuid=concern.task.uuid,
        facts={"rules": event.detail["rules"]},
    )  # fmt: skip


@task(TELL_WAITING)
def tell_waiting(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the facility that has the device, as long as nobody has sorted the reading."""
    event, reading = OutboxEvent.objects.get(uuid=event_uuid), queries.waiting_reading(object_uuid)
    if reading is None:
        return
    notifications.tell(
        event_uuid=event_uuid, kind=Event.URGENT_WAITING, urgency=2, at=clock.now(),
        facility_id=reading.device.facility_id, permission=Permission.READING_SORT, object_kind="readings.reading",
        object_uuid=reading.uuid, facts={"rules": event.detail["rules"]},
    )  # fmt: skip


@task(UNITS)
def units_merged(*, event_uuid: str, object_uuid: str) -> None:
    """The unit that takes over another keeps its devices."""
    merged_id, successor_id = network.merger_of(object_uuid)
    follow_facility_merger(merged_id=merged_id, successor_id=successor_id, by=BY, at=clock.now())
