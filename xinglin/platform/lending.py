"""Objects lent to somebody for a while: a capability above has its own reason to let him read an object below.

Whoever keeps objects asks `lent` when one is opened; whoever lends them registers while applications load. A lender
answers with a query, so that asking costs no statement of its own.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from xinglin.platform.actors import Actor

#: (actor, kind of object) → the uuids lent to him now, or None when he is lent nothing.
Lender = Callable[[Actor, str], "QuerySet[Any, Any] | None"]
_LENDERS: list[Lender] = []


def lend(lender: Lender) -> None:
    """Register who lends objects; called while applications load."""
    if lender not in _LENDERS:
        _LENDERS.append(lender)


def lent(actor: Actor, kind: str, *, by: str = "uuid") -> Q:
    """What holds for the rows of `kind` (as its label) lent to the actor now; `by` is their uuid's name."""
    condition = Q(pk__in=())
    for lender in _LENDERS:
        uuids = lender(actor, kind)
        if uuids is not None:
            condition |= Q(**{f"{by}__in": uuids})
    return condition
