"""Reading accounts, always from an actor's point of view; and the actor behind a session or a token."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum

from xinglin.accounts import scopes
from xinglin.accounts.data import Permission
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, OpenSession, User
from xinglin.accounts.roles import ROLES
from xinglin.platform import hot
from xinglin.platform.actors import Actor, Trace
from xinglin.platform.errors import NotVisible
from xinglin.platform.finding import the_one


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


#: Token, account and grants in one statement: it runs before every request of a program.
_HOLDER = """
SELECT u.id, u.name, u.facility_id, u.resident_uuid, t.scopes, (
  SELECT coalesce(json_agg(json_build_array(
    g.role, g.facility_id, g.with_subordinates, g.division_code, g.everywhere, f.closed_on, s.name
  )), '[]')
  FROM accounts_grant g LEFT JOIN network_facility f ON f.id = g.facility_id
  LEFT JOIN network_facility s ON s.id = f.successor_id
  WHERE g.user_id = u.id AND g.valid_from <= %(at)s::timestamptz AND g.revoked_at IS NULL
    AND (g.valid_until IS NULL OR g.valid_until > %(at)s::timestamptz)
) AS grants
FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.digest = %(digest)s::bytea AND t.revoked_at IS NULL AND t.expires_at > %(at)s::timestamptz AND u.is_active
"""


def actor_of_token(digest: bytes, *, at: datetime, trace: Trace | None = None) -> Actor | None:
    """The actor a token stands for, or None when it is unknown, expired, revoked, or its account is closed."""
    found = hot.rows(_HOLDER, {"digest": digest, "at": at})
    if not found:
        return None
    row = found[0]
    return Actor(
        kind="token",
        user_id=row["id"],
        name=row["name"],
        grants=tuple(scopes.resolve(*grant) for grant in row["grants"] if grant[0] in ROLES),
        place=row["facility_id"],
        self_uuid=row["resident_uuid"],
        scopes=frozenset(json.loads(row["scopes"])),  # Django leaves jsonb to the reader
        trace=trace or Trace(),
    )


# Accounts ------------------------------------------------------------------------------------------------------------
def users_visible_to(actor: Actor) -> QuerySet[User]:
    """Accounts the system or the security administrator may see: those of the places where they hold their right."""
    users = User.objects.select_related("facility")
    scope = Q(pk__in=[])
    for permission in (Permission.USER_MANAGE, Permission.GRANT_MANAGE, Permission.TOKEN_MANAGE):
        places = actor.places_where(permission)
        if places is None:
            return users
        scope |= Q(facility_id__in=places)
    return users.filter(scope)


def visible_user(actor: Actor, uuid: UUID) -> User:
    """One of them. :raises NotVisible: out of scope or absent"""
    return the_one(users_visible_to(actor), uuid=uuid)


def users_found(
    actor: Actor, *, text: str = "", state: str = "", role: str = "", facility_id: int | None = None, at: datetime
) -> QuerySet[User]:
    """Visible accounts whose user name or name begins with, or whose facility's name contains, `text`.

    `role`, `facility_id`: those with a grant in force of that role, at that very facility; both mean one grant.
    """
    users = users_visible_to(actor)
    text = text.replace("\x00", "")
    if text:
        users = users.filter(
            Q(username__startswith=text.lower()) | Q(name__startswith=text) | Q(facility__name__contains=text)
        )
    if state:
        users = users.filter(is_active=state == "open")
    held: dict[str, Any] = {"role": role} if role in ROLES else {}
    if facility_id is not None:
        held["facility_id"] = facility_id
    return users.filter(pk__in=grants_in_force(at).filter(**held).values("user_id")) if held else users


def grants_in_force(at: datetime) -> QuerySet[Grant]:
    """Grants that hold at a moment."""
    return Grant.objects.filter(valid_from__lte=at, revoked_at__isnull=True).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at)
    )


def grants_of(user: User) -> QuerySet[Grant]:
    """All grants an account ever had, the latest first."""
    return Grant.objects.filter(user=user).select_related("facility", "user").order_by("-granted_at", "-id")


def visible_grant(actor: Actor, uuid: UUID) -> Grant:
    """A grant of a visible account. :raises NotVisible: out of scope or absent"""
    may_see = Permission.GRANT_MANAGE in actor.permissions
    grants = Grant.objects.filter(user__in=users_visible_to(actor)) if may_see else Grant.objects.none()
    grant = grants.filter(uuid=uuid).select_related("user").first()
    if grant is None:
        raise NotVisible("accounts.grant", uuid)
    return grant


def roles_by_user(user_ids: list[int], *, at: datetime) -> dict[int, list[str]]:
    """The role slugs in force of several accounts, in one query."""
    found: dict[int, list[str]] = {user_id: [] for user_id in user_ids}
    for user_id, role in grants_in_force(at).filter(user_id__in=user_ids).order_by("id").values_list("user_id", "role"):
        if role not in found[user_id]:
            found[user_id].append(role)
    return found


def facilities_named(text: str) -> list[Any]:
    """Up to 12 facilities whose code begins with, or whose name contains, `text`. Facilities are public."""
    model = Grant._meta.get_field("facility").related_model
    return list(model._default_manager.filter(Q(code__istartswith=text) | Q(name__contains=text)).order_by("code")[:12])


def facility_by_uuid(uuid: UUID) -> Any | None:
    """A facility, or None."""
    model = Grant._meta.get_field("facility").related_model
    return model._default_manager.filter(uuid=uuid).first()


# Tokens and sessions -------------------------------------------------------------------------------------------------
def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """One's own tokens, and for the security administrator those of the accounts he sees."""
    scope = Q(user_id=actor.user_id)
    if Permission.TOKEN_MANAGE in actor.permissions:
        scope |= Q(user__in=users_visible_to(actor))
    return ApiToken.objects.filter(scope).select_related("user")


