"""What is counted beside entries of the navigation."""

from django.db.models import QuerySet

from xinglin.accounts.data import Permission
from xinglin.pathology import queries
from xinglin.pathology.models import PathologyCase, Slide
from xinglin.pathology.policies import OPEN
from xinglin.pathology.states import CaseStatus
from xinglin.platform.actors import Actor


def at_desk(actor: Actor) -> QuerySet[PathologyCase]:
    """Specimens the desk has not decided on."""
    return queries.cases_at_centres(actor, Permission.PATHOLOGY_RECEIVE).filter(status=CaseStatus.SUBMITTED)


def to_make(actor: Actor) -> QuerySet[Slide]:
    """Slides that are wanted and not made."""
    cases = queries.cases_at_centres(actor, Permission.PATHOLOGY_PREPARE)
    return Slide.objects.filter(case__in=cases, made_at__isnull=True)


def to_read(actor: Actor) -> QuerySet[PathologyCase]:
    """Cases whose slides are there and that nobody has claimed."""
    cases = queries.cases_at_centres(actor, Permission.REPORT_WRITE)
    return cases.filter(status__in=OPEN[3:], request__status="PERFORMED")


def held(actor: Actor) -> QuerySet[PathologyCase]:
    """Specimens the desk asks units of the actor's about."""
    places = actor.places_where(Permission.REQUEST_PLACE)
    cases = PathologyCase.objects.filter(status=CaseStatus.HELD)
    return cases if places is None else cases.filter(request__from_facility__in=places)
