"""The ECG of the demonstration: a real 12-lead recording, its ST segments raised as in an anterior infarction.

The recording comes with the pydicom package and is a normal one; the journey needs one that the report can be true of.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

#: Raised (or lowered) by so many millivolts; the limb leads agree with Einthoven's law.
SHIFTS = {
    "V1": 0.15, "V2": 0.30, "V3": 0.35, "V4": 0.20, "II": -0.08, "III": -0.08, "aVF": -0.08, "aVR": 0.04, "aVL": 0.04,
}  # fmt: skip
#: Of a beat, in seconds after its R wave: the shift begins, is full, begins to fall, has gone.
BEGINS, FULL, FALLS, GONE = 0.045, 0.08, 0.20, 0.36


def write(path: Path, *, name: str, born_on: str, sex: str, at: datetime, raised: bool = True) -> Path:
    """Write the file, as recorded of a person (day as ISO 8601, sex as GB/T 2261.1) at a moment; `raised`: with the ST segments."""
    ecg = pydicom.dcmread(str(get_testdata_file("waveform_ecg.dcm")))
    rhythm = ecg.WaveformSequence[0]
    ecg.WaveformSequence = pydicom.Sequence([rhythm])  # the median beat is that of the recording as it was
    samples = ecg.waveform_array(0)  # microvolts
    shape = _shape(samples[:, 1], float(rhythm.SamplingFrequency))
    for number, channel in enumerate(rhythm.ChannelDefinitionSequence):
        lead = channel.ChannelSourceSequence[0].CodeMeaning.split()[1]
        steps = 1000 * (SHIFTS.get(lead, 0.0) if raised else 0.0) * shape / float(channel.ChannelSensitivity)
        samples[:, number] = np.round(samples[:, number] / float(channel.ChannelSensitivity) + steps)
    rhythm.WaveformData = samples.astype("<i2").tobytes()
    ecg.remove_private_tags()
    # What the device said of the recording is not true of this one.
    ecg.WaveformAnnotationSequence = pydicom.Sequence(
        [each for each in ecg.WaveformAnnotationSequence if "UnformattedTextValue" not in each]
    )
    ecg.SOPInstanceUID = ecg.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ecg.SpecificCharacterSet = "ISO_IR 192"
    ecg.PatientName, ecg.PatientBirthDate = name, born_on.replace("-", "")
    ecg.PatientSex = {"1": "M", "2": "F"}.get(sex, "O")
    del ecg.PatientAge
    ecg.AcquisitionDateTime = f"{at:%Y%m%d%H%M%S}"
    ecg.StudyDate = ecg.ContentDate = f"{at:%Y%m%d}"
    ecg.StudyTime = ecg.ContentTime = f"{at:%H%M%S}"
    ecg.ReasonForStudy = "Demonstration: ST segments raised by computation" if raised else "Demonstration"
    ecg.save_as(path)
    return path


def _shape(lead: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """For each sample how much of the shift it gets, 0 to 1; the beats are found by the R waves of a lead."""
    shape = np.zeros(len(lead))
    within = np.arange(0.0, GONE, 1 / rate)
    beat = np.interp(within, [0.0, BEGINS, FULL, FALLS, GONE], [0.0, 0.0, 1.0, 1.0, 0.0])
    for peak in _r_waves(lead - np.median(lead), rate):
        end = min(len(lead), peak + len(beat))
        shape[peak:end] = np.maximum(shape[peak:end], beat[: end - peak])
    return shape


def _r_waves(lead: NDArray[np.float64], rate: float) -> list[int]:
    """Positions of the R waves: maxima above 60 % of the greatest, at least 0.4 s apart."""
    found: list[int] = []
    reach = int(0.2 * rate)
    for place in np.flatnonzero(lead > 0.6 * lead.max()):
        around = lead[max(0, place - reach) : place + reach]
        if lead[place] == around.max() and (not found or place - found[-1] > 2 * reach):
            found.append(int(place))
    return found