def visible_token(actor: Actor, uuid: UUID) -> ApiToken:
    """One of them. :raises NotVisible: out of scope or absent"""
    token = tokens_visible_to(actor).filter(uuid=uuid).first()
    if token is None:
        raise NotVisible("accounts.token", uuid)
    return token


def sessions_of(user_id: int, *, at: datetime) -> QuerySet[OpenSession]:
    """Browsers signed in to an account now, the latest first."""
    return OpenSession.objects.filter(
        user_id=user_id, seen_at__gte=at - settings.SESSION_IDLE, opened_at__gte=at - settings.SESSION_LIFETIME
    ).order_by("-opened_at", "-id")


def visible_session(actor: Actor, uuid: UUID) -> OpenSession:
    """A session of one's own, or of an account the security administrator sees. :raises NotVisible: neither"""
    scope = Q(user_id=actor.user_id)
    if Permission.GRANT_MANAGE in actor.permissions:
        scope |= Q(user__in=users_visible_to(actor))
    session = OpenSession.objects.filter(scope, uuid=uuid).select_related("user").first()
    if session is None:
        raise NotVisible("accounts.session", uuid)
    return session


def lock_outs(actor: Actor, *, at: datetime) -> list[dict[str, Any]]:
    """Account names and addresses that have to wait now: ``{"username" | "address", "failures", "latest_at"}``."""
    if not actor.may(Permission.GRANT_MANAGE):
        return []
    recent = AccessAttempt.objects.filter(attempt_time__gte=at - settings.AXES_COOLOFF_TIME)
    found: list[dict[str, Any]] = []
    for field, name in (("username", "username"), ("ip_address", "address")):
        rows = (
            recent.exclude(**{f"{field}__isnull": True}).values(field)
            .annotate(failures=Sum("failures_since_start"), latest_at=Max("attempt_time"))
            .filter(failures__gte=settings.AXES_FAILURE_LIMIT).order_by("-latest_at")[:100]
        )  # fmt: skip
        found += [{name: row[field], "failures": row["failures"], "latest_at": row["latest_at"]} for row in rows]
    return found


# Emergency access ----------------------------------------------------------------------------------------------------
def open_emergency(actor: Actor, subject_uuid: UUID, *, at: datetime) -> EmergencyAccess | None:
    """The actor's break-glass access to a person that is open now, if any."""
    if actor.user_id is None or actor.kind != "user":
        return None
    return EmergencyAccess.objects.filter(
        user_id=actor.user_id, subject_uuid=subject_uuid, ends_at__gt=at, closed_at__isnull=True
    ).first()


def own_emergencies(actor: Actor) -> QuerySet[EmergencyAccess]:
    """The accesses the actor has opened, the latest first."""
    return EmergencyAccess.objects.filter(user_id=actor.user_id or 0).order_by("-opened_at", "-id")


def emergencies_visible_to(actor: Actor) -> QuerySet[EmergencyAccess]:
    """Accesses the security administrator may review."""
    places = actor.places_where(Permission.EMERGENCY_REVIEW)
    accesses = EmergencyAccess.objects.select_related("user", "user__facility")
    return accesses if places is None else accesses.filter(user__facility_id__in=places)


def visible_emergency(actor: Actor, uuid: UUID) -> EmergencyAccess:
    """One of one's own or one to review. :raises NotVisible: neither"""
    access = emergencies_visible_to(actor).filter(uuid=uuid).first() or own_emergencies(actor).filter(uuid=uuid).first()
    if access is None:
        raise NotVisible("accounts.emergency", uuid)
    return access


def emergencies_to_review(actor: Actor) -> QuerySet[EmergencyAccess]:
    """Accesses that wait for the security administrator."""
    return emergencies_visible_to(actor).filter(reviewed_at__isnull=True).exclude(user_id=actor.user_id or 0)
