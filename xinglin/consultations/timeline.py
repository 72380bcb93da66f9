"""Consultations as told on a resident's timeline: the main steps, with who, where and why."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.consultations import catalogue, queries
from xinglin.consultations.models import Case, CaseStatusChange
from xinglin.consultations.states import LOOKS, Status
from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry


def provide(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """Main steps of all cases of a person. One query."""
    places = actor.places_where(Permission.CONSULTATION_REQUEST)
    return [_entry(each, places) for each in queries.steps_of_person(resident_ids, before=before, limit=limit)]


def _entry(change: CaseStatusChange, places: frozenset[int] | None) -> TimelineEntry:
    case = change.subject
    tone, icon = LOOKS[Status(change.became)]
    opens = places is None or case.from_facility_id in places
    return TimelineEntry(
        at=change.changed_at,
        kind="consultation",
        icon=icon,
        title=_("远程会诊%(status)s：%(specialty)s")
        % {"status": step_words(change), "specialty": catalogue.specialty_title(case.specialty)},
        detail=_detail(case, change),
        url=reverse("consultations:case", args=[case.uuid]) if opens else "",
        facility_name=str(case.from_facility),
        by_name=change.changed_by_name,
        tone=tone,
    )


def step_words(change: CaseStatusChange) -> str:
    """A step in a word."""
    if change.became == Status.REQUESTED:
        return _("重新等待专家") if change.was else _("申请")
    return str(Status(change.became).label)


def _detail(case: Case, change: CaseStatusChange) -> str:
    facts = {Status.REQUESTED: (case.aim,), Status.CLOSED: (case.outcome,)}.get(Status(change.became), ())
    reason = catalogue.reason_text(change.reason_code) if change.reason_code else ""
    return " · ".join(part for part in (*facts, reason, change.reason) if part)
