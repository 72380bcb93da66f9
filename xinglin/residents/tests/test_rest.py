"""The REST interface of residents."""

import base64
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import a_token
from tests.factories.county import County
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.residents.models import Resident
from xinglin.residents.tests.test_consents import a_signature

BORN = date(1963, 4, 15)
NUMBER = an_id_number(BORN, sequence=41)
API = "/api/v1"


class Caller:
    """A program that acts for an account."""

    def __init__(self, county: County, who: str, *scopes: str) -> None:
        actor = getattr(county, who)
        permitted = scopes or tuple(sorted(actor.permissions))
        secret = a_token(county.users[who], *permitted, at=clock.now()).secret
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client()

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(API + path, query, headers=self.headers)

    def post(self, path: str, body: dict[str, Any], key: str = "") -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(API + path, body, content_type="application/json", headers=headers)


def _new(**changes: Any) -> dict[str, Any]:
    return {
        "name": "王小麦",
        "sex": "1",
        "born_on": "1963-04-15",
        "id_number": NUMBER,
        "phone": "13900000001",
    } | changes


@pytest.fixture
def alma(county: County) -> Caller:
    return Caller(county, "alma")


def test_without_a_token_nothing_is_answered(county: County) -> None:
    resident = a_resident(county)

    for path in ("/residents?q=x", f"/residents/{resident.uuid}", f"/residents/{resident.uuid}/timeline", "/me/record"):
        assert Client().get(API + path).status_code == 401


def test_register_read_and_find(county: County, alma: Caller) -> None:
    made = alma.post("/residents", _new(managed_by=str(county.clinic.uuid)))
    body = made.json()

    assert made.status_code == 201
    assert body["id_number_masked"].startswith("370403")
    assert body["phone_masked"].startswith("139")
    assert NUMBER not in made.content.decode()
    assert "13900000001" not in made.content.decode()
    assert body["managed_by"] == {"uuid": str(county.clinic.uuid), "name": "东沟村卫生室"}
    assert alma.get(f"/residents/{body['uuid']}").json() == body
    assert alma.get("/residents", q="wxm").json() == {"items": [body], "next_cursor": ""}
    assert alma.get("/residents", q=NUMBER, by="id").json()["items"] == [body]


def test_a_repeated_registration_with_one_key_answers_the_same(county: County, alma: Caller) -> None:
    first, second = (alma.post("/residents", _new(), key="a-key") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert alma.post("/residents", _new(name="李大米"), key="a-key").status_code == 422
    assert Resident.objects.count() == 1


def test_duplicates_are_refused_with_their_reasons(county: County, alma: Caller) -> None:
    a_resident(county, id_number=NUMBER)
    likely = a_resident(county, name="王晓麦", id_kind="NONE", phone="13900000002")

    exact = alma.post("/residents", _new())
    probable = alma.post("/residents", _new(id_kind="NONE", id_number="", phone="13900000002"))

    assert (exact.status_code, exact.json()["code"]) == (409, "already-registered")
    assert (probable.status_code, probable.json()["code"]) == (409, "probable-matches")
    assert "电话相同" in probable.json()["fields"][str(likely.uuid)]
    named = list(probable.json()["fields"])
    assert (
        alma.post(
            "/residents", _new(id_kind="NONE", id_number="", phone="13900000002", acknowledged_matches=named)
        ).status_code
        == 201
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "王\x00"},
        {"name": "x" * 61},
        {"name": "<b>"},
        {"sex": "M"},
        {"born_on": "1963-13-01"},
        {"unknown": 1},
        {"id_number": "37040319630415007"},
        {"division_code": "x"},
        {"conditions": ["x"]},
        {"conditions": "hypertension"},
        {"managed_by": "00000000-0000-0000-0000-000000000000"},
        {"born_on": None},
        {"phone": "1"},
        {"acknowledged_matches": ["x"]},
    ],
)
def test_wrong_input_is_refused_and_nothing_saved(county: County, alma: Caller, changes: dict[str, Any]) -> None:
    response = alma.post("/residents", _new(**changes))

    assert response.status_code in {404, 422}
    assert not Resident.objects.exists()


def test_a_neighbour_gets_404_everywhere(county: County) -> None:
    resident = a_resident(county)
    neighbour = Caller(county, "sib")
    base = f"/residents/{resident.uuid}"

    for path in (base, f"{base}/timeline", f"{base}/lookups"):
        assert neighbour.get(path).status_code == 404
    assert neighbour.post(f"{base}/edit", {"address": "x"}).status_code == 404
    consent = {"kind": "referral", "agreed": True, "signer_name": "王小麦"}
    assert neighbour.post(f"{base}/consents", consent).status_code == 404
    assert AuditRecord.objects.filter(event="refused.not-found", object_key=str(resident.uuid)).count() == 5
    assert neighbour.get("/residents/not-a-uuid").status_code == 404


def test_a_token_is_held_to_its_scopes(county: County) -> None:
    resident = a_resident(county)
    reader = Caller(county, "alma", "resident:view")

    assert reader.get(f"/residents/{resident.uuid}").status_code == 200
    assert reader.get("/residents", q="王").status_code == 403
    assert reader.post(f"/residents/{resident.uuid}/edit", {"address": "x"}).status_code == 403


