"""The recording as compact JSON for the viewer."""

import base64

import numpy as np
import orjson

from xinglin.diagnostics.ecg.recording import EcgRecording, Lead

MISSING = -32768
_LARGEST = 32767


def trace_json(recording: EcgRecording) -> bytes:
    """The trace, its measurements, the device's statements and the warnings as JSON; names no patient.

    Samples are base64 of little-endian int16 in steps of ``uv_per_unit`` microvolt (1, unless a lead reaches beyond
    ±32.767 mV); -32768 marks a missing sample. Rounding is half a step at most.
    """
    reach = max(float(np.nanmax(np.abs(lead.samples))) for lead in recording.leads) * 1000
    uv_per_unit = max(1.0, reach / _LARGEST)
    filters = recording.filters
    return orjson.dumps(
        {
            "version": 1,
            "format": recording.format,
            "sampling_hz": recording.sampling_hz,
            "n_samples": recording.n_samples,
            "duration_s": recording.duration_s,
            "recorded_at": recording.recorded_at,
            "device": recording.device,
            "uv_per_unit": uv_per_unit,
            "leads": [{"name": lead.name, "samples": _packed(lead, uv_per_unit)} for lead in recording.leads],
            "filters": {
                "high_pass_hz": filters.high_pass_hz,
                "low_pass_hz": filters.low_pass_hz,
                "notch_hz": filters.notch_hz,
            },
            "measurements": [
                {
                    "code": each.code, "name_zh": each.name_zh, "name_en": each.name_en,
                    "value": each.value, "unit": each.unit, "derived": each.derived,
                }
                for each in recording.measurements
            ],
            "statements": recording.statements,
            "warnings": [{"code": each.code, "message": str(each.message)} for each in recording.warnings],
        }
    )  # fmt: skip


def _packed(lead: Lead, uv_per_unit: float) -> str:
    steps = np.rint(lead.samples.astype(np.float64) * 1000 / uv_per_unit)
    whole = np.where(np.isnan(steps), MISSING, np.clip(steps, -_LARGEST, _LARGEST)).astype("<i2")
    return base64.b64encode(whole.tobytes()).decode("ascii")
