"""Vital signs as measurements of a resident, by LOINC code, for those who look over all sources."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.residents.api import Measurement, ids_of_person
from xinglin.visits.data import DiagnosisIn, GlucoseWhen, Vitals
from xinglin.visits.models import Visit
from xinglin.visits.states import Status

#: LOINC code and UCUM unit of each column.
CODES = {
    "systolic": ("8480-6", "mm[Hg]"),
    "diastolic": ("8462-4", "mm[Hg]"),
    "pulse": ("8867-4", "/min"),
    "temperature": ("8310-5", "Cel"),
    "spo2": ("2708-6", "%"),
    "weight": ("29463-7", "kg"),
    "height": ("8302-2", "cm"),
}
#: Glucose by when blood was taken; unsaid counts as random.
GLUCOSE = {GlucoseWhen.FASTING: "14771-0", GlucoseWhen.TWO_HOURS: "14760-3", GlucoseWhen.RANDOM: "14749-6"}


def provide(resident_ids: Sequence[int], codes: frozenset[str], since: datetime, limit: int) -> list[Measurement]:
    """What was measured at visits that are not void. One query."""
    wanted = {name: pair for name, pair in CODES.items() if pair[0] in codes}
    if not wanted and codes.isdisjoint(GLUCOSE.values()):
        return []
    rows = Visit.objects.filter(resident_id__in=resident_ids, started_at__gte=since).exclude(status=Status.VOIDED)
    found = rows.select_related("facility").order_by("-started_at", "-id")[:limit]
    return [each for visit in found for each in _of(visit, wanted, codes)]


def _of(visit: Visit, wanted: dict[str, tuple[str, str]], codes: frozenset[str]) -> list[Measurement]:
    values = [(code, getattr(visit, name), unit) for name, (code, unit) in wanted.items()]
    when = GLUCOSE.get(GlucoseWhen(visit.glucose_when or GlucoseWhen.RANDOM))
    if when in codes:
        values.append((when, visit.glucose, "mmol/L"))
    source, url = f"{visit.facility} {_('就诊')}", reverse("visits:detail", args=[visit.uuid])
    return [
        Measurement(code, Decimal(value), unit, visit.started_at, source, url, visit.resident_id)
        for code, value, unit in values
        if value is not None
    ]


def vitals_from(values: Mapping[str, Decimal], *, confirmed_unusual: bool = False) -> Vitals:
    """Vitals from values by LOINC code: what another form measured, to be recorded as a visit."""
    known: dict[str, Any] = {name: values[code] for name, (code, _unit) in CODES.items() if code in values}
    for when, code in GLUCOSE.items():
        if code in values and "glucose" not in known:
            known |= {"glucose": values[code], "glucose_when": when}
    for name in ("systolic", "diastolic", "pulse", "spo2"):
        if name in known and known[name] == known[name].to_integral_value():
            known[name] = int(known[name])
    return Vitals(**known, confirmed_unusual=confirmed_unusual)


def latest_diagnosis(resident: Any) -> DiagnosisIn | None:
    """The primary diagnosis of a person's latest visit that has one, to be carried forward. The caller has seen him."""
    row = (
        Visit.objects.filter(resident_id__in=ids_of_person(resident), diagnoses__is_primary=True)
        .exclude(status=Status.VOIDED)
        .order_by("-started_at", "-id")
        .values_list("diagnoses__code", "diagnoses__name", "diagnoses__system")
        .first()
    )
    return DiagnosisIn(*row) if row else None


def measurements_of_visit(visit: Visit) -> list[Measurement]:
    """What one visit measured. The caller has seen it."""
    return _of(visit, CODES, frozenset(GLUCOSE.values()))
