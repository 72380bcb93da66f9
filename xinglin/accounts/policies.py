"""What is possible for an account, a grant, a token or an emergency access; no word about who asks."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, User
from xinglin.accounts.roles import EXCLUSIVE, ROLES
from xinglin.platform.decisions import ALLOWED, Decision, impossible
from xinglin.web.formats import listed_text

#: Roles that an administrator may hold beside the administration: his own record as a resident.
BESIDE_ADMINISTRATION = frozenset({"resident"})


def can_be_closed(user: User) -> Decision:
    """An open account can be closed."""
    return ALLOWED if user.is_active else impossible("account-closed", _("该账号已停用。"))


def can_be_reopened(user: User) -> Decision:
    """A closed account can be opened again."""
    return impossible("account-open", _("该账号正在使用中。")) if user.is_active else ALLOWED


def can_hold(role: str, *, beside: Iterable[str]) -> Decision:
    """Whether one account may hold `role` beside the roles it has: no two administrators in one hand, and no
    administrator who also treats or counts."""
    others = set(beside) - {role}
    clash = {each for each in others if role in EXCLUSIVE and each not in BESIDE_ADMINISTRATION}
    clash |= {each for each in others if each in EXCLUSIVE and role not in BESIDE_ADMINISTRATION}
    if clash:
        names = listed_text(sorted(str(ROLES[each].title) for each in clash))
        return impossible(
            "roles-exclusive", _("管理员角色不能与其他角色由同一账号担任（已有：%(names)s）。") % {"names": names}
        )
    return ALLOWED


def can_be_revoked(thing: Grant | ApiToken) -> Decision:
    """What is in force can be revoked."""
    return ALLOWED if thing.revoked_at is None else impossible("already-revoked", _("已经收回。"))


def can_be_shut(access: EmergencyAccess, *, at: datetime) -> Decision:
    """An emergency access that is open can be ended early."""
    is_open = access.closed_at is None and access.ends_at > at
    return ALLOWED if is_open else impossible("emergency-over", _("这次紧急访问已经结束。"))


def can_be_reviewed(access: EmergencyAccess) -> Decision:
    """Each emergency access is reviewed once."""
    return ALLOWED if access.reviewed_at is None else impossible("already-reviewed", _("这次紧急访问已经复核。"))
