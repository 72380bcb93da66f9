"""Jobs of laboratory control: those concerned are told of a loss of control, and of what waits for review."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.models import OutOfControl
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.jobs import task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe

TELL = "labcontrol.tell"
#: Who is told of an event at the instrument's facility, and how urgently.
TOLD = {
    Event.LOST: (Permission.CONTROL_RECORD, 1),
    Event.FAILED_AGAIN: (Permission.CONTROL_RECORD, 1),
    Event.SENT_BACK: (Permission.CONTROL_RECORD, 1),
    Event.REGAINED: (Permission.CONTROL_REVIEW, 0),
}
WORDS = {
    Event.LOST: _("%(analyte)s 质控失控，结果暂停发布，请处理。"),
    Event.FAILED_AGAIN: _("%(analyte)s 复测仍失控，请重新查找原因。"),
    Event.SENT_BACK: _("%(analyte)s 的失控处理被退回，结果暂停发布。"),
    Event.REGAINED: _("%(analyte)s 复测在控，失控处理待审核。"),
}


def connect() -> None:
    """Subscribe to the events, and say how their messages read."""
    for event, words in WORDS.items():
        subscribe(event, TELL)
        notifications.describe(event, words, "labcontrol:loss")


@task(TELL)
def tell(*, event_uuid: str, object_uuid: str) -> None:
    """Tell who handles control at the facility, or who reviews; once for each event."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    loss = OutOfControl.objects.select_related("assay__instrument").get(uuid=object_uuid)
    permission, urgency = TOLD[Event(event.event)]
    notifications.tell(
        event_uuid=event_uuid, kind=event.event, urgency=urgency, at=clock.now(),
        facility_id=loss.assay.instrument.facility_id, permission=permission, object_kind="labcontrol.outofcontrol",
        object_uuid=object_uuid, facts={"analyte": loss.assay.title},
    )  # fmt: skip
