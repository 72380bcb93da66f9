"""The REST interface: asking with files and with their uuids, reading, critical values, refusals."""

import io
import json
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import a_token, sign_in
from tests.factories.county import County
from tests.factories.diagnostics import CT_PATH, INFARCTION, NORMAL, a_critical, a_request, an_ecg_centre, an_ecg_file
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics.models import Request, Upload
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, StoredFile

API = "/api/v1"


def session(county: County, who: str) -> Client:
    getattr(county, who)
    return sign_in(Client(), county.users[who])


def post(client: Client, path: str, said: dict[str, Any] | None = None, **headers: str):
    return client.post(f"{API}{path}", json.dumps(said or {}), content_type="application/json", headers=headers)


def named(file: io.BytesIO) -> io.BytesIO:
    file.name = "ecg.dcm"
    return file


@pytest.fixture
def alma(county: County) -> Client:
    return session(county, "alma")


@pytest.fixture
def bo(county: County) -> Client:
    return session(county, "bo")


def test_a_request_as_multipart(county: County, alma: Client):
    an_ecg_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.alma, at=clock.now())

    answer = alma.post(
        f"{API}/ecg-requests",
        {
            "visit": str(visit.uuid), "question": "胸闷", "priority": "EMERGENCY", "identity_confirmed": "true",
            "recordings": [named(an_ecg_file())],
        },
    )  # fmt: skip

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["status"], body["priority"], body["visit"]) == ("REQUESTED", "EMERGENCY", str(visit.uuid))
    assert "other-birth-date" in body["recordings"][0]["warnings"]


def test_a_request_as_json_with_an_uploaded_file(county: County, alma: Client):
    an_ecg_centre(county)
    resident = a_resident(county)

    uploaded = alma.post(f"{API}/ecg-files", {"file": named(an_ecg_file())})
    answer = post(
        alma, "/ecg-requests",
        {"resident": str(resident.uuid), "question": "胸闷", "identity_confirmed": True,
         "recordings": [uploaded.json()["uuid"]]},
    )  # fmt: skip

    assert uploaded.status_code == 201
    assert answer.status_code == 201, answer.content
    assert answer.json()["from_facility"] == county.clinic.name


def test_the_same_key_places_one_request(county: County, alma: Client):
    an_ecg_centre(county)
    resident = a_resident(county)
    said = {"resident": str(resident.uuid), "question": "胸闷", "identity_confirmed": "true"}

    answers = [
        alma.post(
            f"{API}/ecg-requests", {**said, "recordings": [named(an_ecg_file())]}, headers={"Idempotency-Key": "k7"}
        )
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert Request.objects.count() == 1


def test_the_same_key_for_another_file_is_refused(county: County, alma: Client):
    an_ecg_centre(county)
    said = {"resident": str(a_resident(county).uuid), "question": "胸闷", "identity_confirmed": "true"}
    files = [an_ecg_file(), an_ecg_file(InstanceNumber="9")]

    codes = [
        alma.post(
            f"{API}/ecg-requests", {**said, "recordings": [named(file)]}, headers={"Idempotency-Key": "k7"}
        ).status_code
        for file in files
    ]

    assert codes == [201, 422]


def test_the_upload_of_somebody_else_cannot_be_named(county: County, alma: Client):
    an_ecg_centre(county)
    resident = a_resident(county)
    uploaded = session(county, "sib").post(f"{API}/ecg-files", {"file": named(an_ecg_file())}).json()["uuid"]

    answer = post(alma, "/ecg-requests", {"resident": str(resident.uuid), "question": "胸闷", "recordings": [uploaded]})

    assert answer.status_code == 404
    assert not Request.objects.exists()


def test_an_upload_that_is_no_ecg_is_refused_and_not_kept(county: County, alma: Client):
    answer = alma.post(f"{API}/ecg-files", {"file": named(io.BytesIO(CT_PATH.read_bytes()))})

    assert (answer.status_code, answer.json()["code"]) == (422, "ecg-not-an-ecg")
    assert not StoredFile.objects.exists()
    assert not Upload.objects.exists()


def test_a_reading_doctor_uploads_nothing(county: County, bo: Client):
    assert bo.post(f"{API}/ecg-files", {"file": named(an_ecg_file())}).status_code == 403


@pytest.mark.parametrize("path", ["/ecg-requests", "/ecg-files"])
def test_two_gigabytes_are_refused_by_their_declared_length(county: County, alma: Client, path: str):
    class Endless(io.RawIOBase):
        def read(self, *args):
            raise AssertionError("the body was read")

    answer = alma.post(
        f"{API}{path}", data=b"", content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": Endless()},
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (413, "ecg-too-large")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"question": "胸闷", "surprise": 1}, "surprise"),
        ({}, "question"),
        ({"question": "胸闷", "priority": "SOON"}, "priority"),
        ({"question": "a\x00b"}, "question"),
        ({"question": "胸闷", "visit": "not-a-uuid"}, "visit"),
    ],
)
def test_wrong_input_says_where(county: County, alma: Client, said: dict, field: str):
    answer = post(alma, "/ecg-requests", said)

    assert answer.status_code == 422
    assert field in answer.json()["fields"]


