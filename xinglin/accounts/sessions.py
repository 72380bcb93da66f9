"""Signed-in browsers: idle limit, absolute limit, number at a time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from xinglin.accounts.addresses import address_of
from xinglin.accounts.models import OpenSession, User

#: `seen_at` is written at most this often: one write a minute, not one a request.
SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def open_session(*, request: HttpRequest, user: User, at: datetime) -> None:
    """Note a new session, and end the oldest ones beyond the limit."""
    if not request.session.session_key:
        request.session.create()
    OpenSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "opened_at": at,
            "seen_at": at,
            "address": address_of(request),
            "agent": request.headers.get("User-Agent", "")[:120].replace("\x00", ""),
        },
    )
    open_keys = (
        OpenSession.objects.filter(user=user).order_by("-opened_at", "-id").values_list("session_key", flat=True)
    )
    end_sessions(open_keys[settings.SESSIONS_PER_ACCOUNT :])


def end_sessions(keys: Iterable[str]) -> int:
    """End sessions at the server: the cookies are worth nothing from now on. Returns how many were open."""
    keys = list(keys)
    if not keys:
        return 0
    n_ended, _ = OpenSession.objects.filter(session_key__in=keys).delete()
    Session.objects.filter(session_key__in=keys).delete()
    return n_ended


def end_sessions_of(user: User, *, except_key: str = "") -> int:
    """End an account's sessions: its rights or its password have changed."""
    keys = OpenSession.objects.filter(user=user).exclude(session_key=except_key).values_list("session_key", flat=True)
    return end_sessions(keys)


def renew(request: HttpRequest, *, new_password_of: User | None = None) -> None:
    """Give the session another identifier, because it may now do more than before; the old one is worth nothing.

    `new_password_of` keeps the session of an account whose password has just changed, and no other.
    """
    former = request.session.session_key
    if new_password_of is None:
        request.session.cycle_key()
    else:
        update_session_auth_hash(request, new_password_of)
    OpenSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


def is_alive(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the request's session is known, not idle too long and not too old; renews `seen_at`."""
    key = request.session.session_key
    row = OpenSession.objects.filter(session_key=key, user_id=request.user.pk or 0).first() if key else None
    if row is None:
        return False
    if at - row.seen_at > settings.SESSION_IDLE or at - row.opened_at > settings.SESSION_LIFETIME:
        end_sessions([row.session_key])
        return False
    if at - row.seen_at > SEEN_EVERY:
        OpenSession.objects.filter(pk=row.pk).update(seen_at=at)
    return True


def forget_ended(*, at: datetime) -> int:
    """Delete the rows of sessions that nobody came back to; returns how many."""
    idle = OpenSession.objects.filter(seen_at__lt=at - settings.SESSION_IDLE).values_list("session_key", flat=True)
    n_ended = end_sessions(idle)
    Session.objects.filter(expire_date__lt=at).delete()
    return n_ended
