"""Signed-in browsers: idle limit, absolute limit, number at a time."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from xinglin.accounts.models import OpenSession, User

#: `seen_at` is written at most this often: one write a minute, not one a request.
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def open_session(*, request: HttpRequest, user: User, at: datetime) -> None:
    """Note a new session, and end the oldest ones beyond the limit."""
    OpenSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "opened_at": at,
            "seen_at": at,
            "address": request.META.get("REMOTE_ADDR", "")[:45],
            "agent": request.headers.get("User-Agent", "")[:120],
        },
    )
    surplus = list(
        OpenSession.objects.filter(user=user).order_by("-opened_at").values_list("session_key", flat=True)[
            settings.SESSIONS_PER_ACCOUNT :
        ]
    )
    end_sessions(surplus)


def end_sessions(keys: list[str]) -> None:
    """End sessions at the server: the cookies are worth nothing from now on."""
    if keys:
        OpenSession.objects.filter(session_key__in=keys).delete()
        Session.objects.filter(session_key__in=keys).delete()


def is_alive(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the request's session is known, not idle too long and not too old; renews `seen_at`."""
    key = request.session.session_key
    row = OpenSession.objects.filter(session_key=key).first() if key else None
    if row is None:
        return False
    if at - row.seen_at > settings.SESSION_IDLE or at - row.opened_at > settings.SESSION_LIFETIME:
        end_sessions([row.session_key])
        return False
    if at - row.seen_at > SEEN_EVERY:
        OpenSession.objects.filter(pk=row.pk).update(seen_at=at)
    return True
