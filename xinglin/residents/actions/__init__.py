"""The only writers of residents."""

from xinglin.residents.actions.consents import record_consent, withdraw_consent
from xinglin.residents.actions.families import add_contact, add_member, create_household, end_contact, leave_household
from xinglin.residents.actions.life import mark_deceased, mark_moved, restore
from xinglin.residents.actions.merging import merge_residents, unmerge
from xinglin.residents.actions.registration import edit_resident, register_resident
from xinglin.residents.actions.rosters import assign_managing_facility, note_arrival, open_emergency_by_document

__all__ = [
    "add_contact",
    "add_member",
    "assign_managing_facility",
    "create_household",
    "edit_resident",
    "end_contact",
    "leave_household",
    "mark_deceased",
    "mark_moved",
    "merge_residents",
    "note_arrival",
    "open_emergency_by_document",
    "record_consent",
    "register_resident",
    "restore",
    "unmerge",
    "withdraw_consent",
]
