"""From the request to the report of images: one reading room, one work list for each kind of centre."""

import pytest
from django.test import Client

from tests.factories.accounts import browser_of, sign_in
from tests.factories.county import NOW, County, later
from tests.factories.imaging import an_imaging_centre, an_imaging_request, images_of
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics import actions, api, documents, policies, queries
from xinglin.diagnostics.models import Centre, Request
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted

SAID = {"findings": "脑实质内未见异常密度影。", "conclusion": "头颅CT平扫未见明显异常。", "codes": ["ct-head-normal"]}
BLEEDS = {
    "findings": "左侧基底节区见团块状高密度影。", "conclusion": "左侧基底节区脑出血。", "codes": ["ct-head-haemorrhage"],
    "is_abnormal": True, "criticals": ["img-intracranial-haemorrhage"],
}  # fmt: skip


def test_a_request_waits_for_its_images_before_anybody_can_read_it(county: County):
    request = an_imaging_request(county)

    assert (request.number[0], request.modality, request.items[0]["title"]) == ("Y", "CT", "头颅CT平扫")
    assert queries.worklist(county.bo) == []
    with pytest.raises(Conflict) as caught:
        actions.claim_request(request=request, by=county.bo, at=later(1))
    assert caught.value.code == "not-performed"

    images_of(county, request, at=later(20))
    assert [each.pk for each in queries.worklist(county.bo, kind="IMAGING")] == [request.pk]
    assert queries.worklist(county.bo, kind="ECG") == []


@pytest.mark.parametrize(
    ("items", "code"),
    [((), "invalid-input"), (("no-such-item",), "invalid-input"), (("ct-head", "dr-chest-pa"), "several-modalities")],
)
def test_a_request_says_what_is_to_be_taken_on_one_device(county: County, items: tuple[str, ...], code: str):
    with pytest.raises(InvalidInput) as caught:
        an_imaging_request(county, items=items)

    assert caught.value.code == code
    assert not Request.objects.exists()


def test_a_request_of_images_is_claimed_put_back_reported_and_amended_as_an_ecg_is(county: County):
    request = an_imaging_request(county)
    images_of(county, request)

    actions.claim_request(request=request, by=county.bo, at=later(5))
    actions.release_request(request=request, by=county.bo, at=later(6))
    request.refresh_from_db()
    assert request.status == "PERFORMED"
    actions.claim_request(request=request, by=county.bo, at=later(7))
    actions.write_final(request=request, **BLEEDS, by=county.bo, at=later(9))
    actions.amend_report(request=request, **SAID, reason="复核为钙化", by=county.bo, at=later(20))

    request.refresh_from_db()
    assert (request.status, request.critical_values.get().status) == ("AMENDED", "SUPERSEDED")
    assert request.critical_values.get().code == "img-intracranial-haemorrhage"


def test_where_the_centre_asks_for_two_steps_a_second_doctor_signs(county: County):
    Centre.objects.filter(pk=an_imaging_centre(county).pk).update(two_step=True)
    request = an_imaging_request(county, centre=Centre.objects.get(code="IMG01"))
    images_of(county, request)
    senior = county.actor(county.user("bo2", "reading-doctor", county.hospital))
    actions.claim_request(request=request, by=county.bo, at=later(1))

    with pytest.raises(Conflict):
        actions.write_final(request=request, **SAID, by=county.bo, at=later(2))
    actions.write_preliminary(request=request, **SAID, by=county.bo, at=later(3))
    with pytest.raises(NotPermitted) as caught:
        actions.write_final(request=request, **SAID, by=county.bo, at=later(4))
    actions.write_final(request=request, **SAID, by=senior, at=later(5))

    assert caught.value.code == "own-preliminary"
    request.refresh_from_db()
    assert [report.author_id for report in request.reports.order_by("version")] == [county.bo.user_id, senior.user_id]


def test_the_reading_room_shows_images_priors_question_and_templates(county: County):
    resident = a_resident(county)
    before = an_imaging_request(county, resident=resident, at=later(days=-30))
    images_of(county, before, at=later(days=-30))
    request = an_imaging_request(county, resident=resident, at=clock.now())
    study = images_of(county, request, at=clock.now())
    actions.claim_request(request=request, by=county.bo, at=clock.now())

    shown = browser_of(county, "bo").get(f"/diagnostics/{request.uuid}/").content.decode()

    assert f"/viewer/viewer?StudyInstanceUIDs={study.study_uid}" in shown
    assert shown.count("/thumbnail") == 2
    for text in (
        "头颅CT平扫",
        "排除颅内出血",
        "既往影像",
        "影像所见",
        "急性颅内出血",
        "ct-head-haemorrhage",
        "图像质量",
    ):
        assert text in shown, text
    assert "ecg-viewer src" not in shown


