"""The relay: hands what is in the outbox to its subscribers, as one job each, at least once."""

from datetime import datetime, timedelta

from django.db import transaction

from xinglin.platform import jobs
from xinglin.platform.models import IdempotencyKey, OutboxEvent
from xinglin.platform.outbox import SUBSCRIBERS

BATCH = 200
KEEP_DAYS = 30


@transaction.atomic
def hand_over(*, at: datetime) -> int:
    """Claim up to `BATCH` open events, queue the jobs of their subscribers, mark them; returns how many.

    Claim, jobs and mark share one transaction: killed in between, nothing happened; two relays never take the same row.
    """
    events = list(
        OutboxEvent.objects.select_for_update(skip_locked=True)
        .filter(handed_over_at__isnull=True)
        .order_by("id")[:BATCH]
    )
    for event in events:
        for name in SUBSCRIBERS.get(event.event, ()):
            jobs.defer(name, event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
    if events:
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(handed_over_at=at)
    return len(events)


def forget_old(*, at: datetime) -> None:
    """Delete outbox rows handed over, and idempotency keys used, more than `KEEP_DAYS` ago."""
    limit = at - timedelta(days=KEEP_DAYS)
    OutboxEvent.objects.filter(handed_over_at__lt=limit).delete()
    IdempotencyKey.objects.filter(used_at__lt=limit).delete()
