"""The only writers of imaging."""

from xinglin.imaging.actions.archiving import keep_again, note_archived, note_fault, note_lost, remove_bytes
from xinglin.imaging.actions.conflicts import settle_conflict
from xinglin.imaging.actions.intake import Outcome, Taken, note_refusal, take_in_instance
from xinglin.imaging.actions.matching import link_study, reject_study, unlink_study
from xinglin.imaging.actions.nodes import admit_node, close_node, note_seen
from xinglin.imaging.actions.openings import open_study
from xinglin.imaging.actions.steps import begin_step, end_step

__all__ = [
    "Outcome",
    "Taken",
    "admit_node",
    "begin_step",
    "close_node",
    "end_step",
    "keep_again",
    "link_study",
    "note_archived",
    "note_fault",
    "note_lost",
    "note_refusal",
    "note_seen",
    "open_study",
    "reject_study",
    "remove_bytes",
    "settle_conflict",
    "take_in_instance",
    "unlink_study",
]
