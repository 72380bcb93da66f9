"""Taking in: what is kept, what is kept once, what is refused and how."""

import io
import time
import tracemalloc
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.filebase import DicomBytesIO
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from tests.factories.county import NOW, County
from tests.factories.imaging import LISTENER, a_file, a_study, from_device
from xinglin.imaging import actions
from xinglin.imaging.actions import Outcome
from xinglin.imaging.data import Source, Way
from xinglin.imaging.models import Conflict, Instance, Study
from xinglin.platform import files
from xinglin.platform.errors import InvalidInput, NotPermitted, TooLarge
from xinglin.platform.models import AuditRecord, OutboxEvent, StoredFile

WHEEL = [
    "CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "693_J2KI.dcm",
    "JPEG-lossy.dcm", "JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm", "examples_ybr_color.dcm", "examples_rgb_color.dcm",
    "examples_palette.dcm", "SC_rgb_jpeg_gdcm.dcm", "rtdose.dcm", "test-SR.dcm", "liver_1frame.dcm", "waveform_ecg.dcm",
]  # fmt: skip


def take(county: County, content, **fields):
    fields.setdefault("source", from_device(county))
    return actions.take_in_instance(content=content, by=fields.pop("by", LISTENER), at=NOW, **fields)


def refused(county: County, content) -> str:
    with pytest.raises(InvalidInput) as caught:
        take(county, io.BytesIO(content))
    assert Study.objects.count() == 0
    assert str(caught.value)
    return caught.value.code


def as_bytes(dataset) -> bytes:
    written = io.BytesIO()
    dataset.save_as(written, enforce_file_format=True)
    return written.getvalue()


@pytest.mark.parametrize("name", WHEEL)
def test_every_kind_of_image_a_device_sends_is_kept_byte_for_byte(county: County, name: str):
    sent = Path(str(get_testdata_file(name))).read_bytes()

    taken = take(county, io.BytesIO(sent))

    kept = Instance.objects.select_related("file", "series__study").get()
    assert taken.outcome == Outcome.STORED
    assert files.path_of(kept.file.sha256).read_bytes() == sent
    assert (kept.series.n_instances, kept.series.study.n_instances, kept.series.study.n_series) == (1, 1, 1)
    assert kept.series.study.modalities == [kept.series.modality]
    assert files.check(kept.file)


def test_the_same_image_sent_again_is_kept_once(county: County):
    sent = a_file().read()
    take(county, io.BytesIO(sent))

    again = take(county, io.BytesIO(sent))

    assert again.outcome == Outcome.REPEATED
    assert (Instance.objects.count(), StoredFile.objects.count(), Study.objects.get().n_instances) == (1, 1, 1)


def test_the_same_image_in_another_encoding_is_the_same(county: County):
    dataset = dcmread(a_file("MR_small.dcm"))
    dataset.remove_private_tags()
    take(county, io.BytesIO(as_bytes(dataset)))
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian

    again = take(county, io.BytesIO(as_bytes(dataset)))

    assert again.outcome == Outcome.REPEATED
    assert Conflict.objects.count() == 0


def test_another_image_under_the_same_name_is_kept_apart_and_refused(county: County):
    first = dcmread(a_file())
    kept = take(county, io.BytesIO(as_bytes(first)))
    first.PixelData = bytes(len(first.PixelData))

    other = take(county, io.BytesIO(as_bytes(first)))
    again = take(county, io.BytesIO(as_bytes(first)))

    assert (other.outcome, again.outcome) == (Outcome.CONFLICT, Outcome.CONFLICT)
    conflict = Conflict.objects.get()
    assert conflict.instance == kept.instance
    assert conflict.file_id != Instance.objects.get().file_id
    assert Study.objects.get().n_instances == 1


def test_a_second_person_in_one_study_is_refused(county: County):
    first = dcmread(a_file(PatientName="王小麦", PatientID="1"))
    take(county, io.BytesIO(as_bytes(first)))
    first.PatientName, first.PatientID = "李四", "2"
    first.SOPInstanceUID = first.file_meta.MediaStorageSOPInstanceUID = generate_uid()

    with pytest.raises(InvalidInput) as caught:
        take(county, io.BytesIO(as_bytes(first)))

    assert caught.value.code == "dicom-study-of-another-person"
    assert Instance.objects.count() == 1


