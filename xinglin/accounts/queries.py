"""Reading accounts: the actor behind a session or a token."""

from datetime import datetime

from xinglin.accounts import scopes
from xinglin.accounts.models import ApiToken, EmergencyAccess, User
from xinglin.platform.actors import Actor, Trace


def actor_of_user(user: User, *, at: datetime, trace: Trace | None = None) -> Actor:
    """The actor an account is at this moment."""
    return Actor(
        kind="user",
        user_id=user.pk,
        name=user.name,
        grants=scopes.held_grants(user.pk, at) if user.is_active else (),
        place=user.facility_id,
        self_uuid=user.resident_uuid,
        trace=trace or Trace(),
    )


def actor_of_token(digest: bytes, *, at: datetime, trace: Trace | None = None) -> Actor | None:
    """The actor a token stands for, or None when it is unknown, expired, revoked, or its account is closed."""
    token = (
        ApiToken.objects.filter(digest=digest, revoked_at__isnull=True, expires_at__gt=at, user__is_active=True)
        .select_related("user")
        .first()
    )
    if token is None:
        return None
    return Actor(
        kind="token",
        user_id=token.user_id,
        name=token.user.name,
        grants=scopes.held_grants(token.user_id, at),
        place=token.user.facility_id,
        self_uuid=token.user.resident_uuid,
        scopes=frozenset(token.scopes),
        trace=trace or Trace(),
    )


def open_emergency(actor: Actor, subject_uuid: object, *, at: datetime) -> EmergencyAccess | None:
    """The actor's break-glass access to a person that is open now, if any."""
    if actor.user_id is None:
        return None
    return EmergencyAccess.objects.filter(
        user_id=actor.user_id, subject_uuid=subject_uuid, ends_at__gt=at, closed_at__isnull=True
    ).first()
