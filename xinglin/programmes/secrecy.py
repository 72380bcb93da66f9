"""Programmes that the law or the county keeps secret: who may know that somebody is in one.

A definition says ``confidential = true``. Its name, forms, grades and findings are for those who hold `PROGRAMME_CONFIDENTIAL`
where the resident is managed; everybody else reads that he is looked after, and not for what.
"""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import ALLOWED, Decision
from xinglin.programmes import titles
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.programmes.rules import catalogue

#: Written where a record has one text for all its readers, in the language of the records.
WRITTEN = "重点管理"
#: What stands for the slug over REST.
SLUG = "confidential"
#: Long-term conditions of a registration that say the same under another name.
CONDITIONS = {"mental-disorder": "severe-mental-disorder", "coronary": "coronary-disease"}


def secrets() -> frozenset[str]:
    """Slugs of the secret programmes. One version that says so is enough."""
    return frozenset(each.slug for each in catalogue.all_versions() if each.is_confidential)


def secret_conditions() -> frozenset[str]:
    """Conditions of a registration that tell a secret programme."""
    return frozenset(CONDITIONS.get(slug, slug) for slug in secrets())


def secret_codes() -> frozenset[str]:
    """Beginnings of the ICD-10 codes that tell a secret programme: those no other programme is for as well."""
    versions, hidden = catalogue.all_versions(), secrets()
    other = {code for each in versions if each.slug not in hidden for code in each.diseases}
    return frozenset(code for each in versions if each.slug in hidden for code in each.diseases) - other


def may_know(actor: Actor, slug: str, facility_id: int | None) -> Decision:
    """May the actor know who is in a programme at a facility?"""
    if slug not in secrets():
        return ALLOWED
    return actor.may(Permission.PROGRAMME_CONFIDENTIAL, at=facility_id)


def knows(actor: Actor, enrolment: Enrolment) -> bool:
    """Whether the actor may know of this enrolment."""
    return bool(may_know(actor, enrolment.programme, enrolment.facility_id))


def knows_visit(actor: Actor, visit: ProgrammeVisit) -> bool:
    """Whether the actor may know of every programme that a visit was made for: its answers tell them all."""
    return all(knows(actor, each.enrolment) for each in visit.results.all())


def short(actor: Actor, slug: str, facility_id: int | None) -> str:
    """The short name of a programme, or that somebody is looked after."""
    return titles.short(slug) if may_know(actor, slug, facility_id) else _("重点管理")


def slug_for(actor: Actor, slug: str, facility_id: int | None) -> str:
    """The slug, or what stands for a secret one."""
    return slug if may_know(actor, slug, facility_id) else SLUG


def told(name: str) -> str:
    """A slug, or ``slug@version``, as the trail writes it down: of a secret programme not which one."""
    slug, *version = name.split("@")
    return "@".join([SLUG if slug in secrets() else slug, *version])


def options(actor: Actor, offered: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of a choice of programmes those whose people the actor may know somewhere."""
    if Permission.PROGRAMME_CONFIDENTIAL in actor.permissions:
        return offered
    hidden = secrets()
    return [each for each in offered if each[0] not in hidden]


def known_to(actor: Actor, rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Enrolments the actor may know of. No further query."""
    places = actor.places_where(Permission.PROGRAMME_CONFIDENTIAL)
    return rows if places is None else rows.filter(~Q(programme__in=secrets()) | Q(facility_id__in=places))
