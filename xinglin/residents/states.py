"""The life of a registration."""

from xinglin.residents.models import Resident

Status = Resident.Status

#: A merged registration goes back to what it was; a death or a move entered by mistake can be taken back.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.ACTIVE: frozenset({Status.MERGED, Status.MOVED, Status.DECEASED}),
    Status.MOVED: frozenset({Status.ACTIVE, Status.MERGED, Status.DECEASED}),
    Status.DECEASED: frozenset({Status.ACTIVE, Status.MERGED}),
    Status.MERGED: frozenset({Status.ACTIVE, Status.MOVED, Status.DECEASED}),
}
