"""For the hottest endpoints: the change (or the look) and its audit record in one statement.

A statement is written with `AUDIT` as one of its CTEs and run as it is; its parameters come from `audit_values` and
the caller. What it may show or change is decided inside it, by the same conditions the ordinary queries use.
"""

import re
import select
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import RawCursor

from xinglin.platform.actors import Actor

_PARAMETER = re.compile(r"%\((\w+)\)s")

#: ``INSERT`` of one audit record; fill `subject`, `kind`, `key`, `detail` (SQL expressions) and `source` (FROM … WHERE …).
AUDIT = """
INSERT INTO platform_auditrecord (at, event, outcome, actor_kind, actor_id, actor_name, place, subject_uuid, object_kind,
  object_key, reason, emergency, detail, address, request_id)
SELECT %(at)s::timestamptz, %(event)s, 'ok', %(actor_kind)s, %(actor_id)s::bigint, %(actor_name)s, %(place)s::bigint, {subject},
  {kind}, {key}, %(reason)s, %(emergency)s::boolean, {detail}, %(address)s, %(request_id)s::uuid {source}
"""


def audit_statement(
    *, source: str, subject: str = "NULL::uuid", kind: str = "''", key: str = "''", detail: str = "'{}'::jsonb"
) -> str:
    """`AUDIT` filled in; `source` begins with FROM or WHERE."""
    return AUDIT.format(source=source, subject=subject, kind=kind, key=key, detail=detail)


def audit_values(event: str, *, by: Actor, at: datetime, place: int | None = None, reason: str = "") -> dict[str, Any]:
    """Parameters of `AUDIT`."""
    return {
        "at": at, "event": str(event), "actor_kind": by.kind, "actor_id": by.user_id, "actor_name": by.name,
        "place": place if place is not None else by.place, "reason": reason or by.emergency,
        "emergency": bool(by.emergency), "address": by.trace.address, "request_id": by.trace.request_id,
    }  # fmt: skip


def places_of(actor: Actor, permission: str) -> list[int] | None:
    """The places where the actor holds `permission`, as a parameter; None for everywhere."""
    places = actor.places_where(permission)
    return None if places is None else sorted(places)


def rows(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a prepared statement, its parameters written ``%(name)s``, on this thread's connection; see `run`."""
    text, names = _numbered(statement)
    columns, found = run(text, [values[name] for name in names])
    return [dict(zip(columns, row, strict=True)) for row in found]


def run(text: str, values: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Run a prepared statement, its parameters written ``$1``, inside the transaction if there is one.

    Returns the names of the columns, and the rows.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block and not database.health_check_done and _has_news(database.connection):  # type: ignore[attr-defined]
        database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, RawCursor(database.connection) as cursor:
        cursor.execute(text, values, prepare=True)
        # A statement that was answered is as good as one asked for that purpose.
        database.health_check_done = True  # type: ignore[attr-defined]
        result = cursor.pgresult
        if result is None or not result.nfields:
            return (), []
        return _names(text, result), cursor.fetchall()


def _has_news(driver: Any) -> bool:
    """Whether an idle connection has something to read: it was closed, or the server has something to say."""
    if driver is None:
        return False
    waiting = select.poll()
    waiting.register(driver.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


@lru_cache(maxsize=500)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with numbered parameters, and the names in their order."""
    names: dict[str, int] = {}
    text = _PARAMETER.sub(lambda match: f"${names.setdefault(match[1], len(names) + 1)}", statement)
    return text, tuple(names)


_columns: dict[str, tuple[str, ...]] = {}


def _names(text: str, result: Any) -> tuple[str, ...]:
    """Names of a statement's columns, asked for once."""
    if text not in _columns:
        if len(_columns) > 1000:  # noqa: PLR2004 - statements are constants; this only bounds a mistake
            _columns.clear()
        _columns[text] = tuple(result.fname(number).decode() for number in range(result.nfields))
    return _columns[text]
