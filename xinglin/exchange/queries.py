"""What may be read of the exchange: for the interface engineer, and for jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import Count, Max, Q, QuerySet

from xinglin.exchange import permissions
from xinglin.exchange.connections import Connection, all_connections
from xinglin.exchange.models import InboundMessage, Listener, OutboundMessage
from xinglin.exchange.states import InboundStatus, OutboundStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.paging import Page, page_of

#: A listener that has not signed for so long is taken for dead.
SILENT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """One connection, and how it does."""

    connection: Connection
    last_at: datetime | None
    n_waiting: int
    n_failed: int
    n_unhandled: int
    n_to_send: int
    n_refused_there: int


def connection_states(actor: Actor) -> list[ConnectionState]:
    """All connections that are defined, with what waits. Three queries. :raises NotPermitted: not an engineer"""
    permissions.may_manage(actor).require()
    open_ones = (InboundStatus.RECEIVED, InboundStatus.FAILED, InboundStatus.IGNORED)
    waiting: dict[str, Mapping[str, Any]] = {
        row["connection"]: row
        for row in InboundMessage.objects.filter(status__in=open_ones).values("connection").annotate(
            n_waiting=Count("id", filter=Q(status=InboundStatus.RECEIVED)),
            n_failed=Count("id", filter=Q(status=InboundStatus.FAILED)),
            n_unhandled=Count("id", filter=Q(status=InboundStatus.IGNORED)),
        )
    }  # fmt: skip
    going: dict[str, Mapping[str, Any]] = {
        row["connection"]: row
        for row in OutboundMessage.objects.filter(status__in=(OutboundStatus.QUEUED, OutboundStatus.REFUSED))
        .values("connection")
        .annotate(
            n_to_send=Count("id", filter=Q(status=OutboundStatus.QUEUED)),
            n_refused_there=Count("id", filter=Q(status=OutboundStatus.REFUSED)),
        )
    }
    last = dict(
        InboundMessage.objects.filter(connection__in=[each.slug for each in all_connections()])
        .values_list("connection")
        .annotate(last=Max("received_at"))
        .values_list("connection", "last")
    )
    return [
        ConnectionState(
            each, last.get(each.slug),
            *(waiting.get(each.slug, {}).get(name, 0) for name in ("n_waiting", "n_failed", "n_unhandled")),
            *(going.get(each.slug, {}).get(name, 0) for name in ("n_to_send", "n_refused_there")),
        )
        for each in all_connections()
    ]  # fmt: skip


def listeners(actor: Actor, *, at: datetime) -> list[tuple[Listener, bool]]:
    """Listeners of the last day, and whether each lives. :raises NotPermitted: not an engineer"""
    permissions.may_manage(actor).require()
    rows = Listener.objects.filter(seen_at__gt=at - timedelta(days=1)).order_by("-seen_at")
    return [(each, at - each.seen_at < timedelta(seconds=SILENT_SECONDS)) for each in rows]


def messages_visible_to(actor: Actor) -> QuerySet[InboundMessage]:
    """Messages that came in. :raises NotPermitted: not an engineer"""
    permissions.may_manage(actor).require()
    return InboundMessage.objects.select_related("resident").defer("raw")


def list_messages(
    actor: Actor, *, status: str = "", connection: str = "", message_type: str = "",
    day: date | None = None, cursor: str = "",
) -> Page[InboundMessage]:  # fmt: skip
    """One page of messages, newest first. What is not asked for is not filtered.

    :raises NotPermitted: not an engineer
    :raises InvalidInput: the cursor is not one of ours
    """
    rows = messages_visible_to(actor)
    given = {"status": status, "connection": connection, "message_type": message_type}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if day:
        start = clock.start_of(day)
        rows = rows.filter(received_at__gte=start, received_at__lt=start + timedelta(days=1))
    return page_of(rows, by=("-id",), cursor=cursor)


def visible_message(actor: Actor, uuid: UUID) -> InboundMessage:
    """One message with its bytes. :raises NotVisible: not an engineer, or there is none"""
    found = None
    if permissions.may_manage(actor):
        found = InboundMessage.objects.select_related("resident").filter(uuid=uuid).first()
    if found is None:
        raise NotVisible("exchange.inboundmessage", uuid)
    return found


def list_outbound(actor: Actor, *, status: str = "", connection: str = "", cursor: str = "") -> Page[OutboundMessage]:
    """One page of messages that go out, newest first.

    :raises NotPermitted: not an engineer
    :raises InvalidInput: the cursor is not one of ours
    """
    permissions.may_manage(actor).require()
    given = {"status": status, "connection": connection}
    rows = OutboundMessage.objects.defer("raw", "answer_raw").filter(**{k: v for k, v in given.items() if v})
    return page_of(rows, by=("-id",), cursor=cursor)


def visible_outbound(actor: Actor, uuid: UUID) -> OutboundMessage:
    """One message that goes out. :raises NotVisible: not an engineer, or there is none"""
    found = OutboundMessage.objects.filter(uuid=uuid).first() if permissions.may_manage(actor) else None
    if found is None:
        raise NotVisible("exchange.outboundmessage", uuid)
    return found


def failed(_actor: Actor) -> QuerySet[InboundMessage]:
    """Messages that wait for a person."""
    return InboundMessage.objects.filter(status=InboundStatus.FAILED)


def waiting_connections() -> list[str]:
    """Connections with messages to be worked through; for the job."""
    rows = InboundMessage.objects.filter(status=InboundStatus.RECEIVED)
    return list(rows.values_list("connection", flat=True).distinct())


def connections_to_send(*, at: datetime) -> list[str]:
    """Connections with a message that may be sent now; for the job."""
    rows = OutboundMessage.objects.filter(status=OutboundStatus.QUEUED, next_try_at__lte=at)
    return list(rows.values_list("connection", flat=True).distinct())


def next_to_send(connection: str, *, at: datetime) -> OutboundMessage | None:
    """The oldest message of a connection, unless it must wait: then nothing overtakes it."""
    oldest = OutboundMessage.objects.filter(connection=connection, status=OutboundStatus.QUEUED).order_by("id").first()
    return oldest if oldest is not None and oldest.next_try_at <= at else None


def store_bytes() -> int:
    """What the messages that came in take on disk."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('exchange_inboundmessage')")
        return int(cursor.fetchone()[0])
