"""The front door of points."""

from collections.abc import Mapping
from typing import Any

from xinglin.points.events import Event
from xinglin.points.states import TRANSITIONS

__all__ = ["Event", "state_tables"]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"points.exchange": TRANSITIONS}
