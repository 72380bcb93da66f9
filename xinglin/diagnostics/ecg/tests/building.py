"""Files made in the test: a DICOM ECG and an aECG with known voltages, each part open to be spoilt."""

from io import BytesIO
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    TwelveLeadECGWaveformStorage,
    generate_uid,
)

TWELVE = {
    "I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8,
}  # fmt: skip
HZ, SECONDS = 500, 10


def heart(n: int = HZ * SECONDS, *, hz: float = HZ, amplitude: float = 1.0) -> np.ndarray:
    """A beat each second with a spike as an R wave, in millivolt."""
    t = np.arange(n) / hz % 1.0
    return amplitude * (np.exp(-(((t - 0.4) / 0.01) ** 2)) + 0.2 * np.exp(-(((t - 0.65) / 0.04) ** 2)))


def voltages(n: int = HZ * SECONDS) -> dict[str, np.ndarray]:
    """Twelve leads that obey Einthoven and Goldberger."""
    one, two = heart(n, amplitude=0.6), heart(n, amplitude=1.1)
    limbs = {"I": one, "II": two, "III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return limbs | {f"V{i}": heart(n, amplitude=0.3 * i) for i in range(1, 7)}


def code(value: str, meaning: str = "", scheme: str = "MDC") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning or value
    return item


def channel(
    number: int, *, sensitivity: str = "2.5", unit: str = "uV", correction: str = "1", baseline: str = "0"
) -> Dataset:
    item = Dataset()
    item.ChannelSourceSequence = [code(f"2:{number}", "Lead")]
    item.ChannelSensitivity = sensitivity
    item.ChannelSensitivityUnitsSequence = [code(unit, unit, "UCUM")]
    item.ChannelSensitivityCorrectionFactor = correction
    item.ChannelBaseline = baseline
    item.WaveformBitsStored = 16
    item.FilterLowFrequency, item.FilterHighFrequency, item.NotchFilterFrequency = "0.05", "150", "50"
    return item


def group(
    leads: dict[str, np.ndarray], *, hz: float = HZ, uv: float = 2.5, dtype: str = "<i2", label: str = "RHYTHM"
) -> Dataset:
    """One multiplex group with these leads, in steps of `uv` microvolt."""
    item = Dataset()
    item.MultiplexGroupTimeOffset = "0"
    item.WaveformOriginality = "ORIGINAL"
    item.NumberOfWaveformChannels = len(leads)
    item.NumberOfWaveformSamples = len(next(iter(leads.values())))
    item.SamplingFrequency = str(hz)
    item.MultiplexGroupLabel = label
    item.ChannelDefinitionSequence = [channel(TWELVE[name], sensitivity=str(uv)) for name in leads]
    item.WaveformBitsAllocated = int(dtype[-1]) * 8
    item.WaveformSampleInterpretation = {"i1": "SB", "i2": "SS", "i4": "SL"}[dtype[-2:]]
    encoded = np.rint(np.column_stack(list(leads.values())) * 1000 / uv).astype(dtype)
    item.WaveformData = encoded.tobytes()
    return item


def ecg(**changes: Any) -> Dataset:
    """A whole ECG; `changes` set elements by keyword."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = TwelveLeadECGWaveformStorage, generate_uid(entropy_srcs=["ecg"])
    dataset.SpecificCharacterSet = "GB18030"
    dataset.Modality = "ECG"
    dataset.PatientName, dataset.PatientID = "Wang^Xiulan=王^秀兰", "P001"
    dataset.PatientBirthDate, dataset.PatientSex = "19560712", "F"
    dataset.AcquisitionDateTime = "20260312083045"
    dataset.Manufacturer, dataset.ManufacturerModelName = "Acme", "E12"
    dataset.WaveformSequence = [group(voltages())]
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    return dataset


def file_of(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    buffer = BytesIO()
    dataset.save_as(
        buffer, enforce_file_format=True, little_endian=syntax != ExplicitVRBigEndian,
        implicit_vr=syntax == ImplicitVRLittleEndian,
    )  # fmt: skip
    return buffer.getvalue()


def aecg(
    *, leads: dict[str, str] | None = None, increment: str = '<increment value="0.002" unit="s"/>', scale: str = "5",
    unit: str = "uV", origin: str = "0", series: str = "RHYTHM", prolog: str = "", annotations: str = "",
) -> bytes:  # fmt: skip
    """An HL7 annotated ECG; `leads` maps MDC codes to digits."""
    if leads is None:
        leads = {
            f"MDC_ECG_LEAD_{name.upper() if name[0] == 'V' else name}": " ".join(str(round(v * 200)) for v in mv)
            for name, mv in voltages(1000).items()
        }
    sequences = "".join(
        f'<component><sequence><code code="{name}" codeSystem="2.16.840.1.113883.6.24"/>'
        f'<value xsi:type="SLIST_PQ"><origin value="{origin}" unit="{unit}"/><scale value="{scale}" unit="{unit}"/>'
        f"<digits>{digits}</digits></value></sequence></component>"
        for name, digits in leads.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>{prolog}
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" classCode="OBS">
 <id root="1.2.3.4"/><code code="93000"/>
 <effectiveTime><low value="20260312083045.000+0800"/></effectiveTime>
 <componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject><id root="9" extension="S-77"/>
  <subjectDemographicPerson><name>李建国</name><administrativeGenderCode code="M"/><birthTime value="19600101"/>
  </subjectDemographicPerson></trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
 <component><series><id root="5.6.7"/><code code="{series}"/>
  <author><seriesAuthor><manufacturedSeriesDevice><manufacturerModelName>E12</manufacturerModelName>
   </manufacturedSeriesDevice><manufacturerOrganization><name>Acme</name></manufacturerOrganization>
  </seriesAuthor></author>
  <controlVariable><controlVariable><code code="MDC_ECG_CTL_VBL_ATTR_FILTER_LOW_PASS"/><component><controlVariable>
   <code code="MDC_ECG_CTL_VBL_ATTR_FILTER_CUTOFF_FREQ"/><value xsi:type="PQ" value="100" unit="Hz"/>
   </controlVariable></component></controlVariable></controlVariable>
  <component><sequenceSet>
   <component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">
    <head value="20260312083045.000"/>{increment}</value></sequence></component>{sequences}</sequenceSet></component>
  <subjectOf><annotationSet>
   <component><annotation><code code="MDC_ECG_HEART_RATE"/>
    <value xsi:type="PQ" value="60" unit="bpm"/></annotation></component>
   <component><annotation><code code="MDC_ECG_TIME_PD_QT"/>
    <value xsi:type="PQ" value="0.4" unit="s"/></annotation></component>
   <component><annotation><code code="MDC_ECG_INTERPRETATION"/><component><annotation>
    <code code="MDC_ECG_INTERPRETATION_STATEMENT"/><value xsi:type="ST">窦性心律</value></annotation>
    </component></annotation>
   </component>{annotations}</annotationSet></subjectOf>
 </series></component></AnnotatedECG>""".encode()
