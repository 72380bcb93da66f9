"""Who may see the board, and over which places."""

from xinglin.accounts.data import Permission
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.waiting import once


def may_view_board(actor: Actor) -> Decision:
    """Whether the actor sees figures at all."""
    return actor.may(Permission.BOARD_VIEW)


def board_places(actor: Actor) -> frozenset[int] | None:
    """Places whose figures the actor sees; None for the whole county.

    Who holds the right at every facility of the county sees the county: also what belongs to no facility of it, such as care
    elsewhere of somebody who is managed nowhere. Otherwise he would read other figures than are published.
    """
    return _county_or(actor.places_where(Permission.BOARD_VIEW))


def _county_or(places: frozenset[int] | None) -> frozenset[int] | None:
    is_county = places is not None and len(places) >= once("indicators.n_facilities", network.n_facilities) > 0
    return None if is_county else places


def may_keep_figures(actor: Actor) -> Decision:
    """Whether the actor sends in returns from outside, and publishes figures."""
    return actor.may(Permission.FIGURES_KEEP)


def opens_visits(actor: Actor) -> bool:
    """Whether the actor may open the visits of everybody whose figures he reads: then he may read how few they are."""
    own, read = _county_or(actor.places_where(Permission.VISIT_VIEW)), board_places(actor)
    return own is None or (read is not None and read <= own)
