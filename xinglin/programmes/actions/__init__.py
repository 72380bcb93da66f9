"""The only writers of programmes."""

from xinglin.programmes.actions.acting import answer_alert
from xinglin.programmes.actions.alerting import close_alert, end_follow_up
from xinglin.programmes.actions.counting import keep_counts
from xinglin.programmes.actions.enrolling import confirm_candidate, dismiss_candidate, enrol_resident, note_candidate
from xinglin.programmes.actions.joining import join_registrations, part_registrations
from xinglin.programmes.actions.leading import (
    end_all_of,
    end_enrolment,
    graduate_enrolment,
    hand_over,
    mark_lost,
    move_to_version,
    pause_enrolment,
    resume_enrolment,
)
from xinglin.programmes.actions.measuring import ask_effect, begin_effect, end_effect, note_effect
from xinglin.programmes.actions.moving import move_enrolments
from xinglin.programmes.actions.reaching import note_attempt
from xinglin.programmes.actions.returning import take_up_all_of
from xinglin.programmes.actions.sampling import check_visit, draw_sample
from xinglin.programmes.actions.screening import record_screening
from xinglin.programmes.actions.settling import follow_answers, follow_devices, settle_resident
from xinglin.programmes.actions.transferring import transfer_residents, undo_transfer
from xinglin.programmes.actions.visiting import amend_programme_visit, record_programme_visit
from xinglin.programmes.actions.writing import (
    approve_edition,
    change_edition,
    date_edition,
    discard_edition,
    keep_edition,
    return_edition,
    submit_edition,
    withdraw_edition,
)

__all__ = [
    "amend_programme_visit",
    "answer_alert",
    "approve_edition",
    "ask_effect",
    "begin_effect",
    "change_edition",
    "check_visit",
    "close_alert",
    "confirm_candidate",
    "date_edition",
    "discard_edition",
    "dismiss_candidate",
    "draw_sample",
    "end_all_of",
    "end_effect",
    "end_enrolment",
    "end_follow_up",
    "enrol_resident",
    "follow_answers",
    "follow_devices",
    "graduate_enrolment",
    "hand_over",
    "join_registrations",
    "keep_counts",
    "keep_edition",
    "mark_lost",
    "move_enrolments",
    "move_to_version",
    "note_attempt",
    "note_candidate",
    "note_effect",
    "part_registrations",
    "pause_enrolment",
    "record_programme_visit",
    "record_screening",
    "resume_enrolment",
    "return_edition",
    "settle_resident",
    "submit_edition",
    "take_up_all_of",
    "transfer_residents",
    "undo_transfer",
    "withdraw_edition",
]
