"""The REST interface of visits."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.residents import a_resident
from tests.factories.visits import a_term, a_visit
from xinglin.platform import clock
from xinglin.visits.loading import load_starter_terms
from xinglin.visits.models import Visit
from xinglin.visits.states import Status


@pytest.fixture
def alma(county: County, client: Client) -> Client:
    """Alma's session."""
    return sign_in(client, county.users[county.alma and "alma"])


def body(resident: Any, **fields: Any) -> dict[str, Any]:
    """A blood-pressure visit."""
    return {
        "resident": str(resident.uuid), "systolic": 186, "diastolic": 112, "temperature": 36.6, "complaint": "胸闷1天",
        "diagnoses": [{"code": "I10.x00"}],
        "prescriptions": [{"medicine": "苯磺酸氨氯地平片", "dose": "5mg", "frequency": "每日1次", "days": 28}],
        **fields,
    }  # fmt: skip


def post(client: Client, path: str, content: Any, key: str = "") -> Any:
    """Send JSON, with a key if there is one."""
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1{path}", json.dumps(content), content_type="application/json", headers=headers)


def test_recording_a_visit_answers_with_it(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    answer = post(alma, "/visits", body(resident))

    said = answer.json()
    assert answer.status_code == 201
    assert (said["status"], said["systolic"], said["temperature"], said["resident"]) == (
        "SIGNED",
        186,
        36.6,
        str(resident.uuid),
    )
    assert (said["facility"], said["facility_name"]) == (str(county.clinic.uuid), "东沟村卫生室")
    assert said["diagnoses"] == [{"system": "ICD-10", "code": "I10.x00", "name": "高血压", "is_primary": True}]
    assert alma.get(f"/api/v1/visits/{said['uuid']}").json() == said


def test_the_same_key_makes_one_visit(county: County, alma: Client) -> None:
    resident, _ = a_resident(county), a_term()

    first = post(alma, "/visits", body(resident), key="a")
    second = post(alma, "/visits", body(resident), key="a")
    other = post(alma, "/visits", body(resident, complaint="头晕"), key="a")

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"systolic": 1200}, "vitals-impossible", "systolic"),
        ({"systolic": 240}, "vitals-unusual", "confirmed_unusual"),
        ({"diagnoses": [{"code": "Z99.999"}]}, "unknown-diagnosis", "diagnoses.0.code"),
        ({"started_at": "2999-01-01T08:00:00+08:00"}, "invalid-input", "started_at"),
        ({"colour": "red"}, "invalid-input", "payload.colour"),
        ({"complaint": "a\x00b"}, "invalid-input", "payload.complaint"),
        ({"systolic": 120.5}, "invalid-input", "payload.systolic"),
        ({"temperature": "hot"}, "invalid-input", "payload.temperature"),
    ],
)
def test_bad_input_names_its_field(county: County, alma: Client, fields: dict[str, Any], code: str, field: str) -> None:
    resident, _ = a_resident(county), a_term()

    answer = post(alma, "/visits", body(resident, **fields))

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert field in answer.json()["fields"]
    assert not Visit.objects.exists()


def test_another_clinics_resident_and_visit_are_not_found(county: County, client: Client) -> None:
    resident, _ = a_resident(county), a_term()
    visit = a_visit(resident=resident, by=county.alma)
    cai = sign_in(client, county.users[county.cai and "cai"])

    assert post(cai, "/visits", body(resident)).status_code == 404
    assert cai.get(f"/api/v1/visits/{visit.uuid}").status_code == 404
    assert cai.get(f"/api/v1/visits/{visit.uuid}/summary.pdf").status_code == 404
    assert post(cai, f"/visits/{visit.uuid}/void", {"reason": "x"}).status_code == 404
    assert cai.get(f"/api/v1/visits?facility={county.clinic.uuid}").json()["rows"] == []


def test_nobody_is_answered_with_401(county: County, client: Client) -> None:
    assert post(client, "/visits", body(a_resident(county))).status_code == 401
    assert client.get("/api/v1/diagnosis-terms?q=gxy").status_code == 401


def test_sign_void_and_correct(county: County, alma: Client) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma, at=clock.now(), status=Status.OPEN)

    signed = post(alma, f"/visits/{visit.uuid}/sign", {})
    again = post(alma, f"/visits/{visit.uuid}/sign", {})
    right = body(visit.resident, reason="血压录错", systolic=136, diastolic=84)
    del right["resident"]
    corrected = post(alma, f"/visits/{visit.uuid}/correct", right)
    voided = post(alma, f"/visits/{corrected.json()['uuid']}/void", {"reason": "录错人"})

    assert (signed.json()["status"], again.status_code) == ("SIGNED", 409)
    assert (corrected.status_code, corrected.json()["replaces"]) == (201, str(visit.uuid))
    assert voided.json()["status"] == "VOIDED"


def test_the_list_is_paged_by_cursor(county: County, alma: Client) -> None:
    resident = a_resident(county)
    for _ in range(21):
        a_visit(resident=resident, by=county.alma)

    first = alma.get(f"/api/v1/visits?facility={county.clinic.uuid}").json()
    second = alma.get(f"/api/v1/visits?facility={county.clinic.uuid}&cursor={first['next_cursor']}").json()

    assert (len(first["rows"]), len(second["rows"]), second["next_cursor"]) == (20, 1, "")
    assert first["rows"][0]["diagnoses"] == ["高血压"]
    assert alma.get("/api/v1/visits?cursor=nonsense").status_code == 422


def test_terms_by_name_initials_and_code(county: County, alma: Client) -> None:
    load_starter_terms()

    for q in ("高血", "gxy", "I10"):
        assert alma.get("/api/v1/diagnosis-terms", {"q": q}).json()[0]["code"] == "I10.x00"
    assert {each["system"] for each in alma.get("/api/v1/diagnosis-terms?q=xuany&system=TCM").json()} <= {"TCM"}


def test_the_summary_is_a_pdf(county: County, alma: Client) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)

    answer = alma.get(f"/api/v1/visits/{visit.uuid}/summary.pdf")

    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
