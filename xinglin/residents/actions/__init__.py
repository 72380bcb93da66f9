"""The only writers of residents."""

from xinglin.residents.actions.registration import edit_resident, register_resident
from xinglin.residents.actions.rosters import assign_managing_facility, note_arrival

__all__ = ["assign_managing_facility", "edit_resident", "note_arrival", "register_resident"]
