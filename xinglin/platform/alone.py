"""One at a time, across all processes: a lock of the database, by name."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(name: str, *, waits: bool = False) -> Iterator[bool]:
    """Hold the lock `name`. Gives False, and holds nothing, where another process holds it; who `waits` gets it after him.

    It is given back at the end of the block, and with the connection when the process dies. Begin transactions within: one that
    began before it may not see what the other has written.
    """
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s)), true", [name])
        else:
            cursor.execute("SELECT NULL, pg_try_advisory_lock(hashtext(%s))", [name])
        is_mine = bool(cursor.fetchone()[1])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
