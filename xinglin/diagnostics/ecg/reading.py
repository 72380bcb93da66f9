"""Read an ECG file: the format is told by content, never by name."""

from pathlib import Path
from typing import BinaryIO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics.ecg.aecg import looks_like_xml, read_aecg
from xinglin.diagnostics.ecg.dicom import read_dicom
from xinglin.diagnostics.ecg.dicom_structure import MAGIC, PREAMBLE
from xinglin.diagnostics.ecg.limits import MAX_BYTES, bad
from xinglin.diagnostics.ecg.recording import EcgRecording
from xinglin.platform.errors import TooLarge

_SCP_MARK = slice(16, 22)  # the reserved field of section 0 says "SCPECG" (EN 1064, 5.3.3)


def read_ecg(path_or_file: str | Path | BinaryIO, *, filename: str = "") -> EcgRecording:
    """Read one resting ECG from a path or an open binary file; `filename` is only used in messages.

    Reads DICOM 12-Lead, General and General 32-bit ECG Waveform Storage, and HL7 annotated ECG (aECG). SCP-ECG is
    recognised and refused (see README.md).

    :raises TooLarge: more than `MAX_BYTES` (code ``ecg-too-large``)
    :raises InvalidInput: anything else that is wrong. Codes: ``ecg-empty-file``, ``ecg-unknown-format``,
        ``ecg-scp-not-read``, ``ecg-truncated``, ``ecg-damaged``, ``ecg-not-an-ecg``, ``ecg-ambulatory``,
        ``ecg-compressed``, ``ecg-no-waveform``, ``ecg-no-leads``, ``ecg-empty-lead``, ``ecg-sample-count``,
        ``ecg-sample-format``, ``ecg-bad-sample``, ``ecg-sampling-rate``, ``ecg-scale``, ``ecg-too-long``, ``ecg-flat``
    :raises OSError: a path that cannot be opened
    """
    data = _content(path_or_file)
    name = filename or (Path(path_or_file).name if isinstance(path_or_file, str | Path) else "")
    if not data:
        raise bad("ecg-empty-file", _("文件{name}是空的。"), name=f"“{name}”" if name else "")
    if data[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC:
        return read_dicom(data)
    if looks_like_xml(data):
        return read_aecg(data)
    if data[_SCP_MARK] == b"SCPECG":
        raise bad("ecg-scp-not-read", _("暂不读取 SCP-ECG 文件，请在心电图机上改为导出 DICOM 心电或 HL7 aECG（XML）。"))
    raise bad(
        "ecg-unknown-format", _("文件{name}不是可识别的心电图，请上传 DICOM 心电（.dcm）或 HL7 aECG（.xml）。"),
        name=f"“{name}”" if name else "",
    )  # fmt: skip


def _content(path_or_file: str | Path | BinaryIO) -> bytes:
    if isinstance(path_or_file, str | Path):
        with Path(path_or_file).open("rb") as file:
            return _content(file)
    data = path_or_file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(
            format_lazy(_("心电图文件超过 {most} MB。"), most=MAX_BYTES // 1024 // 1024), code="ecg-too-large"
        )
    return data
