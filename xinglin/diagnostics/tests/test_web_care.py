"""Pages: what keeps a reader and a sender from a mistake."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import browser_of, sign_in
from tests.factories.county import County
from tests.factories.diagnostics import a_critical, a_request, an_ecg_centre, an_ecg_file
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics import documents
from xinglin.diagnostics.models import Request, Upload
from xinglin.diagnostics.tests.test_web import ask, named, url
from xinglin.diagnostics.traces import read_kept
from xinglin.diagnostics.web.reading import with_rate
from xinglin.platform import clock
from xinglin.residents import api as residents
from xinglin.visits.api import Vitals


@pytest.fixture
def alma(county: County) -> Client:
    return browser_of(county, "alma")


@pytest.fixture
def bo(county: County) -> Client:
    return browser_of(county, "bo")


@pytest.fixture
def visit(county: County):
    return a_visit(
        resident=a_resident(county), by=county.alma, complaint="胸闷1天", at=clock.now() - timedelta(minutes=5)
    )


def test_the_rate_that_was_measured_stands_in_the_templates(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")
    rate = request.recordings.get().summary["measurements"]["heart-rate"]

    page = bo.get(url("detail", request)).content.decode()

    templates = json.loads(re.search(r'id="report-templates"[^>]*>(.*?)</script>', page)[1])
    normal = next(each for each in templates if each["code"] == "normal-sinus-rhythm")
    assert normal["findings"].startswith(f"窦性心律，心率{rate:.0f}次/分。")
    assert with_rate("心房率__次/分，心室率__次/分", 61.1) == "心房率__次/分，心室率__次/分"
    assert with_rate("窦性心律，心率__次/分。V1–V__导联", 61.1) == "窦性心律，心率61次/分。V1–V__导联"
    assert with_rate("心率__次/分", None) == "心率__次/分"


def test_the_page_asks_why_a_critical_value_is_not_raised_only_then(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")
    said = {"findings": "ST段抬高", "conclusion": "急性心肌梗死", "codes": "st-elevation-inferior"}

    assert "not_critical_reason" not in bo.get(url("detail", request)).content.decode()
    answer = bo.post(url("final", request), said)
    assert (answer.status_code, 'name="not_critical_reason"' in answer.content.decode()) == (422, True)
    answer = bo.post(url("final", request), {**said, "not_critical_reason": "与既往图形相同，陈旧改变"})

    assert answer.status_code == 302
    assert "与既往图形相同，陈旧改变" in bo.get(url("detail", request)).content.decode()


def test_the_time_of_a_recording_stands_beside_its_trace(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")

    page = bo.get(url("detail", request)).content.decode()

    assert "采集时间" in page
    assert "2013-01-25 10:59" in page
    assert "文件的采集时间远早于申请时间" in page
    request.recordings.update(recorded_at=None)
    assert "文件未注明采集时间" in bo.get(url("detail", request)).content.decode()


def test_a_file_that_is_asked_about_need_not_be_chosen_again(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)

    first = ask(alma, visit, centre=str(centre.uuid), identity_confirmed="")
    page = first.content.decode()
    value = re.search(r'name="kept" value="([^"]+)"', page)
    assert value, page
    answer = ask(alma, visit, centre=str(centre.uuid), recordings=[], kept=[value[1]], idempotency_key="k2")

    assert answer.status_code == 302
    assert Request.objects.get().recordings.count() == 1


def test_a_kept_file_of_somebody_else_is_not_found(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)
    page = ask(browser_of(county, "alma"), visit, centre=str(centre.uuid), identity_confirmed="").content.decode()
    value = re.search(r'name="kept" value="([^"]+)"', page)
    Upload.objects.update(uploaded_by=county.bo.user_id)

    answer = ask(alma, visit, centre=str(centre.uuid), recordings=[], kept=[value[1]], idempotency_key="k3")

    assert answer.status_code == 404


def test_a_request_from_a_dangerous_visit_begins_as_an_emergency(county: County, alma: Client, visit):
    an_ecg_centre(county)
    dangerous = a_visit(
        resident=visit.resident, by=county.alma, complaint="胸闷1天", at=clock.now() - timedelta(minutes=4),
        vitals=Vitals(systolic=186, diastolic=112),
    )  # fmt: skip

    assert re.search(r'value="EMERGENCY"[^>]*checked', alma.get(url("request", dangerous)).content.decode())
    assert re.search(r'value="ROUTINE"[^>]*checked', alma.get(url("request", visit)).content.decode())


def test_the_notice_of_a_critical_value_leads_only_those_who_may_open_it(county: County):
    critical = a_critical(county, status="CONFIRMED")
    desk = county.user("desk", "referral-desk", county.township)
    a_resident_seen_by(county, critical.request.resident)
    page = sign_in(Client(), desk).get(url("detail", critical.request))

    assert page.status_code == 200
    assert sign_in(Client(), desk).get(url("critical", critical)).status_code == 404
    assert url("critical", critical) not in page.content.decode()


def a_resident_seen_by(county: County, resident) -> None:
    residents.note_on_roster(resident=resident, facility_id=county.township.pk, basis="REQUEST", at=clock.now())


def test_a_technician_asks_from_the_record_of_a_resident(county: County):
    centre, resident = an_ecg_centre(county), a_resident(county)
    technician = sign_in(Client(), county.user("tech", "technician", county.clinic))
    address = reverse("diagnostics:request_resident", args=[resident.uuid])

    assert address in technician.get(reverse("residents:detail", args=[resident.uuid])).content.decode()
    assert technician.get(address).status_code == 200
    answer = technician.post(
        address,
        {"centre": str(centre.uuid), "question": "体检", "priority": "ROUTINE", "identity_confirmed": "on",
         "recordings": [named(an_ecg_file())]},
    )  # fmt: skip

    assert answer.status_code == 302
    assert (Request.objects.get().visit, Request.objects.get().from_facility) == (None, county.clinic)
    assert technician.get(answer["Location"]).status_code == 200


def test_who_may_not_ask_gets_no_form_without_a_visit(county: County, alma: Client, bo: Client):
    resident = a_resident(county)
    address = reverse("diagnostics:request_resident", args=[resident.uuid])

    assert bo.get(address).status_code == 404
    assert address not in alma.get(reverse("residents:detail", args=[resident.uuid])).content.decode()


def test_the_print_says_what_the_page_says(county: County):
    request = a_request(county, status="FINAL")
    recording = request.recordings.get()

    said = documents._data(request, request.reports.get(), read_kept(recording))

    assert ["心率", "61 次/分"] in said["measurements"]
    assert "文件中的出生日期与居民不一致" in documents._warnings(recording)[1]
