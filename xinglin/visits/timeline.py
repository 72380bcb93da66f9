"""Visits on the 360° timeline of a resident."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.accounts.data import Permission
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.residents.data import TimelineEntry
from xinglin.visits import queries, secrecy
from xinglin.visits.models import Visit
from xinglin.visits.states import Status
from xinglin.visits.summary import vitals_words
from xinglin.visits.vitals import age_in_months, hints

_ICONS = {"OUTPATIENT": "stethoscope", "EMERGENCY": "ambulance", "HOME": "home", "FOLLOWUP": "calendar-check"}


def visit_entries(actor: Actor, resident_ids: Sequence[int], before: datetime, limit: int) -> list[TimelineEntry]:
    """The newest visits before a moment, voided ones too; two queries. The caller has seen the person."""
    if not {Permission.VISIT_VIEW, Permission.OWN_RECORD} & actor.permissions:
        return []
    rows = (
        Visit.objects.filter(resident_id__in=resident_ids, started_at__lt=before)
        .select_related("facility", "resident")
        .prefetch_related("diagnoses")
        .order_by("-started_at", "-id")[:limit]
    )
    visits = list(rows)
    secrecy.told(actor, visits)
    return [_entry(visit) for visit in visits]


def _entry(visit: Visit) -> TimelineEntry:
    void = visit.status == Status.VOIDED
    vitals = queries.vitals_of(visit)
    measured = _("，").join(f"{name} {value} {unit}" for name, value, unit in vitals_words(vitals))
    diagnoses = _("；").join(each.name for each in visit.diagnoses.all())
    title = Visit.Kind(visit.kind).label
    return TimelineEntry(
        at=visit.started_at,
        kind="visit",
        icon="ban" if void else _ICONS[visit.kind],
        title=_("%(kind)s（已作废）") % {"kind": title} if void else _("%(kind)s就诊") % {"kind": title},
        detail="\n".join(part for part in (visit.complaint, measured, diagnoses) if part),
        url=reverse("visits:detail", args=[visit.uuid]),
        facility_name=str(visit.facility),
        by_name=visit.clinician_name,
        tone="" if void else _tone(visit),
    )


def _tone(visit: Visit) -> str:
    age_years = age_in_months(visit.resident.born_on, clock.today(visit.started_at)) // 12
    found = hints(queries.vitals_of(visit), words=visit.complaint, age_years=age_years)
    return found[0].tone if found else ""
