"""The front door of residents."""

from xinglin.residents.actions import (
    assign_managing_facility,
    edit_resident,
    merge_residents,
    note_arrival,
    register_resident,
)
from xinglin.residents.actions.consents import KINDS as CONSENT_KINDS
from xinglin.residents.actions.consents import clean_signature, record_answer, record_consent
from xinglin.residents.banner import (
    hidden_codes,
    person_of,
    register_flags,
    register_secret_codes,
    register_secret_conditions,
    secret_conditions,
)
from xinglin.residents.data import ConsentGiven, Flag, Measurement, PersonBanner, TenantDefault, TimelineEntry, Topic
from xinglin.residents.duplicates import AlreadyRegistered, ProbableMatches
from xinglin.residents.fields import CONDITIONS, png_of
from xinglin.residents.hot import SEEN
from xinglin.residents.measurements import measurements_of
from xinglin.residents.measurements import register as register_measurements
from xinglin.residents.names import normalise as normalise_name
from xinglin.residents.own_tabs import add_own_tab
from xinglin.residents.queries import (
    active_ids,
    count_active,
    holder_of,
    holder_of_carrier,
    household_members,
    ids_by_identity,
    ids_of_person,
    managed_counts,
    own_resident,
    persons_of,
    registration,
    registration_by_id,
    registrations,
    registrations_by_id,
    registrations_merged_into,
    resident_by_identity,
    resident_by_number,
    residents_visible_to,
    uuid_of,
    uuids_of_person,
    visible_resident,
)
from xinglin.residents.roster import end_on_roster, note_on_roster, roster_row
from xinglin.residents.searching import search as search_residents
from xinglin.residents.signing import consent_from, signer_relations, signer_said
from xinglin.residents.timeline import register as register_timeline
from xinglin.residents.timeline import told_to_others as timeline_of

__all__ = [
    "hidden_codes",
    "secret_conditions",
    "active_ids",
    "add_own_tab",
    "AlreadyRegistered",
    "assign_managing_facility",
    "clean_signature",
    "consent_from",
    "count_active",
    "CONDITIONS",
    "CONSENT_KINDS",
    "ConsentGiven",
    "edit_resident",
    "end_on_roster",
    "Flag",
    "holder_of",
    "household_members",
    "holder_of_carrier",
    "ids_by_identity",
    "ids_of_person",
    "managed_counts",
    "Measurement",
    "measurements_of",
    "merge_residents",
    "normalise_name",
    "note_arrival",
    "note_on_roster",
    "own_resident",
    "person_of",
    "persons_of",
    "register_secret_codes",
    "register_secret_conditions",
    "PersonBanner",
    "png_of",
    "ProbableMatches",
    "record_answer",
    "record_consent",
    "register_flags",
    "register_measurements",
    "registration",
    "registration_by_id",
    "registrations_by_id",
    "registrations",
    "registrations_merged_into",
    "register_resident",
    "register_timeline",
    "resident_by_identity",
    "resident_by_number",
    "residents_visible_to",
    "roster_row",
    "search_residents",
    "SEEN",
    "signer_relations",
    "signer_said",
    "TenantDefault",
    "timeline_of",
    "TimelineEntry",
    "Topic",
    "uuid_of",
    "uuids_of_person",
    "visible_resident",
]
