"""Several calls at the same moment, each in a thread with a connection of its own. For tests with `transaction=True`."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from xinglin.platform.errors import Conflict


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls from one starting signal; what each gave, in their order, or the `Conflict` by which it was refused."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(n: int, call: Callable[[], Any]) -> None:
        barrier.wait(timeout=10)
        try:
            outcomes[n] = call()
        except Conflict as error:
            outcomes[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)
    return outcomes
