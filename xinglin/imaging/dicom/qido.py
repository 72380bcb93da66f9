"""DICOM JSON (PS3.18 annex F) of what is kept in the database."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from xinglin.imaging.dicom.reading import Header

Json = dict[str, Any]


def element(vr: str, *values: object) -> Json:
    """One element; without values it is present and empty."""
    given = [each for each in values if each not in (None, "")]
    return {"vr": vr, "Value": given} if given else {"vr": vr}


def name(text: str) -> Json:
    """A person's name in its groups: alphabetic, ideographic, phonetic."""
    groups = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), (text or "").split("="), strict=False))
    return element("PN", {key: value for key, value in groups.items() if value} or None)


def header_json(header: Header) -> Json:
    """What QIDO-RS answers of an instance beside the columns of its row."""
    return {"00280100": element("US", header.bits or None)}


def day_and_time(at: datetime | None) -> tuple[str, str]:
    """As DA and TM, on the wall of the county."""
    if at is None:
        return "", ""
    local = timezone.localtime(at)
    return f"{local:%Y%m%d}", f"{local:%H%M%S}"


def study_json(study: Any, *, url: str) -> Json:
    """A study as QIDO-RS answers it. Of a matched study the resident is named, else whom the file names."""
    day, time = day_and_time(study.taken_at)
    return {
        "00080005": element("CS", "ISO_IR 192"),
        "00080020": element("DA", day),
        "00080030": element("TM", time),
        "00080050": element("SH", study.accession_number),
        "00080056": element("CS", "ONLINE"),
        "00080061": element("CS", *study.modalities),
        "00080090": element("PN"),
        "00081030": element("LO", study.description),
        "00081190": element("UR", f"{url}/studies/{study.study_uid}"),
        "00100010": name(study.patient_name or ""),
        "00100020": element("LO", study.patient_id or ""),
        "00100030": element("DA", f"{study.patient_born_on:%Y%m%d}" if study.patient_born_on else ""),
        "00100040": element("CS", study.patient_sex),
        "0020000D": element("UI", study.study_uid),
        "00200010": element("SH", study.study_id),
        "00201206": element("IS", study.n_series),
        "00201208": element("IS", study.n_instances),
    }


def series_json(series: Any, *, url: str) -> Json:
    """A series as QIDO-RS answers it."""
    study = series.study
    return {
        "00080005": element("CS", "ISO_IR 192"),
        "00080060": element("CS", series.modality),
        "0008103E": element("LO", series.description),
        "00081190": element("UR", f"{url}/studies/{study.study_uid}/series/{series.series_uid}"),
        "00180015": element("CS", series.body_part),
        "0020000D": element("UI", study.study_uid),
        "0020000E": element("UI", series.series_uid),
        "00200011": element("IS", series.number),
        "00201209": element("IS", series.n_instances),
    }


def instance_json(instance: Any, *, url: str) -> Json:
    """An instance as QIDO-RS answers it."""
    series = instance.series
    address = f"{url}/studies/{series.study.study_uid}/series/{series.series_uid}/instances/{instance.sop_uid}"
    return {
        "00080005": element("CS", "ISO_IR 192"),
        "00080016": element("UI", instance.sop_class),
        "00080018": element("UI", instance.sop_uid),
        "00080056": element("CS", "ONLINE"),
        "00081190": element("UR", address),
        "00083002": element("UI", instance.transfer_syntax),
        "0020000D": element("UI", series.study.study_uid),
        "0020000E": element("UI", series.series_uid),
        "00200013": element("IS", instance.number),
        "00280008": element("IS", instance.frames or None),
        "00280010": element("US", instance.rows or None),
        "00280011": element("US", instance.columns or None),
        **instance.header,
    }