def test_the_grade_of_the_pictures_is_kept_with_the_report(county: County):
    request = an_imaging_request(county, at=clock.now())
    images_of(county, request, at=clock.now())
    actions.claim_request(request=request, by=county.bo, at=clock.now())

    browser_of(county, "bo").post(
        f"/diagnostics/{request.uuid}/final/",
        {"findings": SAID["findings"], "conclusion": SAID["conclusion"], "codes": "ct-head-normal", "grade": "B"},
    )

    mark = request.quality_marks.get()
    assert (mark.stage, mark.grade, mark.marked_by_name) == ("INTAKE", "B", "薄")


def test_a_sample_is_read_a_second_time_by_somebody_else(county: County):
    drawn = an_imaging_request(county)
    images_of(county, drawn)
    actions.claim_request(request=drawn, by=county.bo, at=later(1))
    actions.write_final(request=drawn, **SAID, by=county.bo, at=later(2))
    senior = county.actor(county.user("bo2", "reading-doctor", county.hospital))

    with pytest.raises(NotPermitted):
        actions.mark_quality(request=drawn, stage="SAMPLE", grade="A", agrees=True, by=county.bo, at=later(5))
    actions.mark_quality(request=drawn, stage="SAMPLE", grade="A", agrees=False, remark="漏诊", by=senior, at=later(5))

    assert drawn.quality_marks.get().agrees is False


def test_the_print_carries_the_key_images(county: County):
    request = an_imaging_request(county)
    images_of(county, request, "MR_small.dcm")
    actions.claim_request(request=request, by=county.bo, at=later(1))
    actions.write_final(request=request, **SAID, by=county.bo, at=later(2))

    _request, content = documents.report_pdf(county.bo, request.uuid, at=later(3))

    assert content.startswith(b"%PDF")
    assert content.count(b"/Subtype /Image") + content.count(b"/Subtype/Image") >= 1


def test_a_rejected_examination_is_repeated_with_a_link(county: County):
    request = an_imaging_request(county)
    images_of(county, request)
    actions.claim_request(request=request, by=county.bo, at=later(1))
    actions.reject_request(request=request, reason="POSITION", remark="体位不正", by=county.bo, at=later(2))
    request.refresh_from_db()

    again = an_imaging_request(county, resident=request.resident, repeats=request, at=later(5))

    assert again.repeats == request
    assert not policies.can_take_images(request)


def test_a_doctor_asks_for_images_from_the_visit(county: County):
    centre = an_imaging_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.alma, at=clock.now())
    alma = browser_of(county, "alma")

    form = alma.get(f"/diagnostics/imaging/request/{visit.uuid}/").content.decode()
    refused = alma.post(
        f"/diagnostics/imaging/request/{visit.uuid}/",
        {"centre": centre.uuid, "question": "咳嗽", "priority": "ROUTINE"},
    )
    done = alma.post(
        f"/diagnostics/imaging/request/{visit.uuid}/",
        {"centre": centre.uuid, "question": "咳嗽3周", "priority": "URGENT", "items": ["dr-chest-pa"]},
    )

    assert "胸部正位片" in form
    assert (refused.status_code, done.status_code) == (422, 302)
    assert Request.objects.get().modality == "DX"
    assert api.waiting_for(county.bo, at=NOW) == []


def test_pages_of_the_queue_the_study_and_the_devices_open(county: County):
    from tests.factories.imaging import a_node, a_study

    a_node(county)
    study = a_study(county, PatientName="李四", AccessionNumber="Y0")
    an_imaging_request(county)
    bo = browser_of(county, "bo")
    admin = county.user("admin", "system-administrator", county.hospital, everywhere=True)

    assert "李四" in bo.get("/imaging/queue/").content.decode()
    detail = bo.get(f"/imaging/studies/{study.uuid}/").content.decode()
    assert "没有找到检查号对应的申请" in detail
    assert "姓名不一致" in detail
    assert bo.get("/imaging/devices/").status_code == 403
    devices = sign_in(Client(), admin).get("/imaging/devices/")
    assert devices.status_code in {200, 302}