def test_edit_changes_what_is_named(county: County, alma: Caller) -> None:
    resident = a_resident(county, phone="13900000001")

    response = alma.post(f"/residents/{resident.uuid}/edit", {"allergies": "青霉素、头孢"})

    assert response.json()["allergies"] == ["青霉素", "头孢"]
    resident.refresh_from_db()
    assert (resident.name, resident.phone) == ("王小麦", "13900000001")
    assert alma.post(f"/residents/{resident.uuid}/edit", {"status": "MERGED"}).status_code == 422


def test_merge_and_undo(county: County) -> None:
    kept, other = a_resident(county), a_resident(county, id_kind="NONE", phone="13900000003")
    tang = Caller(county, "tang")

    merged = tang.post(f"/residents/{kept.uuid}/merge", {"merged": str(other.uuid), "reason": "同一人重复建档"})
    assert merged.status_code == 201
    assert tang.get(f"/residents/{other.uuid}").json()["uuid"] == str(kept.uuid)
    undone = tang.post(f"/merges/{merged.json()['uuid']}/undo", {"reason": "核实为两人"})
    assert (undone.status_code, undone.json()["uuid"]) == (200, str(other.uuid))
    assert tang.post(f"/merges/{merged.json()['uuid']}/undo", {"reason": "核实为两人"}).status_code == 409
    assert (
        Caller(county, "cai").post(f"/merges/{merged.json()['uuid']}/undo", {"reason": "核实为两人"}).status_code == 404
    )


def test_arrival_consent_timeline_and_lookups(county: County, alma: Caller) -> None:
    resident = a_resident(county, id_number=NUMBER)
    sun = Caller(county, "sun")

    assert sun.get(f"/residents/{resident.uuid}").status_code == 404
    assert sun.post("/residents/arrivals", {"name": "王大麦", "id_number": NUMBER}).status_code == 404
    assert sun.post("/residents/arrivals", {"name": "王小麦", "id_number": NUMBER}).json()["uuid"] == str(resident.uuid)
    assert sun.get(f"/residents/{resident.uuid}").status_code == 200
    png = base64.b64encode(a_signature()).decode()
    consent = {"kind": "remote-reading", "agreed": True, "signer_name": "王小麦", "signature_png": png}
    made = alma.post(f"/residents/{resident.uuid}/consents", consent)
    assert (made.status_code, made.json()["is_signed"]) == (201, True)
    assert alma.post(f"/residents/{resident.uuid}/consents", consent | {"signature_png": "%%"}).status_code == 422

    timeline = alma.get(f"/residents/{resident.uuid}/timeline").json()
    lookups = alma.get(f"/residents/{resident.uuid}/lookups").json()

    assert {item["kind"] for item in timeline["items"]} >= {"registration", "consent"}
    assert [item["at"] for item in timeline["items"]] == sorted(
        (item["at"] for item in timeline["items"]), reverse=True
    )
    assert {"阿尔玛", "孙"} <= {item["who"] for item in lookups["items"]}
    assert alma.get(f"/residents/{resident.uuid}/timeline", before="gestern").status_code == 422
    assert alma.get(f"/residents/{resident.uuid}/lookups", cursor="gestern").status_code == 422


def test_the_timeline_is_paged_without_loss(county: County, alma: Caller) -> None:
    resident = a_resident(county, at=clock.now() - timedelta(days=2))
    consent = {"kind": "referral", "agreed": True, "signer_name": "王小麦"}
    for _ in range(35):
        assert alma.post(f"/residents/{resident.uuid}/consents", consent).status_code == 201

    first = alma.get(f"/residents/{resident.uuid}/timeline").json()
    second = alma.get(f"/residents/{resident.uuid}/timeline", before=first["next_before"]).json()

    assert len(first["items"]) + len(second["items"]) == 36
    assert second["next_before"] == ""


def test_own_record_and_lookups(county: County) -> None:
    resident = a_resident(county)
    user = county.user("own", "resident", None, name="王小麦", everywhere=True)
    user.resident_uuid = resident.uuid
    user.save()
    secret = a_token(user, "own:record", at=clock.now()).secret
    headers = {"Authorization": f"Bearer {secret}"}

    record = Client().get(f"{API}/me/record", headers=headers)
    lookups = Client().get(f"{API}/me/lookups", headers=headers)

    assert record.json()["resident"]["uuid"] == str(resident.uuid)
    assert [item["what"] for item in lookups.json()["items"]][-1] == "建立了健康档案"
    assert Client().get(f"{API}/residents/{resident.uuid}", headers=headers).status_code == 404


def test_the_number_of_queries_does_not_grow_with_rows(county: County, alma: Caller) -> None:
    counts = []
    for n in (2, 15):
        for i in range(n):
            a_resident(
                county, name="王" + "一二三四五六七八九十甲乙丙丁戊"[i], born_on=BORN + timedelta(days=60 * i + n)
            )
        alma.get("/residents", q="王")
        with CaptureQueriesContext(connection) as queries:
            assert len(alma.get("/residents", q="王").json()["items"]) >= n
        counts.append(len(queries))

    assert counts[0] == counts[1]
