"""From the file of an instance to its header: lengths first, then what it claims, then whom and what it names.

The walk over the structure happens on a memory map: neither memory nor time grows with what a length field claims.
"""

import hashlib
import mmap
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID, MediaStorageDirectoryStorage

from xinglin.diagnostics import api as diagnostics
from xinglin.diagnostics.data import PatientInFile
from xinglin.imaging.dicom import limits
from xinglin.imaging.dicom.limits import bad
from xinglin.platform.errors import DomainError, InvalidInput

#: Read of every instance; nothing else is parsed.
TAGS = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality",
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime",
    "StudyDescription", "SeriesNumber", "SeriesDescription", "BodyPartExamined", "InstanceNumber", "Rows", "Columns",
    "NumberOfFrames", "BitsAllocated", "SamplesPerPixel", "PhotometricInterpretation",
)  # fmt: skip
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_quiet_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Header:
    """What is kept of an instance beside its bytes."""

    study_uid: str
    series_uid: str
    sop_uid: str
    sop_class: str
    transfer_syntax: str
    modality: str
    patient: PatientInFile
    accession_number: str
    study_id: str
    study_description: str
    taken_at: datetime | None
    series_number: int | None
    series_description: str
    body_part: str
    number: int | None
    rows: int
    columns: int
    frames: int
    bits: int
    digest: str = ""


def read_header(path: Path) -> Header:
    """Check the whole file and read its header.

    :raises InvalidInput: ``dicom-…``: no DICOM, cut, lying lengths, a syntax that is not taken, pixels beyond any
        device, no UIDs. The message says where.
    """
    structure, digest = _structure(path)
    try:
        with quiet():
            dataset = dcmread(path, stop_before_pixels=True, specific_tags=list(TAGS))
            header = _header(dataset, structure.syntax)
            _check_pixels(dataset, header, structure)
    except DomainError:
        raise
    except Exception as fault:  # whatever a damaged value makes the parser raise, the file is at fault
        raise bad(
            "dicom-damaged", _("DICOM 文件内容损坏，无法读取（{fault}）。"), fault=type(fault).__name__
        ) from fault
    return replace(header, digest=digest)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the parser's warnings about values; one thread at a time, as filters are global."""
    with _quiet_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _structure(path: Path) -> tuple[Any, str]:
    """What the walk found, and the digest of the dataset."""
    with path.open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            raise bad("dicom-not-dicom", _("不是 DICOM 文件。"))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                found = diagnostics.check_structure(data, compressed=limits.COMPRESSED_SYNTAXES)
                with memoryview(data) as view, view[found.starts_at :] as dataset:
                    return found, hashlib.sha256(dataset).hexdigest()
            except InvalidInput as error:
                # The walk is shared with the ECG, whose codes are kept.
                code = "dicom-transfer-syntax" if error.code == "ecg-compressed" else f"dicom-{error.code[4:]}"
                raise InvalidInput(error.message, code=code, fields=error.fields) from error


def _header(dataset: Dataset, syntax: str) -> Header:
    if dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise bad("dicom-not-an-image", _("这是光盘目录（DICOMDIR），不是影像。"), place="(0002,0002)")
    sop_class = _uid(dataset, "SOPClassUID", "(0008,0016)")
    if not sop_class.startswith(_STORAGE):
        raise bad(
            "dicom-not-an-image",
            _("这份 DICOM 文件不是影像（{kind}）。"),
            place="(0008,0016)",
            kind=UID(sop_class).name,
        )
    return Header(
        study_uid=_uid(dataset, "StudyInstanceUID", "(0020,000D)"),
        series_uid=_uid(dataset, "SeriesInstanceUID", "(0020,000E)"),
        sop_uid=_uid(dataset, "SOPInstanceUID", "(0008,0018)"),
        sop_class=sop_class,
        transfer_syntax=syntax,
        modality=text_of(dataset, "Modality")[:16] or "OT",
        patient=_patient(dataset),
        accession_number=text_of(dataset, "AccessionNumber")[:16],
        study_id=text_of(dataset, "StudyID")[:16],
        study_description=text_of(dataset, "StudyDescription")[:64],
        taken_at=_moment(dataset),
        series_number=_number(dataset, "SeriesNumber"),
        series_description=text_of(dataset, "SeriesDescription")[:64],
        body_part=text_of(dataset, "BodyPartExamined")[:16],
        number=_number(dataset, "InstanceNumber"),
        rows=_number(dataset, "Rows") or 0,
        columns=_number(dataset, "Columns") or 0,
        frames=_number(dataset, "NumberOfFrames") or (1 if "Rows" in dataset else 0),
        bits=_number(dataset, "BitsAllocated") or 0,
    )


