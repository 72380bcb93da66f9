"""Pages and REST of institutions: the way through, and the refusals."""

import base64
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.institutions import SHEET, a_care_agreement, a_home, a_stay, first_round
from tests.factories.residents import a_resident
from xinglin.institutions.models import CareAgreement, Institution, Round, Stay
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.residents.lookups import lookups_of

pytestmark = pytest.mark.django_db


def a_client(county: County, who: str) -> Client:
    getattr(county, who)
    return sign_in(Client(), county.users[who])


def sheet() -> SimpleUploadedFile:
    return SimpleUploadedFile("sheet.pdf", SHEET, content_type="application/pdf")


def test_a_township_doctor_records_signs_fills_and_serves_a_home_in_pages(county: County) -> None:
    at = clock.now()
    tang, resident = a_client(county, "tang"), a_resident(county, at=at)
    today = clock.today(at).isoformat()
    facts = {
        "kind": "ELDERLY", "name": "幸福院", "address": "东沟村", "responsible": "孙桂英", "phone": "13700001111",
        "beds": "30", "opened_on": "2018-01-01",
    }  # fmt: skip

    refused = tang.post(reverse("institutions:record"), facts | {"opened_on": "nonsense"})
    tang.post(reverse("institutions:record"), facts)
    home = Institution.objects.get()
    sign_page = tang.get(reverse("institutions:sign", args=[home.uuid])).content.decode()
    said = {
        "package": "elderly-home", "years": "1", "starts_on": today, "signer_name": "孙桂英", "signer_title": "院长",
    }  # fmt: skip
    unsigned = tang.post(reverse("institutions:sign", args=[home.uuid]), said)
    signed = tang.post(reverse("institutions:sign", args=[home.uuid]), said | {"scan": sheet()})
    found = tang.get(reverse("institutions:add_resident", args=[home.uuid]), {"q": resident.name}).content.decode()
    tang.post(
        reverse("institutions:add_resident", args=[home.uuid]),
        {"resident": str(resident.uuid), "since": today, "room": "201"},
    )
    agreement, stay = CareAgreement.objects.get(), Stay.objects.get()
    address = reverse("institutions:round", args=[first_round(agreement).uuid])
    form = tang.get(address).content.decode()
    empty = tang.post(address, {"came": "唐", "seen": [str(stay.uuid)], "findings": "", "signer_name": "孙桂英"})
    done = tang.post(
        address,
        {"came": "唐、护士小林", "seen": [str(stay.uuid)], f"words-{stay.uuid}": "血压平稳", "findings": "整洁",
         "signer_name": "孙桂英", "scan": sheet()},
    )  # fmt: skip

    assert refused.status_code == 422
    assert "护理与传染病防控培训" in sign_page
    assert unsigned.status_code == 422
    assert signed.status_code == 302
    assert str(resident.uuid) in found
    assert resident.name in form
    assert empty.status_code == 422
    assert done.status_code == 302
    shown = tang.get(address).content.decode()
    assert "护士小林" in shown
    assert "血压平稳" in shown
    for name, key in (("detail", home.uuid), ("agreement", agreement.uuid), ("edit", home.uuid)):
        assert tang.get(reverse(f"institutions:{name}", args=[key])).status_code == 200
    assert b"".join(tang.get(reverse("institutions:scan", args=[agreement.uuid])).streaming_content) == SHEET  # type: ignore[attr-defined]
    assert any(each.who == county.tang.name for each in lookups_of([resident.uuid]).rows)
    assert AuditRecord.objects.filter(event="institution.round-done").count() == 1