@pytest.mark.parametrize(
    ("content_type", "body"), [("application/json", "{"), ("text/plain", "x"), ("application/json", "[]")]
)
def test_a_body_of_another_kind_is_refused(county: County, alma: Client, content_type: str, body: str):
    assert alma.post(f"{API}/ecg-requests", body, content_type=content_type).status_code == 422


def test_the_work_list_and_what_was_sent(county: County, alma: Client, bo: Client):
    request = a_request(county)

    assert [each["uuid"] for each in bo.get(f"{API}/ecg-requests").json()["items"]] == [str(request.uuid)]
    assert [each["uuid"] for each in alma.get(f"{API}/ecg-requests?show=sent").json()["items"]] == [str(request.uuid)]
    assert alma.get(f"{API}/ecg-requests").json()["items"] == []
    assert session(county, "cai").get(f"{API}/ecg-requests?show=sent").json()["items"] == []


def test_a_bad_cursor_is_422(county: County, alma: Client):
    assert alma.get(f"{API}/ecg-requests?show=sent&cursor=zzz").status_code == 422


def test_from_claim_to_amendment(county: County, bo: Client):
    path = f"/ecg-requests/{a_request(county).uuid}"

    steps = [
        post(bo, f"{path}/claim"),
        post(bo, f"{path}/release", {"reason": "会诊"}),
        post(bo, f"{path}/claim"),
        post(bo, f"{path}/preliminary", NORMAL),
        post(bo, f"{path}/final", NORMAL),
        post(bo, f"{path}/amend", {**INFARCTION, "reason": "复核更正"}),
    ]

    assert [step.json().get("status") for step in steps] == [
        "CLAIMED", "REQUESTED", "CLAIMED", "PRELIMINARY", "FINAL", "AMENDED",
    ]  # fmt: skip
    assert [report["version"] for report in steps[-1].json()["reports"]] == [1, 2, 3]


def test_reject_and_cancel(county: County, alma: Client, bo: Client):
    claimed, waiting = a_request(county, status="CLAIMED"), a_request(county)

    rejected = post(bo, f"/ecg-requests/{claimed.uuid}/reject", {"reason": "LEAD_OFF", "remark": "V2脱落"})
    cancelled = post(alma, f"/ecg-requests/{waiting.uuid}/cancel")

    assert rejected.json()["rejection"] == {"reason": "LEAD_OFF", "remark": "V2脱落"}
    assert cancelled.json()["status"] == "CANCELLED"


def test_the_second_claim_is_409(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")
    other = sign_in(Client(), county.user("ge", "reading-doctor", county.hospital))

    assert post(other, f"/ecg-requests/{request.uuid}/claim").json()["code"] == "already-claimed"


@pytest.mark.parametrize(
    "step",
    ["", "/trace.json", "/report.pdf"],
)
def test_reading_out_of_scope_is_404(county: County, step: str):
    request = a_request(county, status="FINAL")

    assert session(county, "cai").get(f"{API}/ecg-requests/{request.uuid}{step}").status_code == 404


@pytest.mark.parametrize("step", ["claim", "release", "take-over", "cancel", "reject", "preliminary", "final", "amend"])
def test_writing_out_of_scope_is_404(county: County, step: str):
    request = a_request(county)
    said = {
        "reject": {"reason": "OTHER"},
        "preliminary": NORMAL,
        "final": NORMAL,
        "amend": {**NORMAL, "reason": "更正"},
    }

    assert post(session(county, "cai"), f"/ecg-requests/{request.uuid}/{step}", said.get(step)).status_code == 404


def test_trace_and_report_are_looks_at_the_person(county: County, bo: Client):
    request = a_request(county, status="FINAL")

    trace = bo.get(f"{API}/ecg-requests/{request.uuid}/trace.json")
    report = bo.get(f"{API}/ecg-requests/{request.uuid}/report.pdf")

    assert trace.json()["n_samples"] == 10_000
    assert report.content.startswith(b"%PDF")
    looks = AuditRecord.objects.filter(subject_uuid=request.resident.uuid, actor_id=county.bo.user_id)
    assert looks.filter(event__in=["request.trace-viewed", "report.printed"]).count() == 2


def test_critical_values_are_answered(county: County, alma: Client, bo: Client):
    critical = a_critical(county, at=clock.now())
    path = f"/critical-values/{critical.uuid}"

    assert [each["code"] for each in alma.get(f"{API}/critical-values?show=open").json()["items"]] == [critical.code]
    steps = [
        post(alma, f"{path}/acknowledge", {"read_back": "王小麦，急性心梗"}),
        post(alma, f"{path}/handle", {"handling": "已转诊"}),
        post(bo, f"{path}/close"),
    ]

    assert [step.json()["status"] for step in steps] == ["CONFIRMED", "HANDLED", "CLOSED"]
    assert steps[0].json()["in_time"] is True
    assert post(session(county, "cai"), f"{path}/handle", {"handling": "已转诊"}).status_code == 404


def test_a_token_reaches_only_its_scopes(county: County):
    request = a_request(county)
    token = a_token(county.users["alma"], "request:view", at=clock.now())
    header = {"Authorization": f"Bearer {token.secret}"}

    assert Client().get(f"{API}/ecg-requests/{request.uuid}", headers=header).status_code == 200
    assert post(Client(), f"/ecg-requests/{request.uuid}/cancel", {}, **header).status_code == 403


def test_nobody_is_told_to_sign_in(db):
    assert Client().get(f"{API}/ecg-requests").status_code == 401
