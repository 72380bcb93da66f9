"""Key groups and packages that tell a secret condition: who may not know of it reads that somebody is looked after, and not for what."""

from typing import Any

from xinglin.accounts.data import Permission
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
