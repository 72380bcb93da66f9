"""Bounds of what is read, and the one way in which a file is refused."""

from typing import Any

from django.utils.text import format_lazy

from xinglin.platform.errors import InvalidInput

MAX_BYTES = 64 * 1024 * 1024
MAX_CHANNELS = 64
MAX_DURATION_S = 600  # a resting ECG; day-long recordings are another kind of examination
MIN_SAMPLING_HZ, MAX_SAMPLING_HZ = 100.0, 2000.0
MAX_SAMPLES_PER_LEAD = int(MAX_DURATION_S * MAX_SAMPLING_HZ)
MAX_SAMPLES = 8_000_000  # of all channels together: 32 MB as float32
MAX_AMPLITUDE_MV = 50.0  # around the median; beyond it the scale in the file is wrong
MAX_VOLTAGE_MV = 100_000.0  # with any offset of the electrodes
MAX_STATEMENTS, MAX_TEXT = 50, 500


def bad(code: str, message: Any, *, place: str = "", **values: object) -> InvalidInput:
    """The refusal of a file: a stable code, a message for people, and the place in the file that is wrong."""
    text = format_lazy(message, place=place, **values)
    return InvalidInput(text, code=code, fields={place: text} if place else None)
