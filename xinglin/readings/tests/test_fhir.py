"""Observations of FHIR: taken as the device's own interface takes them, refused with the place, read back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.factories.accounts import a_token
from tests.factories.readings import a_device, an_observation, post
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.readings.models import Reading

PATH = "/api/v1/fhir/Observation"
#: By Synthea (https://synthea.mitre.org), nobody's.
SYNTHEA = json.loads((Path(__file__).parent / "synthea-blood-pressure.json").read_text())


def sent(made, body, *, step=0):
    return post(made.device, made.key, body, milliseconds=int(clock.now().timestamp() * 1000) + step, path=PATH)


def subject(resident):
    return {"identifier": {"system": "urn:xinglin:record-number", "value": resident.number}}


def test_an_observation_is_kept_once(county):
    made, man = a_device(county), a_resident(county)
    one = an_observation(subject=subject(man), device={"identifier": {"value": made.device.serial_number}})
    first, again = sent(made, one), sent(made, one, step=1)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    reading = Reading.objects.get()
    assert first["Location"].endswith(f"/api/v1/fhir/Observation/{reading.uuid}")
    assert {each.item: int(each.value) for each in reading.values.all()} == {"systolic": 124, "diastolic": 76}
    assert reading.transport == "FHIR"


def test_mdc_codes_and_a_single_value_are_read(county):
    made, man = a_device(county, kind="scale"), a_resident(county)
    code = {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "188736"}]}
    one = an_observation(
        subject=subject(man), code=code, component=None, valueQuantity={"value": 154.3, "code": "[lb_av]"}
    )
    assert sent(made, one).status_code == 201
    assert str(Reading.objects.get().values.get().value) == "70.00"


def test_a_bundle_is_answered_entry_by_entry(county):
    made, man = a_device(county), a_resident(county)
    entries = [
        an_observation("1", subject=subject(man)), an_observation("2", status="preliminary"), an_observation("3"),
        {"resourceType": "Patient"}, None,
    ]  # fmt: skip
    entries[2]["component"][0]["valueQuantity"]["value"] = 128
    answer = sent(made, {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": each} for each in entries]})
    assert answer.status_code == 200
    said = [each["response"] for each in answer.json()["entry"]]
    assert [each["status"] for each in said] == ["201", "422", "202", "422", "422"]
    assert said[1]["outcome"]["issue"][0]["expression"] == ["Observation.status"]


def test_a_real_file_is_refused_for_its_subject_then_for_its_age_and_taken_when_both_are_mended(county):
    made, man = a_device(county), a_resident(county)
    first = sent(made, SYNTHEA)
    assert first.json()["issue"][0]["expression"] == ["Observation.subject.identifier"]
    mended = {**SYNTHEA, "subject": subject(man)}
    assert sent(made, mended, step=1).json()["issue"][0]["expression"] == ["Observation.effectiveDateTime"]
    assert sent(made, {**mended, "effectiveDateTime": clock.now().isoformat()}, step=2).status_code == 201
    assert {int(each.value) for each in Reading.objects.get().values.all()} == {117, 77}


def _with_value(value):
    one = an_observation()
    one["component"][0]["valueQuantity"]["value"] = value
    return one


def _with(name, value):
    one = an_observation()
    one["component"][1]["valueQuantity"][name] = value
    return one


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], "resourceType"), ({}, "resourceType"), (an_observation(status="final?"), "Observation.status"),
        (an_observation(identifier=[{}]), "Observation.identifier[0].value"),
        (an_observation(identifier=None), "Observation.identifier"),
        (an_observation(subject="P1"), "Observation.subject.identifier"),
        (an_observation(subject={"identifier": {"system": "x", "value": "1"}}), "Observation.subject.identifier.system"),
        (an_observation(effectiveDateTime=None), "Observation.effectiveDateTime"),
        (an_observation(effectiveDateTime="2026-11-20"), "Observation.effectiveDateTime"),
        (an_observation(component=[]), "Observation.component"), (an_observation(component=[1]), "Observation.component[0]"),
        (an_observation(device={"identifier": {"value": "another"}}), "Observation.device.identifier.value"),
        (an_observation(component=None), "Observation.valueQuantity"),
        (_with_value(1200), "Observation.component[0].valueQuantity.value"),
        (_with_value("124"), "Observation.component[0].valueQuantity.value"),
        (_with_value(True), "Observation.component[0].valueQuantity.value"),
        (_with("comparator", "<"), "Observation.component[1].valueQuantity.comparator"),
        (_with("system", "http://x"), "Observation.component[1].valueQuantity.system"),
        (_with("code", "[psi]"), "Observation.component[1].valueQuantity.code"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(county, body, place):
    answer = sent(a_device(county), body)
    assert answer.status_code == 422, answer.content
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["expression"] == [place]
    assert not Reading.objects.exists()


def test_what_is_no_json_and_an_empty_bundle_are_refused(county):
    made = a_device(county)
    assert sent(made, float("nan")).status_code == 400
    assert sent(made, {"resourceType": "Bundle", "entry": {}}, step=1).status_code == 422


def test_what_stands_in_the_record_is_read_back(county):
    made, man = a_device(county), a_resident(county)
    sent(made, an_observation(subject=subject(man)))
    county.alma  # noqa: B018 - makes the account
    secret = a_token(county.users["alma"], "resident:view", at=clock.now()).secret
    answer = Client().get(f"{PATH}?subject={man.uuid}", headers={"Authorization": f"Bearer {secret}"})
    bundle = answer.json()
    assert (bundle["type"], len(bundle["entry"])) == ("searchset", 1)
    found = bundle["entry"][0]["resource"]
    assert found["device"]["identifier"]["value"] == made.device.serial_number
    assert {each["valueQuantity"]["value"] for each in found["component"]} == {124.0, 76.0}
    assert {each["system"] for each in found["component"][0]["code"]["coding"]} == {
        "http://loinc.org",
        "urn:iso:std:iso:11073:10101",
    }


def test_readings_are_searched_in_pages_and_read_by_whoever_sees_the_resident_only(county):
    made, man = a_device(county), a_resident(county)
    for n in range(3):
        one = an_observation(
            str(n), subject=subject(man), effectiveDateTime=(clock.now() - timedelta(minutes=n)).isoformat()
        )
        assert sent(made, one, step=n).status_code == 201
    assert county.alma
    assert county.cai
    asks = {
        name: {"Authorization": f"Bearer {a_token(county.users[name], 'resident:view', at=clock.now()).secret}"}
        for name in ("alma", "cai")
    }
    ids, url = [], f"{PATH}?_count=2&date=ge2020-01-01"
    while url:
        page = Client().get(url, headers=asks["alma"]).json()
        ids += [each["resource"]["id"] for each in page["entry"]]
        url = next((each["url"] for each in page["link"] if each["relation"] == "next"), "")

    rows = Reading.objects.order_by("-measured_at")
    assert ids == [str(each.uuid) for each in rows]
    assert Client().get(f"{PATH}/{ids[0]}", headers=asks["alma"]).json()["id"] == ids[0]
    assert Client().get(f"{PATH}/{ids[0]}", headers=asks["cai"]).status_code == 404
    assert Client().get(PATH, headers=asks["cai"]).json()["entry"] == []
    looks = AuditRecord.objects.filter(event="reading.viewed").order_by("id")
    assert [bool(each.detail.get("subjects")) for each in looks] == [True, True, False, False]


def mdc(code, value, unit, **more):
    coding = {"system": "urn:iso:std:iso:11073:10101", "code": code}
    return {"code": {"coding": [coding]}, **({"valueQuantity": {"value": value, "code": unit}} if unit else {}), **more}


def test_a_pressure_as_meters_really_send_it_is_kept_without_its_mean_and_what_was_not_got(county):
    made, man = a_device(county), a_resident(county)
    parts = [
        mdc("150021", 126, "mm[Hg]"), mdc("150022", 78, "mm[Hg]"), mdc("150023", 94, "mm[Hg]"),
        mdc("149546", 0, "", dataAbsentReason={"text": "not-a-number"}),
    ]  # fmt: skip
    assert sent(made, an_observation(subject=subject(man), component=parts)).status_code == 201
    assert {each.item for each in Reading.objects.get().values.all()} == {"systolic", "diastolic"}


@pytest.mark.parametrize(
    ("code", "value", "unit"), [("160188", 6.3, "mmol/L"), ("2339-0", 113.5, "mg/dL"), ("41653-7", 113.5, "mg/dL")]
)
def test_glucose_is_known_by_the_codes_that_meters_use(county, code, value, unit):
    made, man = a_device(county, kind="glucometer"), a_resident(county)
    system = "http://loinc.org" if "-" in code else "urn:iso:std:iso:11073:10101"
    both = {"coding": [{"system": "http://loinc.org", "code": "55399-0"}, {"system": system, "code": code}]}
    body = an_observation(subject=subject(man), component=None, code=both, valueQuantity={"value": value, "code": unit})
    assert sent(made, body).status_code == 201
    assert [(each.item, str(each.value)) for each in Reading.objects.get().values.all()] == [("glucose_random", "6.30")]


def test_a_control_solution_is_nobodys_glucose(county):
    made = a_device(county, kind="glucometer")
    body = {**an_observation(component=None), **mdc("160208", 6.3, "mmol/L")}
    answer = sent(made, body)
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == ["Observation.code"]


def test_oxygen_and_pulse_read_back_are_no_pressure_panel(county):
    from xinglin.readings import fhir

    made, man = a_device(county, kind="oximeter"), a_resident(county)
    parts = [mdc("150456", 97, "%"), mdc("149530", 71, "/min")]
    assert sent(made, an_observation(subject=subject(man), component=parts)).status_code == 201
    back = fhir.observation(Reading.objects.get(), man)
    assert back["code"]["coding"][0]["code"] == "85353-1"
