"""The inbox as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from xinglin.notifications.data import SENTENCES
from xinglin.notifications.models import Message
from xinglin.notifications.queries import messages_for
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page, page_of
from xinglin.residents.api import residents_visible_to


@dataclass(frozen=True, slots=True)
class Line:
    """One message, in the reader's language; `name` of whom it is about, if the reader may see him."""

    uuid: UUID
    name: str
    text: str
    urgency: int
    sent_at: datetime
    is_read: bool


def inbox(actor: Actor, *, cursor: str = "", unread_only: bool = False) -> Page[Line]:
    """A page of messages, newest first."""
    queryset = messages_for(actor)
    if unread_only:
        queryset = queryset.filter(read_at__isnull=True)
    found = page_of(queryset, by=("-id",), cursor=cursor)
    names = names_of(actor, found.rows)
    lines = [
        Line(
            row.uuid, names.get(row.subject_uuid, ""), text_of(row), row.urgency, row.sent_at,
            row.read_at is not None,
        )
        for row in found.rows
    ]  # fmt: skip
    return Page(lines, found.next_cursor, found.is_first)


def names_of(actor: Actor, messages: Sequence[Message]) -> dict[UUID | None, str]:
    """Names of the residents that messages are about, of those the reader may see; one query."""
    wanted = {row.subject_uuid for row in messages if row.subject_uuid}
    seen = residents_visible_to(actor).filter(uuid__in=wanted) if wanted else ()
    return {resident.uuid: resident.name for resident in seen}


def text_of(message: Message) -> str:
    """The sentence of a message; an unknown kind shows its slug rather than nothing."""
    sentence = SENTENCES.get(message.kind)
    if sentence is None:
        return message.kind
    return str(sentence.text) % _Facts(sentence.told(message.facts))


def url_of(message: Message) -> str:
    """Where the message leads; the inbox when it leads nowhere."""
    sentence = SENTENCES.get(message.kind)
    if sentence and sentence.url_name:
        try:
            return reverse(sentence.url_name, args=[message.object_uuid] if message.object_uuid else [])
        except NoReverseMatch:
            pass
    return reverse("notifications:inbox")


class _Facts(dict[str, object]):
    """A fact that is missing shows as a dash."""

    def __missing__(self, key: str) -> object:
        return "—"
