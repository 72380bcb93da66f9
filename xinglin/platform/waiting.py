"""Whether somebody waits for an answer: what takes long is then asked of the worker, and not done while he waits.

The middleware says so for every request; commands and jobs have time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_waits: ContextVar[bool] = ContextVar("somebody_waits", default=False)


@contextmanager
def somebody_waits() -> Iterator[None]:
    """While this runs, somebody waits."""
    token = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(token)


def is_waited_for() -> bool:
    """Whether somebody waits for what is done now."""
    return _waits.get()
