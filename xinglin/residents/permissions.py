"""Who may do what with residents: the role at the place, and what the state of the registration allows."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision, first_refusal, refused
from xinglin.residents import policies
from xinglin.residents.models import Resident
from xinglin.residents.queries import residents_visible_to

#: Any of these makes taking a consent part of one's work.
_CONSENT_WORK = (
    Permission.RESIDENT_EDIT,
    Permission.VISIT_RECORD,
    Permission.REFERRAL_SEND,
    Permission.REQUEST_PLACE,
    Permission.CONTRACT_SIGN,
)


def may_register(actor: Actor, *, facility_id: int | None) -> Decision:
    """Register a resident at a facility."""
    return actor.may_begin(Permission.RESIDENT_REGISTER, at=facility_id)


def may_edit(actor: Actor, resident: Resident) -> Decision:
    """Change the registration: an editor at a facility that has the resident on its roster."""
    return first_refusal(_here(actor, resident, [Permission.RESIDENT_EDIT]), policies.can_be_edited(resident))


def may_transfer(actor: Actor, resident: Resident) -> Decision:
    """Hand the management of a resident to another facility: an editor where he is managed."""
    held = actor.places_where(Permission.RESIDENT_EDIT)
    managed_here = held is None or bool(held & {resident.managed_by_id, resident.managed_by.manager_id})
    if not managed_here and actor.may(Permission.RESIDENT_EDIT):
        return refused("not-managing", _("只有管理该居民的机构或其上级机构可以转管。"))
    return first_refusal(actor.may(Permission.RESIDENT_EDIT), policies.can_be_edited(resident))


def may_merge(actor: Actor, kept: Resident, merged: Resident) -> Decision:
    """Merge two registrations, both on rosters where the actor may merge."""
    return first_refusal(
        _here(actor, kept, [Permission.RESIDENT_MERGE]),
        _here(actor, merged, [Permission.RESIDENT_MERGE]),
        policies.can_be_merged(kept, merged),
    )


def may_unmerge(actor: Actor, kept: Resident) -> Decision:
    """Take a merge back."""
    return _here(actor, kept, [Permission.RESIDENT_MERGE])


def may_take_consent(actor: Actor, resident: Resident) -> Decision:
    """Take or withdraw a consent of a resident one works with."""
    return _here(actor, resident, _CONSENT_WORK)


def may_reveal(actor: Actor) -> Decision:
    """See identity and telephone numbers in full."""
    return actor.may(Permission.RESIDENT_REVEAL)


def _here(actor: Actor, resident: Resident, permissions: Iterable[str]) -> Decision:
    """One of `permissions` is held at a facility that has the resident on its roster."""
    refusal: Decision | None = None
    for permission in permissions:
        held = actor.may(permission)
        if held and residents_visible_to(actor, permission).filter(pk=resident.pk).exists():
            return ALLOWED
        refusal = refusal or (refused("wrong-place", _("该居民不在您有此权限的机构名册中。")) if held else held)
    return refusal or refused("no-permission", _("您的角色没有这项权限。"))
