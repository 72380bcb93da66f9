"""ECG files: read them, draw them to scale, hand them to the viewer. No model, no database.

    recording = read_ecg(path)                      # DICOM 12-lead / General ECG, HL7 aECG
    svg = trace_svg(recording, layout="3x4+1")      # millimetres, for print and PDF
    payload = trace_json(recording)                 # for <ecg-viewer src="….json">

The viewer is the custom element in ``static/diagnostics/ecg-viewer.js`` with ``ecg-viewer.css``::

    <link rel="stylesheet" href="{% static 'diagnostics/ecg-viewer.css' %}">
    <script type="module" src="{% static 'diagnostics/ecg-viewer.js' %}"></script>
    <ecg-viewer src="{{ trace_url }}" layout="3x4+1"></ecg-viewer>

`trace_url` answers `trace_json` as ``application/json``; it names nobody.
"""

from xinglin.diagnostics.data import PatientInFile
from xinglin.diagnostics.ecg.computing import Computed, compute
from xinglin.diagnostics.ecg.drawing import LAYOUTS, trace_svg
from xinglin.diagnostics.ecg.limits import MAX_BYTES
from xinglin.diagnostics.ecg.reading import read_ecg
from xinglin.diagnostics.ecg.recording import (
    MEASUREMENTS,
    STANDARD_LEADS,
    EcgRecording,
    Filters,
    Lead,
    Measurement,
    ReadingWarning,
)
from xinglin.diagnostics.ecg.transport import trace_json

__all__ = [
    "LAYOUTS",
    "MAX_BYTES",
    "MEASUREMENTS",
    "STANDARD_LEADS",
    "Computed",
    "EcgRecording",
    "Filters",
    "Lead",
    "Measurement",
    "PatientInFile",
    "ReadingWarning",
    "compute",
    "read_ecg",
    "trace_json",
    "trace_svg",
]
