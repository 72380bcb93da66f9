"""Second factors, sessions and locks."""

from datetime import datetime
from ipaddress import ip_address

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from axes.handlers.proxy import AxesProxyHandler
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import permissions, sessions
from xinglin.accounts.data import Permission
from xinglin.accounts.events import Event
from xinglin.accounts.models import OpenSession, User
from xinglin.platform import audit
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import refused
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce


@transaction.atomic
def set_up_second_factor(*, user: User, secret: str, by: Actor, at: datetime) -> None:
    """Bind an authenticator app (TOTP, RFC 6238) with the base32 `secret` to an account, and make recovery codes.

    :raises NotPermitted: neither the holder nor the system itself
    :raises Conflict: the account has one already
    """
    if by.kind != "system" and by.user_id != user.pk:
        refused("not-yours", _("只能为自己的账号设置两步验证。")).require()
    user = User.objects.select_for_update().get(pk=user.pk)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        raise Conflict(_("该账号已设置两步验证。"), code="has-second-factor")
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    announce(Event.SECOND_FACTOR_ADDED, obj=user, by=by, at=at)


@transaction.atomic
def reset_second_factor(*, user: User, by: Actor, at: datetime) -> None:
    """Unbind the authenticator of somebody who has lost it; he sets up another at the next sign-in. His sessions end.

    :raises NotPermitted: the actor is not the security administrator, or it is his own account
    :raises Conflict: there is none
    """
    permissions.may_secure(by, user).require()
    n_removed, _rows = Authenticator.objects.filter(user=user).delete()
    if not n_removed:
        raise Conflict(_("该账号没有设置两步验证。"), code="no-second-factor")
    sessions.end_sessions_of(user)
    announce(Event.SECOND_FACTOR_REMOVED, obj=user, by=by, at=at)


@transaction.atomic
def end_session(*, session: OpenSession, by: Actor, at: datetime) -> None:
    """Sign a browser out: one of one's own, or, as security administrator, somebody's.

    :raises NotPermitted: neither
    """
    if by.user_id != session.user_id:
        permissions.may_secure(by, session.user).require()
    sessions.end_sessions([session.session_key])
    announce(Event.SESSION_ENDED, obj=session.user, by=by, at=at)


@transaction.atomic
def unlock(*, by: Actor, at: datetime, username: str = "", address: str = "") -> int:
    """Forget the failed sign-ins of an account name or of an address; returns how many entries there were.

    :raises NotPermitted: the actor is not the security administrator
    :raises InvalidInput: neither a name nor an address
    """
    by.may(Permission.GRANT_MANAGE).require()
    username, address = username.replace("\x00", "").strip().lower(), address.replace("\x00", "").strip()
    if bool(username) == bool(address) or (address and not _is_address(address)):
        raise InvalidInput(_("请选定账号或地址。"), fields={"username": _("请选定账号或地址。")})
    n_forgotten = AxesProxyHandler.reset_attempts(username=username or None, ip_address=address or None)
    detail = {"n": n_forgotten, "address": address}
    user = User.objects.filter(username=username).first()
    if user is None:
        audit.record(Event.UNLOCKED, by=by, at=at, detail=detail)
    else:
        announce(Event.UNLOCKED, obj=user, by=by, at=at, **detail)
    return int(n_forgotten)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
