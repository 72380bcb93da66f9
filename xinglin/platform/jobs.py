"""Jobs: procrastinate tasks kept in PostgreSQL, queued in the transaction of the change that wants them.

A task takes identifiers only, keyword-only, and is safe to run twice: a worker killed in mid-job leaves a job that
another one takes up.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

#: After a fault: 5 attempts, waiting 3, 9, 27, 81 seconds.
RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)


def task(name: str, *, queue: str = "default") -> Callable[[FunctionT], Any]:
    """Register a function as the job `name` (a stable slug: it stands in the database)."""
    return app.task(name=name, queue=queue, retry=RETRY)


def periodic(name: str, cron: str) -> Callable[[FunctionT], Any]:
    """Register a function ``(timestamp: int)`` as the job `name`, run at the times of `cron` (sixth field: seconds).

    One that still runs when its next time has come is not begun beside itself.
    """

    def register(function: FunctionT) -> Any:
        job = app.task(name=name, queue="periodic", retry=RETRY, lock=name, queueing_lock=name)(function)
        return app.periodic(cron=cron)(job)

    return register


def defer(name: str, *, at: datetime | None = None, lock: str | None = None, **arguments: Any) -> None:
    """Queue the job `name` with `arguments`, at once or not before `at`."""
    options: dict[str, Any] = {"schedule_at": at} if at else {}
    if lock:
        options["lock"] = lock
    app.configure_task(name, **options).defer(**arguments)


def defer_once(name: str, *, lock: str, **arguments: Any) -> bool:
    """Queue the job `name` unless one with this `lock` waits already; jobs of one lock never run at the same time.

    Returns whether it was queued. One that runs already does not count: it may have looked before now.
    """
    try:
        with transaction.atomic():
            app.configure_task(name, lock=lock, queueing_lock=lock).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True
