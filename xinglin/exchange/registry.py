"""Who handles which message. Capabilities register while applications load; the exchange knows none of them."""

from xinglin.exchange.data import Handler

_HANDLERS: dict[str, Handler] = {}


def on(message_type: str, handler: Handler) -> None:
    """Have `handler` work through messages of a type (``ADT^A08``). One handler for each type.

    It runs inside a transaction, may raise `Fault` or any error of the domain, and is safe to run twice.
    """
    if _HANDLERS.setdefault(message_type, handler) is not handler:
        raise ValueError(f"{message_type} has a handler already")


def handler_of(message_type: str) -> Handler | None:
    """The handler, or None while nobody handles this type."""
    return _HANDLERS.get(message_type)
