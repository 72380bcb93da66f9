"""DICOMweb as a viewer and a program speak it."""

import json
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.factories.accounts import a_token
from tests.factories.county import NOW, County
from tests.factories.imaging import a_file, a_study, an_imaging_request, images_of
from xinglin.imaging.dicom import read_header
from xinglin.imaging.dicom.metadata import metadata
from xinglin.imaging.models import Instance, Refusal, Study
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord


def client(county: County, who: str) -> Client:
    scopes = getattr(county, who).permissions
    return Client(headers={"Authorization": f"Bearer {a_token(county.users[who], *scopes, at=clock.now()).secret}"})


def looks() -> int:
    return AuditRecord.objects.filter(event="study.viewed").count()


def parts(response) -> list[bytes]:
    boundary = re.search("boundary=([^;]+)", response["Content-Type"])[1].strip('"').encode()
    content = b"".join(response) if response.streaming else response.content
    return [part.split(b"\r\n\r\n", 1)[1][:-2] for part in content.split(b"--" + boundary)[1:-1]]


def test_a_study_is_found_with_its_series_and_instances(county: County):
    study = images_of(county, an_imaging_request(county))
    bo = client(county, "bo")

    found = bo.get(f"/dicom-web/studies?StudyInstanceUID={study.study_uid}").json()
    series = bo.get(f"/dicom-web/studies/{study.study_uid}/series").json()
    uid = series[0]["0020000E"]["Value"][0]
    instances = bo.get(f"/dicom-web/studies/{study.study_uid}/series/{uid}/instances").json()

    assert found[0]["00100010"]["Value"][0]["Alphabetic"] == study.resident.name
    assert (found[0]["00081050"] if "00081050" in found[0] else found[0]["00080061"])["Value"] == ["CT"]
    assert series[0]["00201209"]["Value"] == [1]
    assert instances[0]["00280010"]["Value"] == [128]


def test_a_stranger_finds_nothing_and_reads_nothing(county: County):
    study = images_of(county, an_imaging_request(county))
    cai = client(county, "cai")

    assert cai.get("/dicom-web/studies").json() == []
    for path in ("", "/series", "/metadata", "/thumbnail"):
        assert cai.get(f"/dicom-web/studies/{study.study_uid}{path}").status_code == 404
    assert Client().get("/dicom-web/studies").status_code == 401
    assert looks() == 0


def test_a_look_is_recorded_once_however_many_frames_are_read(county: County):
    study = images_of(county, an_imaging_request(county))
    instance = Instance.objects.select_related("series").get()
    bo = client(county, "bo")
    base = f"/dicom-web/studies/{study.study_uid}/series/{instance.series.series_uid}"
    before = AuditRecord.objects.count()

    for path in ("/metadata", f"/instances/{instance.sop_uid}/frames/1", f"/instances/{instance.sop_uid}/rendered"):
        for _ in range(3):
            response = bo.get(base + path)
            assert response.status_code == 200
            b"".join(response) if response.streaming else None

    assert looks() == 1
    assert AuditRecord.objects.count() == before + 1
    assert AuditRecord.objects.latest("id").subject_uuid == study.resident.uuid


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "examples_rgb_color.dcm"]
)
def test_frames_are_the_pixels_of_the_file(county: County, name: str):
    study = images_of(county, an_imaging_request(county), name)
    instance = Instance.objects.select_related("series").get()
    bo = client(county, "bo")

    response = bo.get(
        f"/dicom-web/studies/{study.study_uid}/series/{instance.series.series_uid}/instances/{instance.sop_uid}/frames/1"
    )

    dataset = dcmread(get_testdata_file(name))
    expected = dataset.pixel_array
    got = np.frombuffer(parts(response)[0], f"<u{dataset.BitsAllocated // 8}")
    assert np.array_equal(got, expected.astype(expected.dtype.newbyteorder("<")).view(got.dtype).ravel())


def test_frames_of_a_cine_loop_are_read_one_by_one_in_their_compression(county: County):
    study = images_of(county, an_imaging_request(county), "examples_ybr_color.dcm")
    instance = Instance.objects.select_related("series").get()
    bo = client(county, "bo")
    base = f"/dicom-web/studies/{study.study_uid}/series/{instance.series.series_uid}/instances/{instance.sop_uid}"

    two = bo.get(f"{base}/frames/1,30")
    none = bo.get(f"{base}/frames/31")
    wrong = bo.get(f"{base}/frames/x")

    pictures = [Image.open(BytesIO(part)) for part in parts(two)]
    assert [picture.size for picture in pictures] == [(320, 240), (320, 240)]
    assert b"1.2.840.10008.1.2.4.50" in two.content
    assert (none.status_code, wrong.status_code) == (422, 422)


