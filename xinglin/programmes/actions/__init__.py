"""The only writers of programmes."""

from xinglin.programmes.actions.alerting import close_alert
from xinglin.programmes.actions.enrolling import confirm_candidate, dismiss_candidate, enrol_resident, note_candidate
from xinglin.programmes.actions.leading import (
    end_all_of,
    end_enrolment,
    graduate_enrolment,
    hand_over,
    join_registrations,
    mark_lost,
    move_to_version,
    pause_enrolment,
    resume_enrolment,
)
from xinglin.programmes.actions.reaching import note_attempt
from xinglin.programmes.actions.sampling import check_visit, draw_sample
from xinglin.programmes.actions.screening import record_screening
from xinglin.programmes.actions.settling import follow_devices, settle_resident
from xinglin.programmes.actions.transferring import transfer_residents, undo_transfer
from xinglin.programmes.actions.visiting import amend_programme_visit, record_programme_visit

__all__ = [
    "amend_programme_visit",
    "check_visit",
    "close_alert",
    "confirm_candidate",
    "dismiss_candidate",
    "draw_sample",
    "end_all_of",
    "end_enrolment",
    "enrol_resident",
    "follow_devices",
    "graduate_enrolment",
    "hand_over",
    "join_registrations",
    "mark_lost",
    "move_to_version",
    "note_attempt",
    "note_candidate",
    "pause_enrolment",
    "record_programme_visit",
    "record_screening",
    "resume_enrolment",
    "settle_resident",
    "transfer_residents",
    "undo_transfer",
]
