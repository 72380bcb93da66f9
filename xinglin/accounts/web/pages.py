"""What each page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.accounts import gates, lockout, permissions, policies, queries, scopes, trail
from xinglin.accounts.data import Permission
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, OpenSession, User
from xinglin.accounts.roles import ROLES
from xinglin.accounts.titles import PERMISSION_TITLES
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision, first_refusal
from xinglin.platform.errors import InvalidInput
from xinglin.platform.models import AuditRecord
from xinglin.platform.paging import Page, page_of


def older_url(url: str, query: Mapping[str, object], cursor: str) -> str:
    """The address of the next page of a filtered list, or ``""``."""
    kept = {key: value for key, value in query.items() if value and key != "cursor"}
    return f"{url}?{urlencode({**kept, 'cursor': cursor})}" if cursor else ""


@dataclass(frozen=True)
class GrantRow:
    """A grant in words."""

    grant: Grant
    role: object
    place: object
    tone: str
    state: object
    last_day: datetime | None
    revoke_url: str
    revoke: Decision

    @classmethod
    def of(cls, actor: Actor, grant: Grant, at: datetime) -> "GrantRow":
        """A row as the reader sees it."""
        role = ROLES.get(grant.role)
        return cls(
            grant=grant,
            role=role.title if role else grant.role,
            place=_place(grant),
            last_day=grant.valid_until - timedelta(seconds=1) if grant.valid_until else None,
            revoke_url=reverse("accounts:revoke_grant", args=[grant.uuid]),
            revoke=first_refusal(permissions.may_revoke_grant(actor, grant), policies.can_be_revoked(grant)),
            **_grant_state(grant, at),
        )


def _place(grant: Grant) -> object:
    if grant.everywhere:
        return _("全县")
    if grant.facility is None:
        return grant.division_code
    return _("%(name)s及下级机构") % {"name": grant.facility.name} if grant.with_subordinates else grant.facility.name


def _grant_state(grant: Grant, at: datetime) -> dict[str, Any]:
    if grant.revoked_at:
        return {"tone": "neutral", "state": _("已收回")}
    if grant.valid_from > at:
        return {"tone": "info", "state": _("未开始")}
    if grant.valid_until and grant.valid_until <= at:
        return {"tone": "neutral", "state": _("已到期")}
    return {"tone": "ok", "state": _("生效中")}


@dataclass(frozen=True)
class TokenRow:
    """A token in words; never its secret."""

    token: ApiToken
    scopes: Sequence[object]
    tone: str
    state: object
    revoke_url: str
    revoke: Decision

    @classmethod
    def of(cls, actor: Actor, token: ApiToken, at: datetime) -> "TokenRow":
        """A row as the reader sees it."""
        tone, state = ("ok", _("生效中"))
        if token.revoked_at:
            tone, state = ("neutral", _("已收回"))
        elif token.expires_at <= at:
            tone, state = ("neutral", _("已到期"))
        elif (token.expires_at - at).days < 14:
            tone, state = ("warning", _("即将到期"))
        return cls(
            token=token, tone=tone, state=state, scopes=[_permission_title(each) for each in token.scopes],
            revoke_url=reverse("accounts:revoke_token", args=[token.uuid]),
            revoke=first_refusal(permissions.may_revoke_token(actor, token), policies.can_be_revoked(token)),
        )  # fmt: skip


def _permission_title(slug: str) -> object:
    return PERMISSION_TITLES[Permission(slug)] if slug in set(Permission) else slug


@dataclass(frozen=True)
class OwnAccount:
    """Everybody's page about his own account."""

    user: User
    grants: Sequence[GrantRow]
    tokens: Sequence[TokenRow]
    has_second_factor: bool
    needs_second_factor: bool
    n_sessions: int

    @classmethod
    def build(cls, actor: Actor, user: User, *, at: datetime) -> "OwnAccount":
        """For the account's holder."""
        grants = [GrantRow.of(actor, grant, at) for grant in queries.grants_of(user)[:30]]
        own_tokens = ApiToken.objects.filter(user=user).select_related("user").order_by("-created_at")[:30]
        return cls(
            user=user,
            grants=grants,
            tokens=[TokenRow.of(actor, token, at) for token in own_tokens],
            has_second_factor=_has_second_factor(user),
            needs_second_factor=gates.needs_second_factor(actor),
            n_sessions=queries.sessions_of(user.pk, at=at).count(),
        )


def _has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


@dataclass(frozen=True)
class SessionRow:
    """A signed-in browser in words."""

    session: OpenSession
    device: str
    is_this: bool
    end_url: str

    @classmethod
    def of(cls, session: OpenSession, this_key: str | None) -> "SessionRow":
        """A row."""
        return cls(
            session, _device(session.agent), session.session_key == this_key,
            reverse("accounts:end_session", args=[session.uuid]),
        )  # fmt: skip


