"""Bounds of what is taken in, and the one way in which an instance is refused."""

from typing import Any

from django.utils.text import format_lazy
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    MPEG2MPHL,
    MPEG2MPML,
    MPEG4HP41,
    MPEG4HP41BD,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from xinglin.platform.errors import InvalidInput

MAX_BYTES = 1024 * 1024 * 1024  # of one instance: a long cine loop or a tomosynthesis
MAX_SIDE = 32_000  # pixels; slide scanners send tiles, mammography stays below 6,000
MAX_FRAMES = 20_000
MAX_PIXELS = 4_000_000_000  # of all frames together

NATIVE_SYNTAXES = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian})
COMPRESSED_SYNTAXES = frozenset(
    {
        JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless,
        JPEG2000Lossless, JPEG2000, RLELossless, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K, MPEG2MPML, MPEG2MPHL,
        MPEG4HP41, MPEG4HP41BD,
    }
)  # fmt: skip
#: Deflated files and the syntaxes nobody in a county sends are refused by name.
ACCEPTED_SYNTAXES = NATIVE_SYNTAXES | COMPRESSED_SYNTAXES


def bad(code: str, message: Any, *, place: str = "", **values: object) -> InvalidInput:
    """The refusal of an instance: a stable code, a message for people, and the tag that is wrong."""
    text = format_lazy(message, place=place, **values)
    return InvalidInput(text, code=code, fields={place: text} if place else None)
