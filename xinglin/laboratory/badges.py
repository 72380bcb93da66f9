"""Counts beside the entries of the navigation: one query each."""

from xinglin.laboratory import queries
from xinglin.platform.actors import Actor


def n_to_collect(actor: Actor) -> int:
    """Containers that wait to be filled at the actor's units."""
    return queries.n_to_collect(actor)


def n_coming(actor: Actor) -> int:
    """Specimens that wait to be received at the actor's centres."""
    return queries.n_coming(actor)


def n_bench(actor: Actor) -> int:
    """Orders in work at the actor's centres."""
    return queries.n_bench(actor)


def n_review(actor: Actor) -> int:
    """Orders whose results wait for a person."""
    return queries.n_review(actor)
