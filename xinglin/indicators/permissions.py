"""Who may see the board, and over which places."""

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision


def may_view_board(actor: Actor) -> Decision:
    """Whether the actor sees figures at all."""
    return actor.may(Permission.BOARD_VIEW)


def board_places(actor: Actor) -> frozenset[int] | None:
    """Places whose figures the actor sees; None for the whole county."""
    return actor.places_where(Permission.BOARD_VIEW)


def may_keep_figures(actor: Actor) -> Decision:
    """Whether the actor sends in returns from outside, and publishes figures."""
    return actor.may(Permission.FIGURES_KEEP)


def opens_visits(actor: Actor) -> bool:
    """Whether the actor may open the visits of everybody whose figures he reads: then he may read how few they are."""
    own, read = actor.places_where(Permission.VISIT_VIEW), board_places(actor)
    return own is None or (read is not None and read <= own)
