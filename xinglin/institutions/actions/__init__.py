"""The only writers of institutions, stays, agreements and rounds."""

from xinglin.institutions.actions.agreements import (
    discard_agreement,
    draft_agreement,
    end_agreement,
    renew_agreement,
    sign_agreement,
    turn_day,
)
from xinglin.institutions.actions.mergers import follow_facility_merger
from xinglin.institutions.actions.records import close_institution, edit_institution, record_institution
from xinglin.institutions.actions.rounds import link_visit, record_round
from xinglin.institutions.actions.stays import follow_merge, let_go, move_in, move_out

__all__ = [
    "close_institution",
    "discard_agreement",
    "draft_agreement",
    "edit_institution",
    "end_agreement",
    "follow_facility_merger",
    "follow_merge",
    "let_go",
    "link_visit",
    "move_in",
    "move_out",
    "record_institution",
    "record_round",
    "renew_agreement",
    "sign_agreement",
    "turn_day",
]
