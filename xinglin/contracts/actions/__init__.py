"""The only writers of contracts."""

from xinglin.contracts.actions.agreements import (
    discard_draft,
    discard_lapsed,
    draft_agreement,
    sign_draft,
    sign_household,
    sign_now,
)
from xinglin.contracts.actions.assigning import (
    assign_resident,
    assign_residents,
    follow_agreement,
    follow_merge,
    hand_resident,
    leave_outside_area,
    let_go,
    release_resident,
)
from xinglin.contracts.actions.changes import (
    change_team,
    end_agreement,
    end_for_person,
    keep_one,
    renew_agreement,
    turn_day,
)
from xinglin.contracts.actions.delivering import (
    book_item,
    deliver_by_hand,
    note_done,
    rate_agreement,
    take_back_by_hand,
    take_back_proof,
)
from xinglin.contracts.actions.distributing import distribute_by_rule, distribute_by_table, plan_by_rule
from xinglin.contracts.actions.figures import count_coverage, enter_population, look_at_groups
from xinglin.contracts.actions.groups import end_group, enter_group
from xinglin.contracts.actions.mergers import follow_facility_merger, serve_at_successor
from xinglin.contracts.actions.moving import follow_transfer
from xinglin.contracts.actions.pay import freeze_pay, void_pay
from xinglin.contracts.actions.teams import (
    add_member,
    add_place,
    edit_team,
    end_member,
    end_pairing,
    end_place,
    end_team,
    form_team,
    lead_team,
    note_support,
    pair_team,
)

__all__ = [
    "add_member",
    "add_place",
    "assign_resident",
    "assign_residents",
    "book_item",
    "change_team",
    "count_coverage",
    "deliver_by_hand",
    "discard_draft",
    "discard_lapsed",
    "distribute_by_rule",
    "distribute_by_table",
    "draft_agreement",
    "edit_team",
    "end_agreement",
    "end_for_person",
    "end_group",
    "end_member",
    "end_pairing",
    "end_place",
    "end_team",
    "enter_group",
    "enter_population",
    "follow_agreement",
    "follow_facility_merger",
    "follow_merge",
    "follow_transfer",
    "form_team",
    "freeze_pay",
    "hand_resident",
    "keep_one",
    "lead_team",
    "leave_outside_area",
    "let_go",
    "look_at_groups",
    "note_done",
    "note_support",
    "pair_team",
    "plan_by_rule",
    "rate_agreement",
    "release_resident",
    "renew_agreement",
    "serve_at_successor",
    "sign_draft",
    "sign_household",
    "sign_now",
    "take_back_by_hand",
    "take_back_proof",
    "turn_day",
    "void_pay",
]
