"""One name for each lead and each measurement, whatever the coding scheme of the file."""

import math
import re

from xinglin.diagnostics.ecg.recording import MEASUREMENTS, STANDARD_LEADS, Measurement, measured

#: number of a lead in SCP-ECG (EN 1064) and in IEEE 11073 (MDC, partition 2), which share it
_NUMBERED = {
    1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 10: "V2R", 11: "V3R", 12: "V4R",
    13: "V5R", 14: "V6R", 15: "V7R", 16: "X", 17: "Y", 18: "Z", 31: "I", 32: "II", 33: "V1", 34: "V2", 35: "V3",
    36: "V4", 37: "V5", 38: "V6", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR", 66: "V8", 67: "V9",
    68: "V8R", 69: "V9R", 111: "III", 112: "aVR", 113: "aVL", 114: "aVF",
}  # fmt: skip
_SPELLED = {name.upper(): name for name in (*_NUMBERED.values(), "V3R", "V4R", "V5R")}
_LEAD_CODE = re.compile(r"(?:5\.6\.3-9-|2:\s*)(\d{1,3})", re.ASCII)
_LEAD_WORDS = re.compile(
    r"(?:MDC_ECG_|ECG[ _])?(?:LEAD|导联)?[ _:]*(-?AV[RLF]|I{1,3}|V[1-9]R?|[XYZ])(?:导联)?(?![A-Z0-9])"
)

#: codes of measurements in DICOM annotations: SCP-ECG fields, MDC codes of DICOM context groups 3227 to 3229, LOINC
_MEASUREMENT_CODES = {
    "5.10.2.5-1": "heart-rate", "2:16016": "heart-rate", "2:16770": "heart-rate", "8867-4": "heart-rate",
    "5.10.2.1-3": "rr-interval", "2:16168": "rr-interval", "2:16000": "rr-interval",
    "5.13.5-5": "p-duration", "2:16184": "p-duration",
    "5.13.5-7": "pr-interval", "2:15872": "pr-interval",
    "5.13.5-9": "qrs-duration", "2:16156": "qrs-duration",
    "5.13.5-11": "qt-interval", "2:16160": "qt-interval",
    "5.10.2.5-5": "qtc-interval", "2:15876": "qtc-interval", "2:15880": "qtc-interval", "2:15892": "qtc-interval",
    "5.10.3-11": "p-axis", "2:16128": "p-axis",
    "5.10.3-13": "qrs-axis", "2:16132": "qrs-axis",
    "5.10.3-15": "t-axis", "2:16136": "t-axis",
}  # fmt: skip
#: the same in words: HL7 aECG codes and the code meanings devices write
_MEASUREMENT_WORDS = {
    "mdc ecg heart rate": "heart-rate", "heart rate": "heart-rate", "ventricular heart rate": "heart-rate",
    "ventricular rate": "heart-rate", "vent rate": "heart-rate",
    "mdc ecg time pd rr": "rr-interval", "mdc ecg time pd rr global": "rr-interval", "rr interval": "rr-interval",
    "mdc ecg time pd p": "p-duration", "mdc ecg time pd p global": "p-duration", "p duration": "p-duration",
    "mdc ecg time pd pr": "pr-interval", "mdc ecg time pd pr global": "pr-interval", "pr interval": "pr-interval",
    "mdc ecg time pd qrs": "qrs-duration", "mdc ecg time pd qrs global": "qrs-duration",
    "qrs duration": "qrs-duration",
    "mdc ecg time pd qt": "qt-interval", "mdc ecg time pd qt global": "qt-interval", "qt interval": "qt-interval",
    "mdc ecg time pd qtc": "qtc-interval", "mdc ecg time pd qtc global": "qtc-interval",
    "mdc ecg time pd qtcb": "qtc-interval", "mdc ecg time pd qtcf": "qtc-interval", "qtc interval": "qtc-interval",
    "mdc ecg angle p front": "p-axis", "p axis": "p-axis",
    "mdc ecg angle qrs front": "qrs-axis", "qrs axis": "qrs-axis",
    "mdc ecg angle t front": "t-axis", "t axis": "t-axis",
}  # fmt: skip
_FACTORS = {"s": 1000.0, "sec": 1000.0, "ms": 1.0, "msec": 1.0, "us": 0.001}
_VOLTAGES = {"V": 1000.0, "MV": 1.0, "UV": 0.001, "ΜV": 0.001, "NV": 0.000001}


def lead_name(*texts: str) -> str:
    """The standard name of a lead from its code, code meaning or label (tried in this order), or ""."""
    for text in texts:
        coded = _LEAD_CODE.fullmatch(text.strip())
        if coded and int(coded[1]) in _NUMBERED:
            return _NUMBERED[int(coded[1])]
    for text in texts:
        spelled = _LEAD_WORDS.match(text.strip().upper())
        if spelled:
            return _SPELLED[spelled[1]]
    return ""


def lead_order(name: str) -> int:
    """Where a lead stands among the standard leads; others come after."""
    return STANDARD_LEADS.index(name) if name in STANDARD_LEADS else len(STANDARD_LEADS)


def millivolt_per(unit: str) -> float | None:
    """How many millivolt one `unit` (UCUM or as devices spell it) is; None when it is not a voltage."""
    spelled = unit.strip()
    if spelled in {"mV", "MV", "mv", "millivolt"}:
        return 1.0
    if spelled in {"microvolt", "[uV]"}:
        return 0.001
    return _VOLTAGES.get(spelled.replace("µ", "μ").upper())


def measurement(*, codes: tuple[str, ...], value: float, unit: str) -> Measurement | None:
    """The measurement named by one of `codes` (code or words), in our unit; None when unknown or not plausible.

    Zero and the "not computed" values of SCP-ECG (29999, 32767) fall out as not plausible.
    """
    slug = next(filter(None, (_slug(code) for code in codes)), None)
    if slug is None or not math.isfinite(value):
        return None
    ours = MEASUREMENTS[slug][2]
    if ours == "ms":
        value *= _FACTORS.get(unit.strip().lower(), 1.0)
        plausible = 0 < value < 10_000
    elif ours == "bpm":
        plausible = 0 < value <= 500
    else:
        plausible = -360 <= value <= 360
        value = (value + 180) % 360 - 180 if plausible and abs(value) > 180 else value
    return measured(slug, round(value, 3)) if plausible else None


def in_order(found: list[Measurement]) -> tuple[Measurement, ...]:
    """The first of each code, in the order of `MEASUREMENTS`; the heart rate follows from RR when it is missing."""
    by_code: dict[str, Measurement] = {}
    for each in found:
        by_code.setdefault(each.code, each)
    if "heart-rate" not in by_code and "rr-interval" in by_code:
        rate = round(60_000 / by_code["rr-interval"].value, 1)
        by_code["heart-rate"] = measured("heart-rate", rate, derived=True)
    return tuple(by_code[code] for code in MEASUREMENTS if code in by_code)


def _slug(code: str) -> str | None:
    spelled = code.strip()
    if spelled in _MEASUREMENT_CODES:
        return _MEASUREMENT_CODES[spelled]
    return _MEASUREMENT_WORDS.get(re.sub(r"[\s_-]+", " ", spelled).lower())
