"""The only writers of the exchange."""

from xinglin.exchange.actions.attention import discard, discard_outbound, replay, replay_fault, send_again
from xinglin.exchange.actions.keeping import forget_old, note_listening
from xinglin.exchange.actions.processing import process_oldest
from xinglin.exchange.actions.receiving import receive
from xinglin.exchange.actions.sending import note_trouble, queue_message, record_answer

__all__ = [
    "discard",
    "discard_outbound",
    "forget_old",
    "note_listening",
    "note_trouble",
    "process_oldest",
    "queue_message",
    "receive",
    "record_answer",
    "replay",
    "replay_fault",
    "send_again",
]
