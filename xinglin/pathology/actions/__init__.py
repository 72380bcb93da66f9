"""The only writers of pathology."""

from xinglin.pathology.actions.consulting import ask_opinion, compare_frozen, give_opinion, tell_frozen
from xinglin.pathology.actions.imaging import add_picture, open_picture
from xinglin.pathology.actions.lending import lend, take_back
from xinglin.pathology.actions.preparing import (
    add_blocks,
    embed_blocks,
    grade_slide,
    gross_case,
    make_slides,
    order_slides,
    withdraw_block,
)
from xinglin.pathology.actions.receiving import hold_case, receive_case, refuse_case
from xinglin.pathology.actions.reporting import (
    amend_case_report,
    claim_case,
    release_case,
    sign_final,
    sign_preliminary,
    supplement_case_report,
    take_over_case,
)
from xinglin.pathology.actions.submitting import LETTERS, Booking, answer_hold, submit_case, withdraw_case

__all__ = [
    "LETTERS",
    "Booking",
    "add_blocks",
    "add_picture",
    "amend_case_report",
    "answer_hold",
    "ask_opinion",
    "claim_case",
    "compare_frozen",
    "embed_blocks",
    "give_opinion",
    "grade_slide",
    "gross_case",
    "hold_case",
    "lend",
    "make_slides",
    "open_picture",
    "order_slides",
    "receive_case",
    "refuse_case",
    "release_case",
    "sign_final",
    "sign_preliminary",
    "submit_case",
    "supplement_case_report",
    "take_back",
    "take_over_case",
    "tell_frozen",
    "withdraw_block",
    "withdraw_case",
]
