"""Counts beside the entries of the navigation: one query each."""

from xinglin.centres.models import SecondReading
from xinglin.centres.states import SecondStatus
from xinglin.platform.actors import Actor


def n_seconds(actor: Actor) -> int:
    """Second readings that wait for the actor."""
    return SecondReading.objects.filter(reader_id=actor.user_id or 0).exclude(status=SecondStatus.COMPARED).count()
