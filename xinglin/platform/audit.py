"""The audit trail: append-only, one row for each act, look and refusal.

The database refuses to change or delete a row (trigger, and the application role holds no such right). Tampering by
one who can switch that off is found by the seal chain (`xinglin.platform.chain`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from xinglin.platform.actors import Actor
from xinglin.platform.instances import new
from xinglin.platform.models import AuditRecord
from xinglin.platform.together import insert_together

OK, REFUSED, MISSING, FAILED = "ok", "refused", "missing", "failed"
#: Of a record about many people at once: where their uuids stand in its detail.
SUBJECTS = "subjects"


def record(  # noqa: PLR0913
    event: str,
    *,
    by: Actor,
    at: datetime,
    outcome: str = OK,
    subject: UUID | None = None,
    kind: str = "",
    key: str = "",
    place: int | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditRecord:
    """Write one audit record.

    `event` is a stable slug (``resident.viewed``); `subject` the person whose data it concerns; `kind` and `key` the
    object; `reason` a text somebody had to write (break-glass, rejection). Identifiers only, no personal data.
    """
    row = record_of(
        event,
        by=by,
        at=at,
        outcome=outcome,
        subject=subject,
        kind=kind,
        key=key,
        place=place,
        reason=reason,
        detail=detail,
    )
    insert_together([row])
    return row


def record_of(  # noqa: PLR0913
    event: str,
    *,
    by: Actor,
    at: datetime,
    outcome: str = OK,
    subject: UUID | None = None,
    kind: str = "",
    key: str = "",
    place: int | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditRecord:
    """The row `record` writes, not written yet: for an action that writes it together with its own rows."""
    by.trace.n_records += 1
    return new(
        AuditRecord,
        event=event,
        at=at,
        outcome=outcome,
        actor_kind=by.kind,
        actor_id=by.user_id,
        actor_name=by.name,
        place=place if place is not None else by.place,
        subject_uuid=subject,
        object_kind=kind,
        object_key=key,
        reason=reason or by.emergency,
        emergency=bool(by.emergency),
        detail=dict(detail or {}),
        address=by.trace.address,
        request_id=by.trace.request_id,
    )


def look(event: str, *, by: Actor, at: datetime, subject: UUID, kind: str = "", key: str = "", **detail: Any) -> None:
    """Record that somebody looked at a person's data; the person can see it."""
    record(event, by=by, at=at, subject=subject, kind=kind, key=key, detail=detail)


def look_many(
    event: str, *, by: Actor, at: datetime, subjects: Sequence[UUID], kind: str = "", key: str = "", **detail: Any
) -> None:
    """Record in one row that somebody was shown the data of many people at once; each of them can see it."""
    record(event, by=by, at=at, kind=kind, key=key, detail={SUBJECTS: [str(each) for each in subjects], **detail})


def concerns(uuids: Sequence[UUID]) -> Q:
    """Records about these people: written about one of them, or about many and him among them."""
    named = Q(detail__has_key=SUBJECTS) & Q(**{f"detail__{SUBJECTS}__has_any_keys": [str(each) for each in uuids]})
    return Q(subject_uuid__in=list(uuids)) | named
