"""The front door of accounts."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.actions import open_break_glass
from xinglin.accounts.data import Holder, Permission
from xinglin.accounts.gates import WAY_ON
from xinglin.accounts.models import EmergencyAccess, Grant, User
from xinglin.accounts.queries import (
    actor_of_token,
    actor_of_user,
    emergencies_visible_to,
    open_emergency,
    users_found,
)
from xinglin.accounts.roles import ROLES, Role
from xinglin.accounts.scopes import use_resolver
from xinglin.accounts.titles import describe_events, event_title
from xinglin.accounts.trail import audit_of_subject
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotPermitted, NotSignedIn, NotVisible
from xinglin.web.answers import done
from xinglin.web.request import Request
from xinglin.web.work import RAISED, WorkItem

__all__ = [
    "accounts_holding",
    "accounts_left_at",
    "actor_of_token",
    "actor_by_username",
    "actor_of_user",
    "audit_of_subject",
    "colleagues",
    "colleagues_at",
    "describe_events",
    "emergency_of",
    "for_staff",
    "event_title",
    "Holder",
    "holders_at",
    "open_break_glass",
    "open_emergency",
    "Permission",
    "Role",
    "ROLES",
    "signed_in",
    "use_resolver",
    "waiting_for",
]

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Let a view be reached by a known person only; an open duty (password, second factor) comes first.

    :raises NotSignedIn: nobody is known to have asked
    """

    @wraps(view)
    def wrapped(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.actor.is_known:
            raise NotSignedIn(_("请先登录。"))
        gate = getattr(request, "gate", None)
        if gate is not None:
            return done(request, reverse(WAY_ON[gate]))
        return view(request, *args, **kwargs)

    return cast("View[P]", wrapped)


def for_staff(view: View[P]) -> View[P]:
    """Let a page of work be reached by who works here, not by a resident whose account shows his own record only.

    :raises NotSignedIn: nobody is known to have asked
    :raises NotPermitted: a resident
    """

    @wraps(view)
    def wrapped(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.actor.permissions == {Permission.OWN_RECORD}:
            raise NotPermitted(_("这是工作人员的页面。"), code="not-staff")
        return view(request, *args, **kwargs)

    return signed_in(cast("View[P]", wrapped))


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Emergency accesses the security administrator has to review, at most 50."""
    if not actor.may(Permission.EMERGENCY_REVIEW):
        return []
    waiting = emergencies_visible_to(actor).filter(reviewed_at__isnull=True).exclude(user_id=actor.user_id or 0)
    return [
        WorkItem(
            kind="emergency-review",
            icon="shield-check",
            title=str(_("复核紧急访问：%(name)s") % {"name": access.user.name}),
            detail=access.reason,
            url=reverse("accounts:emergency_review", args=[access.uuid]),
            risk=RAISED,
            since=access.opened_at,
        )
        for access in waiting.order_by("opened_at")[:50]
    ]


def actor_by_username(username: str, *, at: datetime) -> Actor:
    """The actor a person is, for a command that says on whose behalf it runs. :raises NotVisible: no such open account"""
    user = User.objects.filter(username=username.lower(), is_active=True).first()
    if user is None:
        raise NotVisible("accounts.user", username)
    return actor_of_user(user, at=at)


def accounts_holding(permission: str, *, at: datetime) -> list[int]:
    """Ids of the open accounts that hold `permission` anywhere at a moment."""
    roles = [slug for slug, role in ROLES.items() if permission in role.permissions]
    grants = Grant.objects.filter(role__in=roles, valid_from__lte=at, revoked_at__isnull=True, user__is_active=True)
    in_force = grants.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))
    return sorted(set(in_force.values_list("user_id", flat=True)))


def accounts_left_at(actor: Actor, facility_id: int, *, at: datetime) -> int:
    """How many open accounts that the actor administers hold a role at this very facility; 0 for everybody else."""
    if not {Permission.USER_MANAGE, Permission.GRANT_MANAGE} & actor.permissions:
        return 0
    return users_found(actor, state="open", facility_id=facility_id, at=at).count()


def holders_at(permission: str, *, facility_id: int, at: datetime) -> list[Holder]:
    """Open accounts that hold `permission` at a facility at a moment, by name."""
    ids = accounts_holding(permission, at=at)
    users = User.objects.filter(pk__in=ids, is_active=True).order_by("name", "pk")
    return [
        Holder(user.pk, user.username, user.name, bool(actor.may(Permission.REPORT_AMEND, at=facility_id)))
        for user in users
        if (actor := actor_of_user(user, at=at)).may(permission, at=facility_id)
    ]


def colleagues(permission: str, facility_id: int, *, at: datetime) -> list[tuple[int, str]]:
    """Ids and names of the open accounts that hold `permission` by a grant at this very facility, by name."""
    return colleagues_at(permission, [facility_id], at=at).get(facility_id, [])


def colleagues_at(permission: str, facility_ids: Iterable[int], *, at: datetime) -> dict[int, list[tuple[int, str]]]:
    """The same of several facilities; those where nobody does are left out. One query."""
    roles = [slug for slug, role in ROLES.items() if permission in role.permissions]
    grants = Grant.objects.filter(
        role__in=roles, facility_id__in=set(facility_ids), valid_from__lte=at, revoked_at__isnull=True,
        user__is_active=True,
    )  # fmt: skip
    in_force = grants.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))
    found: dict[int, list[tuple[int, str]]] = {}
    for place, pk, name in sorted(
        set(in_force.values_list("facility_id", "user_id", "user__name")), key=lambda row: (row[2], row[1])
    ):
        found.setdefault(place, []).append((pk, name))
    return found


def emergency_of(uuid: UUID | str) -> EmergencyAccess:
    """A break-glass access by its uuid, for the job that tells of it."""
    return EmergencyAccess.objects.select_related("user").get(uuid=uuid)
