"""What stands between a sign-in and the account's rights: a password to change, a second factor to set up.

While a gate is shut the actor is known but holds no grant, so that no page and no operation depends on remembering it.
"""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest

from xinglin.accounts.models import User
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import Actor

#: In the session: this sign-in passed the second factor, or set it up.
SECOND_FACTOR_KEY = "xinglin_second_factor"


class Gate(StrEnum):
    """A gate that is shut."""

    PASSWORD = "password"  # noqa: S105 - a word
    SECOND_FACTOR = "second-factor"


#: Where the way on is.
WAY_ON = {Gate.PASSWORD: "account_change_password", Gate.SECOND_FACTOR: "mfa_activate_totp"}


def needs_second_factor(actor: Actor) -> bool:
    """Whether a role the actor holds takes a second factor (administrators, and staff with export rights)."""
    return any(ROLES[role].needs_second_factor for role in actor.roles if role in ROLES)


def shut_gate(request: HttpRequest, user: User, actor: Actor, *, at: datetime) -> Gate | None:
    """The gate this sign-in has not passed yet."""
    if password_is_due(user, at=at):
        return Gate.PASSWORD
    if settings.SECOND_FACTOR_REQUIRED and needs_second_factor(actor) and not request.session.get(SECOND_FACTOR_KEY):
        return Gate.SECOND_FACTOR
    return None


def password_is_due(user: User, *, at: datetime) -> bool:
    """Whether the password was given by somebody else, or is older than the limit."""
    if user.must_change_password:
        return True
    changed_at = user.password_changed_at
    return changed_at is not None and at - changed_at > settings.PASSWORD_MAX_AGE
