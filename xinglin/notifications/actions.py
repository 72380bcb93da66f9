"""Writing notifications."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinglin.notifications.models import Message
from xinglin.notifications.queries import messages_for
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.finding import the_one


@transaction.atomic
def mark_read(*, uuid: UUID, by: Actor, at: datetime) -> Message:
    """Note that the reader has opened a message. Opening it again changes nothing.

    :raises NotVisible: it is not addressed to this reader
    """
    message = the_one(messages_for(by), uuid=uuid)
    Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=at, read_by=by.user_id)
    audit.record("message.read", by=by, at=at, kind="notifications.message", key=str(uuid))
    message.refresh_from_db()
    return message


@transaction.atomic
def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Note that the reader has seen all messages; returns how many were unread."""
    n_marked = messages_for(by).filter(read_at__isnull=True).update(read_at=at, read_by=by.user_id)
    audit.record("message.read-all", by=by, at=at, detail={"n": n_marked})
    return n_marked
