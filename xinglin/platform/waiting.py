"""Whether somebody waits for an answer: what takes long is then asked of the worker, and not done while he waits.

The middleware says so for every request; commands and jobs have time. What was asked for is queued when the request is over and
nothing remains of a transaction that failed.

One answer is made of one state: what changes while somebody waits is looked up once for him (`once`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Found = TypeVar("Found")
#: Seconds after which to ask again for what the worker computes.
AGAIN = 2
#: What is asked of the worker afterwards; None: nobody waits.
_afterwards: ContextVar[list[Callable[[], object]] | None] = ContextVar("asked_afterwards", default=None)
#: What was looked up for who waits.
_seen: ContextVar[dict[str, Any] | None] = ContextVar("seen_while_waiting", default=None)


@contextmanager
def somebody_waits() -> Iterator[list[Callable[[], object]]]:
    """While this runs, somebody waits. Gives what is to be asked of the worker afterwards."""
    asked: list[Callable[[], object]] = []
    token, seen = _afterwards.set(asked), _seen.set({})
    try:
        yield asked
    finally:
        _afterwards.reset(token)
        _seen.reset(seen)


def is_waited_for() -> bool:
    """Whether somebody waits for what is done now."""
    return _afterwards.get() is not None


def once(name: str, find: Callable[[], Found]) -> Found:
    """What was found when it was first asked for by who waits now; where nobody waits, what is found now."""
    seen = _seen.get()
    if seen is None:
        return find()
    if name not in seen:
        seen[name] = find()
    found: Found = seen[name]
    return found


def afterwards(ask: Callable[[], object]) -> None:
    """Ask the worker once nobody waits any more."""
    asked = _afterwards.get()
    assert asked is not None
    asked.append(ask)
