"""The front door of residents."""

from xinglin.residents.actions import note_arrival, register_resident
from xinglin.residents.actions.consents import KINDS as CONSENT_KINDS
from xinglin.residents.actions.consents import clean_signature, record_consent
from xinglin.residents.banner import person_of
from xinglin.residents.data import Flag, PersonBanner, TimelineEntry
from xinglin.residents.fields import png_of
from xinglin.residents.hot import SEEN
from xinglin.residents.queries import (
    ids_of_person,
    resident_by_identity,
    residents_visible_to,
    uuid_of,
    uuids_of_person,
    visible_resident,
)
from xinglin.residents.roster import end_on_roster, note_on_roster, roster_row
from xinglin.residents.timeline import register as register_timeline

__all__ = [
    "CONSENT_KINDS",
    "Flag",
    "PersonBanner",
    "SEEN",
    "TimelineEntry",
    "clean_signature",
    "end_on_roster",
    "ids_of_person",
    "note_arrival",
    "note_on_roster",
    "roster_row",
    "person_of",
    "png_of",
    "record_consent",
    "register_resident",
    "register_timeline",
    "resident_by_identity",
    "residents_visible_to",
    "uuid_of",
    "uuids_of_person",
    "visible_resident",
]
