"""The only writers of points."""

from xinglin.points.actions.earning import earn, expire, join_accounts, note_behaviour, take_back, take_back_cause
from xinglin.points.actions.exchanging import cancel_exchange, hand_over, reserve
from xinglin.points.actions.mergers import follow_facility_merger
from xinglin.points.actions.stocking import count_stock, receive_goods

__all__ = [
    "cancel_exchange",
    "count_stock",
    "earn",
    "expire",
    "follow_facility_merger",
    "hand_over",
    "join_accounts",
    "note_behaviour",
    "receive_goods",
    "reserve",
    "take_back",
    "take_back_cause",
]
