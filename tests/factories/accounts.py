"""Accounts for tests, made through the actions, and sign-ins past the sign-in page."""

from datetime import datetime, timedelta
from uuid import UUID

from django.test import Client

from tests.factories.county import NOW, County
from xinglin.accounts import actions
from xinglin.accounts.gates import SECOND_FACTOR_KEY
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, OpenSession, User
from xinglin.accounts.queries import actor_of_user
from xinglin.platform import clock
from xinglin.platform.actors import Actor, system_actor

PASSWORD = "apricot-grove-2026"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MAKER = system_actor("factory")


def a_user(
    username: str = "zhou", *, name: str = "周", password: str = PASSWORD, at: datetime | None = None, **fields: object
) -> User:
    """An account that has chosen its password and holds no right."""
    at = at or clock.now()
    return actions.create_user(
        username=username,
        name=name,
        password=password,
        must_change=False,
        by=MAKER,
        at=at,
        **fields,  # type: ignore[arg-type]
    ).user


def a_grant(user: User, role: str = "village-doctor", *, at: datetime = NOW, **place: object) -> Grant:
    """A role; everywhere unless a place is given."""
    return actions.grant_role(user=user, role=role, by=MAKER, at=at, **(place or {"everywhere": True}))  # type: ignore[arg-type]


def an_administrator(role: str, username: str = "", *, at: datetime = NOW) -> Actor:
    """One of the three administrators: ``system``, ``security`` or ``audit``."""
    user = a_user(username or role, name=role, at=at)
    a_grant(user, f"{role}-administrator", at=at)
    return actor_of_user(user, at=at)


def a_token(user: User, *permitted: str, at: datetime = NOW, days: int = 30, label: str = "test") -> actions.NewToken:
    """A token and its secret."""
    return actions.create_token(
        user=user, label=label, permitted=permitted, expires_at=at + timedelta(days=days), by=MAKER, at=at
    )


def an_emergency(actor: Actor, subject: UUID, *, at: datetime = NOW, minutes: int = 30) -> EmergencyAccess:
    """Break-glass access, open."""
    return actions.open_break_glass(
        subject_uuid=subject, reason="昏迷送来，需立即了解既往用药", minutes=minutes, by=actor, at=at
    )


def with_second_factor(user: User, *, at: datetime = NOW) -> str:
    """Bind an authenticator; returns its secret."""
    actions.set_up_second_factor(user=user, secret=SECRET, by=MAKER, at=at)
    return SECRET


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Put a signed-in session into the test client, without the sign-in page; by default past the second factor."""
    client.force_login(user, backend="xinglin.accounts.backends.PasswordBackend")
    session = client.session
    session[SECOND_FACTOR_KEY] = second_factor
    session.save()
    now = clock.now()
    OpenSession.objects.create(
        session_key=session.session_key, user=user, opened_at=now, seen_at=now, address="127.0.0.1"
    )
    return client


def browser_of(county: County, who: str) -> Client:
    """The browser of one of the county's cast, signed in."""
    getattr(county, who)
    return sign_in(Client(), county.users[who])


__all__ = [
    "PASSWORD",
    "ApiToken",
    "a_grant",
    "a_token",
    "a_user",
    "an_administrator",
    "an_emergency",
    "browser_of",
    "sign_in",
    "with_second_factor",
]
