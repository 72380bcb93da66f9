"""Messages for other systems: written once for each event, kept until the other side has answered."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from xinglin.exchange.events import Event
from xinglin.exchange.models import OutboundMessage
from xinglin.exchange.states import OUTBOUND_TRANSITIONS, OutboundStatus
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move, note_status

#: Seconds until the next try, by number of tries; the last one goes on.
BACK_OFF = (5, 15, 60, 300, 900)


@transaction.atomic
def queue_message(
    *, connection: str, control_id: str, message_type: str, content: bytes, event_uuid: UUID, object_kind: str,
    object_uuid: UUID, subject_uuid: UUID | None, by: Actor, at: datetime,
) -> OutboundMessage:  # fmt: skip
    """Keep a message to be sent; one for each event and connection, however often it is asked for."""
    message, is_new = OutboundMessage.objects.get_or_create(
        event_uuid=event_uuid, connection=connection,
        defaults={
            "control_id": control_id, "message_type": message_type, "raw": content, "object_kind": object_kind,
            "object_uuid": object_uuid, "subject_uuid": subject_uuid, "queued_at": at, "next_try_at": at,
            "status_changed_at": at,
        },
    )  # fmt: skip
    if is_new:
        note_status(message, by=by, at=at)
        announce(
            Event.QUEUED, obj=message, subject=subject_uuid, by=by, at=at, connection=connection, type=message_type
        )
    return message


@transaction.atomic
def record_answer(*, message: OutboundMessage, code: str, answer: bytes, by: Actor, at: datetime) -> OutboundMessage:
    """Keep what the other side answered: accepted, or refused until a person looks at it."""
    accepted = code in {"AA", "CA"}
    move(
        message, table=OUTBOUND_TRANSITIONS, to=OutboundStatus.SENT if accepted else OutboundStatus.REFUSED, by=by,
        at=at, reason_code=code, answer=code, answer_raw=answer, n_tries=message.n_tries + 1, tried_at=at, trouble="",
    )  # fmt: skip
    event = Event.SENT if accepted else Event.SEND_REFUSED
    announce(event, obj=message, subject=message.subject_uuid, by=by, at=at, connection=message.connection, answer=code)
    return message


@transaction.atomic
def note_trouble(*, message: OutboundMessage, trouble: str, by: Actor, at: datetime) -> None:
    """No answer came: try again later, after longer and longer times. Others behind it wait, to keep the order."""
    wait = BACK_OFF[min(message.n_tries, len(BACK_OFF) - 1)]
    OutboundMessage.objects.filter(pk=message.pk, status=OutboundStatus.QUEUED).update(
        n_tries=message.n_tries + 1, tried_at=at, trouble=trouble, next_try_at=at + timedelta(seconds=wait)
    )
