"""The only writers of check-ups."""

from xinglin.checkups.actions.booking import arrive, book, cancel_checkup, mark_missed, miss_all, open_session
from xinglin.checkups.actions.centres import fill_ecg, fill_from_laboratory
from xinglin.checkups.actions.laboratory import ask_laboratory, take_results
from xinglin.checkups.actions.mergers import follow_facility_merger
from xinglin.checkups.actions.reporting import sign_report, withdraw_report
from xinglin.checkups.actions.rows import take_rows
from xinglin.checkups.actions.stations import leave_out, queue_again, save_station, skip
from xinglin.checkups.actions.unfinished import close_checkup, resume_checkup

__all__ = [
    "fill_ecg",
    "fill_from_laboratory",
    "arrive",
    "ask_laboratory",
    "book",
    "cancel_checkup",
    "close_checkup",
    "follow_facility_merger",
    "leave_out",
    "mark_missed",
    "miss_all",
    "open_session",
    "queue_again",
    "resume_checkup",
    "save_station",
    "sign_report",
    "skip",
    "take_results",
    "take_rows",
    "withdraw_report",
]
