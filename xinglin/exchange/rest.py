"""REST of the exchange: for the county's monitoring, and for the engineer's own tools. Contents are never given out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router
from pydantic import BaseModel

from xinglin.exchange import actions, jobs, queries
from xinglin.exchange.events import Event
from xinglin.exchange.models import InboundMessage, OutboundMessage
from xinglin.platform import audit, clock
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.shapes import In, text

router = Router()
Word = Annotated[str, text(40)]


class ConnectionOut(BaseModel):
    """A connection, and what waits on it."""

    slug: str
    title: str
    active: bool
    facility_code: str
    last_at: datetime | None
    waiting: int
    failed: int
    ignored: int
    to_send: int
    refused_there: int


class ConnectionsOut(BaseModel):
    """All connections, and whether anybody listens."""

    listening: bool
    items: list[ConnectionOut]


class InboundOut(BaseModel):
    """A message that came in, without its content."""

    uuid: UUID
    connection: str
    control_id: str
    message_type: str
    status: str
    answer: str
    received_at: datetime
    n_tries: int
    fault_code: str
    fault_segment: str
    fault_field: int | None
    fault_component: int | None
    fault_words: dict[str, str]

    @classmethod
    def of(cls, message: InboundMessage) -> "InboundOut":
        return cls(**{name: getattr(message, name) for name in cls.model_fields})


class InboundsOut(BaseModel):
    """A page of messages; `next_cursor` is empty on the last."""

    items: list[InboundOut]
    next_cursor: str


class OutboundOut(BaseModel):
    """A message that goes out, without its content."""

    uuid: UUID
    connection: str
    control_id: str
    message_type: str
    status: str
    answer: str
    queued_at: datetime
    n_tries: int
    trouble: str

    @classmethod
    def of(cls, message: OutboundMessage) -> "OutboundOut":
        return cls(**{name: getattr(message, name) for name in cls.model_fields})


class OutboundsOut(BaseModel):
    """A page of messages; `next_cursor` is empty on the last."""

    items: list[OutboundOut]
    next_cursor: str


class DiscardMessageIn(In):
    """Why a message is given up."""

    reason: Literal["TEST", "CORRECTED", "ENTERED", "WRONG_PLACE", "OTHER"]
    remark: Annotated[str, text(400)] = ""


WRITES: dict[Any, Any] = {200: InboundOut, **ERRORS}


@router.get("/hl7/connections", response={200: ConnectionsOut, **ERRORS}, operation_id="listHl7Connections")
def list_connections(request: Request) -> Any:
    """Connections with what waits on each."""
    actor, at = request.actor, clock.now()
    states = queries.connection_states(actor)
    lives = any(alive for _listener, alive in queries.listeners(actor, at=at))
    audit.record(Event.LISTED, by=actor, at=at, detail={"what": "connections"})
    items = [
        ConnectionOut(
            slug=each.connection.slug, title=each.connection.title, active=each.connection.active,
            facility_code=each.connection.facility_code, last_at=each.last_at, waiting=each.n_waiting,
            failed=each.n_failed, ignored=each.n_unhandled, to_send=each.n_to_send, refused_there=each.n_refused_there,
        )
        for each in states
    ]  # fmt: skip
    return ConnectionsOut(listening=lives, items=items)


@router.get("/hl7/messages", response={200: InboundsOut, **ERRORS}, operation_id="listHl7Messages")
def list_messages(
    request: Request,
    status: Word = "",
    connection: Word = "",
    message_type: Word = "",
    cursor: str = "",
) -> Any:
    """Messages that came in, newest first."""
    actor = request.actor
    found = queries.list_messages(actor, status=status, connection=connection, message_type=message_type, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"what": "inbound", "n": len(found.rows)})
    return InboundsOut(items=[InboundOut.of(each) for each in found.rows], next_cursor=found.next_cursor)


@router.get("/hl7/messages/{uuid}", response={200: InboundOut, **ERRORS}, operation_id="getHl7Message")
def get_message(request: Request, uuid: UUID) -> Any:
    """One message: what became of it, and its fault."""
    actor = request.actor
    found = queries.visible_message(actor, uuid)
    audit.record(
        Event.VIEWED, by=actor, at=clock.now(), kind="exchange.inboundmessage", key=str(uuid),
        subject=found.resident.uuid if found.resident else None,
    )  # fmt: skip
    return InboundOut.of(found)


@router.post("/hl7/messages/{uuid}/replay", response=WRITES, operation_id="replayHl7Message")
def replay_message(request: Request, uuid: UUID) -> Any:
    """Work through it again."""

    def run() -> InboundOut:
        actor = request.actor
        found = actions.replay(message=queries.visible_message(actor, uuid), by=actor, at=clock.now())
        jobs.wake(found.connection)
        return InboundOut.of(found)

    return write(request, run)


@router.post("/hl7/messages/{uuid}/discard", response=WRITES, operation_id="discardHl7Message")
def discard_message(request: Request, uuid: UUID, body: DiscardMessageIn) -> Any:
    """Give it up."""

    def run() -> InboundOut:
        actor = request.actor
        found = queries.visible_message(actor, uuid)
        return InboundOut.of(
            actions.discard(message=found, reason=body.reason, remark=body.remark, by=actor, at=clock.now())
        )

    return write(request, run)


@router.get("/hl7/outbound", response={200: OutboundsOut, **ERRORS}, operation_id="listHl7Outbound")
def list_outbound(
    request: Request,
    status: Word = "",
    connection: Word = "",
    cursor: str = "",
) -> Any:
    """Messages that go out, newest first."""
    actor = request.actor
    found = queries.list_outbound(actor, status=status, connection=connection, cursor=cursor)
    audit.record(Event.LISTED, by=actor, at=clock.now(), detail={"what": "outbound", "n": len(found.rows)})
    return OutboundsOut(items=[OutboundOut.of(each) for each in found.rows], next_cursor=found.next_cursor)
