"""DICOM ECG waveforms: 12-Lead, General and General 32-bit ECG Waveform Storage (PS3.3 A.34.3, A.34.4, C.10.9)."""

import math
import threading
import warnings as python_warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    AmbulatoryECGWaveformStorage,
    ExplicitVRBigEndian,
    General32bitECGWaveformStorage,
    GeneralECGWaveformStorage,
    TwelveLeadECGWaveformStorage,
)

from xinglin.diagnostics.data import PatientInFile
from xinglin.diagnostics.ecg import moments
from xinglin.diagnostics.ecg.assembling import (
    Channel,
    assemble,
    check_sampling,
    check_size,
    in_millivolt,
    warn,
)
from xinglin.diagnostics.ecg.dicom_annotations import measurements_in, statements_in, text_of
from xinglin.diagnostics.ecg.dicom_structure import check_structure
from xinglin.diagnostics.ecg.limits import MAX_CHANNELS, bad
from xinglin.diagnostics.ecg.naming import lead_name, millivolt_per
from xinglin.diagnostics.ecg.recording import (
    DICOM_12_LEAD,
    DICOM_GENERAL,
    EcgRecording,
    Filters,
    ReadingWarning,
)
from xinglin.platform.errors import DomainError

_FORMATS = {
    TwelveLeadECGWaveformStorage: DICOM_12_LEAD,
    GeneralECGWaveformStorage: DICOM_GENERAL,
    General32bitECGWaveformStorage: DICOM_GENERAL,
}
#: bits allocated and sample interpretation → numpy type without byte order (µ-law and A-law are not read)
_SAMPLE_TYPES = {
    (8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "i2", (16, "US"): "u2", (32, "SL"): "i4", (32, "UL"): "u4",
}  # fmt: skip
_quiet_lock = threading.Lock()


def read_dicom(data: bytes) -> EcgRecording:
    """Read the rhythm of a DICOM ECG from the bytes of a file that begins like DICOM.

    :raises InvalidInput: see `xinglin.diagnostics.ecg.read_ecg`
    """
    syntax = check_structure(data).syntax
    try:
        with _quiet():
            return _recording(dcmread(BytesIO(data)), ">" if syntax == ExplicitVRBigEndian else "<")
    except DomainError:
        raise
    except Exception as fault:  # whatever a damaged value makes the parser raise, the file is at fault
        raise bad("ecg-damaged", _("DICOM 文件内容损坏，无法读取（{fault}）。"), fault=type(fault).__name__) from fault


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the parser's warnings about values we check ourselves; one thread at a time, as filters are global."""
    with _quiet_lock, python_warnings.catch_warnings():
        python_warnings.simplefilter("ignore")
        yield


def _recording(dataset: Dataset, order: str) -> EcgRecording:
    sop_class = UID(text_of(dataset, "SOPClassUID"))
    if sop_class == AmbulatoryECGWaveformStorage:
        raise bad("ecg-ambulatory", _("这是动态心电图，不是静息心电图。"), place="(0008,0016)")
    if sop_class not in _FORMATS:
        raise bad(
            "ecg-not-an-ecg",
            _("这份 DICOM 文件不是心电图（{kind}）。"),
            place="(0008,0016)",
            kind=sop_class.name or "?",
        )
    groups = list(dataset.get("WaveformSequence") or [])
    if not groups:
        raise bad("ecg-no-waveform", _("DICOM 文件中没有波形数据。"), place="(5400,0100)")
    noticed: list[ReadingWarning] = []
    rhythm = _rhythm_groups(groups, noticed)
    sampling_hz = check_sampling(_number(rhythm[0], "SamplingFrequency"), place="(003A,001A)")
    start = min(_number(group, "MultiplexGroupTimeOffset", 0) for group in rhythm)
    channels = [channel for group in rhythm for channel in _channels(group, order, sampling_hz, start, noticed)]
    return assemble(
        channels, sampling_hz=sampling_hz, warnings=noticed, format=_FORMATS[sop_class],
        recorded_at=_recorded_at(dataset), patient=_patient(dataset), device=_device(dataset),
        filters=_filters(rhythm[0]), measurements=measurements_in(dataset), statements=statements_in(dataset),
        sop_instance_uid=text_of(dataset, "SOPInstanceUID"), series_uid=text_of(dataset, "SeriesInstanceUID"),
        study_uid=text_of(dataset, "StudyInstanceUID"),
    )  # fmt: skip


def _rhythm_groups(groups: list[Dataset], noticed: list[ReadingWarning]) -> list[Dataset]:
    """The multiplex groups as acquired, without averaged beats, that share a sampling rate with the fullest one."""
    acquired = [
        group
        for group in groups
        if text_of(group, "WaveformOriginality") != "DERIVED"
        and "MEDIAN" not in text_of(group, "MultiplexGroupLabel").upper()
    ]
    if not acquired:
        raise bad("ecg-no-waveform", _("文件中只有平均心搏，没有原始节律波形。"), place="(5400,0100)")
    fullest = max(acquired, key=lambda group: _number(group, "NumberOfWaveformChannels", 0))
    alike = [
        group
        for group in acquired
        if _number(group, "SamplingFrequency", 0) == _number(fullest, "SamplingFrequency", 0)
    ]
    if len(alike) < len(acquired):
        warn(noticed, "other-groups", _("文件中另有采样率不同的波形，未显示。"))
    return [fullest, *(group for group in alike if group is not fullest)]


def _channels(
    group: Dataset, order: str, sampling_hz: float, start_ms: float, noticed: list[ReadingWarning]
) -> list[Channel]:
    encoded = _encoded(group, order, sampling_hz)
    definitions = list(group.get("ChannelDefinitionSequence") or [])
    if len(definitions) != encoded.shape[1]:
        raise bad(
            "ecg-sample-count", _("声明 {n} 个通道，却定义了 {m} 个。"), place="(003A,0200)",
            n=encoded.shape[1], m=len(definitions),
        )  # fmt: skip
    offset_ms = _number(group, "MultiplexGroupTimeOffset", 0) - start_ms
    if not 0 <= offset_ms <= 600_000:
        raise bad("ecg-damaged", _("波形组的时间偏移无效。"), place="(0018,1068)")
    padding = _padding(group, encoded.dtype)
    channels = []
    for index, definition in enumerate(definitions):
        samples = _millivolts(definition, encoded[:, index], index, padding, noticed)
        if samples is not None:
            name = _lead(definition) or text_of(definition, "ChannelLabel")[:16] or f"CH{index + 1}"
            channels.append(Channel(name, samples, round(offset_ms / 1000 * sampling_hz)))
    return channels


def _encoded(group: Dataset, order: str, sampling_hz: float) -> NDArray[Any]:
    """Samples as stored, one row for each moment; the declared size is checked before anything is made of it."""
    n_channels, n_samples = (
        int(_number(group, "NumberOfWaveformChannels")),
        int(_number(group, "NumberOfWaveformSamples")),
    )
    if n_channels < 1 or n_channels > MAX_CHANNELS:
        raise bad(
            "ecg-no-leads",
            _("通道数 {n} 无效（应为 1–{most}）。"),
            place="(003A,0005)",
            n=n_channels,
            most=MAX_CHANNELS,
        )
    if n_samples < 1:
        raise bad("ecg-empty-lead", _("每通道采样数为 0，没有波形。"), place="(003A,0010)")
    check_size(n_channels, n_samples, sampling_hz, place="(003A,0010)")
    bits, kind = int(_number(group, "WaveformBitsAllocated")), text_of(group, "WaveformSampleInterpretation")
    if (bits, kind) not in _SAMPLE_TYPES:
        raise bad(
            "ecg-sample-format",
            _("不支持的采样格式（{bits} 位，{kind}）。"),
            place="(5400,1006)",
            bits=bits,
            kind=kind or "?",
        )
    stored = group.get("WaveformData") or b""
    expected = n_channels * n_samples * bits // 8
    if not isinstance(stored, bytes) or len(stored) < expected:
        raise bad(
            "ecg-truncated", _("波形数据不完整：应有 {n} 字节，实有 {m} 字节。"), place="(5400,1010)",
            n=expected, m=len(stored) if isinstance(stored, bytes) else 0,
        )  # fmt: skip
    if len(stored) > expected + 1:  # one byte pads to an even length
        raise bad(
            "ecg-sample-count", _("波形数据比声明的多：应有 {n} 字节，实有 {m} 字节。"), place="(5400,1010)",
            n=expected, m=len(stored),
        )  # fmt: skip
    flat = np.frombuffer(stored, dtype=np.dtype(order + _SAMPLE_TYPES[bits, kind]), count=n_channels * n_samples)
    return flat.reshape(n_samples, n_channels)


def _millivolts(
    definition: Dataset, encoded: NDArray[Any], index: int, padding: int | None, noticed: list[ReadingWarning]
) -> NDArray[np.float32] | None:
    """One channel in millivolt: sample × sensitivity × correction + baseline, in the unit given; None if no voltage."""
    place = str(text_of(definition, "ChannelLabel") or _lead(definition) or f"CH{index + 1}")
    units = definition.get("ChannelSensitivityUnitsSequence") or []
    sensitivity = _number(definition, "ChannelSensitivity", math.nan)
    if not units or math.isnan(sensitivity):
        raise bad("ecg-scale", _("{place} 没有灵敏度或单位，无法按比例显示。"), place=place)
    to_millivolt = millivolt_per(text_of(units[0], "CodeValue"))
    if to_millivolt is None:
        warn(noticed, "other-channels", _("文件中另有非心电通道，未显示。"))
        return None
    samples = in_millivolt(
        encoded,
        per_unit=sensitivity * _number(definition, "ChannelSensitivityCorrectionFactor", 1) * to_millivolt,
        baseline=_number(definition, "ChannelBaseline", 0) * to_millivolt,
        place=place,
    )
    if padding is not None and bool((missing := encoded == padding).any()):
        samples[missing] = np.nan
        warn(noticed, "missing-samples", _("部分采样缺失，波形中有空白。"))
    return samples


def _padding(group: Dataset, dtype: np.dtype[Any]) -> int | None:
    stored = group.get("WaveformPaddingValue")
    if not isinstance(stored, bytes) or len(stored) < dtype.itemsize:
        return stored if isinstance(stored, int) else None
    return int(np.frombuffer(stored, dtype=dtype, count=1)[0])


def _lead(definition: Dataset) -> str:
    source = definition.get("ChannelSourceSequence") or []
    coded = [text_of(source[0], "CodeValue"), text_of(source[0], "CodeMeaning")] if source else []
    return lead_name(*coded, text_of(definition, "ChannelLabel"))


def _filters(group: Dataset) -> Filters:
    definitions = group.get("ChannelDefinitionSequence") or [Dataset()]
    low, high, notch = (
        _number(definitions[0], keyword, 0)
        for keyword in ("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency")
    )
    return Filters(*(value if 0 < value <= 10_000 else None for value in (low, high, notch)))


def _recorded_at(dataset: Dataset) -> Any:
    offset = text_of(dataset, "TimezoneOffsetFromUTC")
    for when in (
        text_of(dataset, "AcquisitionDateTime"),
        text_of(dataset, "AcquisitionDate") + text_of(dataset, "AcquisitionTime"),
        text_of(dataset, "ContentDate") + text_of(dataset, "ContentTime"),
        text_of(dataset, "StudyDate") + text_of(dataset, "StudyTime"),
    ):
        moment = moments.moment(when, offset=offset)
        if moment is not None:
            return moment
    return None


def _patient(dataset: Dataset) -> PatientInFile:
    sex = text_of(dataset, "PatientSex").upper()
    return PatientInFile(
        name=_person(dataset), id=text_of(dataset, "PatientID"),
        birth_date=moments.day(text_of(dataset, "PatientBirthDate")),
        sex=sex if sex in {"M", "F", "O"} else "",
    )  # fmt: skip


def _person(dataset: Dataset) -> str:
    """The name in characters if there is one, else in letters; parts joined as the script wants it."""
    alphabetic, _sep, rest = text_of(dataset, "PatientName").partition("=")
    characters = rest.partition("=")[0]
    if characters.strip("^ "):
        return "".join(characters.split("^")).strip()
    return " ".join(part for part in alphabetic.split("^") if part).strip()


def _device(dataset: Dataset) -> str:
    parts = (text_of(dataset, "Manufacturer"), text_of(dataset, "ManufacturerModelName"))
    return " ".join(part for part in parts if part)


def _number(dataset: Dataset, keyword: str, default: float | None = None) -> float:
    """A single number, `default` when absent; refused when required and absent, or no number."""
    value = dataset.get(keyword)
    if value is None or value == "":
        if default is None:
            raise bad("ecg-damaged", _("缺少 DICOM 元素 {place}。"), place=keyword)
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise bad("ecg-damaged", _("DICOM 元素 {place} 不是一个数。"), place=keyword) from None
    if not math.isfinite(number):
        raise bad("ecg-damaged", _("DICOM 元素 {place} 不是一个数。"), place=keyword)
    return number
