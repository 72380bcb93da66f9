"""Endpoints of the network."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories.accounts import a_token, sign_in
from tests.factories.county import County
from tests.factories.network import (
    a_csv,
    a_merged_unit,
)
from xinglin.network.models import ImportBatch
from xinglin.platform import clock

HEAD = ["机构编码", "机构名称", "机构类型", "区划代码", "管理机构编码"]


GOOD = ["N01", "北沟村卫生室", "村卫生室", "370403101201", "T01"]


def api(county: County, name: str, *permissions: str) -> Any:
    getattr(county, name)
    secret = a_token(county.users[name], *permissions, at=clock.now()).secret

    def call(method: str, path: str, body: Any = None, **extra: Any) -> Any:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}", **extra}
        if method == "GET":
            return Client().get(f"/api/v1{path}", **headers)
        return Client().post(f"/api/v1{path}", json.dumps(body), content_type="application/json", **headers)

    call.headers = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}  # type: ignore[attr-defined]
    return call


def test_rest_reads(county: County) -> None:
    call = api(county, "alma", "network:view")
    gone = a_merged_unit(county)

    listed = call("GET", "/facilities?tier=TOWNSHIP").json()
    one = call("GET", f"/facilities/{gone.uuid}").json()
    consortia = call("GET", "/consortia").json()
    divisions = call("GET", "/divisions?parent=370403101").json()

    assert {each["code"] for each in listed["items"]} == {"T01", "T02"}
    assert (one["status"], one["successor"]["code"], one["answers_now"]["code"]) == ("MERGED", "V01", "V01")
    assert len(consortia[0]["members"]) == 4
    assert [each["code"] for each in divisions] == ["370403101201", "370403101202"]
    assert call("GET", "/facilities/export?table=facilities&format=csv").status_code == 200
    assert call("GET", "/divisions?parent=abc").status_code == 422
    assert Client().get("/api/v1/facilities").status_code == 401


def test_rest_residents_see_none(county: County) -> None:
    county.user("wang", "resident", None, everywhere=True)
    client = sign_in(Client(), county.users["wang"])

    for path in ("/facilities", "/consortia", "/divisions", "/facilities/export"):
        assert client.get(f"/api/v1{path}").status_code == 403
    assert client.get(f"/api/v1/facilities/{county.clinic.uuid}").status_code == 404


def test_rest_writes(county: County) -> None:
    call = api(county, "mei", "network:view", "network:edit", "network:import")
    body = {"code": "N01", "name": "北沟村卫生室", "kind": "VILLAGE_CLINIC", "division": "370403101201",
            "manager": str(county.township.uuid)}  # fmt: skip

    made = call("POST", "/facilities", body, HTTP_IDEMPOTENCY_KEY="k1")
    again = call("POST", "/facilities", body, HTTP_IDEMPOTENCY_KEY="k1")
    uuid = made.json()["uuid"]
    edited = call("POST", f"/facilities/{uuid}/edit", {"phone": "0632-5550009"})
    wrong = call("POST", f"/facilities/{uuid}/edit", {"phone": "call"})
    unknown = call("POST", f"/facilities/{uuid}/edit", {"status": "CLOSED"})
    merged = call(
        "POST",
        f"/facilities/{uuid}/merge",
        {"successor": str(county.clinic.uuid), "on": "2026-11-01", "reason": "整合"},
    )
    closed = call("POST", f"/facilities/{county.sibling.uuid}/close", {"on": "2026-11-01", "reason": "撤并"})
    ended = call("POST", f"/facilities/{uuid}/close", {"on": "2026-11-01", "reason": "撤并"})

    assert (made.status_code, again.json()) == (201, made.json())
    assert [each.status_code for each in (edited, wrong, unknown, merged, closed, ended)] == [
        200,
        422,
        422,
        200,
        200,
        409,
    ]
    assert (merged.json()["status"], closed.json()["status"]) == ("MERGED", "CLOSED")


def test_rest_a_doctor_writes_nothing(county: County) -> None:
    call = api(county, "alma", "network:view")

    assert call("POST", f"/facilities/{county.clinic.uuid}/edit", {"phone": "0632-5550009"}).status_code == 403


def test_rest_import(county: County) -> None:
    call = api(county, "mei", "network:view", "network:import")

    def send(rows: list[list[Any]], **form: str) -> Any:
        file = SimpleUploadedFile("f.csv", a_csv(rows))
        return Client().post("/api/v1/facilities/import", {"file": file, **form}, **call.headers)

    bad = [HEAD, GOOD, ["N02", "", "村卫生室", "370403101201", "T01"]]
    dry, refused, good = send(bad, dry_run="true"), send(bad), send(bad, only_good="true")

    assert (dry.status_code, dry.json()["n_errors"], dry.json()["applied"]) == (200, 1, False)
    assert refused.status_code == 422
    assert list(refused.json()["fields"]) == ["3.机构名称"]
    assert (good.status_code, good.json()["n_new"]) == (200, 1)
    assert ImportBatch.objects.filter(applied_at__isnull=False).count() == 1
