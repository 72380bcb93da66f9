"""The header of a kept file as DICOM JSON (PS3.18 annex F): bulk data by address, pixels left out."""

from pathlib import Path
from typing import Any

from pydicom import dcmread

from xinglin.imaging.dicom.reading import quiet

#: Longer values are not part of the answer.
INLINE_BYTES = 4096


def metadata(path: Path, *, url: str, syntax: str) -> dict[str, Any]:
    """All elements but pixels and long binary values."""
    with quiet():
        dataset = dcmread(path, stop_before_pixels=True)
        for element in list(dataset):
            if element.tag.is_private or element.VR in {"OB", "OW", "OF", "OD", "OL", "OV", "UN"}:
                too_long = isinstance(element.value, bytes) and len(element.value) > INLINE_BYTES
                if element.tag.is_private or too_long:
                    del dataset[element.tag]
        found: dict[str, Any] = dataset.to_json_dict(suppress_invalid_tags=True)
    found["00083002"] = {"vr": "UI", "Value": [syntax]}
    found["00081190"] = {"vr": "UR", "Value": [url]}
    return found