#: What a user agent contains → what people call it; the first that fits.
_SYSTEMS = (
    ("MicroMessenger", "微信"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def _device(agent: str) -> str:
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return " · ".join(filter(None, [system, browser]))


@dataclass(frozen=True)
class UserRow:
    """An account on the list."""

    user: User
    roles: Sequence[object]
    url: str


@dataclass(frozen=True)
class UsersPage:
    """Accounts, by the name searched."""

    rows: Sequence[UserRow]
    query: Mapping[str, str]
    older: str
    is_first: bool
    create: Decision
    roles: Sequence[tuple[str, object]]
    facility_name: str

    @classmethod
    def build(cls, actor: Actor, query: Mapping[str, str], *, at: datetime) -> "UsersPage":
        """For an administrator. :raises InvalidInput: the facility is none"""
        facility = _facility(query.get("facility", ""))
        found = queries.users_found(
            actor, text=query.get("q", "").strip()[:40], state=query.get("state", ""), role=query.get("role", ""),
            facility_id=facility.pk if facility else None, at=at,
        )  # fmt: skip
        shown = page_of(found, by=["username"], cursor=query.get("cursor", ""))
        roles = queries.roles_by_user([user.pk for user in shown.rows], at=at)
        rows = [
            UserRow(
                user,
                [ROLES[role].title for role in roles[user.pk] if role in ROLES],
                reverse("accounts:user", args=[user.uuid]),
            )
            for user in shown.rows
        ]
        return cls(
            rows=rows, query=query, older=older_url("", query, shown.next_cursor), is_first=shown.is_first,
            create=actor.may(Permission.USER_MANAGE), roles=[(role.slug, role.title) for role in ROLES.values()],
            facility_name=facility.name if facility else "",
        )  # fmt: skip


def _facility(text: str) -> Any | None:
    try:
        facility = queries.facility_by_uuid(UUID(text)) if text else None
    except ValueError:
        facility = None
    if text and facility is None:
        raise InvalidInput(_("没有这个机构。"), fields={"facility": _("没有这个机构。")})
    return facility


@dataclass(frozen=True)
class UserPage:
    """One account as its administrators see it: each sees the part that is in his hands."""

    user: User
    grants: Sequence[GrantRow]
    tokens: Sequence[TokenRow]
    sessions: Sequence[SessionRow]
    has_second_factor: bool
    is_locked: bool
    manage: Decision
    secure: Decision
    close: Decision
    reopen: Decision
    grant: Decision
    make_token: Decision
    permissions: Sequence[tuple[str, object]]
    forms: Mapping[str, Form] = field(default_factory=dict)

    @classmethod
    def build(cls, actor: Actor, user: User, *, at: datetime, **forms: Form) -> "UserPage":
        """For an administrator who sees the account."""
        manage, secure = permissions.may_manage_user(actor, user), permissions.may_secure(actor, user)
        sees_rights = Permission.GRANT_MANAGE in actor.permissions
        tokens = queries.tokens_visible_to(actor).filter(user=user).order_by("-created_at")[:30] if sees_rights else []
        return cls(
            user=user,
            grants=[GrantRow.of(actor, grant, at) for grant in queries.grants_of(user)[:50]],
            tokens=[TokenRow.of(actor, token, at) for token in tokens],
            sessions=[SessionRow.of(each, None) for each in queries.sessions_of(user.pk, at=at)] if sees_rights else [],
            has_second_factor=_has_second_factor(user),
            is_locked=lockout.is_account_locked(user.username, at=at),
            manage=manage,
            secure=secure,
            close=first_refusal(manage, policies.can_be_closed(user)),
            reopen=first_refusal(manage, policies.can_be_reopened(user)),
            grant=first_refusal(secure, policies.can_be_closed(user)),
            make_token=first_refusal(permissions.may_manage_tokens(actor, user), policies.can_be_closed(user)),
            permissions=permission_choices(user, at=at),
            forms=forms,
        )

    @property
    def sees_rights(self) -> bool:
        """Whether the reader holds the security administrator's part (though perhaps not over himself)."""
        return bool(self.secure) or self.secure.code == "oneself"


def permission_choices(user: User, *, at: datetime) -> list[tuple[str, object]]:
    """What a token of the account may be limited to: its own permissions."""
    held = frozenset().union(*(grant.permissions for grant in scopes.held_grants(user.pk, at)), frozenset())
    return [(str(each), title) for each, title in PERMISSION_TITLES.items() if each in held]


@dataclass(frozen=True)
class EmergencyRow:
    """An emergency access on a list."""

    access: EmergencyAccess
    url: str
    until: datetime
    tone: str
    state: object
    close: Decision

    @classmethod
    def of(cls, actor: Actor, access: EmergencyAccess, at: datetime) -> "EmergencyRow":
        """A row as the reader sees it."""
        is_open = access.closed_at is None and access.ends_at > at
        if access.reviewed_at:
            tone = "ok" if access.verdict == "JUSTIFIED" else "critical"
            state: object = access.get_verdict_display()
        else:
            tone, state = ("warning", _("进行中")) if is_open else ("info", _("待复核"))
        return cls(
            access=access, url=reverse("accounts:emergency_review", args=[access.uuid]),
            until=access.closed_at or access.ends_at,
            tone=tone, state=state,
            close=first_refusal(permissions.may_shut_emergency(actor, access), policies.can_be_shut(access, at=at)),
        )  # fmt: skip


@dataclass(frozen=True)
class EmergencyPage:
    """One emergency access with each request made under it."""

    row: EmergencyRow
    records: Sequence[AuditRecord]
    review: Decision
    is_own: bool

    @classmethod
    def build(cls, actor: Actor, access: EmergencyAccess, *, at: datetime) -> "EmergencyPage":
        """For the security administrator, or the one who opened it."""
        return cls(
            row=EmergencyRow.of(actor, access, at),
            records=list(trail.records_under(access)[:200]),
            review=first_refusal(permissions.may_review_emergency(actor, access), policies.can_be_reviewed(access)),
            is_own=actor.user_id == access.user_id,
        )


@dataclass(frozen=True)
class RecordsPage:
    """A stretch of the audit trail."""

    shown: Page[AuditRecord]
    older: str
    query: Mapping[str, str]
    wanted: trail.AuditFilter = field(default_factory=trail.AuditFilter)
    chain: trail.ChainState | None = None
    export_url: str = ""
