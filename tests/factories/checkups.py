"""Check-ups, brought to each state through the real actions."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.checkups import actions, queries, rules
from xinglin.checkups.data import PlanStep
from xinglin.checkups.models import Checkup, Session, StationVisit
from xinglin.checkups.states import Status
from xinglin.platform import clock

#: What an ordinary resident shows at each item.
VALUES: dict[str, Any] = {
    "self_rated_health": "good", "smoking": "never", "drinking": "none", "exercise_days": 5, "height": 165, "weight": "68.5",
    "waist": 86, "systolic": 128, "diastolic": 78, "heart_rate": 72, "cognition": "negative", "mood": "negative",
    "sight": "poor", "hearing": "normal", "body_findings": "none", "mouth": "normal", "glucose_fasting": "5.4",
    "haemoglobin": 138, "white_cells": "6.1", "platelets": 210, "alt": 22, "creatinine": 76, "uric_acid": 352,
    "total_cholesterol": "4.92", "triglycerides": "1.31", "ldl": "2.90", "hdl": "1.32", "urine_protein": "negative",
    "urine_glucose": "negative", "urine_ketones": "negative", "urine_blood": "negative", "urine_note": "", "ecg_findings": "",
    "ecg_note": "",
    "ecg_result": "normal", "abdomen_ultrasound": "normal", "foot_pulse": "both",
}  # fmt: skip
OLD = date(1951, 4, 15)


def a_session(
    county: County,
    *,
    capacity: int = 30,
    days: int = 0,
    facility_id: int | None = None,
    half: str = "AM",
    at: datetime = NOW,
) -> Session:
    """A session of the township hospital above Alma, today unless told otherwise."""
    return actions.open_session(
        facility_id=facility_id or county.township.pk, held_on=clock.today(at) + timedelta(days=days), half=half,
        capacity=capacity, by=county.tang, at=at,
    )  # fmt: skip


def a_checkup(
    county: County, *, status: Status = Status.BOOKED, resident: Any = None, package: str = "elderly",
    values: dict[str, Any] | None = None, session: Session | None = None, at: datetime = NOW,
) -> Checkup:  # fmt: skip
    """A check-up of an old resident of Alma's village at the township hospital, brought to `status` by Tang."""
    resident = resident or a_resident(county, born_on=OLD, at=at)
    by = county.tang
    checkup = actions.book(
        resident=resident, session=session or a_session(county, at=at), package=package, by=by, at=at
    )
    if status == Status.CANCELLED:
        return actions.cancel_checkup(checkup=checkup, reason="外出打工", by=by, at=at)
    if status == Status.MISSED:
        return actions.mark_missed(checkup=checkup, by=by, at=at)
    if status == Status.BOOKED:
        return checkup
    actions.arrive(checkup=checkup, by=by, at=at)
    if status == Status.ARRIVED:
        return checkup
    for visit in queries.stations_of(checkup):
        given = {code: (VALUES | (values or {}))[code] for code in visit.items}
        actions.save_station(visit=visit, values=given, by=by, at=at)
    checkup = Checkup.objects.select_related("resident", "facility", "session").get(pk=checkup.pk)
    if status == Status.REPORTED:
        report(county, checkup, at=at)
        checkup.refresh_from_db()
    return checkup


def report(county: County, checkup: Checkup, *, conclusion: str = "总体良好，注意控盐。", at: datetime = NOW) -> Any:
    """Sign what was found, with the steps that are proposed."""
    found = rules.findings(queries.values_of(checkup), checkup.resident.sex)
    steps: list[PlanStep] = rules.plan(found, clock.today(at))
    return actions.sign_report(checkup=checkup, conclusion=conclusion, plan=steps, by=county.tang, at=at)


def station(checkup: Checkup, code: str) -> StationVisit:
    """One station of a check-up."""
    visit = checkup.stations.get(station=code)
    visit.checkup = checkup
    return visit


def given(visit: StationVisit, **more: Any) -> dict[str, Any]:
    """What an ordinary resident shows at a station, and what is different of this one."""
    return {code: (VALUES | more)[code] for code in visit.items}
