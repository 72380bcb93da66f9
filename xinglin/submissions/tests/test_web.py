"""Pages, REST, FHIR and the command: the whole way, and the refusals."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.figures import PatientClient
from tests.factories.submissions import QUARTER, Dhis2, a_submission, second_person, some_figures
from xinglin.indicators.actions import publish_figures
from xinglin.submissions.models import Destination, Submission
from xinglin.submissions.states import Status


def client_of(county: Any, name: str) -> Client:
    return sign_in(PatientClient(), county.users[name])


def post(client: Client, path: str, **fields: Any) -> Any:
    return client.post(path, {"idempotency_key": str(uuid4()), **fields})


def test_the_pages_go_the_whole_way_with_two_people(county: Any) -> None:
    assert county.mei
    assert second_person(county)
    some_figures(county)
    mei, ou = client_of(county, "mei"), client_of(county, "ou")

    begun = post(mei, "/submissions/open/", form="grassroots-month", period="2026-10")
    own = begun["Location"]
    post(mei, f"{own}make/", snapshot="")
    post(mei, f"{own}check/")
    refused = post(mei, f"{own}confirm/")
    post(ou, f"{own}confirm/")
    post(ou, f"{own}sent/", words="网页上传")
    post(ou, f"{own}answer/", accepted="yes", words="回执 7")
    shown = mei.get(own).content.decode()
    file = mei.get(f"{own}file/")

    assert refused.status_code == 403
    assert Submission.objects.get().status == Status.RECEIVED
    for each in ("回执 7", "沙沟镇", "全县", "/board/figures/visits-by-tier/?period=2026-10", "文件校验码"):
        assert each in shown
    assert "沙沟镇" in file.content.decode("gb18030")
    assert "乡镇卫生服务月报" in mei.get("/submissions/?show=out").content.decode()


def test_a_page_says_what_is_wrong_and_strangers_see_nothing(county: Any) -> None:
    it = a_submission(county, status=Status.MADE)
    assert county.tang
    mei = client_of(county, "mei")

    wrong = post(mei, "/submissions/open/", form="grassroots-month", period="2026")
    early = post(mei, f"/submissions/{it.uuid}/check/")

    assert (wrong.status_code, early.status_code) == (422, 409)
    assert "还没有统计数据" in early.content.decode()
    assert post(mei, f"/submissions/{it.uuid}/explode/").status_code == 404
    tang = client_of(county, "tang")
    assert tang.get(f"/submissions/{it.uuid}/").status_code == 404
    assert tang.get("/submissions/").status_code == 403
    assert mei.get("/submissions/destinations/").status_code == 403


def test_a_correction_shows_what_changed_and_drift_is_shown_on_what_was_sent(county: Any) -> None:
    from datetime import timedelta

    from tests.factories.submissions import OCTOBER, a_visit_of
    from xinglin.indicators.facts.extraction import extract
    from xinglin.submissions import jobs

    some_figures(county)
    it = a_submission(county, status=Status.SENT)
    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))
    jobs.compare(0)
    mei = client_of(county, "mei")

    drifted = mei.get(f"/submissions/{it.uuid}/").content.decode()
    following = post(mei, f"/submissions/{it.uuid}/correct/", words="补录")["Location"]
    post(mei, f"{following}make/", snapshot="")
    shown = mei.get(following).content.decode()

    assert "报出后的变动" in drifted
    assert "12 → 13" in drifted.replace("</td><td", " → </td><td") or ">13<" in drifted
    assert "与上一次相比" in shown
    assert "补录" in shown


def test_everything_is_said_in_english_too(county: Any) -> None:
    some_figures(county)
    it = a_submission(county, form="national-monitoring-year", period="2025", status=Status.MADE)
    mei = client_of(county, "mei")
    mei.cookies["django_language"] = "en"

    with translation.override("en"):
        shown = mei.get(f"/submissions/{it.uuid}/", headers={"accept-language": "en"}).content.decode()
        listed = mei.get("/submissions/", headers={"accept-language": "en"}).content.decode()

    assert "Nothing in “Postings” in the period" in shown or "Postings" in shown
    assert "Submissions" in listed
    assert "指标上报" not in listed


def api(client: Client, method: str, path: str, body: Any = None) -> Any:
    return client.generic(method, f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")


def test_programs_go_the_same_way_and_the_server_is_asked(county: Any, dhis2: Dhis2) -> None:
    assert county.mei
    assert second_person(county)
    some_figures(county)
    mei, ou = client_of(county, "mei"), client_of(county, "ou")

    made = api(mei, "POST", "/submissions", {"form": "provincial-dhis2-quarter", "period": QUARTER}).json()
    own = f"/submissions/{made['uuid']}"
    assert api(mei, "POST", f"{own}/make", {}).json()["faults"] == []
    assert len(api(mei, "POST", f"{own}/check").json()["sha256"]) == 64
    assert api(mei, "POST", f"{own}/confirm").status_code == 403
    assert api(ou, "POST", f"{own}/confirm").json()["status"] == "CONFIRMED"
    assert api(ou, "POST", f"{own}/send").json()["status"] == "RECEIVED"
    found = mei.get(f"/api/v1{own}").json()

    assert len(found["cells"]) == 6
    assert found["deliveries"][0]["counts"]["imported"] == 4
    assert api(ou, "POST", f"{own}/send").status_code == 409
    assert mei.get("/api/v1/submissions?show=out").json()["items"][0]["number"] == made["number"]
    assert len(mei.get("/api/v1/submission-forms").json()["items"]) == 4
    assert json.loads(mei.get(f"/api/v1{own}/file").content)["period"] == "2026Q3"
    xi = client_of(county, "xi")
    (row,) = xi.get("/api/v1/submission-destinations").json()["items"]
    assert (row["has_secret"], "secret" in row) == (True, False)


def test_fhir_tells_definitions_and_figures_as_they_were_published(county: Any) -> None:
    from fhir.resources.R4B.bundle import Bundle

    some_figures(county)
    snapshot = publish_figures(title="三季度", period=QUARTER, by=county.mei, at=NOW)
    mei, sent = client_of(county, "mei"), "/api/v1/fhir/MeasureReport?measure=grassroots-share,m08-in-county-fund"

    library = mei.get("/api/v1/fhir/Measure?group=national-2024")
    one = mei.get("/api/v1/fhir/Measure/m07-grassroots-visits").json()
    frozen = mei.get(f"{sent}&period={QUARTER}&level=township&snapshot={snapshot.uuid}").json()
    now = mei.get(f"{sent}&period={QUARTER}").json()

    assert library["Content-Type"].startswith("application/fhir+json")
    Bundle.model_validate(library.json())
    Bundle.model_validate(frozen)
    assert library.json()["total"] == 19
    assert one["scoring"]["coding"][0]["code"] == "proportion"
    scores = [each["resource"]["group"][0]["measureScore"] for each in frozen["entry"]]
    assert [each.get("value") for each in scores] == [
        100.0,
        None,
        None,
        None,
    ]  # a few people only in the other township
    assert [each["resource"]["reporter"]["display"] for each in now["entry"]] == ["薛城区", "薛城区"]
    assert mei.get("/api/v1/fhir/Measure/nothing").status_code == 404
    # what it meant then stays, though the definition has changed since
    snapshot.definitions["grassroots-share"] |= {
        "valid_from": "2025-01-01",
        "numerator": "count(visits)",
        "unit": "ratio",
    }
    snapshot.save(update_fields=["definitions"])
    then = mei.get(f"{sent}&period={QUARTER}&level=township&snapshot={snapshot.uuid}").json()["entry"]
    assert {each["resource"]["measure"].rsplit("/")[-1] for each in then if "grassroots" in each["resource"]["id"]} == {
        "urn:xinglin:measure:grassroots-share|2025-01-01"
    }
    assert then[0]["resource"]["group"][0]["measureScore"]["unit"] == "ratio"
    assert mei.get(f"{sent}&period=gestern").status_code == 422
    assert mei.get(f"{sent}&period={QUARTER}&level=planet").status_code == 422
    assert mei.get(f"{sent}&period=2026-10&snapshot={snapshot.uuid}").status_code == 422


def test_a_township_reads_reports_of_its_own_units_only(county: Any) -> None:
    assert county.tang
    some_figures(county)
    tang = client_of(county, "tang")

    found = tang.get(f"/api/v1/fhir/MeasureReport?measure=visits-by-tier&period={QUARTER}&level=township").json()
    whole = tang.get(f"/api/v1/fhir/MeasureReport?measure=visits-by-tier&period={QUARTER}").json()

    assert [each["resource"]["reporter"]["display"] for each in found["entry"]] == ["沙沟镇"]
    assert whole["total"] == 0


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("submissions", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_says_when_nobody_of_that_name_may_do_it(county: Any) -> None:
    assert county.mei
    with pytest.raises(CommandError, match="no open account is called 'nobody'"):
        run("open", "provincial-dhis2-quarter", QUARTER, by="nobody")
    with pytest.raises(CommandError, match="--by"):
        run("open", "provincial-dhis2-quarter", QUARTER)


def test_the_command_goes_the_whole_way(county: Any, dhis2: Dhis2) -> None:
    assert county.mei
    assert second_person(county)
    some_figures(county)

    number = run("open", "provincial-dhis2-quarter", QUARTER, by="mei").split()[0]
    assert "MADE" in run("make", number, by="mei")
    assert "CHECKED" in run("check", number, by="mei")
    with pytest.raises(CommandError, match="另一人"):
        run("confirm", number, by="mei")
    assert "CONFIRMED" in run("confirm", number, by="ou")
    dhis2.unknown_units = {"370403101"}
    said = run("send", number, by="ou")

    assert "CONFLICTS imported 2, updated 0, ignored 2" in said
    assert "第1行：E7610" in said
    assert "REFUSED" in said
    assert "turn 2: DUE" in run("correct", number, by="mei", words="对方缺单位编码")
    with pytest.raises(CommandError):
        run("make", "B0", by="mei")
    with pytest.raises(CommandError):
        run("make", number, by="nobody")
    assert '"resourceType": "Measure"' in run("measures")


def test_the_engineer_sets_a_server_up_and_never_sees_the_secret_again(county: Any) -> None:
    county.actor(county.user("xi", "system-administrator", county.hospital, everywhere=True))
    xi = client_of(county, "xi")
    fields = {"code": "province", "title": "省平台", "username": "u", "secret": "s3cret", "is_on": "on"}

    wrong = post(xi, "/submissions/destinations/", address="http://x.cn", **fields)
    good = post(xi, "/submissions/destinations/", address="https://x.cn", **fields)
    shown = xi.get("/submissions/destinations/").content.decode()

    assert (wrong.status_code, good.status_code) == (422, 302)
    assert Destination.objects.get().secret == "s3cret"
    assert "s3cret" not in shown + wrong.content.decode()
