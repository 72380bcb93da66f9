"""A real order of the laboratory and a real request to the ECG centre, from the station until their results stand in it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.checkups import VALUES, a_checkup
from tests.factories.county import NOW, later
from tests.factories.diagnostics import INFARCTION, a_request
from tests.factories.laboratory import a_laboratory, li, luo, measured, specimens_of
from xinglin.checkups import actions, jobs, queries, rules
from xinglin.checkups.data import RowIn
from xinglin.checkups.models import Checkup, CheckupValue
from xinglin.checkups.states import Status
from xinglin.laboratory import actions as laboratory
from xinglin.laboratory import catalogue
from xinglin.laboratory.api import ResultSummary
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.platform.models import OutboxEvent

FOUND = {"GLUF": "5.40", "TC": "4.92", "TG": "1.31", "HDL": "1.32", "LDL": "2.90", "CREA": "76", "HGB": "138"}


def came(event, task):
    """What the relay does with the newest event."""
    found = OutboxEvent.objects.filter(event=event).latest("pk")
    task(event_uuid=str(found.uuid), object_uuid=str(found.object_uuid))


def station(checkup, item):
    return next(each for each in queries.stations_of(checkup) if item in each.items)


def fresh(checkup):
    return Checkup.objects.select_related("resident", "facility", "session").get(pk=checkup.pk)


@pytest.fixture
def checkup(county):
    """Under way; an ordinary grown-up package."""
    return a_checkup(county, status=Status.ARRIVED)


def ordered(county, checkup):
    """Asked from the station, drawn at the hospital, received and measured at the centre."""
    a_laboratory(county)
    visit = next(each for each in queries.stations_of(checkup) if "glucose_fasting" in each.items)
    order = actions.ask_laboratory(visit=visit, by=county.tang, at=later(2))
    for each in specimens_of(order):
        laboratory.collect_specimen(specimen=each, by=county.tang, at=later(5))
    for each in specimens_of(order):
        laboratory.receive_specimen(specimen=each, by=li(county), at=later(60))
    order.refresh_from_db()
    return order


def test_an_order_of_the_station_comes_back_into_it_without_a_button(county, checkup):
    order = ordered(county, checkup)
    laboratory.enter_results(request=order, measured=measured(FOUND), by=li(county), at=later(90))
    order.refresh_from_db()
    laboratory.release_results(request=order, partial=True, by=luo(county), at=later(95))

    came("result.released", jobs.results)

    taken = CheckupValue.objects.filter(checkup=checkup, source="laboratory")
    assert dict(taken.values_list("item", "text")) == {
        "glucose_fasting": "5.4", "total_cholesterol": "4.92", "triglycerides": "1.31", "hdl": "1.32", "ldl": "2.90",
        "creatinine": "76", "haemoglobin": "138",
    }  # fmt: skip
    n_taken = OutboxEvent.objects.filter(event="checkup.results-taken").count()
    came("result.released", jobs.results)  # a job that runs twice changes nothing
    assert OutboxEvent.objects.filter(event="checkup.results-taken").count() == n_taken
    visit = station(checkup, "glucose_fasting")
    assert visit.status == ("DONE" if rules.asked_always(visit.items) <= set(queries.values_of(checkup)) else "WAITING")


URINE = {"urine_protein": "U-PRO", "urine_glucose": "U-GLU", "urine_ketones": "U-KET", "urine_blood": "U-BLD"}


@pytest.mark.parametrize("item", URINE)
def test_every_grade_the_laboratory_gives_of_urine_is_a_grade_of_the_check_up(item):
    analyte = catalogue.analyte(rules.analyte_of(item))
    assert rules.analyte_of(item) == URINE[item]
    for said in analyte.options:
        result = ResultSummary(analyte.code, analyte.title, said, None, "", "", NOW)
        assert rules.judge(item, rules.from_laboratory(item, result).text, "1") is not None
    with pytest.raises(ValueError, match="不能换算"):
        rules.from_laboratory(item, ResultSummary(analyte.code, analyte.title, "混浊", None, "", "", NOW))


def test_urine_of_the_laboratory_stands_in_the_check_up(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    order = ordered(county, checkup)
    found = {**FOUND, "U-PRO": "1+", "U-GLU": "-", "U-KET": "±", "U-BLD": "4+"}
    laboratory.enter_results(request=order, measured=measured(found), by=li(county), at=later(90))
    order.refresh_from_db()
    laboratory.release_results(request=order, partial=True, by=luo(county), at=later(95))

    came("result.released", jobs.results)

    taken = dict(CheckupValue.objects.filter(checkup=checkup, source="laboratory").values_list("item", "text"))
    assert {code: taken.get(code) for code in URINE} == {
        "urine_protein": "1+", "urine_glucose": "negative", "urine_ketones": "trace", "urine_blood": "3+",
    }  # fmt: skip


def test_what_was_typed_at_the_station_stands(county, checkup):
    visit = station(checkup, "glucose_fasting")
    actions.save_station(visit=visit, values={code: VALUES[code] for code in visit.items}, by=county.tang, at=later(1))
    assert actions.fill_from_laboratory(resident=checkup.resident, by=county.tang, at=later(2)) == 0


def test_the_ecg_station_reads_the_centre_instead_of_a_choice(county, checkup):
    visit = station(checkup, "ecg_result")
    read = a_request(county, status="FINAL", report=INFARCTION, resident=checkup.resident, at=later(3))
    browser = sign_in(Client(), county.users["tang"])

    with pytest.raises(Conflict) as refused:
        actions.save_station(visit=visit, values={"ecg_result": "normal"}, by=county.tang, at=later(20))
    sent = [RowIn(checkup.number, "ecg_result", "normal")]
    (row,) = actions.take_rows(rows=sent, by=county.tang, at=later(20))
    assert (row.outcome, str(row.message)) == ("refused", str(refused.value))
    page = browser.get(reverse("checkups:station", args=[visit.uuid])).content.decode()
    came("report.signed", jobs.ecg)

    assert refused.value.code == "centre-reads"
    assert read.number in page
    assert 'name="ecg_result"' not in page
    value = CheckupValue.objects.get(checkup=checkup, item="ecg_result")
    assert (value.text, value.source) == ("urgent", "ecg-centre")
    assert station(fresh(checkup), "ecg_result").status == "DONE"


def test_an_amended_ecg_changes_it_until_the_report(county, checkup):
    a_request(county, status="AMENDED", resident=checkup.resident, at=later(3))
    CheckupValue.objects.filter(checkup=checkup, item="ecg_result").delete()

    came("report.amended", jobs.ecg)
    came("report.amended", jobs.ecg)

    assert CheckupValue.objects.get(checkup=checkup, item="ecg_result").text == "normal"
    assert OutboxEvent.objects.filter(event="checkup.results-taken").count() == 1


def test_what_was_typed_of_an_ecg_goes_when_the_centre_finds_it_normal(county, checkup):
    typed = {"ecg_result": "abnormal", "ecg_findings": "st_t"}
    actions.save_station(visit=station(checkup, "ecg_result"), values=typed, by=county.tang, at=later(1))
    a_request(county, status="FINAL", resident=checkup.resident, at=later(3))

    came("report.signed", jobs.ecg)

    assert queries.values_of(checkup) == {"ecg_result": "normal"}


@pytest.mark.parametrize("status", ["CANCELLED", "REJECTED"])
def test_an_ecg_that_was_not_read_leaves_the_choice(county, checkup, status):
    a_request(county, status=status, resident=checkup.resident, at=later(3))
    visit = station(checkup, "ecg_result")

    assert actions.save_station(visit=visit, values={"ecg_result": "normal"}, by=county.tang, at=later(20))


def test_an_ecg_of_another_day_is_not_his_check_up(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    a_request(county, status="FINAL", resident=checkup.resident, at=NOW - timedelta(days=2))

    assert actions.fill_ecg(resident=checkup.resident, by=county.tang, at=clock.now()) is False
    assert queries.ecg_request_of(checkup) is None
