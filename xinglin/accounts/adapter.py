"""How allauth is bound: nobody signs up alone, each sign-in opens a noted session, secrets are encrypted."""

import base64
import time
from io import BytesIO
from typing import Any

import segno
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import gates, queries, sessions
from xinglin.accounts.events import Event
from xinglin.accounts.models import User
from xinglin.platform import audit, clock
from xinglin.platform.crypto import provider

#: What a TOTP secret is bound to when it is encrypted.
_SECRET_CONTEXT = b"mfa_authenticator.secret"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the system administrator; nothing is sent by e-mail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("用户名或密码不正确。"),
        "incorrect_password": _("密码不正确。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        now = clock.now()
        passed_second = any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
        request.session[gates.SECOND_FACTOR_KEY] = passed_second
        sessions.open_session(request=request, user=user, at=now)
        actor = queries.actor_of_user(user, at=now, trace=request.actor.trace)  # type: ignore[attr-defined]
        audit.record(Event.SIGNED_IN, by=actor, at=now, detail={"second_factor": passed_second})
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Recorded under the account that was tried, if there is one; what else was typed may be a password."""
        uuid = User.objects.filter(username=credentials.get("username", "")).values_list("uuid", flat=True).first()
        audit.record(
            Event.SIGN_IN_FAILED,
            by=request.actor,  # type: ignore[attr-defined]
            at=clock.now(),
            outcome=audit.REFUSED,
            kind="accounts.user" if uuid else "",
            key=str(uuid or ""),
        )

    def logout(self, request: HttpRequest) -> None:
        key = request.session.session_key
        audit.record(Event.SIGNED_OUT, by=request.actor, at=clock.now())  # type: ignore[attr-defined]
        super().logout(request)
        sessions.end_sessions([key] if key else [])

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not when the person has signed in within the last minutes."""
        request = context.request
        times = [record["at"] for record in get_authentication_records(request, request.user)]
        return not times or time.time() - max(times) > app_settings.REAUTHENTICATION_TIMEOUT

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages say themselves what has happened."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Accounts have no e-mail address; changes stand in the audit trail and on the account's own page."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets are encrypted at rest; who must have a second factor cannot switch it off."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("验证码不正确。"),
        "cannot_delete_authenticator": _("您的角色必须使用两步验证，不能关闭。换手机时请联系安全管理员重置。"),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(provider().encrypt(text.encode(), context=_SECRET_CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return provider().decrypt(base64.b64decode(encrypted_text), context=_SECRET_CONTEXT).decode()

    def build_totp_svg(self, url: str) -> str:
        out = BytesIO()
        segno.make(url, error="m").save(out, kind="svg", border=2, scale=5)
        return out.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        actor = queries.actor_of_user(authenticator.user, at=clock.now())
        return not gates.needs_second_factor(actor)
