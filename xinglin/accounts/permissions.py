"""Who may do what to accounts, grants, tokens and emergency accesses."""

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, User
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused


def may_manage_users(actor: Actor, *, facility_id: int | None = None) -> Decision:
    """System administrator: accounts, not rights."""
    return _holds_for(actor, Permission.USER_MANAGE, facility_id)


def may_manage_user(actor: Actor, user: User) -> Decision:
    """The system administrator of the account's facility; nobody closes or resets himself."""
    return first_refusal(may_manage_users(actor, facility_id=user.facility_id), not_oneself(actor, user.pk))


def may_grant(actor: Actor, user: User, *, facility_id: int | None) -> Decision:
    """Security administrator: rights, and never his own. A grant beyond one facility takes the right everywhere."""
    return first_refusal(_holds_for(actor, Permission.GRANT_MANAGE, facility_id), not_oneself(actor, user.pk))


def may_revoke_grant(actor: Actor, grant: Grant) -> Decision:
    """Whoever may give it may take it back."""
    return may_grant(actor, grant.user, facility_id=grant.facility_id)


def may_manage_tokens(actor: Actor, user: User) -> Decision:
    """Security administrator; nobody makes a token of his own."""
    return first_refusal(_holds_for(actor, Permission.TOKEN_MANAGE, user.facility_id), not_oneself(actor, user.pk))


def may_revoke_token(actor: Actor, token: ApiToken) -> Decision:
    """Whoever may make it, and the account's holder: taking away is never dangerous."""
    return ALLOWED if actor.user_id == token.user_id else may_manage_tokens(actor, token.user)


def may_secure(actor: Actor, user: User) -> Decision:
    """Security administrator: reset a second factor, end sessions, lift a lock."""
    return first_refusal(_holds_for(actor, Permission.GRANT_MANAGE, user.facility_id), not_oneself(actor, user.pk))


def may_open_emergency(actor: Actor) -> Decision:
    """Clinicians: only a person breaks the glass, never a program."""
    if actor.kind == "token":
        return refused("no-program", _("紧急访问只能由本人登录后开启。"))
    return actor.may(Permission.EMERGENCY_OPEN)


def may_shut_emergency(actor: Actor, access: EmergencyAccess) -> Decision:
    """Whoever opened it."""
    return ALLOWED if actor.user_id == access.user_id else refused("not-yours", _("只能结束自己的紧急访问。"))


def may_review_emergency(actor: Actor, access: EmergencyAccess) -> Decision:
    """Security administrator of the account's facility, never the one who opened it."""
    return first_refusal(
        _holds_for(actor, Permission.EMERGENCY_REVIEW, access.user.facility_id), not_oneself(actor, access.user_id)
    )


def not_oneself(actor: Actor, user_id: int) -> Decision:
    """Nobody is the judge of himself."""
    return refused("oneself", _("不能对自己的账号做这项操作。")) if actor.user_id == user_id else ALLOWED


def _holds_for(actor: Actor, permission: Permission, facility_id: int | None) -> Decision:
    """The right at one facility; without a facility, everywhere."""
    if facility_id is not None or not actor.may(permission):
        return actor.may(permission, at=facility_id)
    if actor.kind == "system" or actor.places_where(permission) is None:
        return ALLOWED
    return refused("wrong-place", _("您的这项权限不适用于该机构。"))