def _check_pixels(dataset: Dataset, header: Header, structure: Any) -> None:
    """What the header claims about pixels must be possible, and be there."""
    if not header.rows and structure.pixel_bytes is None:
        return  # a report, a waveform, a plan
    if not (0 < header.rows <= limits.MAX_SIDE and 0 < header.columns <= limits.MAX_SIDE):
        raise bad(
            "dicom-too-many-pixels", _("影像声明为 {rows}×{columns} 像素，超出可接受的范围（每边最多 {most}）。"),
            place="(0028,0010)", rows=header.rows, columns=header.columns, most=limits.MAX_SIDE,
        )  # fmt: skip
    pixels = header.rows * header.columns * header.frames
    if not 0 < header.frames <= limits.MAX_FRAMES or pixels > limits.MAX_PIXELS:
        raise bad(
            "dicom-too-many-pixels", _("影像声明有 {n} 帧，超出可接受的范围。"), place="(0028,0008)", n=header.frames
        )
    if structure.pixel_bytes is None:
        return  # pixels as floats, or none: the rows describe a segmentation or dose kept elsewhere
    if header.transfer_syntax in limits.NATIVE_SYNTAXES:
        samples = _number(dataset, "SamplesPerPixel") or 1
        wanted = (pixels * samples * header.bits + 7) // 8
        if text_of(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
            wanted = wanted * 2 // 3
        if structure.pixel_bytes < wanted:
            raise bad(
                "dicom-truncated", _("像素数据不完整：应有 {wanted} 字节，只有 {n} 字节。请重新发送。"),
                place="(7FE0,0010)", wanted=wanted, n=structure.pixel_bytes,
            )  # fmt: skip
    elif not structure.n_fragments or not structure.pixel_bytes:
        raise bad("dicom-truncated", _("压缩的像素数据是空的。请重新发送。"), place="(7FE0,0010)")


def _uid(dataset: Dataset, name: str, place: str) -> str:
    value = text_of(dataset, name)
    if not _UID.fullmatch(value) or len(value) > 64:
        raise bad("dicom-bad-uid", _("DICOM 标识 {place} 缺失或无效。"), place=place)
    return value


def text_of(dataset: Dataset, name: str) -> str:
    """A value as text without NUL and the blanks around it; the first of several."""
    value = dataset.get(name)
    if value is None:
        return ""
    if isinstance(value, list | tuple) or type(value).__name__ == "MultiValue":
        value = value[0] if len(value) else ""
    return str(value).replace("\x00", "").strip()


def _number(dataset: Dataset, name: str) -> int | None:
    try:
        number = int(text_of(dataset, name))
    except ValueError:
        return None
    return number if -(2**31) <= number < 2**31 else None


def _patient(dataset: Dataset) -> PatientInFile:
    return PatientInFile(
        name=text_of(dataset, "PatientName")[:194],
        id=text_of(dataset, "PatientID")[:64],
        birth_date=_day(text_of(dataset, "PatientBirthDate")),
        sex=text_of(dataset, "PatientSex")[:1].upper(),
    )


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError:
        return None


def _moment(dataset: Dataset) -> datetime | None:
    """Study date and time are those on the wall of the place."""
    day = _day(text_of(dataset, "StudyDate"))
    if day is None or day.year < 1900:  # noqa: PLR2004 - before X-rays
        return None
    digits = re.sub(r"\D", "", text_of(dataset, "StudyTime").split(".")[0])[:6].ljust(6, "0")
    try:
        wall = datetime.strptime(f"{day:%Y%m%d}{digits}", "%Y%m%d%H%M%S")
    except ValueError:
        wall = datetime(day.year, day.month, day.day)
    return timezone.make_aware(wall)
