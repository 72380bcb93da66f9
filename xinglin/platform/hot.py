"""For the hottest endpoints: the change (or the look) and its audit record in one statement.

A statement is written with `AUDIT` as one of its CTEs and run as it is; its parameters come from `audit_values` and
the caller. What it may show or change is decided inside it, by the same conditions the ordinary queries use.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.rows import dict_row

from xinglin.platform.actors import Actor

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
    """Run a prepared statement on this thread's connection, inside its transaction if there is one."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement, values, prepare=True)
        return list(cursor.fetchall()) if cursor.description else []
