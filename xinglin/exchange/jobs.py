"""Jobs of the exchange: work through what came in, send what goes out, make messages of events, forget what is old."""

import logging
import time

from xinglin.diagnostics import api as diagnostics
from xinglin.exchange import actions, composing, connections, mllp, queries
from xinglin.exchange.connections import Connection
from xinglin.exchange.envelope import reason_in
from xinglin.exchange.models import OutboundMessage
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor
from xinglin.platform.alone import alone
from xinglin.platform.errors import NotVisible
from xinglin.platform.jobs import defer_once, periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe

logger = logging.getLogger(__name__)

PROCESS, SEND, ORDER, RESULT = "exchange.process", "exchange.send", "exchange.order", "exchange.result"
KEEPER = system_actor("消息存储")  # read by people, in the audit trail
#: After so long a job makes room for others and is queued again.
TURN_SECONDS = 20.0


def connect() -> None:
    """Subscribe to what other systems want to know."""
    subscribe(diagnostics.Event.REQUEST_PLACED, ORDER)
    subscribe(diagnostics.Event.REPORT_SIGNED, RESULT)
    subscribe(diagnostics.Event.REPORT_AMENDED, RESULT)


def wake(slug: str) -> None:
    """Have the messages of a connection worked through soon."""
    defer_once(PROCESS, lock=f"hl7-in-{slug}", slug=slug)


@task(PROCESS)
def process(*, slug: str) -> None:
    """Work through what waits on a connection, in order of arrival; one such job runs at a time."""
    found = _connection(slug)
    if found is None:
        return
    connection, actor = found
    began = time.monotonic()
    while actions.process_oldest(connection=connection, by=actor, at=clock.now()) is not None:
        if time.monotonic() - began > TURN_SECONDS:
            wake(slug)
            return


@periodic("exchange.look-after", "* * * * * */20")
def look_after(timestamp: int) -> None:
    """Find what waits though nobody said so: after a kill, a replay, a time to try again."""
    for slug in queries.waiting_connections():
        wake(slug)
    for slug in queries.connections_to_send(at=clock.now()):
        wake_sender(slug)


def wake_sender(slug: str) -> None:
    """Have the messages for a connection sent soon."""
    defer_once(SEND, lock=f"hl7-out-{slug}", slug=slug)


@task(SEND)
def send(*, slug: str) -> None:
    """Send what waits for a connection, in order, until it is done or something gives trouble."""
    found = _connection(slug)
    if found is None or found[0].outbound is None:
        return
    connection, actor = found
    # A second line behind the job's own lock: two workers must never send one message at the same moment.
    with alone(f"hl7-out-{slug}") as is_mine:
        while is_mine and (message := queries.next_to_send(slug, at=clock.now())) is not None:
            if not _send_one(message, connection, actor):
                return


def _send_one(message: OutboundMessage, connection: Connection, actor: Actor) -> bool:
    """Whether the other side answered. Its answer counts only if it names this message."""
    target = connection.outbound
    assert target is not None
    try:
        answer = mllp.deliver(bytes(message.raw), host=target.host, port=target.port, seconds=target.seconds)
    except TimeoutError:
        trouble = "timeout"
    except (OSError, mllp.Noise, mllp.Oversize):
        trouble = "unreachable"
    else:
        code, control_id = reason_in(answer)
        if code in {"AA", "AE", "AR", "CA", "CE", "CR"} and control_id == message.control_id:
            actions.record_answer(message=message, code=code, answer=answer, by=actor, at=clock.now())
            return True
        trouble = "foreign-answer"
    actions.note_trouble(message=message, trouble=trouble, by=actor, at=clock.now())
    return False


@task(ORDER)
def order(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the systems of the centre's facility that something was requested."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    request = diagnostics.visible_request(KEEPER, event.object_uuid)
    for each in connections.active():
        if each.outbound and each.outbound.orders and _serves(each, request.centre.facility_id):
            _queue(each, event, request, each.outbound.orders, composing.order(request, each, at=clock.now()))


@task(RESULT)
def result(*, event_uuid: str, object_uuid: str) -> None:
    """Tell the systems of the sending facility what was reported; a clinic's results go to the unit above it, too."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    found = composing.report_of(KEEPER, event)
    if found is None:
        return
    request, report = found
    for each in connections.active():
        if each.outbound and each.outbound.results and _serves(each, request.from_facility_id):
            content = composing.result(request, report, each, at=clock.now())
            _queue(each, event, request, each.outbound.results, content)


def _queue(
    connection: Connection, event: OutboxEvent, request: diagnostics.Request, message_type: str,
    content: tuple[str, bytes],
) -> None:  # fmt: skip
    actions.queue_message(
        connection=connection.slug, control_id=content[0], message_type=message_type, content=content[1],
        event_uuid=event.uuid, object_kind="diagnostics.request", object_uuid=request.uuid,
        subject_uuid=request.resident.uuid, by=connection.actor(), at=clock.now(),
    )  # fmt: skip
    wake_sender(connection.slug)


def _serves(connection: Connection, facility_id: int) -> bool:
    """Whether a connection's system is that of the facility, or of the unit that manages it."""
    try:
        return connection.facility_id in {facility_id, network.manager_of(facility_id)}
    except NotVisible:
        return False


def _connection(slug: str) -> tuple[Connection, Actor] | None:
    try:
        connection = connections.by_slug(slug)
        return connection, connection.actor()
    except (KeyError, NotVisible):
        logger.error("connection %s has no definition, or its facility is not in the register", slug)
        return None


@periodic("exchange.forget-old", "40 3 * * *")
def forget_old(timestamp: int) -> None:
    """Delete messages that ended long ago."""
    keep = {each.slug: each.keep_days for each in connections.all_connections()}
    while actions.forget_old(keep_days=keep, by=KEEPER, at=clock.now()):
        pass
