"""The only writers of follow-up."""

from xinglin.followups.actions.calling import end_call, open_call, release_call
from xinglin.followups.actions.covering import cover_followup, put_off_followup, settle_week
from xinglin.followups.actions.discharging import cancel_discharge_plan, plan_discharge
from xinglin.followups.actions.handing import hand_on
from xinglin.followups.actions.living import (
    close_all_of,
    follow_merge,
    follow_transfer,
    follow_unmerge,
    take_up,
    take_up_all_of,
)
from xinglin.followups.actions.tasks import (
    cancel_followup,
    complete_followup,
    fall_due,
    hasten_followup,
    held_open,
    hints_of,
    note_unreached,
    plan_followup,
    schedule_followup,
)
from xinglin.followups.actions.wishes import note_wish

__all__ = [
    "cancel_discharge_plan",
    "cancel_followup",
    "close_all_of",
    "complete_followup",
    "cover_followup",
    "end_call",
    "fall_due",
    "follow_merge",
    "follow_transfer",
    "follow_unmerge",
    "hand_on",
    "hasten_followup",
    "held_open",
    "hints_of",
    "note_unreached",
    "note_wish",
    "open_call",
    "plan_discharge",
    "plan_followup",
    "put_off_followup",
    "release_call",
    "schedule_followup",
    "settle_week",
    "take_up",
    "take_up_all_of",
]
