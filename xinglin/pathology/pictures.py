"""What a file is: a photograph, or a picture in levels of a slide scanner. The file itself says; its name counts nothing.

Photographs (JPEG, PNG) are read by Pillow. Pictures in levels are read by OpenSlide: Aperio SVS, Hamamatsu, Leica SCN,
Ventana, Philips and Trestle TIFF, any tiled TIFF pyramid, DICOM whole-slide files of one level. Formats of several files
(MIRAX, Hamamatsu VMS, DICOM in many levels) cannot come as one upload: they are refused and say so.
"""

import threading
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openslide
from django.utils.translation import gettext_lazy as _
from openslide.deepzoom import DeepZoomGenerator
from PIL import Image

from xinglin.platform.errors import InvalidInput, NotVisible

MAX_BYTES = 1024 * 1024 * 1024
#: A photograph is decoded whole, a tile of a scanner alone: pixels of either, at most.
MAX_PIXELS, MAX_TILE_SIDE = 120_000_000, 4_096
TILE, OVERLAP = 254, 1
#: Slides kept open: each holds a file and a cache of tiles.
MOST_OPEN = 8
_PHOTOGRAPHS = {"JPEG": "jpeg", "PNG": "png"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds. `levels` above 1, or a scanner's format: shown by tiles. `microns_per_pixel` None: not said."""

    format: str
    width: int
    height: int
    levels: int
    microns_per_pixel: float | None

    @property
    def is_tiled(self) -> bool:
        """Whether it is shown by tiles."""
        return self.format not in _PHOTOGRAPHS.values()


def facts_of(path: Path) -> Facts:
    """What the file holds. :raises InvalidInput: neither a photograph nor a slide that can be opened (``picture-unknown``)"""
    return _photograph(path) or _slide(path)


def _photograph(path: Path) -> Facts | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(_PHOTOGRAPHS)) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise _refused(_("图像太大，请用切片扫描格式保存。"))
                image.load()
                return Facts(_PHOTOGRAPHS[image.format or ""], width, height, 1, None)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _refused(_("图像太大，请用切片扫描格式保存。")) from error
    except OSError as error:
        if "cannot identify" in str(error):
            return None
        raise _refused(_("图像文件不完整，无法打开。")) from error


def _slide(path: Path) -> Facts:
    try:
        with openslide.OpenSlide(path) as slide:
            sides = [
                int(value) for key, value in slide.properties.items() if key.endswith((".tile-width", ".tile-height"))
            ]
            if any(side > MAX_TILE_SIDE for side in sides):
                raise _refused(_("切片文件的图块太大，无法逐块显示。"))
            slide.read_region((0, 0), slide.level_count - 1, (16, 16))
            width, height = slide.dimensions
            microns = slide.properties.get(openslide.PROPERTY_NAME_MPP_X)
            return Facts(
                slide.properties[openslide.PROPERTY_NAME_VENDOR][:24], width, height, slide.level_count,
                float(microns) if microns else None,
            )  # fmt: skip
    except (openslide.OpenSlideError, OSError, ValueError) as error:
        raise _refused(
            _("无法打开这种图像。可用：JPEG、PNG，或单个文件的切片扫描格式（SVS、SCN、BIF、NDPI、分块 TIFF、DICOM）。")
        ) from error


def _refused(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason}, code="picture-unknown")


# Tiles ---------------------------------------------------------------------------------------------------------------
_open: "OrderedDict[Path, DeepZoomGenerator]" = OrderedDict()
_lock = threading.Lock()


def _generator(path: Path) -> DeepZoomGenerator:
    """The slide, open; the longest unused is closed when there are too many."""
    with _lock:
        if path in _open:
            _open.move_to_end(path)
            return _open[path]
        generator = DeepZoomGenerator(openslide.OpenSlide(path), tile_size=TILE, overlap=OVERLAP, limit_bounds=False)
        _open[path] = generator
        while len(_open) > MOST_OPEN:
            _open.popitem(last=False)  # closed when nobody reads it any more
        return generator


def tile_of(path: Path, level: int, column: int, row: int) -> bytes:
    """One tile of a slide as JPEG, by the Deep Zoom pyramid. :raises NotVisible: there is none at that place"""
    generator = _generator(path)
    if not 0 <= level < generator.level_count:
        raise NotVisible("pathology.tile", f"{level}/{column}_{row}")
    n_columns, n_rows = generator.level_tiles[level]
    if not (0 <= column < n_columns and 0 <= row < n_rows):
        raise NotVisible("pathology.tile", f"{level}/{column}_{row}")
    return _jpeg(generator.get_tile(level, (column, row)))


def shrunk(path: Path, facts_format: str, *, side: int) -> bytes:
    """The whole picture as a JPEG of at most `side` pixels."""
    if facts_format in _PHOTOGRAPHS.values():
        with Image.open(path) as image:
            image.draft("RGB", (side, side))
            image.thumbnail((side, side))
            return _jpeg(image)
    with openslide.OpenSlide(path) as slide:
        return _jpeg(slide.get_thumbnail((side, side)))


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=82)
    return out.getvalue()
