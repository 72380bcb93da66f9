"""Jobs of readings: who is told of what is dangerous."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.accounts.data import Permission
from xinglin.notifications import api as notifications
from xinglin.notifications.data import Facts
from xinglin.platform import clock
from xinglin.platform.jobs import task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.readings import queries, rules
from xinglin.readings.events import Event
from xinglin.web.formats import parted_text

TELL = "readings.tell"


def connect() -> None:
    """Subscribe to what is dangerous, and say how its message reads."""
    subscribe(Event.URGENT, TELL)
    notifications.describe(
        Event.URGENT, gettext_lazy("设备测量达到危急水平：%(what)s。请立即联系居民。"), "followups:detail", _told
    )


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
