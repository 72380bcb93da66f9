"""The only writers of diagnostics."""

from xinglin.diagnostics.actions.centres import change_centre, open_centre
from xinglin.diagnostics.actions.criticals import (
    acknowledge_critical,
    close_critical,
    escalate_critical,
    handle_critical,
)
from xinglin.diagnostics.actions.performing import (
    note_performed,
    start_examination,
    undo_performed,
)
from xinglin.diagnostics.actions.quality import mark_quality
from xinglin.diagnostics.actions.reading import (
    claim_request,
    refuse_on_receipt,
    reject_request,
    release_request,
    take_over_request,
)
from xinglin.diagnostics.actions.reports import (
    amend_report,
    continue_preliminary,
    supplement_report,
    write_final,
    write_preliminary,
)
from xinglin.diagnostics.actions.requests import (
    add_recording,
    cancel_request,
    order_examination,
    place_request,
)

__all__ = [
    "acknowledge_critical",
    "add_recording",
    "amend_report",
    "cancel_request",
    "change_centre",
    "claim_request",
    "close_critical",
    "continue_preliminary",
    "escalate_critical",
    "handle_critical",
    "mark_quality",
    "note_performed",
    "open_centre",
    "order_examination",
    "place_request",
    "refuse_on_receipt",
    "reject_request",
    "release_request",
    "start_examination",
    "supplement_report",
    "take_over_request",
    "undo_performed",
    "write_final",
    "write_preliminary",
]
