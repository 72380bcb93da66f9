"""Pages: the happy path of each, and its refusals."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import browser_of, sign_in
from tests.factories.county import County, later
from tests.factories.diagnostics import CT_PATH, INFARCTION, a_critical, a_request, an_ecg_centre, an_ecg_file
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics import actions
from xinglin.diagnostics.ecg import MAX_BYTES
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, StoredFile


@pytest.fixture
def alma(county: County) -> Client:
    return browser_of(county, "alma")


@pytest.fixture
def bo(county: County) -> Client:
    return browser_of(county, "bo")


def named(file: io.BytesIO, name: str = "ecg.dcm") -> io.BytesIO:
    file.name = name
    return file


def url(name: str, obj: object) -> str:
    return reverse(f"diagnostics:{name}", args=[obj.uuid])


@pytest.fixture
def visit(county: County):
    return a_visit(
        resident=a_resident(county), by=county.alma, complaint="胸闷1天", at=clock.now() - timedelta(minutes=5)
    )


def ask(client: Client, visit, **fields):
    fields.setdefault("recordings", [named(an_ecg_file())])
    fields.setdefault("question", "请排除心肌缺血")
    fields.setdefault("priority", "URGENT")
    return client.post(url("request", visit), {"identity_confirmed": "on", "idempotency_key": "k1", **fields})


# Asking --------------------------------------------------------------------------------------------------------------
def test_the_form_begins_with_what_the_visit_knows(county: County, alma: Client, visit):
    an_ecg_centre(county)

    page = alma.get(url("request", visit)).content.decode()

    assert "胸闷1天" in page
    assert "血压150/92 mmHg" in page
    assert "申请心电诊断" in page


def test_a_request_is_sent_with_one_post(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)

    answer = ask(alma, visit, centre=str(centre.uuid))

    request = Request.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url("detail", request))
    assert (request.visit_id, request.priority, request.from_facility_id) == (visit.pk, "URGENT", county.clinic.pk)


def test_the_same_form_sent_twice_makes_one_request(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)

    first, second = (ask(alma, visit, centre=str(centre.uuid)) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Request.objects.count() == 1


def test_a_file_of_another_person_brings_the_form_back_with_a_question(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)

    answer = ask(alma, visit, centre=str(centre.uuid), identity_confirmed="")

    assert answer.status_code == 422
    assert "这份图形可能不是本人的" in answer.content.decode()
    assert 'name="identity_confirmed"' in answer.content.decode()
    assert not Request.objects.exists()


def test_a_picture_of_something_else_is_refused_with_what_was_typed(county: County, alma: Client, visit):
    centre = an_ecg_centre(county)

    answer = ask(alma, visit, centre=str(centre.uuid), recordings=[named(io.BytesIO(CT_PATH.read_bytes()))])

    assert answer.status_code == 422
    assert "请排除心肌缺血" in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_an_upload_of_two_gigabytes_is_refused_by_its_declared_length(county: County, settings, visit):
    client = Client(enforce_csrf_checks=True)
    sign_in(client, county.users["alma"])

    class Endless(io.RawIOBase):
        def read(self, *args):
            raise AssertionError("the body was read")

    answer = client.post(
        url("request", visit), data=b"", content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": Endless()},
    )  # fmt: skip

    assert answer.status_code == 413
    assert not StoredFile.objects.exists()
    assert not settings.FILES_DIR.exists()


def test_a_file_beyond_the_limit_within_a_permitted_body_is_refused(county: County, alma: Client, visit, settings):
    centre = an_ecg_centre(county)

    answer = ask(alma, visit, centre=str(centre.uuid), recordings=[named(io.BytesIO(b"\x00" * (MAX_BYTES + 1)))])

    assert answer.status_code == 413
    assert not StoredFile.objects.exists()


def test_a_form_without_csrf_token_is_refused(county: County, visit):
    client = Client(enforce_csrf_checks=True)
    sign_in(client, county.users["alma"])

    assert ask(client, visit).status_code == 403


def test_the_visit_of_a_stranger_is_not_found(county: County, visit):
    assert browser_of(county, "cai").get(url("request", visit)).status_code == 404


def test_what_was_sent_is_listed_with_its_state(county: County, alma: Client):
    request = a_request(county, status="REJECTED")

    page = alma.get(reverse("diagnostics:sent")).content.decode()

    assert request.resident.name in page
    assert "已退回" in page


# The centre ----------------------------------------------------------------------------------------------------------
def test_the_work_list_shows_who_waits(county: County, bo: Client):
    request = a_request(county, priority="EMERGENCY", at=clock.now())

    page = bo.get(reverse("diagnostics:worklist")).content.decode()

    assert request.resident.name in page
    assert "急诊" in page
    assert "data-due=" in page
    assert AuditRecord.objects.filter(event="request.worklist-viewed").count() == 1


def test_the_work_list_answers_htmx_with_its_rows_only(county: County, bo: Client):
    an_ecg_centre(county)

    answer = bo.get(reverse("diagnostics:worklist"), headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<div id="worklist"')


@pytest.mark.parametrize("page", ["worklist"])
def test_a_village_doctor_has_no_centre(county: County, alma: Client, page: str):
    assert alma.get(reverse(f"diagnostics:{page}")).status_code == 403


@pytest.mark.parametrize("page", ["worklist", "sent", "criticals"])
def test_nobody_is_sent_to_the_sign_in(page: str, db):
    assert Client().get(reverse(f"diagnostics:{page}")).status_code == 302


def test_claim_release_and_report(county: County, bo: Client):
    request = a_request(county, at=clock.now())

    assert bo.post(url("claim", request)).status_code == 302
    assert bo.post(url("release", request)).status_code == 302
    assert bo.post(url("claim", request)).status_code == 302
    answer = bo.post(
        url("final", request),
        {
            "findings": "ST段抬高", "conclusion": "急性心肌梗死", "codes": "st-elevation-inferior",
            "criticals": ["ecg-acute-infarction"],
        },
    )  # fmt: skip

    assert (answer.status_code, answer["Location"]) == (302, url("detail", request))
    assert CriticalValue.objects.get().code == "ecg-acute-infarction"


def test_the_second_reader_gets_409_in_words(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")
    other = sign_in(Client(), county.user("ge", "reading-doctor", county.hospital))

    answer = other.post(url("claim", request), headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert "薄" in answer.content.decode()


def test_an_empty_report_comes_back_with_what_was_typed(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")

    answer = bo.post(url("final", request), {"findings": "窦性心律的表现", "conclusion": ""})

    assert answer.status_code == 422
    assert "窦性心律的表现" in answer.content.decode()


def test_the_reader_sees_the_person_only_through_the_request(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")

    page = bo.get(url("detail", request)).content.decode()

    assert request.resident.name in page
    assert "仅限本次申请" in page
    assert f"/residents/{request.resident.uuid}" not in page
    assert request.resident.id_number[6:14] not in page


def test_the_reading_room_holds_question_templates_and_critical_values(county: County, bo: Client):
    request = a_request(county, status="CLAIMED")

    page = bo.get(url("detail", request)).content.decode()

    assert request.question in page
    assert "<ecg-viewer" in page
    assert "normal-sinus-rhythm" in page
    assert "急性心肌梗死心电图改变" in page


def test_the_sender_sees_state_and_report_but_no_form(county: County, alma: Client):
    request = a_request(county, status="FINAL", report=INFARCTION)

    page = alma.get(url("detail", request)).content.decode()

    assert "考虑急性下壁心肌梗死" in page
    assert "data-report" not in page
    assert "立即确认" in page


def test_a_rejected_request_leads_to_its_repetition(county: County, alma: Client, visit):
    rejected = a_request(county, status="REJECTED", visit=visit, at=clock.now())

    page = alma.get(url("detail", rejected)).content.decode()
    assert f"{url('request', visit)}?repeats={rejected.uuid}" in page
    answer = ask(alma, visit, centre=str(rejected.centre.uuid), repeats=str(rejected.uuid))

    assert answer.status_code == 302
    assert Request.objects.get(repeats=rejected).resident == rejected.resident


def test_another_recording_is_added(county: County, alma: Client):
    request = a_request(county)

    answer = alma.post(
        url("add_recording", request), {"recording": named(an_ecg_file(InstanceNumber="3")), "identity_confirmed": "on"}
    )

    assert answer.status_code == 302
    assert request.recordings.count() == 2


@pytest.mark.parametrize("name", ["detail", "trace_json", "trace_svg", "report_pdf"])
def test_out_of_scope_is_not_found(county: County, name: str):
    request = a_request(county, status="FINAL")

    assert browser_of(county, "cai").get(url(name, request)).status_code == 404
    assert AuditRecord.objects.filter(outcome="missing", actor_id=county.cai.user_id).count() == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [("trace_json", "application/json"), ("trace_svg", "image/svg+xml"), ("report_pdf", "application/pdf")],
)
def test_each_read_of_a_trace_is_a_look_at_the_person(county: County, bo: Client, name: str, kind: str):
    request = a_request(county, status="FINAL")

    answer = bo.get(url(name, request))

    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, kind, "no-store")
    assert (
        AuditRecord.objects.filter(
            subject_uuid=request.resident.uuid,
            actor_id=county.bo.user_id,
            event__in=["request.trace-viewed", "report.printed"],
        ).count()
        == 1
    )


def test_the_trace_names_nobody(county: County, bo: Client):
    request = a_request(county)

    answer = bo.get(url("trace_json", request))

    assert "Anonymous" not in answer.content.decode()
    assert len(answer.json()["leads"]) == 12


def test_a_report_that_does_not_exist_is_not_printed(county: County, bo: Client):
    assert bo.get(url("report_pdf", a_request(county))).status_code == 409


# Critical values -----------------------------------------------------------------------------------------------------
def test_a_critical_value_is_read_back_handled_and_closed(county: County, alma: Client, bo: Client):
    critical = a_critical(county, at=clock.now())

    assert "data-due=" in alma.get(url("critical", critical)).content.decode()
    assert alma.post(url("acknowledge", critical), {"read_back": "王小麦，急性心梗"}).status_code == 302
    assert alma.post(url("handle", critical), {"handling": "阿司匹林300mg，已转诊"}).status_code == 302
    assert bo.post(url("close", critical)).status_code == 302

    critical.refresh_from_db()
    assert (critical.status, critical.is_in_time) == ("CLOSED", True)


def test_an_empty_read_back_comes_back(county: County, alma: Client):
    critical = a_critical(county)

    answer = alma.post(url("acknowledge", critical), {"read_back": " "})

    assert answer.status_code == 422
    assert "复述无误" in answer.content.decode()


def test_the_register_shows_late_ones(county: County, bo: Client):
    critical = a_critical(county)
    actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=later(60))

    assert "超时" in bo.get(reverse("diagnostics:criticals")).content.decode()


def test_an_unknown_uuid_is_not_found(county: County, bo: Client):
    assert bo.get(reverse("diagnostics:detail", args=[uuid4()])).status_code == 404


# Queries -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("page", "who"), [("worklist", "bo"), ("sent", "alma"), ("criticals", "bo")])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(
    county: County, page: str, who: str, django_assert_max_num_queries
):
    client = browser_of(county, who)
    a_critical(county)
    a_request(county)
    address = reverse(f"diagnostics:{page}")
    client.get(address)
    with django_assert_max_num_queries(60) as few:
        client.get(address)
    for _ in range(4):
        a_critical(county)
        a_request(county)

    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)
