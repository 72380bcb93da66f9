"""Follow-up tasks, planned and ended through the real actions."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.followups import actions
from xinglin.followups.data import Outcome
from xinglin.followups.models import DischargePlan, FollowUpTask
from xinglin.followups.states import Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.ids import new_uuid

REACHED = Outcome(channel="PHONE", adherence="REGULAR", advice="继续服药，2周后复诊", systolic=132, diastolic=82)


def a_followup(
    county: County,
    *,
    status: Status = Status.PLANNED,
    resident: Any = None,
    facility_id: int | None = None,
    due_on: date | None = None,
    risk: int = 1,
    kind: str = "PLANNED",
    level: str = "",
    by: Actor | None = None,
    at: datetime = NOW,
) -> FollowUpTask:
    """A follow-up that Alma's clinic owes a resident today; of another kind, one that a plan made."""
    by = by or county.alma
    today = clock.today(at)
    if status == Status.HANDED_ON:
        kind, level = "AFTER_DISCHARGE", "VILLAGE"
    given: dict[str, Any] = {
        "resident": resident or a_resident(county), "facility_id": facility_id or county.clinic.pk,
        "due_on": due_on or today, "plan": "测血压，问症状和服药", "risk": risk, "origin_uuid": new_uuid(), "by": by,
        "at": at,
    }  # fmt: skip
    if kind == "PLANNED":
        task = actions.schedule_followup(**given)
    else:
        with transaction.atomic():
            task = actions.plan_followup(**given, kind=kind, level=level, origin_kind="discharge")
    if status == Status.DONE:
        actions.complete_followup(task=task, outcome=REACHED, by=by, at=at)
    elif status == Status.UNREACHED:
        actions.note_unreached(task=task, why="NO_ANSWER", try_again_on=today, by=by, at=at)
    elif status == Status.HANDED_ON:
        actions.hand_on(task=task, why="OVERDUE", by=by, at=at)
    elif status == Status.CANCELLED:
        actions.cancel_followup(task=task, reason="已迁出", by=by, at=at)
    return task


def a_discharge(county: County, *, resident: Any = None, at: datetime = NOW, **given: Any) -> DischargePlan:
    """The plan that the county hospital's specialist makes when she sends a resident of Alma's village home today."""
    facts: dict[str, Any] = {
        "discharge": "ORDERED", "diagnosis_code": "J18.9", "diagnosis_name": "肺炎", "ward": "心血管内科",
        "discharged_on": clock.today(at),
    }  # fmt: skip
    return actions.plan_discharge(
        resident=resident or a_resident(county), facility_id=county.hospital.pk, **(facts | given), by=county.sun,
        at=at,
    )  # fmt: skip
