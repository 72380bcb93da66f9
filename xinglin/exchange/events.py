"""Events of the exchange: stable slugs in the audit trail and the outbox."""

from enum import StrEnum


class Event(StrEnum):
    """What may happen to messages between systems."""

    PROCESSED = "exchange.processed"
    IGNORED = "exchange.ignored"
    FAILED = "exchange.failed"
    REPLAYED = "exchange.replayed"
    DISCARDED = "exchange.discarded"
    MATCHED = "exchange.matched"
    QUEUED = "exchange.queued"
    SENT = "exchange.sent"
    SEND_REFUSED = "exchange.send-refused"
    SENT_AGAIN = "exchange.sent-again"
    # Looks and edges: audit only.
    LISTED = "exchange.listed"
    VIEWED = "exchange.viewed"
    REVEALED = "exchange.revealed"
    PEER_REFUSED = "exchange.peer-refused"
