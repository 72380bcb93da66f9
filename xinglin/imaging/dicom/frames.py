"""Pixels out of a kept file: one frame as it is stored, or drawn for a browser. Never the whole file in memory."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import get_frame
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from xinglin.imaging.dicom.limits import NATIVE_SYNTAXES, bad
from xinglin.imaging.dicom.reading import quiet

#: Drawn by us; the viewer draws larger ones itself.
MOST_DRAWN_PIXELS = 64_000_000
PIXEL_TAG_BYTES = 12  # tag, VR, reserved and length of an explicit long element; 8 in implicit encoding


@dataclass(frozen=True, slots=True)
class Frame:
    """The bytes of one frame and the transfer syntax they are in."""

    content: bytes
    syntax: str


def frame_of(path: Path, number: int, *, syntax: str) -> Frame:
    """One frame, counted from 1, as it is stored (big-endian pixels turned).

    :raises InvalidInput: ``dicom-no-frame``: there is no such frame
    """
    with path.open("rb") as file, quiet():
        dataset = dcmread(file, stop_before_pixels=True)
        frames = int(dataset.get("NumberOfFrames") or 1)
        if not 1 <= number <= frames or "Rows" not in dataset:
            raise bad("dicom-no-frame", _("没有第 {n} 帧。"), n=number)
        if syntax not in NATIVE_SYNTAXES:
            file.seek(file.tell() + PIXEL_TAG_BYTES)
            return Frame(get_frame(file, number - 1, number_of_frames=frames), syntax)
        size = _frame_bytes(dataset)
        start = file.tell() + (8 if syntax == ImplicitVRLittleEndian else PIXEL_TAG_BYTES)
        file.seek(start + (number - 1) * size)
        content = file.read(size)
    if syntax == ExplicitVRBigEndian and dataset.BitsAllocated > 8:  # noqa: PLR2004 - bytes have no order
        content = np.frombuffer(content, f">u{dataset.BitsAllocated // 8}").byteswap().tobytes()
    return Frame(content, ExplicitVRLittleEndian)


def _frame_bytes(dataset: Any) -> int:
    bits = dataset.Rows * dataset.Columns * int(dataset.get("SamplesPerPixel") or 1) * dataset.BitsAllocated
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
        bits = bits * 2 // 3
    return int(bits + 7) // 8


def drawn(path: Path, number: int = 1, *, side: int | None = None, form: str = "JPEG") -> bytes:
    """One frame as a picture with the window the file asks for; at most `side` pixels on its longer side.

    :raises InvalidInput: ``dicom-not-drawn``: no pixels, too many, or in a compression only the viewer reads
    """
    try:
        with quiet():
            dataset = dcmread(path, stop_before_pixels=True)
            if dataset.Rows * dataset.Columns > MOST_DRAWN_PIXELS:
                raise ValueError("too large")
            pixels = pixel_array(path, index=number - 1)
            picture = Image.fromarray(_eight_bits(pixels, dataset))
    except Exception as fault:  # whatever a decoder raises: this file is not drawn here
        raise bad("dicom-not-drawn", _("这幅影像不能在这里绘制，请用阅片器打开。")) from fault
    if side:
        picture.thumbnail((side, side))
    written = io.BytesIO()
    picture.save(written, form, quality=88)
    return written.getvalue()


def _eight_bits(pixels: Any, dataset: Any) -> Any:
    if dataset.get("PhotometricInterpretation") == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
        return (pixels >> 8).astype(np.uint8) if pixels.dtype != np.uint8 else pixels
    if pixels.ndim == 3:  # noqa: PLR2004 - colour; the decoder has turned it into RGB
        return (pixels >> max(int(dataset.BitsStored) - 8, 0)).astype(np.uint8)
    values = apply_voi_lut(apply_modality_lut(pixels, dataset), dataset).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255 / (high - low) if high > low else 0)
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        scaled = 255 - scaled
    return scaled.astype(np.uint8)
