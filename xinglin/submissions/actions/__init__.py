"""The only writers of submissions."""

from xinglin.submissions.actions.calendar import note_drift, tell_calendar
from xinglin.submissions.actions.handing import (
    cancel_submission,
    confirm_submission,
    note_answer,
    note_sent,
    turn_back,
)
from xinglin.submissions.actions.making import (
    check_submission,
    correct_submission,
    make_submission,
    open_submission,
)
from xinglin.submissions.actions.sending import record_delivery, set_destination

__all__ = [
    "cancel_submission",
    "check_submission",
    "confirm_submission",
    "correct_submission",
    "make_submission",
    "note_answer",
    "note_drift",
    "note_sent",
    "open_submission",
    "record_delivery",
    "set_destination",
    "tell_calendar",
    "turn_back",
]
