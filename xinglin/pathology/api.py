"""The front door of pathology."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.pathology import queries
from xinglin.pathology.actions import receive_case, submit_case
from xinglin.pathology.data import Agreement, Kind, PartIn, Texts
from xinglin.pathology.events import Event
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.states import CASE_TRANSITIONS
from xinglin.platform.actors import Actor
from xinglin.web import work

__all__ = [
    "Agreement",
    "Event",
    "Kind",
    "PartIn",
    "Texts",
    "receive_case",
    "state_tables",
    "submit_case",
    "waiting_for",
]

MOST = 10


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for the generated diagrams."""
    return {"pathology.case": CASE_TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[work.WorkItem]:
    """What waits for the actor: questions of the desk, specimens, slides to read, opinions asked, loans past their day."""
    items: list[work.WorkItem] = []
    if Permission.REQUEST_PLACE in actor.permissions:
        items += [
            _item(case, _("标本存疑待答复：%(name)s"), work.HIGH, since=case.status_changed_at)
            for case in queries.held_at_sender(actor)[:MOST]
        ]
    if Permission.PATHOLOGY_RECEIVE in actor.permissions:
        items += [_item(case, _("病理标本待核收：%(name)s"), work.RAISED) for case in queries.at_desk(actor)[:MOST]]
    if Permission.REPORT_WRITE in actor.permissions:
        items += [
            _item(each.case, _("请您会诊：%(name)s"), work.HIGH, since=each.asked_at)
            for each in queries.opinions_waiting(actor)[:MOST]
        ]
        items += [
            _item(case, _("切片已好，待诊断：%(name)s"), work.ORDINARY, due_at=case.request.due_at)
            for case in queries.to_read(actor)[:MOST]
            if case.request.claimed_by in {None, actor.user_id}
        ]
    if Permission.PATHOLOGY_LEND in actor.permissions:
        late = queries.loans_out(actor, on=timezone.localdate(at), overdue_only=True)[:MOST]
        items += [_item(each.case, _("借出的切片到期未还：%(name)s"), work.RAISED) for each in late]
    return items


def _item(case: PathologyCase, sentence: str, risk: int, **clock: datetime | None) -> work.WorkItem:
    return work.WorkItem(
        kind="pathology", icon="microscope", title=sentence % {"name": case.request.resident.name},
        detail=" · ".join(part for part in (case.number or case.request.number, str(case.request.from_facility)) if part),
        url=reverse("pathology:case", args=[case.uuid]), risk=risk, **{"since": case.submitted_at, **clock},
    )  # fmt: skip
