"""Residents in programmes, found, enrolled and seen through the real actions."""

from datetime import date, datetime
from typing import Any

from django.conf import settings

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.ids import new_uuid
from xinglin.programmes import actions
from xinglin.programmes.data import VisitIn
from xinglin.programmes.models import Edition, Enrolment, ProgrammeVisit

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


def shipped(slug: str) -> str:
    """The text of a definition that ships."""
    return (settings.DEFINITIONS_DIR / "programmes" / f"{slug}.toml").read_text()


def an_edition(county: County, text: str | None = None, *, at: datetime = NOW) -> Edition:
    """A definition made in the county by Sun, a draft: the frame of the how-to page unless told otherwise."""
    frame = settings.DEFINITIONS_DIR.parent / "docs" / "how-to" / "programme-frame.toml"
    return actions.keep_edition(text=text or frame.read_text(), by=county.sun, at=at)


def a_dated_edition(county: County, text: str | None = None, *, day: date | None = None, at: datetime = NOW) -> Edition:
    """The same, reviewed by another specialist and dated from today on."""
    reviewer = county.actor(county.user("second-reader", "specialist", county.hospital, name="任"), at=at)
    edition = an_edition(county, text, at=at)
    said: dict[str, Any] = {"edition": edition, "checksum": edition.checksum, "at": at}
    actions.submit_edition(by=county.sun, **said)
    actions.approve_edition(by=reviewer, **said)
    return actions.date_edition(by=county.sun, valid_from=day or clock.today(at), **said)
