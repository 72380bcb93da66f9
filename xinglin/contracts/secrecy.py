"""Key groups and packages that tell a secret condition: who may not know of it reads that somebody is looked after, and not for what."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.contracts import queries
from xinglin.contracts.rules import packages
from xinglin.contracts.rules.groups import groups
from xinglin.platform import definitions
from xinglin.platform.actors import Actor
from xinglin.residents import api as residents

#: What stands for the slug over REST.
SLUG = "confidential"


def hidden_groups(actor: Actor, facility_id: int | None, *, resident: Any = None) -> frozenset[str]:
    """Codes of key groups the actor may not know of, at a facility; nothing is hidden from the resident himself."""
    if resident is not None and actor.self_uuid == resident.uuid:
        return frozenset()
    if actor.may(Permission.PROGRAMME_CONFIDENTIAL, at=facility_id):
        return frozenset()
    return secret_groups()


def secret_groups() -> frozenset[str]:
    """Codes of the key groups that tell a secret condition."""
    secret = residents.secret_conditions()
    return frozenset(each.code for each in groups() if not secret.isdisjoint(each.conditions))


def places_of(actor: Actor, group: str) -> frozenset[int] | None:
    """Where the actor may ask who is in a key group; None: everywhere."""
    return actor.places_where(Permission.PROGRAMME_CONFIDENTIAL) if group in secret_groups() else None


def hidden_of(agreement: Any, reader: Actor) -> frozenset[str]:
    """The same for an agreement with its resident."""
    return hidden_groups(reader, agreement.facility_id, resident=agreement.resident)


def hidden_packages(hidden: frozenset[str]) -> frozenset[str]:
    """Slugs of the packages for hidden groups."""
    if not hidden:
        return frozenset()
    found = (packages.parse(raw) for raw in definitions.load(packages.TOPIC))
    return frozenset(each.slug for each in found if each.group in hidden)


def told_groups(codes: list[str], hidden: frozenset[str]) -> list[str]:
    """Codes of groups, a hidden one under the name that says nothing."""
    return list(dict.fromkeys(SLUG if each in hidden else each for each in codes))


def told_packages(versions: list[str], hidden: frozenset[str]) -> list[str]:
    """Versions of packages, a hidden one under the name that says nothing."""
    secret = hidden_packages(hidden)
    return list(dict.fromkeys(SLUG if each.partition("@")[0] in secret else each for each in versions))


def is_secret(promise: Any, reader: Actor) -> bool:
    """Whether an item of an agreement (loaded with its resident) would tell the reader what he may not know."""
    return promise.package.partition("@")[0] in hidden_packages(hidden_of(promise.agreement, reader))


def tells_secret(agreement: Any, reader: Actor) -> bool:
    """Whether a sheet that was signed names a package the reader may not know of."""
    secret = hidden_packages(hidden_of(agreement, reader))
    return any(version.partition("@")[0] in secret for version in agreement.packages)


def told_item(promise: Any, reader: Actor) -> str:
    """An item in words, or that somebody is looked after."""
    return _("重点管理") if is_secret(promise, reader) else queries.item_title(promise)


def offered(reader: Actor, facility_id: int | None, groups_: Iterable[str], on: date) -> list[packages.Package]:
    """Packages for somebody of these key groups that the reader may know of."""
    hidden, has = hidden_groups(reader, facility_id), set(groups_)
    return [
        each for each in packages.packages(on) if not each.group or (each.group in has and each.group not in hidden)
    ]


def audited(group: str) -> str:
    """A key group as the trail writes it down: of a secret one not which."""
    return SLUG if group in secret_groups() else group
