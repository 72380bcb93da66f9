"""The two hot reads of residents, each one statement: scope, rows and the record of the look together.

The conditions are those of `queries.residents_visible_to`: a roster in force at a place of the actor. When a statement
finds nothing, the ordinary query decides why (break-glass, merged, not visible).
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from xinglin.accounts.api import Permission
from xinglin.platform import hot
from xinglin.platform.actors import Actor
from xinglin.platform.audit import SUBJECTS
from xinglin.platform.crypto import provider
from xinglin.residents.events import Event

#: Columns an answer needs, by the names of the model.
ROW_NAMES = (
    "id", "uuid", "number", "name", "sex", "born_on", "died_on", "id_kind", "id_number", "phone", "division_code", "status",
    "insurance", "conditions", "allergies",
)  # fmt: skip
_COLUMNS = ", ".join(f"r.{name}" for name in ROW_NAMES) + ", f.uuid AS facility_uuid, f.name AS facility_name"

_ON_ROSTER = """(%(places)s::bigint[] IS NULL OR EXISTS (
  SELECT 1 FROM residents_rosterentry e WHERE e.resident_id = r.id AND e.facility_id = ANY(%(places)s::bigint[])
    AND (e.until IS NULL OR e.until > %(at)s::timestamptz)))"""

#: A CTE: the id of the resident with this ``uuid``, when he is on a roster of ``places`` (NULL: everywhere).
# MATERIALIZED: under row security a COALESCE is taken for leaky, and a join on it would read the whole table.
SEEN = f"""seen AS MATERIALIZED (
  SELECT COALESCE(r.merged_into_id, r.id) AS id FROM residents_resident r WHERE r.uuid = %(uuid)s::uuid AND {_ON_ROSTER}
)"""  # noqa: S608 - constants only
READ = f"""
WITH {SEEN}, person AS (
  SELECT {_COLUMNS} FROM seen JOIN residents_resident r ON r.id = seen.id JOIN network_facility f ON f.id = r.managed_by_id
), logged AS ({hot.audit_statement(source="FROM person", subject="person.uuid", kind="'residents.resident'", key="person.uuid::text")})
SELECT * FROM person
"""  # noqa: S608 - constants only

# One more is found than is shown: whether there is a next page.
_PEOPLE = """
WITH found AS ({found}), people AS (
  SELECT found.key, found.resident_id, {columns} FROM found JOIN residents_resident r ON r.id = found.resident_id
  JOIN network_facility f ON f.id = r.managed_by_id
), shown AS (SELECT uuid FROM people ORDER BY key, resident_id LIMIT %(limit)s::int - 1), logged AS ({logged})
SELECT * FROM people ORDER BY key, resident_id
"""
_LOGGED = hot.audit_statement(
    source="WHERE %(is_last_try)s::boolean OR EXISTS (SELECT 1 FROM found)",
    detail=f"""jsonb_build_object('by', %(by)s::text, 'n', (SELECT count(*) FROM shown),
      '{SUBJECTS}', (SELECT COALESCE(jsonb_agg(uuid), '[]') FROM shown))""",  # noqa: S608 - constants only
)


def people(found: str) -> str:
    """The statement that answers a search: `found` yields ``key`` and ``resident_id``, at most ``limit`` of them."""
    return _PEOPLE.format(found=found, logged=_LOGGED, columns=_COLUMNS)


#: By an index over an encrypted number; of a merged registration its survivor is found.
BY_IDENTITY = people(f"""
SELECT DISTINCT '' AS key, COALESCE(r.merged_into_id, r.id) AS resident_id FROM residents_resident r
WHERE r.identity_index = ANY(%(indexes)s::bytea[]) AND {_ON_ROSTER} LIMIT %(limit)s::int
""")  # noqa: S608 - constants only


def read(actor: Actor, uuid: UUID, *, at: datetime) -> dict[str, Any] | None:
    """The row of a visible resident, the look recorded; None when it is not visible this way (nothing recorded)."""
    values = hot.audit_values(Event.VIEWED, by=actor, at=at)
    found = hot.rows(READ, {**values, "uuid": uuid, "places": hot.places_of(actor, Permission.RESIDENT_VIEW)})
    if not found:
        return None
    actor.trace.n_records += 1
    return opened(found[0])


def search(
    actor: Actor, statement: str, *, kind: str, at: datetime, limit: int, is_last_try: bool, **values: Any
) -> list[dict[str, Any]]:
    """Rows a search finds, at most `limit`; recorded when it finds something or is the last try."""
    common = {
        **hot.audit_values(Event.SEARCHED, by=actor, at=at), "places": hot.places_of(actor, Permission.RESIDENT_SEARCH),
        "by": kind, "limit": limit, "is_last_try": is_last_try,
    }  # fmt: skip
    found = hot.rows(statement, {**common, **values})
    if found or is_last_try:
        actor.trace.n_records += 1
    return [opened(row) for row in found]


def opened(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its encrypted columns as text and its JSON column read."""
    row["conditions"] = json.loads(row["conditions"])  # Django leaves jsonb to the reader
    for column in ("id_number", "phone"):
        if row[column] is not None:
            context = f"residents_resident.{column}".encode()
            row[column] = provider().decrypt(bytes(row[column]), context=context).decode()
    return row
