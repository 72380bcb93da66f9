"""From grants to places. What a facility or a region contains, the network knows; it registers how to ask."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.db.models import Q

from xinglin.accounts.models import Grant
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import HeldGrant

#: (facility id, with subordinates, division code) → facility ids; `None` beside one that works, else who took over
PlaceResolver = Callable[[int | None, bool, str], Mapping[int, str | None]]


class _Registry:
    resolver: PlaceResolver | None = None


def use_resolver(resolver: PlaceResolver) -> None:
    """Register how facilities and regions are turned into facility ids."""
    _Registry.resolver = resolver


def held_grants(user_id: int, at: datetime) -> tuple[HeldGrant, ...]:
    """The grants of an account in force at `at`, resolved to permissions and places."""
    rows = (
        Grant.objects.filter(user_id=user_id, valid_from__lte=at, revoked_at__isnull=True)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))
        .values_list(
            "role",
            "facility_id",
            "with_subordinates",
            "division_code",
            "everywhere",
            "facility__closed_on",
            "facility__successor__name",
        )
    )
    return tuple(resolve(*row) for row in rows if row[0] in ROLES)


def resolve(
    role: str, facility_id: int | None, with_subordinates: bool, division_code: str, everywhere: bool,
    closed_on: date | str | None = None, successor: str | None = None,
) -> HeldGrant:  # fmt: skip
    """One grant as permissions and places. `closed_on`, `successor`: of the facility, if it was closed or merged."""
    permissions = frozenset(str(permission) for permission in ROLES[role].permissions)
    if everywhere:
        return HeldGrant(role, permissions, None)
    if facility_id is not None and not with_subordinates:
        ended = {facility_id: successor or ""} if closed_on else {}
        return HeldGrant(role, permissions, frozenset({facility_id}), ended)
    if _Registry.resolver is None:
        raise RuntimeError("no capability has said what a place contains")
    places = _Registry.resolver(facility_id, with_subordinates, division_code)
    ended = {place: heir for place, heir in places.items() if heir is not None}
    return HeldGrant(role, permissions, frozenset(places), ended)
