"""What a visit found is kept by code and said in the reader's language, wherever it is shown; what was kept in words stays readable."""

import importlib
import re
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import ngettext, override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County
from tests.factories.programmes import a_programme_visit, an_edition, an_enrolment
from tests.factories.residents import a_resident
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.programmes import actions, evidence, offline
from xinglin.programmes.models import Alert, Enrolment, ProgrammeVisit, VisitResult
from xinglin.programmes.rules import catalogue
from xinglin.programmes.rules.cases import Reason

pytestmark = pytest.mark.django_db
HIGH = {"systolic": "186", "diastolic": "112"}
ZH = "血压≥180和（或）≥110 mmHg：紧急处理后转诊，2周内主动随访转诊情况"
EN = "Pressure ≥ 180 and/or ≥ 110 mmHg: treat, refer, follow up within 2 weeks"


def a_finding(county: County, **said: object) -> ProgrammeVisit:
    """Of a resident with a dangerous pressure, seen now."""
    return a_programme_visit(
        county, an_enrolment(county, name="王小麦", at=clock.now()), HIGH, alert_answer="REFERRED", alert_note="已在县医院",
        confirmed_unusual=True, at=clock.now(), **said,
    )  # fmt: skip


@pytest.mark.parametrize("saved_in", ["zh-hans", "en"])
def test_a_finding_is_kept_by_code_with_what_it_rests_on_whatever_the_writers_language(county: County, saved_in: str):
    with override(saved_in):
        a_finding(county)

    alert = Alert.objects.get(code="bp-emergency")
    assert (alert.version, alert.old_text) == ("hypertension@2026-01-01", "")
    assert alert.values == HIGH
    with override("zh-hans"):
        assert str(alert.text) == ZH
    with override("en"):
        assert str(alert.text) == EN
    assert FollowUpTask.objects.filter(plan=ZH).exists()  # records are Chinese


@pytest.mark.parametrize(
    ("language", "shown", "rests_on"), [("zh-hans", ZH, "收缩压 186 mmHg"), ("en", EN, "Systolic")]
)
def test_pages_say_it_in_the_readers_language(county: County, client: Client, language: str, shown: str, rests_on: str):
    visit = a_finding(county)
    sign_in(client, county.users["alma"])
    task = FollowUpTask.objects.filter(plan=ZH).get()
    pages = (
        reverse("programmes:visit", args=[visit.uuid]), reverse("programmes:resident", args=[visit.resident.uuid]),
        reverse("followups:detail", args=[task.uuid]),
    )  # fmt: skip
    for address in pages:
        text = client.get(address, headers={"Accept-Language": language}).content.decode()
        assert shown.replace("≥", "≥") in re.sub(r"&gt;", ">", text)
    assert rests_on in client.get(pages[0], headers={"Accept-Language": language}).content.decode()
    rest = client.get(f"/api/v1/followups/{task.uuid}", headers={"Accept-Language": language}).json()
    assert rest["plan"] == shown


def test_advice_is_kept_by_code_and_said_in_the_readers_language(county: County, client: Client):
    visit = a_programme_visit(county, an_enrolment(county, at=clock.now()), at=clock.now())
    assert visit.results.get().advice == ["keep"]
    sign_in(client, county.users["alma"])
    address = reverse("programmes:visit", args=[visit.uuid])

    said = {each: client.get(address, headers={"Accept-Language": each}).content.decode() for each in ("zh-hans", "en")}

    assert "血压平稳：维持现用方案" in said["zh-hans"]
    assert "Stable: keep the plan and the date" in said["en"]
    assert "血压平稳" not in said["en"]


def test_a_telephone_is_given_both_languages(county: County):
    visit = a_finding(county)
    _row, _place, known = offline.carried([visit.resident_id])[visit.resident_id]
    assert [(each["text"], each["values"]) for each in known["alerts"]] == [([ZH, EN], HIGH)]


def test_what_was_written_in_words_before_is_found_again_or_stays_as_it_was_written(county: County):
    visit = a_finding(county)
    lost = a_programme_visit(county, an_enrolment(county, name="李四", at=NOW), at=NOW)
    VisitResult.objects.filter(visit=visit).update(advice=["血压平稳：维持现用方案，按计划随访", "多喝水"])
    VisitResult.objects.filter(visit=lost).update(version="hypertension@1999-01-01", advice=["按旧方案"])
    Alert.objects.update(version="", old_text="血压很高", values={})
    Alert.objects.create(
        visit=lost, enrolment=lost.results.get().enrolment, code="gone", level=3, old_text="旧的提示", raised_at=NOW,
        follow_by=NOW.date(),
    )  # fmt: skip
    migration = importlib.import_module("xinglin.programmes.migrations.0011_words_to_codes")

    with connection.cursor() as cursor:
        cursor.execute(migration.VERSIONS)
    with connection.schema_editor() as editor:
        migration.advice_to_codes(apps, editor)

    assert visit.results.get().advice == ["keep", "多喝水"]
    with override("en"):
        assert [str(each) for each in visit.results.get().advice_said] == [
            "Stable: keep the plan and the date",
            "多喝水",
        ]
        assert str(Alert.objects.get(code="bp-emergency").text) == EN
        assert str(Alert.objects.get(code="gone").text) == "旧的提示"
        assert [str(each) for each in lost.results.get().advice_said] == ["按旧方案"]


