"""How many rows several queries of an actor's find, in one statement that is made once for what he may see."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from xinglin.platform.actors import Actor

#: What an actor has rows of. It asks nothing but the actor: no clock, no setting, no row.
Rows = Callable[[Actor], QuerySet[Any]]

#: Statements are kept for so many actors; the same one with other rights is another.
KEPT = 500


def counts(actor: Actor, sources: Sequence[Rows]) -> list[int]:
    """How many rows each source has for the actor, in their order. One query."""
    statement, values = _statement(actor, tuple(sources))
    if not statement:
        return [0] * len(sources)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchone() or ())


@lru_cache(maxsize=KEPT)
def _statement(actor: Actor, sources: tuple[Rows, ...]) -> tuple[str, tuple[Any, ...]]:
    """The statement and its values; no statement where none of the sources can have a row."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in sources:
        try:
            text, its_values = rows(actor).order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(SELECT count(*) FROM ({text}) counted)")  # noqa: S608 - text of a queryset, values apart
            values += its_values
    return "" if set(parts) <= {"0"} else f"SELECT {', '.join(parts)}", tuple(values)
