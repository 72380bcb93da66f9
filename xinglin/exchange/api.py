"""The front door of the exchange: messages between systems."""

from collections.abc import Mapping
from typing import Any

from xinglin.exchange.actions.linking import holder_of_number
from xinglin.exchange.actions.sending import queue_message
from xinglin.exchange.adt import known_person
from xinglin.exchange.connections import Connection, Outbound, active, by_slug
from xinglin.exchange.data import Handler, Incoming, Outcome
from xinglin.exchange.demographics import number_in, person_in, same
from xinglin.exchange.events import Event
from xinglin.exchange.faults import Fault
from xinglin.exchange.reading import Message, Segment, moment_in
from xinglin.exchange.registry import on
from xinglin.exchange.states import INBOUND_TRANSITIONS, OUTBOUND_TRANSITIONS

__all__ = [
    "Connection",
    "Event",
    "Fault",
    "Handler",
    "Incoming",
    "Message",
    "Outbound",
    "Outcome",
    "Segment",
    "active",
    "by_slug",
    "holder_of_number",
    "known_person",
    "moment_in",
    "number_in",
    "on",
    "person_in",
    "queue_message",
    "same",
    "state_tables",
]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"exchange.inbound": INBOUND_TRANSITIONS, "exchange.outbound": OUTBOUND_TRANSITIONS}