def test_a_whole_study_is_retrieved_as_it_was_sent(county: County):
    request = an_imaging_request(county)
    study = images_of(county, request)

    response = client(county, "bo").get(f"/dicom-web/studies/{study.study_uid}")

    assert dcmread(BytesIO(parts(response)[0])).AccessionNumber == request.number


def test_metadata_carry_no_pixels_and_no_private_tags(county: County):
    study = images_of(county, an_imaging_request(county))

    response = client(county, "bo").get(f"/dicom-web/studies/{study.study_uid}/metadata")

    found = json.loads(b"".join(response))
    assert found[0]["00080018"]["Value"]
    assert "7FE00010" not in found[0]
    assert not [tag for tag in found[0] if int(tag[3], 16) % 2]


def test_pictures_are_drawn_for_lists(county: County):
    study = images_of(county, an_imaging_request(county), "MR_small.dcm")

    response = client(county, "bo").get(f"/dicom-web/studies/{study.study_uid}/thumbnail")

    assert response["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(response.content)).size == (64, 64)


def test_people_are_not_looked_up_through_images(county: County):
    bo = client(county, "bo")
    assert bo.get("/dicom-web/studies?PatientName=王*").status_code == 422
    assert bo.get("/dicom-web/studies?PatientID=3704*").status_code == 422


def test_former_studies_of_one_person_are_found_by_his_number_where_one_may_see_them(county: County):
    request = an_imaging_request(county)
    study, resident = images_of(county, request), request.resident

    def found(program: Client, number: str) -> list[str]:
        rows = program.get(f"/dicom-web/studies?PatientID={number}").json()
        return [each["0020000D"]["Value"][0] for each in rows]

    bo, cai = client(county, "bo"), client(county, "cai")
    assert found(bo, resident.id_number) == found(bo, resident.number) == [study.study_uid]
    assert found(bo, "1CT1") == []
    assert found(cai, resident.number) == []


def stow(client: Client, *files: bytes, end: bool = True, query: str = ""):
    body = b"".join(b"--B\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n" for file in files)
    kind = 'multipart/related; type="application/dicom"; boundary=B'
    return client.generic(
        "POST", f"/dicom-web/studies{query}", body + (b"--B--\r\n" if end else b""), content_type=kind
    )


def test_stow_takes_what_is_good_and_says_what_is_not(county: County):
    tang = client(county, "tang")

    both = stow(tang, a_file().read(), b"no image")
    good = stow(tang, a_file().read())
    bad = stow(tang, b"no image")

    assert (both.status_code, good.status_code, bad.status_code) == (202, 200, 409)
    assert Instance.objects.count() == 2
    assert Refusal.objects.filter(code="dicom-not-dicom").count() == 2
    assert set(Study.objects.values_list("facility__code", "way")) == {("T01", "STOW-RS")}


def test_stow_that_ends_early_is_refused_and_keeps_what_was_whole(county: County):
    response = stow(client(county, "tang"), a_file().read()[:5000], end=False)

    assert (response.status_code, response.json()["code"]) == (422, "truncated-body")
    assert not Instance.objects.exists()


def test_stow_is_for_who_takes_images(county: County):
    assert stow(client(county, "bo"), a_file().read()).status_code == 409
    assert stow(Client(), a_file().read()).status_code == 401
    assert not Instance.objects.exists()


def test_a_session_without_its_csrf_token_stores_nothing(county: County):
    from tests.factories.accounts import sign_in

    county.tang  # noqa: B018
    browser = sign_in(Client(enforce_csrf_checks=True), county.users["tang"])

    assert stow(browser, a_file().read()).status_code == 403


def test_a_search_keeps_its_number_of_queries(county: County, django_assert_max_num_queries):
    for _ in range(3):
        a_study(county, at=NOW)
    bo = client(county, "bo")

    with django_assert_max_num_queries(14):
        bo.get("/dicom-web/studies")


def test_one_damaged_element_is_left_out_of_what_the_viewer_is_told(tmp_path: Path):
    content = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
    place = content.index(b"\x18\x00\x50\x00DS")  # slice thickness
    path = tmp_path / "damaged.dcm"
    path.write_bytes(content[: place + 4] + b"ZZ" + content[place + 6 :])

    assert read_header(path).rows == 128
    found = metadata(path, url="u", syntax="1.2.840.10008.1.2.1")

    assert "00180050" not in found
    assert found["00280010"]["Value"] == [128]
