"""The only writers of assessments and funds."""

from xinglin.evaluations.actions.appeals import confirm_sheet, decide_appeal, raise_appeal
from xinglin.evaluations.actions.funds import (
    approve_fund,
    draft_fund,
    drop_fund,
    publish_fund,
    send_back_fund,
    submit_fund,
)
from xinglin.evaluations.actions.publishing import (
    cancel_round,
    close_round,
    correct_notice,
    publish_round,
    tell_results,
)
from xinglin.evaluations.actions.reviewing import begin_review, finish_review, name_assessor, review_item
from xinglin.evaluations.actions.rounds import open_round
from xinglin.evaluations.actions.sheets import add_evidence, claim_item, submit_sheet, withdraw_evidence

__all__ = [
    "add_evidence",
    "approve_fund",
    "begin_review",
    "cancel_round",
    "claim_item",
    "close_round",
    "confirm_sheet",
    "correct_notice",
    "decide_appeal",
    "draft_fund",
    "drop_fund",
    "finish_review",
    "name_assessor",
    "open_round",
    "publish_fund",
    "publish_round",
    "raise_appeal",
    "review_item",
    "send_back_fund",
    "submit_fund",
    "submit_sheet",
    "tell_results",
    "withdraw_evidence",
]
