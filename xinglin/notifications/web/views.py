"""Pages of the inbox."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.accounts.api import signed_in
from xinglin.notifications import actions
from xinglin.notifications.web import pages
from xinglin.platform import clock
from xinglin.web.answers import done, page
from xinglin.web.request import Request


@require_GET
@signed_in
def inbox(request: Request) -> HttpResponse:
    """Messages, newest first."""
    unread_only = request.GET.get("unread") == "1"
    lines = pages.inbox(request.actor, cursor=request.GET.get("cursor", ""), unread_only=unread_only)
    return page(request, "notifications/inbox.html", fragment="lines", lines=lines, unread_only=unread_only)


@require_POST
@signed_in
def open_message(request: Request, uuid: UUID) -> HttpResponse:
    """Mark as read and go where it leads."""
    message = actions.mark_read(uuid=uuid, by=request.actor, at=clock.now())
    return done(request, pages.url_of(message))


@require_POST
@signed_in
def read_all(request: Request) -> HttpResponse:
    """Mark all as read."""
    actions.mark_all_read(by=request.actor, at=clock.now())
    return done(request, reverse("notifications:inbox"), _("已全部标为已读。"))
