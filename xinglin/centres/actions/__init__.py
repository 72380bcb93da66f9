"""The only writers of how a centre is run."""

from xinglin.centres.actions.assigning import assign_request, lapse_assignment, settle_assignment
from xinglin.centres.actions.cases import make_case, withdraw_case
from xinglin.centres.actions.outside import note_outside_order
from xinglin.centres.actions.roster import Duty, copy_week, enter_shift, enter_shifts, set_roster, withdraw_shift
from xinglin.centres.actions.seconds import compare_second, draw_seconds, grade_second

__all__ = [
    "Duty",
    "assign_request",
    "compare_second",
    "copy_week",
    "draw_seconds",
    "enter_shift",
    "enter_shifts",
    "grade_second",
    "lapse_assignment",
    "make_case",
    "note_outside_order",
    "set_roster",
    "settle_assignment",
    "withdraw_case",
    "withdraw_shift",
]
