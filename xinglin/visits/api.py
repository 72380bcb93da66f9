"""The front door of visits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.platform.actors import Actor
from xinglin.visits.actions import correct_visit, record_visit, sign_visit, void_visit
from xinglin.visits.data import Content, DiagnosisIn, OrderIn, PrescriptionIn, Vitals
from xinglin.visits.events import Event
from xinglin.visits.loading import load_starter_terms
from xinglin.visits.measured import latest_diagnosis, measurements_of_visit, vitals_from
from xinglin.visits.panels import Panel
from xinglin.visits.panels import register as register_panels
from xinglin.visits.pregnancy import Pregnancy, pregnancies
from xinglin.visits.queries import (
    diagnosed,
    diagnosed_counts,
    diagnosis_codes_of,
    diagnosis_names,
    first_diagnosed,
    last_diagnosed,
    latest_vitals,
    medicines_of,
    unsigned_visits_of,
    visible_visit,
    visits_visible_to,
    vitals_of,
)
from xinglin.visits.results import TakenOver
from xinglin.visits.results import register as register_results
from xinglin.visits.states import TRANSITIONS
from xinglin.visits.summary import prescription_words, visit_summary
from xinglin.visits.vitals import Hint, age_in_months, hints, is_dangerous
from xinglin.web.work import ORDINARY, WorkItem

__all__ = [
    "age_in_months",
    "Content",
    "correct_visit",
    "diagnosed",
    "diagnosed_counts",
    "diagnosis_codes_of",
    "diagnosis_names",
    "DiagnosisIn",
    "Event",
    "first_diagnosed",
    "Hint",
    "hints",
    "is_dangerous",
    "last_diagnosed",
    "latest_diagnosis",
    "latest_vitals",
    "load_starter_terms",
    "measurements_of_visit",
    "medicines_of",
    "OrderIn",
    "pregnancies",
    "Pregnancy",
    "PrescriptionIn",
    "record_visit",
    "Panel",
    "prescription_words",
    "register_panels",
    "register_results",
    "sign_visit",
    "state_tables",
    "TakenOver",
    "visible_visit",
    "visit_summary",
    "visits_visible_to",
    "Vitals",
    "vitals_from",
    "vitals_of",
    "void_visit",
    "waiting_for",
]


def state_tables() -> dict[str, Mapping[Any, frozenset[Any]]]:
    """The state table of this capability, by title, for diagrams and labels."""
    return {"visits.visit": TRANSITIONS}


def waiting_for(actor: Actor, *, at: datetime) -> list[WorkItem]:
    """Visits the actor saved and has not signed yet."""
    return [
        WorkItem(
            kind="visit-unsigned",
            icon="signature",
            title=_("%(name)s：病历待签名") % {"name": visit.resident.name},
            detail=" · ".join(part for part in (visit.facility.name, visit.complaint) if part),
            url=reverse("visits:detail", args=[visit.uuid]),
            risk=ORDINARY,
            since=visit.started_at,
        )
        for visit in unsigned_visits_of(actor)
    ]
