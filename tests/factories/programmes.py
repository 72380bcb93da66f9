"""Residents in programmes, found, enrolled and seen through the real actions."""

from datetime import date, datetime
from typing import Any

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.platform.actors import Actor
from xinglin.platform.ids import new_uuid
from xinglin.programmes import actions
from xinglin.programmes.data import VisitIn
from xinglin.programmes.models import Enrolment, ProgrammeVisit

#: A routine visit at which all is well.
STABLE: dict[str, Any] = {
    "systolic": "126", "diastolic": "76", "danger_signs": ["none"], "side_effect": "none", "new_complication": "no",
    "adherence": "regular",
}  # fmt: skip


def an_enrolment(
    county: County,
    *,
    resident: Any = None,
    programme: str = "hypertension",
    by: Actor | None = None,
    at: datetime = NOW,
    **facts: Any,
) -> Enrolment:
    """A resident of Alma's village in a programme, due today."""
    person = resident or a_resident(county, at=at, born_on=facts.pop("born_on", date(1963, 4, 15)), **facts)
    return actions.enrol_resident(resident=person, programme=programme, basis="县医院诊断", by=by or county.alma, at=at)


def seen(answers: dict[str, Any] | None = None, **said: Any) -> VisitIn:
    """What a visit found; a stable patient at the clinic unless told otherwise."""
    given = {"client_id": new_uuid(), "channel": "CLINIC", **said}
    return VisitIn(answers={**STABLE, **(answers or {})}, **given)


def a_programme_visit(
    county: County,
    enrolment: Enrolment,
    answers: dict[str, Any] | None = None,
    *,
    by: Actor | None = None,
    at: datetime = NOW,
    **said: Any,
) -> ProgrammeVisit:
    """A visit at Alma's clinic."""
    by = by or county.alma
    assert by.place is not None
    return actions.record_programme_visit(
        resident=enrolment.resident, facility_id=by.place, content=seen(answers, **said), by=by, at=at
    )
