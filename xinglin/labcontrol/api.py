"""The front door of laboratory control.

The laboratory asks `blocks_release` before it releases a result, and `suspect_window` for the results to look at after a
loss of control (the event ``control.lost`` carries the same window). Mutual recognition asks `eqa_valid`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.labcontrol import catalogue, queries
from xinglin.labcontrol.actions import (
    add_assay,
    add_instrument,
    add_material,
    add_scheme,
    close_loss,
    keep_round,
    note_action,
    note_cause,
    record_run,
    set_target,
)
from xinglin.labcontrol.catalogue import allowable_error
from xinglin.labcontrol.data import EqaState, GivenSample, GivenValue, ReleaseBlock, SuspectWindow
from xinglin.labcontrol.events import Event
from xinglin.labcontrol.queries import instrument_called, instruments_visible_to, visible_instrument
from xinglin.labcontrol.releasing import blocks_release, eqa_states, eqa_valid, suspect_window
from xinglin.labcontrol.states import TRANSITIONS, Status
from xinglin.platform.actors import Actor
from xinglin.web.work import CRITICAL, HIGH, RAISED, WorkItem

__all__ = [
    "TRANSITIONS",
    "EqaState",
    "Event",
    "GivenSample",
    "GivenValue",
    "ReleaseBlock",
    "SuspectWindow",
    "add_assay",
    "add_instrument",
    "add_material",
    "add_scheme",
    "allowable_error",
    "blocks_release",
    "close_loss",
    "eqa_states",
    "eqa_valid",
    "instrument_called",
    "instruments_visible_to",
    "keep_round",
    "note_action",
    "note_cause",
    "record_run",
    "set_target",
    "state_tables",
    "suspect_window",
    "visible_instrument",
    "waiting_for",
]

_RISKS = {Status.OPEN: CRITICAL, Status.CAUSED: CRITICAL, Status.ACTED: HIGH, Status.RETESTED: RAISED}


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"labcontrol.out-of-control": TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Losses of control that wait for the actor: to be handled, or to be reviewed."""
    permissions = actor.permissions
    if Permission.CONTROL_RECORD not in permissions and Permission.CONTROL_REVIEW not in permissions:
        return []
    return [
        WorkItem(
            kind="out-of-control",
            icon="flask",
            title=_("质控失控：%(analyte)s %(rules)s")
            % {
                "analyte": catalogue.analyte_title(each.assay.analyte, each.assay.title),
                "rules": _("、").join(each.rules_broken),
            },
            detail=f"{each.assay.instrument.name} · {each.get_status_display()}",
            url=reverse("labcontrol:loss", args=[each.uuid]),
            risk=_RISKS[Status(each.status)],
            since=each.opened_at,
        )
        for each in queries.losses(actor, box="open").rows
        if each.status != Status.RETESTED or Permission.CONTROL_REVIEW in permissions
    ]
