"""Making and closing accounts, and their passwords."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import permissions, policies, sessions
from xinglin.accounts.events import Event
from xinglin.accounts.models import ApiToken, EmergencyAccess, PasswordHistory, User
from xinglin.accounts.passwords import N_REMEMBERED, one_time_password
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import refused
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class NewUser:
    """A new account and the password to hand over; it is kept nowhere else."""

    user: User
    password: str


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    by: Actor,
    at: datetime,
    facility_id: int | None = None,
    title: str = "",
    resident_uuid: UUID | None = None,
    password: str | None = None,
    must_change: bool = True,
) -> NewUser:
    """Make an account without any right, with a password that must be changed at the first sign-in.

    `password` and ``must_change=False`` are for the command line and the generator only; people get a generated one.
    `resident_uuid` is the holder's own person record.

    :raises NotPermitted: the actor is not the system administrator of that facility
    :raises InvalidInput: the user name or the name is malformed, or the password too weak
    :raises Conflict: the user name, or the person record, has an account already
    """
    permissions.may_manage_users(by, facility_id=facility_id).require()
    username, name, title = username.strip().lower(), name.strip(), title.strip()
    _check_names(username, name, title)
    if User.objects.filter(username=username).exists():
        raise Conflict(_("用户名已被使用。"), code="username-taken")
    if resident_uuid is not None and User.objects.filter(resident_uuid=resident_uuid).exists():
        raise Conflict(_("此人已有账号。"), code="person-has-account")
    user = User(
        username=username, name=name, title=title, facility_id=facility_id, resident_uuid=resident_uuid, created_at=at,
        must_change_password=must_change or by.kind != "system", password_changed_at=at,
    )  # fmt: skip
    chosen = _chosen_password(password, user, by=by)
    user.set_password(chosen)
    user.save()
    announce(Event.USER_CREATED, obj=user, by=by, at=at, place=facility_id)
    return NewUser(user, chosen)


def _check_names(username: str, name: str, title: str) -> None:
    fields: dict[str, object] = {}
    if not USERNAME.fullmatch(username):
        fields["username"] = _("2–40 个字符，小写字母开头，只用小写字母、数字和 . _ -。")
    if not 1 <= len(name) <= 40 or "\x00" in name:
        fields["name"] = _("请填写姓名（最多 40 字）。")
    if len(title) > 40 or "\x00" in title:
        fields["title"] = _("最多 40 字。")
    if fields:
        raise InvalidInput(_("请检查填写的内容。"), fields=fields)


def _chosen_password(password: str | None, user: User, *, by: Actor) -> str:
    if password is None:
        return one_time_password()
    if by.kind != "system":
        refused("password-generated", _("初始密码由系统生成，不能指定。")).require()
    _check_strength(password, user, field="password")
    return password


def _check_strength(password: str, user: User, *, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            _("新密码不符合要求。"), fields={field: " ".join(error.messages)}, code="weak-password"
        ) from error


@transaction.atomic
def close_user(*, user: User, by: Actor, at: datetime) -> User:
    """Close an account: sessions end, tokens are revoked, an open emergency access ends. The row stays for ever.

    :raises NotPermitted: the actor is not its system administrator, or it is his own
    :raises Conflict: it is closed already
    """
    permissions.may_manage_user(by, user).require()
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.can_be_closed(user).require()
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_sessions_of(user)
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at, revoked_by=by.user_id or 0)
    EmergencyAccess.objects.filter(user=user, closed_at__isnull=True, ends_at__gt=at).update(closed_at=at)
    announce(Event.USER_CLOSED, obj=user, by=by, at=at, place=user.facility_id)
    return user


@transaction.atomic
def reopen_user(*, user: User, by: Actor, at: datetime) -> NewUser:
    """Open a closed account again, with a new password to hand over. Its tokens stay revoked.

    :raises NotPermitted: the actor is not its system administrator
    :raises Conflict: it is open
    """
    permissions.may_manage_user(by, user).require()
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.can_be_reopened(user).require()
    user.is_active = True
    password = one_time_password()
    _keep_password(user, password, must_change=True, at=at)
    announce(Event.USER_REOPENED, obj=user, by=by, at=at, place=user.facility_id)
    return NewUser(user, password)


@transaction.atomic
def set_password(*, user: User, by: Actor, at: datetime, password: str | None = None, must_change: bool = True) -> str:
    """Give an account a new password because the holder has lost his; returns it. All its sessions end.

    `password` and ``must_change=False`` are for the command line and the generator only.

    :raises NotPermitted: the actor is not its system administrator, or it is his own
    """
    permissions.may_manage_user(by, user).require()
    chosen = _chosen_password(password, user, by=by)
    user = User.objects.select_for_update().get(pk=user.pk)
    _keep_password(user, chosen, must_change=must_change or by.kind != "system", at=at)
    sessions.end_sessions_of(user)
    announce(Event.PASSWORD_SET, obj=user, by=by, at=at, place=user.facility_id)
    return chosen


@transaction.atomic
def change_password(*, user: User, old: str, new: str, by: Actor, at: datetime, session_key: str = "") -> User:
    """Change one's own password; every other session of the account ends.

    :raises NotPermitted: it is somebody else's
    :raises InvalidInput: the old one is wrong, or the new one is weak or was used before
    """
    if by.user_id != user.pk or by.kind != "user":
        refused("not-yours", _("只能修改自己的密码。")).require()
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(old):
        raise InvalidInput(_("原密码不正确。"), fields={"old": _("原密码不正确。")}, code="wrong-password")
    _check_strength(new, user, field="new")
    _keep_password(user, new, must_change=False, at=at)
    sessions.end_sessions_of(user, except_key=session_key)
    announce(Event.PASSWORD_CHANGED, obj=user, by=by, at=at)
    return user


def _keep_password(user: User, password: str, *, must_change: bool, at: datetime) -> None:
    if user.has_usable_password():
        PasswordHistory.objects.create(user=user, password=user.password, used_until=at)
    forgotten = PasswordHistory.objects.filter(user=user).order_by("-used_until", "-id").values_list("pk", flat=True)
    PasswordHistory.objects.filter(pk__in=list(forgotten[N_REMEMBERED:])).delete()
    user.set_password(password)
    user.must_change_password, user.password_changed_at = must_change, at
    user.save(update_fields=["password", "must_change_password", "password_changed_at", "is_active"])
