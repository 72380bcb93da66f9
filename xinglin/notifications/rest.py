"""REST operations of notifications."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from xinglin.notifications import actions
from xinglin.notifications.web import pages
from xinglin.platform import clock
from xinglin.platform.errors import NotSignedIn
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request

router = Router()


class MessageOut(BaseModel):
    """One message in the reader's language; `name` of the resident it is about, empty if the reader may not see him.

    `urgency`: 0 ordinary, 1 soon, 2 now.
    """

    uuid: UUID
    name: str
    text: str
    urgency: int
    sent_at: datetime
    is_read: bool


class MessagesOut(BaseModel):
    """A page of messages; `next_cursor` is empty on the last."""

    items: list[MessageOut]
    next_cursor: str


class ReadOut(BaseModel):
    """Where the message leads."""

    url: str


@router.get("/messages", response={200: MessagesOut, **ERRORS}, operation_id="list_messages")
def list_messages(request: Request, cursor: str = "", unread: bool = False) -> MessagesOut:
    """Messages to the caller, newest first."""
    actor = request.actor
    if not actor.is_known:
        raise NotSignedIn
    found = pages.inbox(actor, cursor=cursor, unread_only=unread)
    items = [
        MessageOut(
            uuid=line.uuid,
            name=line.name,
            text=line.text,
            urgency=line.urgency,
            sent_at=line.sent_at,
            is_read=line.is_read,
        )
        for line in found.rows
    ]
    return MessagesOut(items=items, next_cursor=found.next_cursor)


@router.post("/messages/{uuid}/read", response={200: ReadOut, **ERRORS}, operation_id="read_message")
def read_message(request: Request, uuid: UUID) -> HttpResponse:
    """Mark a message as read."""

    def act() -> BaseModel:
        message = actions.mark_read(uuid=uuid, by=request.actor, at=clock.now())
        return ReadOut(url=pages.url_of(message))

    return write(request, act)
