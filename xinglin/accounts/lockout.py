"""Counting failed sign-ins, and what a locked-out person is told: the same whether or not the account exists."""

from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from xinglin.accounts.addresses import address_of
from xinglin.accounts.events import Event
from xinglin.platform import audit, clock


class FailureCounter(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts in the database, so that all workers see the same.

    Success forgives the failures of that account only. Forgiving the address as well would let one who has any account
    guess at others without end, by signing in himself after each fourth guess.
    """

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Failures of the account, or of the address, whichever are more.

        An address the operator names as shared (a hospital behind one) counts each failure a tenth.
        """
        of_account, of_address = (
            attempts.aggregate(n=Sum("failures_since_start"))["n"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        if address_of(request) in settings.LOCKOUT_SHARED_ADDRESSES:
            of_address //= settings.LOCKOUT_SHARED_WEIGHT
        return int(max(of_account, of_address))

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Forget the failures of the account that has just signed in."""
        n_forgotten, _ = AccessAttempt.objects.filter(username=username_of(request, credentials)).delete()
        return int(n_forgotten)


def username_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account name that was tried, in its one spelling."""
    name = (credentials or {}).get("username") or (credentials or {}).get("login") or request.POST.get("login", "")
    return str(name).replace("\x00", "").strip().lower()[:150]


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether this account or this address has to wait."""
    return not AxesProxyHandler.is_allowed(request, get_credentials(username=username))


def note_failure(request: HttpRequest, username: str) -> None:
    """Count one wrong password or code that was not asked for by the sign-in page itself."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def mark_locked(request: HttpRequest) -> None:
    """Have the answer to this request say that one must wait."""
    request.axes_locked_out = True  # type: ignore[attr-defined]


def locked_out(
    request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any, **kwargs: Any
) -> HttpResponse:
    """429 with the time to wait."""
    actor = getattr(request, "actor", None)
    if actor is not None:
        audit.record(Event.LOCKED_OUT, by=actor, at=clock.now(), outcome=audit.REFUSED)
    wait = settings.AXES_COOLOFF_TIME
    answer = render(request, "accounts/locked_out.html", {"minutes": int(wait.total_seconds() // 60)}, status=429)
    answer["Retry-After"] = str(int(wait.total_seconds()))
    answer["Cache-Control"] = "no-store"
    return answer


def is_account_locked(username: str, *, at: datetime) -> bool:
    """Whether this account has to wait, wherever it signs in from."""
    recent = AccessAttempt.objects.filter(username=username, attempt_time__gte=at - settings.AXES_COOLOFF_TIME)
    return (recent.aggregate(n=Sum("failures_since_start"))["n"] or 0) >= settings.AXES_FAILURE_LIMIT
