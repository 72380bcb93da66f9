"""How allauth is bound: nobody signs up alone, and each sign-in opens a noted session."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from xinglin.accounts import sessions
from xinglin.platform import audit, clock


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the system administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        from xinglin.accounts.queries import actor_of_user  # noqa: PLC0415

        now = clock.now()
        sessions.open_session(request=request, user=user, at=now)
        audit.record("account.signed-in", by=actor_of_user(user, at=now, trace=request.actor.trace), at=now)  # type: ignore[attr-defined]
        return super().post_login(request, user, **kwargs)
