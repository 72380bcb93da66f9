"""What is counted beside entries of the navigation."""

from django.db.models import QuerySet

from xinglin.accounts.data import Permission
from xinglin.diagnostics import queries
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.diagnostics.states import CriticalStatus, RequestStatus
from xinglin.platform.actors import Actor


def to_claim(actor: Actor) -> QuerySet[Request]:
    """Requests nobody has claimed yet at the centres the actor reads for."""
    return queries.requests_visible_to(actor).filter(
        centre__in=queries.centres_read_by(actor), status=RequestStatus.REQUESTED, kind="ECG"
    )


def images(actor: Actor) -> QuerySet[Request]:
    """Imaging requests whose images are there and that nobody has claimed yet."""
    return queries.requests_visible_to(actor).filter(
        centre__in=queries.centres_read_by(actor), status=RequestStatus.PERFORMED, kind="IMAGING"
    )


def open_criticals(actor: Actor) -> QuerySet[CriticalValue]:
    """Critical values of the actor's units that nobody has acknowledged yet."""
    places = actor.places_where(Permission.CRITICAL_ACKNOWLEDGE)
    criticals = queries.criticals_visible_to(actor).filter(status=CriticalStatus.NOTIFIED)
    return criticals if places is None else criticals.filter(request__from_facility__in=places)
