"""Effects: who took a result over hears when its report is amended afterwards."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.api import Event as DiagnosticsEvent
from xinglin.notifications import api as notifications
from xinglin.platform import clock
from xinglin.platform.jobs import task
from xinglin.platform.outbox import subscribe
from xinglin.recognition.data import Outcome
from xinglin.recognition.models import Decision

KIND = "recognition.source-amended"
TELL = "recognition.tell-of-amendment"
SOON = 1


def connect() -> None:
    """Subscribe to what other capabilities announce; called while applications load."""
    subscribe(DiagnosticsEvent.REPORT_AMENDED, TELL)
    notifications.describe(KIND, _("您采用的互认结果已更正：%(number)s，请重新查看"), "recognition:decision")


@task(TELL)
def tell_of_amendment(*, event_uuid: str, object_uuid: str) -> None:
    """Tell each doctor who took over a result of the amended request; the same event tells him once."""
    found = Decision.objects.filter(source__uuid=object_uuid, outcome=Outcome.RECOGNISED, decided_by__isnull=False)
    for decision in found.select_related("source").order_by("decided_by", "-decided_at").distinct("decided_by"):
        notifications.tell(
            event_uuid=UUID(event_uuid), kind=KIND, urgency=SOON, at=clock.now(), user_id=decision.decided_by,
            object_kind="recognition", object_uuid=decision.uuid, facts={"number": decision.source.number},
        )  # fmt: skip
