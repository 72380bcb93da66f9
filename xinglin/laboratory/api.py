"""The front door of the laboratory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.laboratory import catalogue, queries
from xinglin.laboratory.actions import (
    arrive_shipment,
    collect_specimen,
    dispose_specimen,
    enter_results,
    hand_over,
    note_temperature,
    order_tests,
    receive_specimen,
    refuse_specimen,
    release_results,
    store_specimen,
    take_results,
)
from xinglin.laboratory.checks import register_release_check, unregister_release_check
from xinglin.laboratory.data import Flag, Hold, Measured, ResultSummary, Source
from xinglin.laboratory.events import Event
from xinglin.laboratory.states import SHIPMENT_TRANSITIONS, SPECIMEN_TRANSITIONS
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.web import work
from xinglin.web.formats import listed_text

__all__ = [
    "Event",
    "Flag",
    "Hold",
    "Measured",
    "ResultSummary",
    "Source",
    "arrive_shipment",
    "collect_specimen",
    "dispose_specimen",
    "enter_results",
    "hand_over",
    "note_temperature",
    "order_tests",
    "receive_specimen",
    "refuse_specimen",
    "register_release_check",
    "release_results",
    "results_of",
    "state_tables",
    "store_specimen",
    "take_results",
    "unregister_release_check",
    "waiting_for",
]

MOST = 20


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state tables of this capability, by title, for the generated diagrams."""
    return {"laboratory.specimen": SPECIMEN_TRANSITIONS, "laboratory.shipment": SHIPMENT_TRANSITIONS}


def results_of(resident_ids: list[int], analyte: str) -> list[ResultSummary]:
    """A person's released results of an item, oldest first. Who asks sees the person already, and records the look."""
    return [
        ResultSummary(
            analyte=each.analyte, title=catalogue.analyte(each.analyte).title, value=each.text, number=each.number,
            unit=each.unit, flag=each.flag, measured_at=each.measured_at,
        )
        for each in queries.trend(resident_ids, analyte)
    ]  # fmt: skip


def waiting_for(actor: Actor, *, at: datetime) -> list[work.WorkItem]:
    """What waits for the actor: containers to fill at his unit, results to review at his centre."""
    items: list[work.WorkItem] = []
    if Permission.SPECIMEN_COLLECT in actor.permissions:
        items += _to_collect(actor)
    if Permission.RESULT_RELEASE in actor.permissions:
        items += _to_review(actor)
    return items


def _to_collect(actor: Actor) -> list[work.WorkItem]:
    risks = {0: work.CRITICAL, 1: work.HIGH, 2: work.ORDINARY}
    return [
        work.WorkItem(
            kind="specimen", icon="drop", title=_("待采集：%(name)s") % {"name": each.request.resident.name},
            detail=listed_text(catalogue.panel_titles(each.panels, on=clock.today(each.labelled_at))),
            url=reverse("laboratory:order", args=[each.request.uuid]), risk=risks[each.request.priority_rank],
            since=each.labelled_at,
        )
        for each in queries.to_collect(actor)[:MOST]
    ]  # fmt: skip


def _to_review(actor: Actor) -> list[work.WorkItem]:
    found = []
    for each in queries.review_queue(actor)[:MOST]:
        critical = any(result.critical for result in each.results.all())
        risk = work.CRITICAL if critical else work.HIGH if each.priority_rank < 2 else work.RAISED  # noqa: PLR2004
        found.append(
            work.WorkItem(
                kind="laboratory-review", icon="flask", title=_("检验待审核：%(name)s") % {"name": each.resident.name},
                detail=_("有危急值") if critical else str(each.from_facility),
                url=reverse("laboratory:examine", args=[each.uuid]), risk=risk, due_at=each.due_at,
                since=each.performed_at,
            )
        )  # fmt: skip
    return found
