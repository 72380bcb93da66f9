"""Work through what was stored, one message after the other in order of arrival, each in a transaction of its own."""

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.exchange import registry
from xinglin.exchange.connections import Connection
from xinglin.exchange.data import Incoming, Outcome
from xinglin.exchange.events import Event
from xinglin.exchange.faults import Fault, fault_of, words_of
from xinglin.exchange.models import InboundMessage
from xinglin.exchange.reading import Message
from xinglin.exchange.states import INBOUND_TRANSITIONS, InboundStatus
from xinglin.platform.actors import Actor
from xinglin.platform.errors import DomainError, Unavailable
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

logger = logging.getLogger(__name__)

NOBODY = _("还没有处理这类消息的模块，已保存，待接入后重放。")


@transaction.atomic
def process_oldest(*, connection: Connection, by: Actor, at: datetime) -> InboundMessage | None:
    """Work through the oldest message that waits on a connection; None when there is none.

    The row is locked to the end: a second worker waits and then sees it done. What the handler wrote is undone when it
    fails; the message then waits for a person, and does not hold up those after it.

    :raises DatabaseError: passing trouble of the database; the message stays as it was
    """
    waiting = InboundMessage.objects.select_for_update().filter(
        connection=connection.slug, status=InboundStatus.RECEIVED
    )
    message = waiting.order_by("id").first()
    if message is None:
        return None
    try:
        with transaction.atomic():
            outcome = _handle(message, connection, by=by, at=at)
    except (OperationalError, InterfaceError, Unavailable):
        raise
    except Fault as fault:
        return _fail(message, fault, by=by, at=at)
    except DomainError as error:
        return _fail(message, fault_of(error, ""), by=by, at=at)
    except (DatabaseError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        # A fault of ours or of the library: kept with the message, and the queue goes on.
        logger.exception("message %s could not be worked through", message.uuid)
        unexpected = Fault(
            "internal", _("处理时出现意外错误（%(kind)s），已记录。"), values={"kind": type(error).__name__}
        )
        return _fail(message, unexpected, by=by, at=at)
    return _finish(message, outcome, by=by, at=at)


def _handle(message: InboundMessage, connection: Connection, *, by: Actor, at: datetime) -> Outcome:
    handler = registry.handler_of(message.message_type)
    if handler is None:
        return Outcome(ignored=NOBODY)
    read = Message(bytes(message.raw), message.charset)
    return handler(Incoming(message.pk, message.message_type, read, connection), by, at)


def _finish(message: InboundMessage, outcome: Outcome, *, by: Actor, at: datetime) -> InboundMessage:
    is_ignored = bool(outcome.ignored)
    move(
        message, table=INBOUND_TRANSITIONS, to=InboundStatus.IGNORED if is_ignored else InboundStatus.PROCESSED, by=by,
        at=at, n_tries=message.n_tries + 1, resident=outcome.resident, fault_code="ignored" if is_ignored else "",
        fault_segment="", fault_field=None, fault_component=None,
        fault_words=words_of(outcome.ignored) if is_ignored else {},
    )  # fmt: skip
    _tell(Event.IGNORED if is_ignored else Event.PROCESSED, message, outcome.resident, by=by, at=at)
    return message


def _fail(message: InboundMessage, fault: Fault, *, by: Actor, at: datetime) -> InboundMessage:
    segment, number, component = fault.place
    move(
        message, table=INBOUND_TRANSITIONS, to=InboundStatus.FAILED, by=by, at=at, reason_code=fault.code[:40],
        n_tries=message.n_tries + 1, fault_code=fault.code[:40], fault_segment=segment, fault_field=number,
        fault_component=component, fault_words=words_of(fault.message),
    )  # fmt: skip
    _tell(Event.FAILED, message, None, by=by, at=at)
    return message


def _tell(event: Event, message: InboundMessage, resident: Any, *, by: Actor, at: datetime) -> None:
    announce(
        event, obj=message, subject=resident.uuid if resident else None, by=by, at=at, connection=message.connection,
        type=message.message_type, fault=message.fault_code,
    )  # fmt: skip
