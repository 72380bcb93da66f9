"""The only writers of the network."""

from xinglin.network.actions.areas import set_area
from xinglin.network.actions.consortia import form_consortium, join_consortium, leave_consortium, set_structure
from xinglin.network.actions.facts import edit_facility, set_timetable
from xinglin.network.actions.holdings import (
    grant_title,
    set_beds,
    set_department,
    set_equipment,
    set_service,
    withdraw_title,
)
from xinglin.network.actions.importing import apply_import, check_import, plan_import
from xinglin.network.actions.life import (
    add_service_point,
    close_facility,
    merge_facility_into,
    open_facility,
    start_facility,
    suspend_facility,
)

__all__ = [
    "add_service_point",
    "apply_import",
    "check_import",
    "close_facility",
    "edit_facility",
    "form_consortium",
    "grant_title",
    "join_consortium",
    "leave_consortium",
    "merge_facility_into",
    "open_facility",
    "plan_import",
    "set_area",
    "set_beds",
    "set_department",
    "set_equipment",
    "set_service",
    "set_structure",
    "set_timetable",
    "start_facility",
    "suspend_facility",
    "withdraw_title",
]
