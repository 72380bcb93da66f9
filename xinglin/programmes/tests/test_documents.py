"""What a resident takes home: his values beside his targets, in plain words, on one page, in either language."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import AuditRecord
from xinglin.programmes import actions, documents
from xinglin.programmes.models import ProgrammeVisit
from xinglin.programmes.rules import catalogue, plain

pytestmark = pytest.mark.django_db
WRONG = {"systolic": "146", "diastolic": "88", "smoking": "current", "adherence": "intermittent"}


@pytest.fixture
def visit(county: County) -> ProgrammeVisit:
    return a_programme_visit(
        county, an_enrolment(county, name="王小麦", phone="13700001234"), WRONG, advice="每天早上量一次血压"
    )


def words(data: Any) -> str:
    return "\n".join(str(each) for each in data.values())


def test_it_says_todays_values_beside_the_persons_own_targets(county: County, visit: ProgrammeVisit):
    with override("zh-hans"):
        data = documents.advice_data(visit, at=NOW)

    assert data["values"] == [["血压", "146/88 mmHg", "<130/80 mmHg"]]
    assert data["changes"][0] == "每天早上量一次血压"  # the doctor's own words first
    assert data["changes"][1].startswith("戒烟")  # then what has a reason in this person
    assert any(each.startswith("少吃盐") for each in data["changes"])
    assert "剧烈头痛或头晕" in data["urgent"]
    assert "收缩压≥180 mmHg" in data["urgent"]
    assert data["next_on"] == "2026年12月4日"
    assert str(visit.facility) in data["next_where"]
    assert "13700001234" not in words(data)
    assert "高血压" not in words(data)  # it lies on a table at home


def test_an_old_person_has_the_milder_target(county: County):
    enrolment = an_enrolment(county, born_on=date(1940, 1, 1))
    with override("zh-hans"):
        data = documents.advice_data(a_programme_visit(county, enrolment), at=NOW)
    assert data["values"] == [["血压", "126/76 mmHg", "80岁及以上<140/90 mmHg"]]


def test_in_english_nothing_is_chinese_but_names_and_what_people_wrote(county: County, visit: ProgrammeVisit):
    with override("en"):
        data = documents.advice_data(visit, at=NOW)
    text = words(data)
    for name in ("王小麦", visit.facility.name, visit.clinician_name, visit.advice):
        text = text.replace(name, "")
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []
    assert data["values"] == [["Blood pressure", "146/88 mmHg", "Below 130/80 mmHg"]]
    assert data["next_on"] == "Dec. 4, 2026"


def test_medicines_are_those_of_the_last_prescription(county: County):
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma)
    data = documents.advice_data(a_programme_visit(county, an_enrolment(county, resident=resident)), at=NOW)
    assert data["medicines"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_longest_one_is_one_page(county: County, language: str):
    resident = a_resident(county, conditions=["hypertension", "diabetes"])
    for programme in ("hypertension", "diabetes", "coronary", "copd", "stroke"):
        enrolment = an_enrolment(county, resident=resident, programme=programme)
    answers = {
        **WRONG,
        "glucose_fasting": "9.1",
        "exercise_days": "1",
        "drinking": "heavy",
        "salt_intake": "heavy",
        "height": "165",
        "weight": "88",
    }
    asked = {code: value for code, value in answers.items() if code in catalogue.items()}
    visit = a_programme_visit(
        county, enrolment, asked, alert_answer="OTHER", alert_note="已处理", confirmed_unusual=True
    )
    with override(language):
        pdf = documents.advice_pdf(visit, at=NOW)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_the_page_is_printed_from_the_visit_and_by_the_telephones_name_and_logged(
    county: County, visit: ProgrammeVisit, client: Client
):
    sign_in(client, county.users["alma"])
    shown = client.get(reverse("programmes:visit", args=[visit.uuid])).content.decode()
    address = reverse("programmes:advice", args=[visit.uuid])
    assert address in shown

    for each in (address, reverse("programmes:advice-of-client", args=[visit.client_id])):
        answer = client.get(each)
        assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
            200,
            "application/pdf",
            "no-store",
        )
    assert AuditRecord.objects.filter(event="programme.printed", subject_uuid=visit.resident.uuid).count() == 2
    assert client.get(reverse("programmes:advice-of-client", args=[new_uuid()])).status_code == 404
    county.sib  # noqa: B018 - makes the account
    sign_in(client, county.users["sib"])
    assert client.get(address).status_code == 404


def test_of_an_amended_visit_the_telephone_prints_what_stands(county: County, visit: ProgrammeVisit, client: Client):
    new = actions.amend_programme_visit(
        visit=visit, content=seen({"systolic": "124", "diastolic": "78"}), reason="抄错了", by=county.alma, at=later(5)
    )
    sign_in(client, county.users["alma"])
    answer = client.get(reverse("programmes:advice-of-client", args=[visit.client_id]))
    assert str(new.uuid)[-6:] in answer["Content-Disposition"]


def test_signs_are_those_one_notices_oneself_and_one_alone_is_enough():
    found = {
        each.slug: [str(sign.zh) for sign in plain.urgent_signs(each, catalogue.items())]
        for each in catalogue.all_versions()
    }
    assert "孕" not in "".join(found["hypertension"])  # pregnant and high: only together
    measured = ["收缩压≥180 mmHg", "舒张压≥110 mmHg", "空腹血糖≥16.7 mmol/L", "空腹血糖≤3.9 mmol/L"]
    assert found["kidney-disease"] == measured  # potassium is found by a laboratory
    assert found["stroke"][0] == "口角歪斜"
    assert "无" not in found["copd"]


def test_a_program_prints_it_too_and_the_look_is_written_down(county: County, visit: ProgrammeVisit):
    client = Client()
    sign_in(client, county.users["alma"])
    at = f"/api/v1/programme-visits/{visit.uuid}/advice.pdf"

    answer = client.get(at, headers={"Accept-Language": "en"})

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert AuditRecord.objects.filter(event="programme.printed", subject_uuid=visit.resident.uuid).count() == 1
    stranger = Client()
    county.cai  # noqa: B018 - makes the account
    sign_in(stranger, county.users["cai"])
    assert stranger.get(at).status_code == 404
