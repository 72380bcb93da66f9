"""Tokens for programs."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import permissions, policies, scopes
from xinglin.accounts.events import Event
from xinglin.accounts.models import ApiToken, User
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.web.formats import listed_text

MAX_LIFE = timedelta(days=366)
PREFIX = "xl_"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new token and its secret; only the digest is kept, so this is the one time it can be read."""

    token: ApiToken
    secret: str


@transaction.atomic
def create_token(
    *, user: User, label: str, permitted: Iterable[str], expires_at: datetime, by: Actor, at: datetime
) -> NewToken:
    """Let a program act for an account, within the permissions `permitted`, until `expires_at` (at most a year ahead).

    :raises NotPermitted: the actor is not the security administrator, or it is his own account
    :raises InvalidInput: no label, no or too wide a scope, or an impossible expiry
    :raises Conflict: the account is closed, or a token of this label is in force (a repeated request)
    """
    permissions.may_manage_tokens(by, user).require()
    user = User.objects.select_for_update().get(pk=user.pk)
    policies.can_be_closed(user).require()
    wanted = sorted({str(each) for each in permitted})
    held = frozenset().union(*(grant.permissions for grant in scopes.held_grants(user.pk, at)), frozenset())
    label = label.strip()
    _check_token(label, wanted, held, expires_at, at)
    if ApiToken.objects.filter(user=user, label=label, revoked_at__isnull=True).exists():
        raise Conflict(_("该账号已有同名令牌，请换一个名称，或先收回原令牌。"), code="label-taken")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, label=label, digest=hashlib.sha256(secret.encode()).digest(), scopes=wanted, created_at=at,
        created_by=by.user_id, expires_at=expires_at,
    )  # fmt: skip
    announce(Event.TOKEN_CREATED, obj=token, by=by, at=at, user=str(user.uuid), scopes=wanted)
    return NewToken(token, secret)


def _check_token(label: str, wanted: list[str], held: frozenset[str], expires_at: datetime, at: datetime) -> None:
    fields: dict[str, object] = {}
    if not 1 <= len(label) <= 60 or "\x00" in label:
        fields["label"] = _("请写明用途（最多 60 字）。")
    if not wanted:
        fields["scopes"] = _("至少选择一项权限。")
    elif beyond := [each for each in wanted if each not in held]:
        fields["scopes"] = _("超出该账号自身的权限：%(beyond)s") % {"beyond": listed_text(beyond)[:200]}
    if expires_at <= at:
        fields["expires_at"] = _("到期时间必须在将来。")
    elif expires_at > at + MAX_LIFE:
        fields["expires_at"] = _("有效期最长一年。")
    if fields:
        raise InvalidInput(_("请检查令牌的用途、权限和有效期。"), fields=fields)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, at: datetime) -> ApiToken:
    """End a token at once.

    :raises NotPermitted: neither the security administrator nor the account's holder
    :raises Conflict: it is revoked already
    """
    permissions.may_revoke_token(by, token).require()
    token = ApiToken.objects.select_for_update().select_related("user").get(pk=token.pk)
    policies.can_be_revoked(token).require()
    token.revoked_at, token.revoked_by = at, by.user_id or 0
    token.save(update_fields=["revoked_at", "revoked_by"])
    announce(Event.TOKEN_REVOKED, obj=token, by=by, at=at, user=str(token.user.uuid))
    return token
