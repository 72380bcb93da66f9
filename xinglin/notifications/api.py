"""Front door of notifications: tell somebody, and say how a kind of message reads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from xinglin.notifications.data import SENTENCES, Facts, Sentence
from xinglin.notifications.models import Message
from xinglin.notifications.queries import n_unread
from xinglin.platform.models import OutboxEvent

__all__ = ["describe", "n_unread", "tell"]


def describe(kind: str, sentence: object, url_name: str, told: Callable[[Facts], Facts] = dict) -> None:
    """Say how messages of `kind` read (a lazy text with ``%(fact)s``) and which page they open (by the object's uuid).

    `told` makes the facts of the sentence from those that were kept, when somebody reads it: codes as words, in his
    language.
    """
    SENTENCES[kind] = Sentence(sentence, url_name, told)


def tell(  # noqa: PLR0913
    *,
    event_uuid: UUID | str,
    kind: str,
    urgency: int,
    at: datetime,
    facility_id: int | None = None,
    permission: str = "",
    user_id: int | None = None,
    object_kind: str = "",
    object_uuid: UUID | str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Tell one account, or all who hold `permission` at a facility. The same event tells the same reader once.

    `urgency`: 0 ordinary, 1 soon, 2 now. `facts` fill the sentence; no personal data in them. Whom it is about, the
    event says.
    """
    subject = OutboxEvent.objects.filter(uuid=event_uuid).values_list("subject_uuid", flat=True).first()
    Message.objects.bulk_create(
        [
            Message(
                event_uuid=event_uuid, kind=kind, urgency=urgency, sent_at=at, facility_id=facility_id,
                permission=permission, user_id=user_id, object_kind=object_kind, object_uuid=object_uuid, subject_uuid=subject,
                facts=dict(facts or {}),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
