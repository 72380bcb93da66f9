"""Rows that other programs read out, from an actor's point of view: of one person, or of the facilities where he looks at programmes."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.errors import NotVisible
from xinglin.platform.paging import Page, page_of
from xinglin.programmes import fhir, secrecy
from xinglin.programmes.models import Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.queries import visible_enrolment
from xinglin.programmes.rules import catalogue
from xinglin.readings.api import Asked, Found, Source
from xinglin.residents import api as residents


def enrolments(
    actor: Actor, asked: Asked, *, programme: str = "", statuses: tuple[str, ...] = (), planned: bool = False
) -> Page[Enrolment]:
    """A page of enrolments (`planned`: that were begun and so have a plan) with resident, facility and status changes. Two queries."""
    rows = secrecy.known_to(actor, Enrolment.objects.filter(_where(actor, asked)))
    if programme:
        rows = rows.filter(programme=programme)
    if planned:
        rows = rows.filter(enrolled_on__isnull=False)
    if statuses:
        rows = rows.filter(status__in=statuses)
    rows = rows.select_related("resident", "facility").prefetch_related("status_changes")
    return page_of(rows, by=("-id",), cursor=asked.cursor, size=asked.size)


def results(actor: Actor, asked: Asked) -> Page[VisitResult]:
    """A page of what standing visits came to, the latest written down first. One query."""
    seen = secrecy.known_to(actor, Enrolment.objects.filter(_where(actor, asked)))
    rows = VisitResult.objects.filter(enrolment__in=seen, visit__replaced_by__isnull=True, **_during(asked, "visit__"))
    rows = rows.select_related("visit", "enrolment__resident")
    return page_of(rows, by=("-id",), cursor=asked.cursor, size=asked.size)


def visits(actor: Actor, asked: Asked) -> Page[ProgrammeVisit]:
    """A page of standing visits, the latest first, without those made for a programme that is secret from the actor. One query."""
    where = _where(actor, asked, place="resident__managed_by_id")
    rows = ProgrammeVisit.objects.filter(where, replaced_by__isnull=True, **_during(asked, ""))
    rows = rows.exclude(pk__in=_hidden(actor).values("visit_id")).select_related("resident")
    return page_of(rows, by=("-happened_at", "-id"), cursor=asked.cursor, size=asked.size)


def goal(actor: Actor, identifier: str) -> tuple[Enrolment, str]:
    """The enrolment of a goal's id and which goal it is. :raises NotVisible: out of scope or absent"""
    head, _dot, name = identifier.partition(".")
    try:
        return visible_enrolment(actor, UUID(head)), name
    except ValueError as error:
        raise NotVisible("programmes.enrolment", identifier) from error


def grades(actor: Actor, asked: Asked) -> Page[Found]:
    """A page of grades, for the search of Observations."""
    page = results(actor, asked)
    return Page([_found(each) for each in page.rows], page.next_cursor, page.is_first)


def grade(actor: Actor, identifier: str) -> Found | None:
    """One grade, by visit and the beginning of the slug of its programme; None when the actor may not know of it."""
    head, _dot, slug = identifier.partition(".")
    try:
        visit_uuid = UUID(head)
    except ValueError:
        return None
    if not slug:
        return None
    rows = VisitResult.objects.filter(visit__uuid=visit_uuid, enrolment__programme__startswith=slug)
    seen = residents.residents_visible_to(actor, Permission.PROGRAMME_VIEW)
    known = secrecy.known_to(actor, Enrolment.objects.filter(resident__in=seen))
    row = rows.filter(enrolment__in=known).select_related("visit", "enrolment__resident").first()
    return None if row is None else _found(row)


def _found(row: VisitResult) -> Found:
    return row.enrolment.resident.uuid, fhir.grade_of(row)


def known_programme(slug: str) -> bool:
    """Whether any version of it is known."""
    try:
        catalogue.programme(slug)
    except LookupError:
        return False
    return True


def _where(actor: Actor, asked: Asked, *, place: str = "facility_id") -> Q:
    if asked.resident_ids is not None:
        return Q(resident_id__in=asked.resident_ids)
    places = actor.places_where(Permission.PROGRAMME_VIEW)
    return Q() if places is None else Q(**{f"{place}__in": places})


def _during(asked: Asked, before: str) -> dict[str, Any]:
    return {f"{before}happened_at__{name}": moment for name, moment in asked.during.items()}


def _hidden(actor: Actor) -> QuerySet[VisitResult]:
    """Results in programmes that are secret from the actor."""
    rows = VisitResult.objects.filter(enrolment__programme__in=secrecy.secrets())
    places = actor.places_where(Permission.PROGRAMME_CONFIDENTIAL)
    return rows.none() if places is None else rows.exclude(enrolment__facility_id__in=places)


GRADES = Source(Permission.PROGRAMME_VIEW, grades, grade)
