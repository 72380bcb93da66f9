"""The header of a kept file as DICOM JSON (PS3.18 annex F): bulk data by address, pixels left out."""

import logging
from pathlib import Path
from typing import Any

from pydicom import DataElement, Dataset, dcmread

from xinglin.imaging.dicom.reading import quiet

logger = logging.getLogger(__name__)
#: Longer values are not part of the answer.
INLINE_BYTES = 4096


_BINARY = {"OB", "OW", "OF", "OD", "OL", "OV", "UN"}


def metadata(path: Path, *, url: str, syntax: str) -> dict[str, Any]:
    """All elements but pixels, private ones, long binary values, and those that cannot be read: a viewer that needs them
    says so, and one damaged element does not take the series with it.
    """
    with quiet():
        found = _as_json(dcmread(path, stop_before_pixels=True))
    found["00083002"] = {"vr": "UI", "Value": [syntax]}
    found["00081190"] = {"vr": "UR", "Value": [url]}
    return found


def _as_json(dataset: Dataset) -> dict[str, Any]:
    found = {}
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
            if element.tag.is_private or _is_long(element):
                continue
            if element.VR == "SQ":
                found[f"{tag:08X}"] = {"vr": "SQ", "Value": [_as_json(item) for item in element.value]}
            else:
                found[f"{tag:08X}"] = element.to_json_dict(None, INLINE_BYTES)
        except Exception as fault:  # whatever a damaged value makes the parser raise
            logger.warning("element %s left out: %s", tag, type(fault).__name__)
    return found


def _is_long(element: DataElement) -> bool:
    value = element.value
    return element.VR in _BINARY and isinstance(value, bytes) and len(value) > INLINE_BYTES
