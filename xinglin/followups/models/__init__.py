"""Follow-up: what is owed, the calls that were made, the plans at discharge, and how a resident wants to be reached."""

from xinglin.followups.models.calls import Call, CallPurpose, ContactWish
from xinglin.followups.models.discharges import DischargePlan
from xinglin.followups.models.tasks import FollowUpStatusChange, FollowUpTask

__all__ = ["Call", "CallPurpose", "ContactWish", "DischargePlan", "FollowUpStatusChange", "FollowUpTask"]
