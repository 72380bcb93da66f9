"""The slip on paper: what it says, what its QR code keeps to itself."""

import dataclasses
import io

import pytest
from PIL import Image, ImageDraw

from tests.factories.county import NOW, later
from tests.factories.diagnostics import a_critical
from tests.factories.referrals import CONSENT, UP_SLIP, a_down_referral, a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.referrals import actions, slips
from xinglin.referrals.data import Attachment, Route
from xinglin.referrals.models import Referral
from xinglin.referrals.queries import visible_referral
from xinglin.referrals.states import Status
from xinglin.referrals.web.send_page import return_page


def words(referral, actor):
    data = slips.slip_data(visible_referral(actor, referral.uuid), actor=actor, at=later(1))
    return {row[0]: row[1] for part in ("route", "person", "body", "signed_line", "stub") for row in data[part]} | data


def test_an_up_slip_says_what_the_rules_ask_for(county):
    referral = a_referral(county, status=Status.ACCEPTED)

    said = words(referral, county.alma)

    assert said["姓名"] == "王小麦"
    assert said["转入机构"] == "县人民医院"
    assert "高血压3级" in said["初步印象"]
    assert "186/112" in said["现病史与转诊理由"]
    assert said["转诊指征"].startswith("血压明显升高")
    assert said["答复"].startswith("已接收，留床 心内科 12床")
    assert said["转诊医生"] == "阿尔玛"
    assert said["void"] == ""


def test_a_way_back_says_plan_results_and_follow_up(county):
    said = words(a_down_referral(county), county.tang)

    assert said["title"] == "双向转诊回转单"
    assert "2周后复诊" in said["下一步治疗与康复计划"]
    assert said["主要检查结果"].startswith("冠脉CTA")
    assert said["随访安排"] == "14天后首次随访"


def test_a_closed_slip_is_no_voucher(county):
    assert words(a_referral(county, status=Status.WITHDRAWN), county.alma)["void"] == "不作为就诊凭证"


def test_the_qr_code_says_nothing_about_the_person(county):
    referral = a_referral(county)

    text = slips.qr_text(referral)

    assert text == f"{referral.number} /referrals/{referral.uuid}/"
    assert referral.resident.name not in text


def test_identity_is_covered_for_who_may_not_see_it(county):
    referral = a_referral(county)

    technician = county.actor(county.user("tech", "technician", county.clinic))
    shown = dict(row for row in slips.slip_data(referral, actor=technician, at=later(1))["person"])

    assert shown["证件号"] != referral.resident.id_number
    assert words(referral, county.alma)["证件号"] == referral.resident.id_number


@pytest.fixture
def signature():
    out = io.BytesIO()
    picture = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(picture).line([(20, 90), (120, 20), (270, 100)], fill="black", width=4)
    picture.save(out, "PNG")
    return out.getvalue()


def test_the_pdf_carries_the_signature_and_leaves_a_look_in_the_trail(county, signature):
    from xinglin.platform.models import AuditRecord

    resident = a_resident(county)
    referral = actions.send_referral(
        resident=resident, visit=a_visit(resident=resident, by=county.alma),
        route=Route(county.clinic.pk, county.hospital.pk, "ordinary"), slip=UP_SLIP,
        consent=dataclasses.replace(CONSENT, signature_png=signature), by=county.alma, at=NOW,
    )  # fmt: skip

    pdf = slips.slip_pdf(visible_referral(county.du, referral.uuid), actor=county.du, at=later(2))

    assert pdf.startswith(b"%PDF-")
    assert AuditRecord.objects.filter(
        event="referral.slip-printed", subject_uuid=resident.uuid, actor_id=county.du.user_id
    ).exists()


def test_treat_first_sign_later_stands_on_the_slip(county):
    resident = a_resident(county)
    referral = actions.send_referral(
        resident=resident, visit=None, route=Route(county.clinic.pk, county.hospital.pk, "emergency"), slip=UP_SLIP,
        consent_waived="患者昏迷，家属未到", by=county.alma, at=NOW,
    )  # fmt: skip

    said = words(referral, county.alma)

    assert said["banner"] == "急诊绿色通道 · 先救治，后补签"
    assert said["consent"]["waived"] == "患者昏迷，家属未到"
    actions.sign_later(referral=referral, consent=CONSENT, by=county.du, at=later(60))
    assert words(Referral.objects.get(pk=referral.pk), county.alma)["banner"] == "急诊绿色通道"


def test_a_consent_on_paper_is_not_attested(county):
    said = words(a_referral(county), county.alma)

    assert said["consent"]["unsigned"] == "纸质签署，原件留存转出机构"
    assert said["sign_here"].startswith("签字：____")


def test_a_slip_lists_what_is_attached_and_leaves_out_what_is_empty(county):
    referral = a_referral(county)

    said = words(referral, county.alma)

    assert "转入科室" not in said
    assert said["附件"].startswith(f"就诊记录 {referral.visit.number}，2026-11-20 ")


def test_the_conclusion_of_an_ecg_stands_on_the_slip_and_is_proposed_for_the_way_back(county):
    critical = a_critical(county)
    request = critical.request
    slip = dataclasses.replace(UP_SLIP, attachments=(Attachment("request", request.uuid),))
    referral = a_referral(county, status=Status.DISCHARGED, resident=request.resident, slip=slip, at=later(10))

    listed = words(referral, county.alma)["附件"]
    proposed = return_page(county.sun, visible_referral(county.sun, referral.uuid), at=later(60))

    assert f"心电图 {request.number}，2026-11-20 " in listed
    assert request.reports.get().conclusion in listed
    assert proposed.attached == [f"request:{request.uuid}"]


def test_the_stub_of_a_way_back_names_its_diagnosis(county):
    stub = dict(words(a_down_referral(county), county.tang)["stub"])

    assert "下转诊断" in stub
    assert "初步印象" not in stub
