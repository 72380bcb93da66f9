"""What an ECG file says, in one shape for every format."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from xinglin.diagnostics.data import PatientInFile

DICOM_12_LEAD, DICOM_GENERAL, AECG = "dicom-12lead", "dicom-general", "aecg"

#: the twelve standard leads in the order in which they are shown
STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, slots=True, eq=False)
class Lead:
    """One lead: `samples` in millivolt, float32, not writable. A sample the device marked as missing is NaN."""

    name: str
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters the device applied, in hertz; None when the file does not say."""

    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    notch_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One global measurement.

    `code` is one of `MEASUREMENTS`; `unit` is "bpm", "ms" or "°". `derived` marks a value that the file does not hold
    itself but that follows from one it holds (heart rate from the RR interval).
    """

    code: str
    name_zh: str
    name_en: str
    value: float
    unit: str
    derived: bool = False

    def text(self, *, english: bool) -> str:
        """Value and unit as pages and prints say it: a rate in whole beats, the rest with one decimal at most."""
        if self.unit == "bpm":
            return f"{self.value:.0f} {'bpm' if english else '次/分'}"
        return f"{round(self.value, 1):g}{'' if self.unit == '°' else ' '}{self.unit}"


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """Something a reader must know that does not forbid reading: `code` is stable, `message` is translated lazily."""

    code: str
    message: object


@dataclass(frozen=True, slots=True, eq=False)
class EcgRecording:
    """One resting ECG.

    All leads have the same number of samples and were taken at the same time. `leads` begins with the standard leads in
    the order of `STANDARD_LEADS`, then the others as in the file. `recorded_at` is aware; a file without a time zone is
    taken to be in the county's. `statements` are the device's own interpretation, in the file's words.
    """

    format: str
    leads: tuple[Lead, ...]
    sampling_hz: float
    duration_s: float
    recorded_at: datetime | None = None
    patient: PatientInFile = field(default_factory=PatientInFile)
    device: str = ""
    filters: Filters = field(default_factory=Filters)
    measurements: tuple[Measurement, ...] = ()
    statements: tuple[str, ...] = ()
    sop_instance_uid: str = ""
    series_uid: str = ""
    study_uid: str = ""
    warnings: tuple[ReadingWarning, ...] = ()

    @property
    def n_samples(self) -> int:
        """Samples of each lead."""
        return len(self.leads[0].samples)

    @property
    def lead_names(self) -> tuple[str, ...]:
        """Names of the leads, in order."""
        return tuple(lead.name for lead in self.leads)

    def lead(self, name: str) -> Lead | None:
        """The lead called `name`, or None."""
        return next((lead for lead in self.leads if lead.name == name), None)

    def measurement(self, code: str) -> Measurement | None:
        """The measurement with `code`, or None."""
        return next((each for each in self.measurements if each.code == code), None)


#: code → (Chinese name, English name, unit), in the order in which they are listed
MEASUREMENTS: dict[str, tuple[str, str, str]] = {
    "heart-rate": ("心率", "Heart rate", "bpm"),
    "rr-interval": ("RR间期", "RR interval", "ms"),
    "p-duration": ("P波时限", "P duration", "ms"),
    "pr-interval": ("PR间期", "PR interval", "ms"),
    "qrs-duration": ("QRS时限", "QRS duration", "ms"),
    "qt-interval": ("QT间期", "QT interval", "ms"),
    "qtc-interval": ("QTc间期", "QTc interval", "ms"),
    "p-axis": ("P电轴", "P axis", "°"),
    "qrs-axis": ("QRS电轴", "QRS axis", "°"),
    "t-axis": ("T电轴", "T axis", "°"),
}


def measured(code: str, value: float, *, derived: bool = False) -> Measurement:
    """The measurement `code` with its names and unit."""
    name_zh, name_en, unit = MEASUREMENTS[code]
    return Measurement(code, name_zh, name_en, value, unit, derived)
