"""Nobody is called twice in one week: visits of programmes by telephone ask the rule that all calls ask."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.followups import a_followup
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.residents import a_resident
from xinglin.followups import actions as calls
from xinglin.followups.api import quiet_weeks
from xinglin.followups.data import Outcome
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.programmes import actions
from xinglin.programmes.models import ProgrammeVisit
from xinglin.programmes.web.day_page import DayPage

pytestmark = pytest.mark.django_db
PHONE: dict[str, Any] = {"channel": "PHONE"}


def called_by_the_township(county: County, resident: Any, *, at: Any) -> None:
    task = a_followup(county, resident=resident, due_on=clock.today(at), at=at, kind="AFTER_DISCHARGE")
    calls.complete_followup(task=task, outcome=Outcome(channel="PHONE", not_measured="电话随访"), by=county.tang, at=at)


def measured_danger(county: County, resident: Any) -> None:
    calls.plan_followup(
        resident=resident, facility_id=resident.managed_by_id, kind="PLANNED", origin_kind="reading",
        origin_uuid=uuid4(), due_on=clock.today(NOW), plan="核实血压", risk=2, by=county.alma, at=NOW,
    )  # fmt: skip


def test_a_second_call_of_the_week_needs_a_reason_which_is_kept(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, enrolment.resident, at=later(days=-2))

    with pytest.raises(InvalidInput) as refused:
        a_programme_visit(county, enrolment, **PHONE)
    visit = a_programme_visit(county, enrolment, **PHONE, call_reason="家属来电要求")

    assert refused.value.code == "called-this-week"
    assert county.tang.name in str(refused.value.message)
    assert visit.call_reason == "家属来电要求"
    assert ProgrammeVisit.objects.count() == 1


def test_a_namesake_of_who_called_needs_a_reason_all_the_same(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, enrolment.resident, at=NOW)
    namesake = county.actor(county.user("namesake", "village-doctor", county.clinic, name=county.tang.name))

    with pytest.raises(InvalidInput) as refused:
        a_programme_visit(county, enrolment, by=namesake, at=later(5), **PHONE)

    assert refused.value.code == "called-this-week"
    assert a_programme_visit(county, enrolment, by=county.tang, at=later(5), **PHONE).call_reason == ""


def test_who_comes_or_is_visited_is_not_asked_and_the_next_week_is_free(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, enrolment.resident, at=later(days=-7))
    assert a_programme_visit(county, enrolment, **PHONE, at=NOW).call_reason == ""

    other = an_enrolment(county, resident=a_resident(county, name="周来诊"), at=later(days=-30))
    called_by_the_township(county, other.resident, at=later(days=-1))
    assert a_programme_visit(county, other, channel="CLINIC").call_reason == ""
    assert a_programme_visit(county, other, channel="HOME", at=later(days=1)).call_reason == ""


def test_a_programme_call_stands_for_the_centre_and_for_other_programmes(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    a_programme_visit(county, enrolment, **PHONE, at=later(days=-1))
    task = a_followup(county, resident=enrolment.resident, due_on=clock.today(NOW), kind="AFTER_DISCHARGE")

    with pytest.raises(Conflict, match="不再另行联系"):
        calls.open_call(resident=enrolment.resident, facility_id=task.facility_id, by=county.alma, at=NOW)
    with pytest.raises(InvalidInput):  # the same doctor on another day
        a_programme_visit(county, enrolment, **PHONE)
    with pytest.raises(InvalidInput):  # noted late, for a moment within the week
        a_programme_visit(county, enrolment, **PHONE, happened_at=later(60, days=-1), by=county.tang)


def test_what_is_dangerous_may_be_called_about_and_needs_no_reason(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, enrolment.resident, at=later(days=-1))
    danger = {"systolic": "190", "diastolic": "116"}
    told: dict[str, Any] = {"alert_answer": "OTHER", "alert_note": "已嘱立即到卫生院"}

    visit = a_programme_visit(county, enrolment, danger, **PHONE, **told)
    week = quiet_weeks(county.alma, [enrolment.resident_id], at=later(5))[enrolment.resident_id]

    assert visit.call_reason == ""
    assert week.by_name == county.alma.name

    other = an_enrolment(county, resident=a_resident(county, name="钱设备"), at=later(days=-30))
    called_by_the_township(county, other.resident, at=later(days=-1))
    measured_danger(county, other.resident)
    assert quiet_weeks(county.alma, [other.resident_id], at=NOW)[other.resident_id].exemption == "设备测量危急"
    assert a_programme_visit(county, other, **PHONE).call_reason == ""


def test_the_reason_stays_with_an_amended_visit(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, enrolment.resident, at=later(days=-1))
    visit = a_programme_visit(county, enrolment, **PHONE, call_reason="居民请求再打")

    new = actions.amend_programme_visit(
        visit=visit, content=seen({"systolic": "128"}, **PHONE), reason="笔误", by=county.alma, at=later(10)
    )

    assert new.call_reason == "居民请求再打"


def test_the_day_list_says_who_called_and_offers_no_call(county: County) -> None:
    enrolment = an_enrolment(county, resident=a_resident(county, phone="13712345678"), at=later(days=-30))

    def row() -> Any:
        page = DayPage.build(county.alma, box="due", programme="", place="", cursor="", at=NOW)
        return page.rows[0]

    assert row().call_url
    assert not row().quiet
    called_by_the_township(county, enrolment.resident, at=later(days=-2))

    until = clock.today(later(days=-2)) + timedelta(days=7)
    assert not row().call_url
    assert county.tang.name in row().quiet
    assert until.isoformat() in row().quiet
    measured_danger(county, enrolment.resident)
    assert row().call_url


def test_a_longer_day_list_asks_no_more_of_the_week(county: County) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert quiet_weeks(county.alma, ids, at=NOW)
        return len(captured)

    first = an_enrolment(county, at=later(days=-30))
    called_by_the_township(county, first.resident, at=later(days=-2))
    ids = [first.resident_id]
    one = asked()
    for name in ("甲一", "乙二", "丙三"):
        other = an_enrolment(county, resident=a_resident(county, name=name), at=later(days=-30))
        called_by_the_township(county, other.resident, at=later(days=-2))
        ids.append(other.resident_id)

    assert asked() == one
    assert len(quiet_weeks(county.alma, ids, at=NOW)) == 4


def test_the_form_asks_for_the_reason_and_keeps_what_was_typed(county: County) -> None:
    at = clock.now()
    enrolment = an_enrolment(county, resident=a_resident(county, phone="13712345678", at=at), at=at)
    called_by_the_township(county, enrolment.resident, at=at)
    alma = sign_in(Client(), county.users["alma"])
    address = reverse("programmes:form", args=[enrolment.resident.uuid])

    page = alma.get(address).content.decode()
    sent = {
        "client_id": str(seen().client_id), "channel": "PHONE", "kind": "routine", "a-systolic": "126",
        "a-diastolic": "76", "a-danger_signs": "none", "a-side_effect": "none", "a-new_complication": "no",
        "a-adherence": "regular",
    }  # fmt: skip
    refused = alma.post(address, sent)
    saved = alma.post(address, sent | {"call_reason": "居民回电询问用药"})

    assert county.tang.name in page
    assert 'name="call_reason"' in page
    assert reverse("programmes:call", args=[enrolment.resident.uuid]) not in page
    assert refused.status_code == 422
    assert 'value="126"' in refused.content.decode()
    assert saved.status_code == 302
    shown = alma.get(reverse("programmes:visit", args=[ProgrammeVisit.objects.get().uuid])).content.decode()
    assert "居民回电询问用药" in shown


@pytest.mark.django_db(transaction=True)
def test_of_two_who_note_a_call_at_the_same_second_one_is_asked_why(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-30))
    task = a_followup(county, resident=enrolment.resident, due_on=clock.today(NOW), kind="AFTER_DISCHARGE")
    outcome = Outcome(channel="PHONE", not_measured="电话随访")
    came: list[str] = []
    ready = threading.Barrier(2)

    def run(act: Any) -> None:
        ready.wait(10)
        try:
            act()
            came.append("done")
        except (InvalidInput, Conflict) as error:
            came.append(error.code)
        finally:
            connection.close()

    tang = county.tang
    acts = [
        lambda: a_programme_visit(county, enrolment, **PHONE),
        lambda: calls.complete_followup(task=task, outcome=outcome, by=tang, at=NOW),
    ]
    threads = [threading.Thread(target=run, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    assert sorted(came) == ["called-this-week", "done"]
