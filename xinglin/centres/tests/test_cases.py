"""Teaching cases: nothing in their files says whose they were; found and seen by clinical staff."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from pydicom import Dataset, Sequence, dcmread

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.diagnostics import a_request, an_ecg_file
from tests.factories.imaging import a_file, a_study, an_imaging_request, named
from tests.factories.residents import a_resident
from xinglin.centres import actions, queries
from xinglin.centres.deidentifying import deidentified
from xinglin.diagnostics import actions as diagnostics
from xinglin.platform import files
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord

SAID = {"title": "急性下壁心梗的典型演变", "points": "看Ⅱ、Ⅲ、aVF的ST段与对应导联。"}


def an_image_report(county, resident=None, **tags):
    resident = resident or a_resident(county)
    request = an_imaging_request(county, resident=resident)
    a_study(county, AccessionNumber=request.number, **named(resident), **tags)
    diagnostics.claim_request(request=request, by=county.bo, at=later(1))
    diagnostics.write_final(request=request, findings="未见异常", conclusion="未见明显异常", by=county.bo, at=later(2))
    request.refresh_from_db()
    return request


def bytes_of(case):
    return [files.path_of(each.file.sha256).read_bytes() for each in case.files.select_related("file")]


def test_nothing_in_the_copy_says_whose_it_was(county: County):
    resident = a_resident(county, name="王小麦")
    item = Dataset()
    item.PatientID, item.PersonName = "深处的王小麦", "王小麦"
    request = an_image_report(
        county, resident, PatientComments="王小麦，住东沟", InstitutionName="县人民医院", ReferringPhysicianName="阿尔玛",
        OtherPatientIDsSequence=Sequence([item]), RequestAttributesSequence=Sequence([item]), StudyDescription="王小麦头颅",
        AdditionalPatientHistory="既往史",
    )  # fmt: skip
    source = dcmread(image_of(request))

    case = actions.make_case(request=request, **SAID, by=county.bo, at=later(5))

    (content,) = bytes_of(case)
    for word in ("王小麦", "阿尔玛", "县人民医院", "东沟", "既往史", resident.number, request.number):
        assert word.encode() not in content
        assert word.encode("gb18030") not in content
    copy = dcmread(io.BytesIO(content))
    assert copy.PatientIdentityRemoved == "YES"
    for uid in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        assert copy[uid].value != source[uid].value
    assert copy.file_meta.MediaStorageSOPInstanceUID == copy.SOPInstanceUID
    assert (copy.pixel_array == source.pixel_array).all()
    assert not [each for each in copy.iterall() if each.tag.is_private]
    assert (case.kind, case.modality, case.may_show_text) == ("IMAGING", "CT", False)
    assert not hasattr(case, "request")
    assert AuditRecord.objects.get(event="teaching-case.made").detail["request"] == str(request.uuid)


def image_of(request):
    from xinglin.imaging.api import instance_paths

    (path,) = instance_paths(request)
    return path


def test_identifiers_agree_among_the_files_of_a_case_and_with_nothing_else(tmp_path):
    first, second = tmp_path / "1.dcm", tmp_path / "2.dcm"
    content = a_file(fresh=False).read()
    first.write_bytes(content)
    second.write_bytes(content)

    (_a, one), (_b, two) = deidentified([first, second], forbidden=[])
    ((_c, again),) = deidentified([first], forbidden=[])

    assert one.StudyInstanceUID == two.StudyInstanceUID
    assert one.StudyInstanceUID != again.StudyInstanceUID


def test_what_the_profile_missed_stops_the_copy(tmp_path):
    path = tmp_path / "1.dcm"
    path.write_bytes(a_file(fresh=False, Manufacturer="张三医疗").read())
    with pytest.raises(Conflict, match="Manufacturer"):
        list(deidentified([path], forbidden=["张三医疗"]))
    path.write_bytes(b"no dicom at all")
    with pytest.raises(InvalidInput):
        list(deidentified([path], forbidden=[]))


def test_a_device_that_writes_into_the_picture_wants_a_look(county: County):
    request = an_image_report(county, BurnedInAnnotation="YES")
    with pytest.raises(InvalidInput) as refused:
        actions.make_case(request=request, **SAID, by=county.bo, at=later(5))
    assert refused.value.code == "burned-in"
    assert actions.make_case(request=request, **SAID, no_text_seen=True, by=county.bo, at=later(5)).may_show_text


def test_an_ecg_is_taught_without_its_annotations(county: County):
    resident = a_resident(county, name="赵铁柱")
    request = a_request(
        county, status="FINAL", resident=resident, recordings=[an_ecg_file(PatientName="赵铁柱", PatientID="370403196001010011")]
    )  # fmt: skip
    case = actions.make_case(request=request, **SAID, by=county.bo, at=later(5))

    (content,) = bytes_of(case)
    assert "赵铁柱".encode("gb18030") not in content
    assert b"370403196001010011" not in content
    assert b"RITMO" not in content
    assert (case.kind, case.age_group) == ("ECG", "60-69")


def test_the_texts_may_not_name_the_person_and_only_readers_of_reports_make_cases(county: County):
    resident = a_resident(county, name="赵铁柱")
    request = a_request(county, status="FINAL", resident=resident)
    for wrong in ({"points": "赵铁柱，男"}, {"title": request.number}, {"title": ""}):
        with pytest.raises(InvalidInput):
            actions.make_case(request=request, **SAID | wrong, by=county.bo, at=later(5))
    with pytest.raises(NotPermitted):
        actions.make_case(request=request, **SAID, by=county.alma, at=later(5))
    with pytest.raises(Conflict):
        actions.make_case(request=a_request(county), **SAID, by=county.bo, at=later(5))


def test_clinical_staff_finds_and_sees_it_until_it_is_withdrawn(county: County):
    request = a_request(county, status="FINAL")
    county.alma  # noqa: B018 - makes the account
    bo, alma = sign_in(Client(), county.users["bo"]), sign_in(Client(), county.users["alma"])
    assert (
        reverse("centres:make_case", args=[request.uuid])
        in bo.get(reverse("diagnostics:detail", args=[request.uuid])).content.decode()
    )
    refused = bo.post(reverse("centres:make_case", args=[request.uuid]), {"title": "x"})
    assert refused.status_code == 422
    assert bo.post(reverse("centres:make_case", args=[request.uuid]), SAID).status_code == 302
    case = queries.cases_found(county.alma, text="下壁").rows[0]

    assert SAID["title"] in alma.get(reverse("centres:cases") + "?q=下壁&kind=ECG").content.decode()
    assert SAID["title"] not in alma.get(reverse("centres:cases") + "?q=肺炎").content.decode()
    text = alma.get(reverse("centres:case", args=[case.uuid])).content.decode()
    assert request.resident.name not in text
    assert request.number not in text
    assert alma.get(reverse("centres:case_picture", args=[case.uuid, 1])).content.startswith(b"<svg")
    assert alma.get(reverse("centres:case_file", args=[case.uuid, 1])).content[128:132] == b"DICM"
    assert alma.post(reverse("centres:withdraw_case", args=[case.uuid])).status_code == 403
    assert bo.post(reverse("centres:withdraw_case", args=[case.uuid])).status_code == 302
    with pytest.raises(NotVisible):
        queries.visible_case(county.alma, case.uuid)
    with pytest.raises(NotVisible):
        queries.visible_case(county.mei, case.uuid)
