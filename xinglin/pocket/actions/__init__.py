"""The only writers of telephones, their panels and what they sent."""

from xinglin.pocket.actions.changes import receive_change
from xinglin.pocket.actions.devices import confirm_wiped, end_device, note_fed, note_seen, order_wipe, register_device
from xinglin.pocket.actions.panels import refresh_resident, repair_panel
from xinglin.pocket.actions.reviewing import adopt_change, hand_on_reviews, reject_change

__all__ = [
    "adopt_change",
    "confirm_wiped",
    "end_device",
    "hand_on_reviews",
    "note_fed",
    "note_seen",
    "order_wipe",
    "receive_change",
    "refresh_resident",
    "register_device",
    "reject_change",
    "repair_panel",
]
