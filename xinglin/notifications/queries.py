"""Messages as their reader sees them."""

from django.db.models import Q, QuerySet

from xinglin.notifications.models import Message
from xinglin.platform.actors import Actor

#: A badge needs no exact number above this.
MANY = 99


def messages_for(actor: Actor) -> QuerySet[Message]:
    """Messages to this account, or to a facility where it holds the right they are for."""
    if actor.user_id is None:
        return Message.objects.none()
    condition = Q(user_id=actor.user_id)
    for grant in actor.grants:
        where = Q(permission__in=grant.permissions)
        if grant.places is not None:
            # What is told to a facility is for those who work there, not for everyone above it.
            where &= Q(facility_id=actor.place) if actor.place in grant.places else Q(facility_id__in=grant.places)
        else:
            where &= Q(facility_id=actor.place)
        condition |= where
    return Message.objects.filter(condition)


def n_unread(actor: Actor) -> int:
    """How many are unread, at most `MANY`."""
    return messages_for(actor).filter(read_at__isnull=True)[:MANY].count()
