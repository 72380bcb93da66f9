"""The front door of centres."""

from collections.abc import Mapping
from typing import Any

from xinglin.centres.actions import Duty, assign_request, enter_shift, set_roster
from xinglin.centres.states import ASSIGNMENT_TRANSITIONS, SECOND_TRANSITIONS

__all__ = ["Duty", "assign_request", "enter_shift", "set_roster", "state_tables"]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"centres.assignment": ASSIGNMENT_TRANSITIONS, "centres.second-reading": SECOND_TRANSITIONS}
