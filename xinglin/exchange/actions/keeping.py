"""The store of messages is never without bound; and the sign of life of a listener."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from xinglin.exchange.models import (
    InboundMessage,
    InboundStatusChange,
    Listener,
    OutboundMessage,
    OutboundStatusChange,
)
from xinglin.exchange.states import InboundStatus, OutboundStatus
from xinglin.platform.actors import Actor

#: Days a message is kept after it ended, unless its connection says otherwise; what failed is kept for longer.
KEEP_DAYS, KEEP_FAILED_DAYS = 30, 180
BATCH = 5000
_ENDED = (InboundStatus.PROCESSED, InboundStatus.IGNORED, InboundStatus.DISCARDED, InboundStatus.REFUSED)


@transaction.atomic
def forget_old(*, keep_days: Mapping[str, int], by: Actor, at: datetime) -> int:
    """Delete one batch of messages that ended long ago; returns how many. What waits is never deleted."""
    old: list[int] = []
    for slug in {*keep_days, ""}:
        limit = at - timedelta(days=keep_days.get(slug, KEEP_DAYS))
        rows = InboundMessage.objects.filter(connection=slug, status__in=_ENDED, status_changed_at__lt=limit)
        old += rows.values_list("id", flat=True)[:BATCH]
    very_old = at - timedelta(days=KEEP_FAILED_DAYS)
    old += InboundMessage.objects.filter(
        status__in=(*_ENDED, InboundStatus.FAILED), status_changed_at__lt=very_old
    ).values_list("id", flat=True)[:BATCH]
    InboundStatusChange.objects.filter(subject__in=old).delete()
    n_inbound, _each = InboundMessage.objects.filter(pk__in=old).delete()
    sent = list(
        OutboundMessage.objects.filter(
            status__in=(OutboundStatus.SENT, OutboundStatus.DISCARDED),
            status_changed_at__lt=at - timedelta(days=KEEP_DAYS),
        ).values_list("id", flat=True)[:BATCH]
    )
    OutboundStatusChange.objects.filter(subject__in=sent).delete()
    n_outbound, _each = OutboundMessage.objects.filter(pk__in=sent).delete()
    return n_inbound + n_outbound


@transaction.atomic
def note_listening(*, address: str, n_open: int, n_received: int, is_start: bool, by: Actor, at: datetime) -> None:
    """A listener lives, with so many connections open and messages stored since it started."""
    facts = {"seen_at": at, "n_open": n_open, "n_received": n_received} | ({"started_at": at} if is_start else {})
    Listener.objects.update_or_create(address=address, defaults=facts, create_defaults={"started_at": at, **facts})