def test_lists_show_what_is_unsigned_and_missed_and_ask_no_more_with_more_rows(county: County) -> None:
    mei, begun = a_client(county, "mei"), clock.now() - timedelta(days=20)
    a_care_agreement(county, a_home(county, at=begun), at=begun)
    a_home(county, name="未签养老院")

    def asked(name: str, **said: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as captured:
            text = mei.get(reverse(f"institutions:{name}"), said).content.decode()
        return len(captured), text

    asked("list")
    one, text = asked("list", box="unsigned")
    rounds, shown = asked("rounds", box="missed")
    assert "未签养老院" in text
    assert "夕阳红养老院" not in text
    assert "夕阳红养老院" in shown
    for n in range(3):
        a_care_agreement(county, a_home(county, name=f"签约院{n}", at=begun), at=begun)
        a_home(county, name=f"空院{n}")
    assert asked("list", box="unsigned")[0] == one
    assert asked("rounds", box="missed")[0] == rounds


def test_another_township_finds_nothing_and_a_village_doctor_does_not_close(county: County) -> None:
    agreement = a_care_agreement(county, a_home(county, by=county.alma), by=county.alma)
    a_stay(county, agreement.institution, by=county.alma)
    cai, alma = a_client(county, "cai"), a_client(county, "alma")
    home = agreement.institution.uuid

    for name, key in (("detail", home), ("agreement", agreement.uuid), ("round", first_round(agreement).uuid)):
        assert cai.get(reverse(f"institutions:{name}", args=[key])).status_code == 404
        assert alma.get(reverse(f"institutions:{name}", args=[key])).status_code == 200
    assert alma.post(reverse("institutions:close", args=[home]), {"reason": "停业"}).status_code == 403
    assert cai.post(reverse("institutions:end", args=[agreement.uuid]), {"reason_code": "request"}).status_code == 404
    assert alma.post(reverse("institutions:end", args=[agreement.uuid]), {"reason_code": "none"}).status_code == 422
    assert alma.post(reverse("institutions:end", args=[agreement.uuid]), {"reason_code": "request"}).status_code == 302


def test_the_same_over_rest(county: County) -> None:
    at = clock.now()
    tang, resident = a_client(county, "tang"), a_resident(county, at=at)
    today, scan = clock.today(at).isoformat(), base64.b64encode(SHEET).decode()

    def post(path: str, body: dict[str, Any], want: int) -> Any:
        answer = tang.post(f"/api/v1{path}", body, content_type="application/json")
        assert answer.status_code == want, answer.content
        return answer.json()

    home = post(
        "/institutions",
        {"name": "幸福院", "kind": "ELDERLY", "address": "东沟", "responsible": "孙", "opened_on": "2018-01-01", "phone": "13700001111"},
        201,
    )  # fmt: skip
    body = {"package": "elderly-home", "signer_name": "孙", "scan": scan}
    agreement = post(f"/institutions/{home['uuid']}/agreements", body, 201)
    assert post(f"/institutions/{home['uuid']}/agreements", body, 409)["code"] == "already-signed"
    stay = post(f"/institutions/{home['uuid']}/stays", {"resident": str(resident.uuid), "since": today}, 201)
    due = tang.get("/api/v1/institution-rounds?box=due").json()["items"]
    mine = next(each for each in due if each["item"] == "round")
    said = {
        "came": ["唐"],
        "findings": "整洁",
        "signer_name": "孙",
        "scan": scan,
        "seen": [{"stay": stay["uuid"], "words": "平稳"}],
    }
    done = post(f"/institution-rounds/{mine['uuid']}/record", said, 200)
    assert post(f"/institution-rounds/{mine['uuid']}/record", said, 409)["code"] == "not-planned"

    assert (done["status"], done["seen"][0]["resident_name"]) == ("DONE", resident.name)
    assert home["phone"] == "13700001111"
    assert tang.get("/api/v1/institutions").json()["items"][0]["phone"] is None
    assert len(agreement["rounds"]) == Round.objects.count()
    assert post(f"/stays/{stay['uuid']}/end", {"until": today}, 200)["until"] == today


def test_a_sheet_that_is_no_picture_is_refused(county: County) -> None:
    home = a_home(county)
    tang = a_client(county, "tang")
    page = tang.post(
        reverse("institutions:sign", args=[home.uuid]),
        {"package": "elderly-home", "years": "1", "starts_on": clock.today().isoformat(), "signer_name": "孙",
         "scan": SimpleUploadedFile("x.pdf", io.BytesIO(b"MZ program").read())},
    )  # fmt: skip

    assert page.status_code == 422
    assert not CareAgreement.objects.filter(status="ACTIVE").exists()
