"""Visits, made through the actions."""

from datetime import datetime
from typing import Any

from tests.factories.county import NOW
from xinglin.platform.actors import Actor
from xinglin.visits.api import Content, DiagnosisIn, PrescriptionIn, Vitals, record_visit, void_visit
from xinglin.visits.models import DiagnosisTerm, Visit
from xinglin.visits.states import Status

HYPERTENSION = DiagnosisIn("I10.x00", "高血压")
AMLODIPINE = PrescriptionIn("苯磺酸氨氯地平片", "5mg", "每日1次", 28, strength="5mg", quantity="28片")


def a_term(code: str = "I10.x00", name: str = "高血压", system: str = "ICD-10", **facts: Any) -> DiagnosisTerm:
    """A diagnosis that can be chosen."""
    defaults = {"name": name, "initials": "gxy", "rank": 90, "source": "test", **facts}
    return DiagnosisTerm.objects.get_or_create(system=system, code=code, defaults=defaults)[0]


def a_visit(
    *,
    resident: Any,
    by: Actor,
    facility_id: int | None = None,
    at: datetime = NOW,
    status: Status = Status.SIGNED,
    **content: Any,
) -> Visit:
    """A blood-pressure visit at the actor's own facility (or another), brought to `status` by the real steps."""
    chosen = {
        "vitals": Vitals(systolic=150, diastolic=92, pulse=76),
        "complaint": "头晕3天",
        "diagnoses": [HYPERTENSION],
        "prescriptions": [AMLODIPINE],
        "advice": "低盐饮食，按时服药",
        **content,
    }
    for each in chosen["diagnoses"]:
        a_term(each.code, each.name, each.system)
    place = facility_id if facility_id is not None else by.place
    assert place is not None, "the actor works nowhere: say facility_id"
    visit = record_visit(
        resident=resident, facility_id=place, content=Content(**chosen), sign=status != Status.OPEN, by=by, at=at
    )
    if status == Status.VOIDED:
        void_visit(visit=visit, reason="录错人", by=by, at=at)
    return visit
