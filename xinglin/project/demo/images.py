"""The images of the demonstration: real files of the pydicom package, sent by a device that picks the person from its
work list."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pydicom
from django.utils import timezone
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined]

from xinglin.accounts.models import User
from xinglin.diagnostics.actions import open_centre
from xinglin.diagnostics.models import Centre
from xinglin.imaging.actions import admit_node
from xinglin.imaging.models import DicomNode
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.project.demo import people

DEVICE = "DEMO_CT"
CENTRE = "IMG-DEMO"
_CR = Path(pydicom.__file__).parent / "data" / "test_files" / "dicomdirtests" / "77654033" / "CR1" / "6154"
#: A CT for the request; an MR and a radiograph that carry only whom they show.
FILES = {"CT": "CT_small.dcm", "MR": "MR_small.dcm", "CR": ""}


def prepare(*, at: datetime) -> None:
    """The imaging centre where the reading doctor works, and the device of the township hospital, once."""
    by = system_actor("demonstration")
    sign_ins = people.load()
    reader = User.objects.get(username=sign_ins["reading-doctor"].username).facility
    clinic = User.objects.get(username=sign_ins["village-doctor"].username).facility
    if reader is None or clinic is None or clinic.manager is None:
        return
    if not Centre.objects.filter(code=CENTRE).exists():
        open_centre(code=CENTRE, name="县域影像诊断中心", kind="IMAGING", facility_id=reader.pk, by=by, at=at)
    if not DicomNode.objects.filter(ae_title=DEVICE, is_active=True).exists():
        admit_node(ae_title=DEVICE, address="127.0.0.1", name="卫生院CT", facility_id=clinic.manager.pk, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Device:
    """The device of the township hospital."""

    port: int

    def work_list(self) -> list[Dataset]:
        """Whom it is to examine."""
        query, step = Dataset(), Dataset()
        query.SpecificCharacterSet = "GB18030"
        query.PatientName = query.AccessionNumber = ""
        step.Modality = "CT"
        query.ScheduledProcedureStepSequence = [step]
        association = self._associate([build_context(ModalityWorklistInformationFind)])
        try:
            answers = list(association.send_c_find(query, ModalityWorklistInformationFind))
        finally:
            association.release()
        return [row for status, row in answers if row is not None and status.Status == 0xFF00]  # noqa: PLR2004

    def send(self, modality: str, picked: Dataset, *, with_accession: bool) -> int:
        """Send the image of a modality for the person picked; returns the status of the answer."""
        image = pydicom.dcmread(str(get_testdata_file(FILES[modality])) if FILES[modality] else _CR)
        image.SpecificCharacterSet = "GB18030"
        for tag in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex"):
            setattr(image, tag, picked.get(tag))
        image.AccessionNumber = picked.AccessionNumber if with_accession else ""
        image.StudyInstanceUID = picked.StudyInstanceUID if with_accession else generate_uid()
        taken = timezone.localtime(clock.now())
        for tag in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
            setattr(image, tag, f"{taken:%Y%m%d}")
        image.StudyTime = f"{taken:%H%M%S}"
        image.SeriesInstanceUID = generate_uid()
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        association = self._associate([build_context(image.SOPClassUID, image.file_meta.TransferSyntaxUID)])
        try:
            return int(association.send_c_store(image).Status)
        finally:
            association.release()

    def _associate(self, contexts: list[Any]) -> Any:
        entity = AE(DEVICE)
        entity.requested_contexts = contexts
        association = entity.associate("127.0.0.1", self.port, ae_title="XINGLIN")
        if not association.is_established:
            raise OSError(f"the listener on port {self.port} does not answer")
        return association