def test_a_series_of_another_study_is_refused(county: County):
    first = dcmread(a_file())
    take(county, io.BytesIO(as_bytes(first)))
    first.StudyInstanceUID = generate_uid()
    first.SOPInstanceUID = first.file_meta.MediaStorageSOPInstanceUID = generate_uid()

    with pytest.raises(InvalidInput) as caught:
        take(county, io.BytesIO(as_bytes(first)))

    assert caught.value.code == "dicom-series-of-another-study"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_image_is_refused(county: County, share: float):
    whole = a_file().read().rstrip(b"\0")

    assert refused(county, whole[: int(len(whole) * share)]) in {"dicom-truncated", "dicom-damaged", "dicom-not-dicom"}


def test_what_is_no_image_is_refused(county: County):
    assert refused(county, b"") == "dicom-not-dicom"
    assert refused(county, b"PK\x03\x04" + bytes(400)) == "dicom-not-dicom"
    assert refused(county, Path(str(get_testdata_file("DICOMDIR"))).read_bytes()) == "dicom-not-an-image"


def test_an_image_that_claims_sixty_thousand_by_sixty_thousand_pixels_is_refused_at_once(county: County):
    dataset = dcmread(a_file())
    dataset.Rows = dataset.Columns = 60_000
    content = as_bytes(dataset)
    tracemalloc.start()
    began = time.perf_counter()

    code = refused(county, content)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code == "dicom-too-many-pixels"
    assert time.perf_counter() - began < 1
    assert peak < 20 * 1024 * 1024


def test_fewer_pixels_than_the_header_says_are_refused(county: County):
    dataset = dcmread(a_file())
    dataset.NumberOfFrames = 40

    assert refused(county, as_bytes(dataset)) == "dicom-truncated"


def test_a_length_field_that_lies_is_refused_without_the_memory_it_asks_for(county: County):
    content = bytearray(a_file().read())
    at = content.index(b"\xe0\x7f\x10\x00OW")
    content[at + 8 : at + 12] = (0xFFFFFFF0).to_bytes(4, "little")
    tracemalloc.start()

    code = refused(county, bytes(content))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code == "dicom-truncated"
    assert peak < 20 * 1024 * 1024


def test_a_transfer_syntax_that_is_not_taken_is_named(county: County):
    dataset = dcmread(a_file())
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    written = DicomBytesIO()
    dataset.save_as(written)

    assert refused(county, written.getvalue()) == "dicom-transfer-syntax"


def test_compressed_bytes_under_an_uncompressed_name_are_refused(county: County):
    content = bytearray(a_file("JPEG2000.dcm").read())
    content = content.replace(b"1.2.840.10008.1.2.4.91", b"1.2.840.10008.1.2.1\0\0\0")

    assert refused(county, bytes(content)) in {"dicom-damaged", "dicom-truncated"}


def test_an_image_without_identifiers_is_refused(county: County):
    for tag in ("StudyInstanceUID", "SeriesInstanceUID"):
        assert refused(county, a_file(**{tag: ""}).read()) == "dicom-bad-uid"


def test_a_file_beyond_the_bound_is_refused_and_leaves_nothing(county: County, monkeypatch):
    monkeypatch.setattr("xinglin.imaging.actions.intake.MAX_BYTES", 10_000)

    with pytest.raises(TooLarge):
        take(county, a_file())

    assert StoredFile.objects.count() == 0


def test_only_who_takes_images_at_the_facility_sends_them(county: County):
    source = Source(way=Way.UPLOAD, facility_id=county.township.pk)

    with pytest.raises(NotPermitted):
        take(county, a_file(), source=source, by=county.cai)

    assert take(county, a_file(), source=source, by=county.tang).outcome == Outcome.STORED


def test_every_image_leaves_a_trace_and_the_study_is_announced_once(county: County):
    dataset = dcmread(a_file())
    for _ in range(3):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        take(county, io.BytesIO(as_bytes(dataset)))

    assert AuditRecord.objects.filter(event="study.instance-stored").count() == 3
    assert OutboxEvent.objects.filter(event="study.received").count() == 1
    assert Study.objects.get().n_instances == 3


def test_names_in_gb18030_are_read(county: County):
    study = a_study(county, PatientName="王小麦", PatientID="370403")

    assert study.patient_name == "王小麦"
