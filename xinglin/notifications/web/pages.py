"""The inbox as a page."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from xinglin.notifications.data import SENTENCES
from xinglin.notifications.models import Message
from xinglin.notifications.queries import messages_for
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page, page_of


@dataclass(frozen=True, slots=True)
class Line:
    """One message, in the reader's language."""

    uuid: str
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
    lines = [Line(str(row.uuid), text_of(row), row.urgency, row.sent_at, row.read_at is not None) for row in found.rows]
    return Page(lines, found.next_cursor, found.is_first)


def text_of(message: Message) -> str:
    """The sentence of a message; an unknown kind shows its slug rather than nothing."""
    sentence = SENTENCES.get(message.kind)
    if sentence is None:
        return message.kind
    return str(sentence.text) % _Facts(message.facts)


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
