"""What is counted beside entries of the navigation."""

from django.db.models import QuerySet

from xinglin.centres.models import SecondReading
from xinglin.centres.states import SecondStatus
from xinglin.platform.actors import Actor


def seconds(actor: Actor) -> QuerySet[SecondReading]:
    """Second readings that wait for the actor."""
    return SecondReading.objects.filter(reader_id=actor.user_id or 0).exclude(status=SecondStatus.COMPARED)
