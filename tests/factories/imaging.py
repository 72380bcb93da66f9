"""Images that pydicom carries, and studies and requests made through the actions."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from tests.factories.county import NOW, START, County
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.models import Centre, Request
from xinglin.imaging import actions
from xinglin.imaging.data import Source, Way
from xinglin.imaging.models import DicomNode, Study
from xinglin.platform.actors import system_actor

LISTENER = system_actor("dicom")


def a_file(name: str = "CT_small.dcm", *, fresh: bool = True, **tags: Any) -> BinaryIO:
    """An image of the pydicom wheel with the header changed by `tags`; `fresh` gives it identifiers of its own."""
    dataset = dcmread(str(get_testdata_file(name)))
    if fresh:
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
        dataset.SOPInstanceUID = generate_uid()
    if any(isinstance(value, str) and not value.isascii() for value in tags.values()):
        dataset.SpecificCharacterSet = "GB18030"
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    written = io.BytesIO()
    dataset.save_as(written)
    written.seek(0)
    return written


def a_path(folder: Path, name: str = "CT_small.dcm", **tags: Any) -> Path:
    """The same as a file on disk."""
    path = folder / f"{generate_uid()}.dcm"
    path.write_bytes(a_file(name, **tags).read())
    return path


def named(resident: Any) -> dict[str, str]:
    """Tags that name a resident as a device does that picked him from the work list."""
    return {
        "PatientName": resident.name, "PatientID": resident.id_number or resident.number,
        "PatientBirthDate": f"{resident.born_on:%Y%m%d}", "PatientSex": {"1": "M", "2": "F"}.get(resident.sex, "O"),
    }  # fmt: skip


def a_node(county: County, *, ae_title: str = "DR1", address: str = "127.0.0.1", **fields: Any) -> DicomNode:
    """The DR machine of the township hospital; the same one each time it is asked for."""
    found = DicomNode.objects.filter(ae_title=ae_title, address=address, is_active=True).first()
    fields.setdefault("facility_id", county.township.pk)
    return found or actions.admit_node(
        ae_title=ae_title, address=address, name="卫生院DR", by=LISTENER, at=START, **fields
    )


def from_device(county: County) -> Source:
    """What the DR machine of the township hospital sends."""
    return Source(way=Way.C_STORE, facility_id=county.township.pk, node_id=a_node(county).pk)


def an_imaging_centre(county: County, **fields: Any) -> Centre:
    """The imaging centre of the county, at the county hospital."""
    found = Centre.objects.filter(code="IMG01").first()
    return found or diagnostics.open_centre(
        code="IMG01", name="县域影像诊断中心", kind="IMAGING", facility_id=county.hospital.pk, by=system_actor("setup"),
        at=START, **fields,
    )  # fmt: skip


def an_imaging_request(
    county: County, *, items: tuple[str, ...] = ("ct-head",), resident: Any = None, at: datetime = NOW, **fields: Any
) -> Request:
    """A request of Tang's, at the township hospital, that awaits its images."""
    fields.setdefault("centre", an_imaging_centre(county))
    by = fields.pop("by", county.tang)
    asked = Asked(
        items=items, resident=resident or a_resident(county), from_facility_id=county.township.pk,
        question="头痛3天，排除颅内出血", **fields,
    )  # fmt: skip
    return diagnostics.place_request(asked=asked, by=by, at=at)


def a_study(county: County, name: str = "CT_small.dcm", *, at: datetime = NOW, **tags: Any) -> Study:
    """A study of one image as the DR machine sends it."""
    taken = actions.take_in_instance(content=a_file(name, **tags), source=from_device(county), by=LISTENER, at=at)
    return Study.objects.get(pk=taken.study.pk)


def images_of(county: County, request: Request, name: str = "CT_small.dcm", *, at: datetime = NOW) -> Study:
    """The images of a request: its number is their accession number."""
    return a_study(county, name, at=at, AccessionNumber=request.number, **named(request.resident))
