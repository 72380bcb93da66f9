"""Announce what happened: one audit record and one outbox row, in the transaction (or the statement) of the change.

`announce` is the last line of an action. The relay (`xinglin.platform.relay`) hands outbox rows to subscribers, each as
a job of its own; a subscriber is registered in a capability's ``apps.py`` with `subscribe`.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.instances import new
from xinglin.platform.models import OutboxEvent
from xinglin.platform.together import insert_together

#: event name → names of procrastinate tasks; filled by `subscribe` while applications load
SUBSCRIBERS: dict[str, list[str]] = defaultdict(list)


def subscribe(event: str, task: str) -> None:
    """Have the job `task` run after `event` was committed, with ``event_uuid`` and ``object_uuid`` as arguments."""
    if task not in SUBSCRIBERS[event]:
        SUBSCRIBERS[event].append(task)


def announce(  # noqa: PLR0913
    event: str,
    *,
    obj: models.Model,
    by: Actor,
    at: datetime,
    subject: UUID | None = None,
    place: int | None = None,
    reason: str = "",
    **detail: Any,
) -> None:
    """Record that `event` happened to `obj` (which has a ``uuid``), and put it in the outbox.

    `subject` is the person concerned. `detail` holds identifiers, codes and counts; never names, numbers of identity
    documents or clinical text.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is announced inside the transaction of its action")
    insert_together(rows_of(event, obj=obj, by=by, at=at, subject=subject, place=place, reason=reason, **detail))


def rows_of(  # noqa: PLR0913
    event: str,
    *,
    obj: models.Model,
    by: Actor,
    at: datetime,
    subject: UUID | None = None,
    place: int | None = None,
    reason: str = "",
    **detail: Any,
) -> list[models.Model]:
    """The rows `announce` writes, for an action that writes them together with its own."""
    uuid = obj.uuid  # type: ignore[attr-defined]
    record = audit.record_of(
        event, by=by, at=at, subject=subject, kind=obj._meta.label_lower, key=str(uuid), place=place, reason=reason,
        detail=detail,
    )  # fmt: skip
    return [
        record,
        new(OutboxEvent, event=event, object_uuid=uuid, subject_uuid=subject, detail=detail, happened_at=at),
    ]