def test_what_is_counted_once_is_said_in_the_singular():
    with override("en"):
        assert ngettext("已拨%(n)d次未通", "已拨%(n)d次未通", 1) % {"n": 1} == "1 call in vain"
        assert ngettext("已拨%(n)d次未通", "已拨%(n)d次未通", 2) % {"n": 2} == "2 calls in vain"
    with override("zh-hans"):
        assert ngettext("已拨%(n)d次未通", "已拨%(n)d次未通", 1) % {"n": 1} == "已拨1次未通"


def test_the_workshop_lists_titles_in_the_readers_language(county: County, client: Client):
    edition = an_edition(county)
    sign_in(client, county.users["sun"])
    said = {
        each: client.get(reverse("programmes:workshop"), headers={"Accept-Language": each}).content.decode()
        for each in ("zh-hans", "en")
    }
    assert edition.title in said["zh-hans"]
    assert edition.title not in said["en"]
    with override("en"):
        assert edition.title_said in said["en"]


def test_why_somebody_was_found_is_said_in_the_readers_language(county: County, client: Client):
    resident = a_resident(county, name="王小麦", at=clock.now())
    with override("en"):  # whoever screens, in whichever language
        actions.record_screening(
            resident=resident, facility_id=county.clinic.pk, answers={"systolic": "152", "diastolic": "96"},
            by=county.alma, at=clock.now(),
        )  # fmt: skip
    sign_in(client, county.users["alma"])
    addresses = (
        reverse("programmes:resident", args=[resident.uuid]), reverse("programmes:screening", args=[resident.uuid]),
        reverse("programmes:people") + "?of=candidates&programme=hypertension",
    )  # fmt: skip

    for address in addresses:
        said = {
            each: unescape(client.get(address, headers={"Accept-Language": each}).content.decode())
            for each in ("zh-hans", "en")
        }
        assert "收缩压 152 mmHg ≥ 140" in said["zh-hans"], address
        assert "收缩压" not in said["en"], address
        assert "152 mmHg ≥ 140" in said["en"], address


def test_sentences_of_before_become_codes_or_stay_as_they_were_written(county: County):
    enrolment = an_enrolment(county)
    step = str(catalogue.step_said(enrolment.version, "confirmed").zh)
    before = [
        "诊断编码 I10.x00",
        "3 个不同日期的测量值达到诊断界值",
        step,
        "收缩压 152 ≥ 140",
        "体检 TJ1 2026-03-02：血压高",
        "邻居说的",
    ]
    Enrolment.objects.filter(pk=enrolment.pk).update(evidence=before)
    migration = importlib.import_module("xinglin.programmes.migrations.0012_evidence_by_code")

    with connection.schema_editor() as editor:
        migration.sentences_to_codes(apps, editor)
        migration.sentences_to_codes(apps, editor)  # what is done stays

    enrolment.refresh_from_db()
    assert enrolment.evidence == [
        {"diagnosis": "I10.x00"}, {"high_days": 3}, {"step": "confirmed", "version": enrolment.version},
        {"fact": "systolic", "value": "152", "asks": "≥ 140"}, {"checkup": "TJ1", "on": "2026-03-02", "words": "血压高"},
        "邻居说的",
    ]  # fmt: skip
    with override("zh-hans"):
        assert evidence.said(enrolment.evidence)[:3] == ["诊断编码 I10.x00", "3个不同日期的测量值达到诊断界值", step]
    with override("en"):
        assert evidence.said(enrolment.evidence)[:2] == [
            "Diagnosis code I10.x00",
            "Readings of 3 days reach the threshold",
        ]
        assert evidence.said(enrolment.evidence)[5] == "邻居说的"


def test_evidence_of_any_fact_can_be_said():
    pieces = [
        evidence.of_reason(Reason("age", 66, "≥ 55")), evidence.of_reason(Reason("sex", "2", "")),
        evidence.of_reason(Reason("danger_signs", ("headache",), "")), evidence.of_reason(Reason("is_pregnant", True, "")),
        evidence.of_reason(Reason("diagnoses", ("I10", "E11"), "")), evidence.of_reason(Reason("systolic", None, "≥ 140")),
        {"step": "confirmed", "version": "nobody@1999-01-01"},
    ]  # fmt: skip
    with override("zh-hans"):
        assert evidence.said(pieces)[0] == "年龄 66 ≥ 55"
        assert evidence.said(pieces)[1] == "性别 女"
        assert evidence.said(pieces)[3:] == ["妊娠 是", "诊断 I10、E11", "收缩压 ≥ 140"]
