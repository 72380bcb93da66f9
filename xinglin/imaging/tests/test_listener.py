"""The listener: who is let in, what is answered, and what one association may cost."""

import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, StoragePresentationContexts, build_context
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    MRImageStorage,
    Verification,
)

from tests.factories.county import County
from tests.factories.imaging import a_file, a_node, an_imaging_request
from xinglin.imaging.listener import server
from xinglin.imaging.models import Instance, Refusal, Study
from xinglin.platform import clock, files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(settings: Any) -> Iterator[int]:
    """A listener on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    stop = server.serve(host="127.0.0.1", port=number)
    yield number
    stop()


def associated(port: int, *, calling: str = "DR1", called: str = "XINGLIN", contexts: Any = None) -> Any:
    entity = AE(calling)
    entity.requested_contexts = contexts or StoragePresentationContexts[:100] + [build_context(Verification)]
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    return entity.associate("127.0.0.1", port, ae_title=called)


def test_what_a_device_sends_is_on_disk_when_it_is_told_so(county: County, port: int):
    a_node(county)
    association = associated(port)
    sent = dcmread(a_file(PatientName="王小麦"))

    answers = [association.send_c_store(sent).Status, association.send_c_store(sent).Status]
    association.release()

    kept = Instance.objects.select_related("file", "series__study").get()
    assert answers == [0x0000, 0x0000]
    assert files.check(kept.file)
    assert dcmread(files.path_of(kept.file.sha256)) == sent
    assert (kept.series.study.facility, kept.series.study.patient_name) == (county.township, "王小麦")
    assert list((files.settings.FILES_DIR / "incoming-dicom").iterdir()) == []


@pytest.mark.parametrize(
    ("calling", "called", "why"), [("STRANGER", "XINGLIN", "calling"), ("DR1", "OTHERS", "called")]
)
def test_a_stranger_is_not_let_in(county: County, port: int, calling: str, called: str, why: str):
    a_node(county)

    association = associated(port, calling=calling, called=called)

    assert (association.is_established, association.is_rejected) == (False, True)


def test_a_known_title_from_another_address_is_not_let_in(county: County, port: int):
    a_node(county, address="10.1.2.3")

    assert associated(port).is_rejected


def test_other_content_under_a_known_name_is_answered_as_a_duplicate(county: County, port: int):
    a_node(county)
    association = associated(port)
    sent = dcmread(a_file())
    association.send_c_store(sent)
    sent.PixelData = bytes(len(sent.PixelData))

    answer = association.send_c_store(sent)
    association.release()

    assert answer.Status == 0x0111
    assert Instance.objects.count() == 1


def test_what_is_refused_is_answered_and_written_down(county: County, port: int):
    a_node(county)
    association = associated(port)
    sent = dcmread(a_file())
    sent.Rows = sent.Columns = 60_000

    answer = association.send_c_store(sent)
    sent = dcmread(a_file())
    after = association.send_c_store(sent)
    association.release()

    assert (answer.Status, answer.ErrorComment) == (0xC000, "dicom-too-many-pixels")
    assert after.Status == 0x0000
    refusal = Refusal.objects.get()
    assert (refusal.code, refusal.sender, refusal.node.ae_title) == ("dicom-too-many-pixels", "DR1 127.0.0.1", "DR1")


def test_a_device_that_may_not_store_is_told_so(county: County, port: int):
    a_node(county, may_store=False)
    association = associated(port)

    answer = association.send_c_store(dcmread(a_file()))
    association.release()

    assert answer.Status == 0x0124
    assert not Study.objects.exists()


def test_a_unit_that_announces_four_gigabytes_is_not_read(county: County, port: int):
    a_node(county)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"\x01\x00\xff\xff\xff\xf0" + bytes(1000))

        assert raw.recv(100)[:1] in {b"", b"\x07"}  # closed, or aborted

    assert associated(port, contexts=[build_context(Verification)]).send_c_echo().Status == 0x0000


def test_compressed_images_are_taken_in_the_syntax_they_have(county: County, port: int):
    a_node(county)
    sent = dcmread(a_file("MR_small_RLE.dcm"))
    association = associated(port, contexts=[build_context(MRImageStorage, sent.file_meta.TransferSyntaxUID)])

    assert association.send_c_store(sent).Status == 0x0000
    association.release()

    assert Instance.objects.get().transfer_syntax == sent.file_meta.TransferSyntaxUID


def test_a_connection_cut_in_mid_image_leaves_nothing(county: County, port: int):
    a_node(county)
    association = associated(port, contexts=[build_context(CTImageStorage)])
    dataset = dcmread(a_file())
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    whole = io.BytesIO()
    dataset.save_as(whole)
    association.dul.socket.socket.sendall(b"\x04\x00\x00\x00\x10\x00" + bytes(500))
    association.dul.socket.close()

    assert associated(port, contexts=[build_context(Verification)]).send_c_echo().Status == 0x0000
    assert not Instance.objects.exists()


def scheduled(association: Any, charset: str = "ISO_IR 192", **keys: str) -> list[Any]:
    query = Dataset()
    query.SpecificCharacterSet = charset
    query.PatientName, query.PatientID, query.AccessionNumber = keys.pop("PatientName", ""), "", ""
    step = Dataset()
    for name in ("Modality", "ScheduledProcedureStepStartDate"):
        setattr(step, name, keys.get(name, ""))
    query.ScheduledProcedureStepSequence = [step]
    return [
        row
        for status, row in association.send_c_find(query, ModalityWorklistInformationFind)
        if status.Status == 0xFF00
    ]


WORK = [build_context(ModalityWorklistInformationFind), build_context(ModalityPerformedProcedureStep)]


@pytest.mark.parametrize("charset", ["ISO_IR 192", "GB18030"])
def test_a_device_picks_the_patient_from_its_work_list_in_its_charset(county: County, port: int, charset: str):
    a_node(county)
    request = an_imaging_request(county, at=clock.now())
    association = associated(port, contexts=WORK)

    rows = scheduled(association, charset)
    association.release()

    assert [row.AccessionNumber for row in rows] == [request.number]
    assert rows[0].SpecificCharacterSet == charset
    assert "王小麦" in str(rows[0].PatientName)
    assert rows[0].ScheduledProcedureStepSequence[0].Modality == "CT"


def test_the_work_list_is_of_the_device_s_facility_and_what_it_asks_for(county: County, port: int):
    a_node(county)
    an_imaging_request(county, at=clock.now())
    today = f"{timezone.localdate():%Y%m%d}"
    association = associated(port, contexts=WORK)

    found = {
        "all": len(scheduled(association)),
        "modality": len(scheduled(association, Modality="CT")),
        "other modality": len(scheduled(association, Modality="DX")),
        "today": len(scheduled(association, ScheduledProcedureStepStartDate=today)),
        "long ago": len(scheduled(association, ScheduledProcedureStepStartDate="20200101-20200102")),
        "name": len(scheduled(association, PatientName="wang*")),
        "other name": len(scheduled(association, PatientName="li*")),
    }
    association.release()
    a_node(county, ae_title="OTHER", facility_id=county.other_township.pk)
    other = associated(port, calling="OTHER", contexts=WORK)
    found["other facility"] = len(scheduled(other))
    other.release()

    assert found == {
        "all": 1, "modality": 1, "other modality": 0, "today": 1, "long ago": 0, "name": 1, "other name": 0,
        "other facility": 0,
    }  # fmt: skip


def performed(accession: str) -> Dataset:
    said, scheduled_step = Dataset(), Dataset()
    scheduled_step.AccessionNumber = accession
    said.ScheduledStepAttributesSequence = [scheduled_step]
    said.PerformedProcedureStepStatus = "IN PROGRESS"
    return said


@pytest.mark.parametrize(("ending", "status"), [("COMPLETED", "PERFORMED"), ("DISCONTINUED", "REQUESTED")])
def test_what_a_device_says_of_its_step_moves_the_request(county: County, port: int, ending: str, status: str):
    a_node(county)
    request = an_imaging_request(county, at=clock.now())
    association = associated(port, contexts=WORK)
    uid = generate_uid()

    begun = association.send_n_create(performed(request.number), ModalityPerformedProcedureStep, uid)[0].Status
    request.refresh_from_db()
    meanwhile = request.status
    again = association.send_n_create(performed(request.number), ModalityPerformedProcedureStep, uid)[0].Status
    end = Dataset()
    end.PerformedProcedureStepStatus = ending
    done = association.send_n_set(end, ModalityPerformedProcedureStep, uid)[0].Status
    unknown = association.send_n_set(end, ModalityPerformedProcedureStep, generate_uid())[0].Status
    association.release()

    request.refresh_from_db()
    assert (begun, meanwhile, again, done, unknown) == (0x0000, "IN_PROGRESS", 0x0111, 0x0000, 0x0112)
    assert request.status == status
