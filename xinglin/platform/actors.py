"""Who acts: a person, a program or the system itself, with what it may do and where.

A grant gives a set of permissions at a set of places. Places are numbers here; what a place is, a capability above
knows. `places=None` means everywhere in this deployment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinglin.platform.decisions import ALLOWED, Decision, impossible, refused
from xinglin.platform.ids import new_uuid


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """One role, already resolved to permissions and places, valid at this moment.

    `ended`: those of its places that no longer work, with the name of what took over from each, or nothing.
    """

    role: str
    permissions: frozenset[str]
    places: frozenset[int] | None
    ended: Mapping[int, str] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class Trace:
    """Of one request: its id, where it came from, and how many audit records it has written so far."""

    request_id: UUID = field(default_factory=new_uuid)
    address: str = ""
    n_records: int = 0


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, as of one moment.

    `place` is where the actor works (or None), `self_uuid` the person record that is the actor's own, and
    `emergency` the written reason of an open break-glass access.
    """

    kind: str  # "user", "token", "system", "anonymous"
    user_id: int | None = None
    name: str = ""
    grants: tuple[HeldGrant, ...] = ()
    place: int | None = None
    self_uuid: UUID | None = None
    emergency: str = ""
    scopes: frozenset[str] | None = None  # of a token: the permissions it was limited to
    trace: Trace = field(default_factory=Trace, compare=False)

    def may(self, permission: str, *, at: int | None = None) -> Decision:
        """Whether a grant gives `permission` at the place `at`; `at=None` asks whether it is held anywhere at all."""
        if self.scopes is not None and permission not in self.scopes:
            return refused("token-scope", _("此令牌的授权范围不包括这项操作。"))
        for grant in self.grants:
            if permission in grant.permissions and (at is None or grant.places is None or at in grant.places):
                return ALLOWED
        if any(permission in grant.permissions for grant in self.grants):
            return refused("wrong-place", _("您的这项权限不适用于该机构。"))
        return refused("no-permission", _("您的角色没有这项权限。"))

    def may_begin(self, permission: str, *, at: int | None = None) -> Decision:
        """As `may`, for what begins something: refused at a place that has ended. What is open there may be finished.

        Whoever holds the right everywhere (imports, jobs) has no list of places and is not asked.
        """
        decision = self.may(permission, at=at)
        heirs = [grant.ended[at] for grant in self.grants if at in grant.ended] if decision and at is not None else []
        if not heirs:
            return decision
        if not heirs[0]:
            return impossible("unit-ended", _("该机构已注销，不能再办理新业务；未完的工作仍可办结。"))
        reason = _("该机构已并入%(heir)s，新业务请在%(heir)s办理；未完的工作仍可在这里办结。") % {"heir": heirs[0]}
        return impossible("unit-ended", reason)

    def places_where(self, permission: str) -> frozenset[int] | None:
        """Places where `permission` is held; None means everywhere, an empty set nowhere."""
        if self.scopes is not None and permission not in self.scopes:
            return frozenset()
        places: set[int] = set()
        for grant in self.grants:
            if permission in grant.permissions:
                if grant.places is None:
                    return None
                places |= grant.places
        return frozenset(places)

    def places_where_any(self, *permissions: str) -> frozenset[int] | None:
        """Places where one of `permissions` is held; None means everywhere."""
        found = [self.places_where(each) for each in permissions]
        return None if None in found else frozenset().union(*(each for each in found if each is not None))

    @cached_property
    def permissions(self) -> frozenset[str]:
        """All permissions held anywhere."""
        held = frozenset().union(*(grant.permissions for grant in self.grants)) if self.grants else frozenset()
        return held if self.scopes is None else held & self.scopes

    @cached_property
    def roles(self) -> frozenset[str]:
        """Slugs of the roles held."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def is_known(self) -> bool:
        """Whether anybody is known to act."""
        return self.kind != "anonymous"


def system_actor(name: str, *, within: Actor | None = None) -> Actor:
    """The system itself: jobs, imports, the generator. Allowed everything; its records carry the name given.

    `within`: whose request it does this in; the records then belong to that request.
    """
    grants = (HeldGrant("system", _Everything(), None),)
    return Actor(kind="system", name=name, grants=grants, trace=within.trace if within else Trace())


class _Everything(frozenset[str]):
    """A set of permissions that contains each of them."""

    def __contains__(self, permission: object) -> bool:
        return True


ANONYMOUS = Actor(kind="anonymous")
