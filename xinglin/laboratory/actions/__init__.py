"""The only writers of the laboratory."""

from xinglin.laboratory.actions.keeping import dispose_specimen, store_specimen
from xinglin.laboratory.actions.orders import order_tests
from xinglin.laboratory.actions.receiving import receive_specimen, refuse_specimen
from xinglin.laboratory.actions.releasing import release_results
from xinglin.laboratory.actions.results import enter_results, take_results
from xinglin.laboratory.actions.shipments import arrive_shipment, hand_over, note_temperature
from xinglin.laboratory.actions.specimens import collect_specimen, note_not_collected, undo_collection

__all__ = [
    "arrive_shipment",
    "collect_specimen",
    "dispose_specimen",
    "enter_results",
    "hand_over",
    "note_not_collected",
    "note_temperature",
    "order_tests",
    "receive_specimen",
    "refuse_specimen",
    "release_results",
    "store_specimen",
    "take_results",
    "undo_collection",
]
