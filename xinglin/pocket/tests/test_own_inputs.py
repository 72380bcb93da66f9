"""The telephone, with what it is given, comes to what the server comes to with what it reads itself."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.laboratory import released
from tests.factories.pocket import a_device, a_visit_noted, sent
from tests.factories.programmes import STABLE, a_programme_visit, an_enrolment
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.pocket import jobs, queries
from xinglin.pocket.models import Device
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes import offline
from xinglin.programmes.models import Enrolment, ProgrammeVisit

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parent
LIPIDS = {"TC": "5.10", "TG": "1.20", "HDL": "1.20", "LDL": "3.00"}


def on_the_telephone(device: Device, answers: dict[str, Any]) -> dict[str, list[Any]]:
    """By programme: grade, control and next day that the telephone says of the answers today."""
    ((_revision, resident),) = queries.feed(device, after=0, limit=9, shows_phone=True, shows_secret=True).entries
    given = {
        "resident": resident, "known": offline.definitions(offline.versions_at(device.facility_id)), "answers": answers,
        "on": clock.today(NOW).isoformat(),
    }  # fmt: skip
    done = subprocess.run(
        ["/usr/bin/node", str(FOLDER / "own_inputs.mjs")], input=json.dumps(given), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def on_the_server(
    device: Device, enrolment: Enrolment, answers: dict[str, Any], county: County
) -> dict[str, list[Any]]:
    change = sent(device, a_visit_noted(enrolment.resident, answers, at=NOW), by=county.alma)
    assert change.status == ChangeStatus.DONE, change.message
    return {
        each.enrolment.programme: [each.grade, each.is_controlled, each.next_due_on.isoformat()]
        for each in ProgrammeVisit.objects.get(uuid=change.object_uuid).results.select_related("enrolment")
    }


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    first = an_enrolment(county, programme="dyslipidaemia", at=later(days=-200))
    an_enrolment(county, resident=first.resident, at=later(days=-200))
    return first


def relay() -> None:
    for event in OutboxEvent.objects.filter(event__in=jobs.EVENTS).order_by("id"):
        jobs.follow.func(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def test_values_of_the_laboratory_grade_on_the_telephone_as_on_the_server(county: County, enrolment: Enrolment):
    device = a_device(county, at=later(days=-100))
    ungraded = on_the_telephone(device, STABLE)["dyslipidaemia"]
    released(county, LIPIDS, at=later(days=-10), resident=enrolment.resident, panels=("lipids",))
    upto = queries.feed(device, after=0, limit=9, shows_phone=True, shows_secret=True).upto
    relay()
    assert queries.feed(device, after=upto, limit=9, shows_phone=True, shows_secret=True).entries  # it is told at once

    told = on_the_telephone(device, STABLE)

    assert told == on_the_server(device, enrolment, {}, county)
    assert ungraded[0] == ""
    assert told["dyslipidaemia"][0] != ""


def test_a_value_of_a_visit_before_the_eight_that_go_along_still_counts(county: County, enrolment: Enrolment):
    a_programme_visit(
        county, enrolment, {"ldl": "3.00", "triglycerides": "1.20", "total_cholesterol": "5.10"}, at=later(days=-150)
    )
    for days in range(90, 0, -10):
        a_programme_visit(county, enrolment, at=later(days=-days))
    device = a_device(county)

    told = on_the_telephone(device, STABLE)

    assert told["dyslipidaemia"][0] != ""
    assert told == on_the_server(device, enrolment, {}, county)


def test_what_only_a_secret_programme_reads_is_told_to_nobody_who_may_not_know_of_it(
    county: County, enrolment: Enrolment
):
    released(county, LIPIDS, at=later(days=-10), resident=enrolment.resident, panels=("lipids",))
    ((_pk, (_row, _place, facts)),) = offline.carried([enrolment.resident_id]).items()
    assert facts["elsewhere"][0]["answers"]["ldl"] == "3"
    assert facts["elsewhere"][0]["on"] == (clock.today(NOW) - timedelta(days=10)).isoformat()

    secret = [{**each, "slug": "mental-disorder"} for each in facts["programmes"]]
    assert offline.told({**facts, "programmes": secret})["elsewhere"] == []
    assert offline.told(facts)["elsewhere"] == facts["elsewhere"]
