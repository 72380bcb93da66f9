"""A DICOM file without whose it was: the basic profile of PS3.15 annex E, by `dicom-anonymizer` (BSD-3), in every item of
every sequence; new identifiers, no private elements, no text a device or person wrote into annotations.

Afterwards what is left is searched for what must not be there: a library's table may have a hole.
"""

import io
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pydicom
from django.utils.translation import gettext_lazy as _
from pydicom.dataset import Dataset

from xinglin.platform.errors import Conflict, InvalidInput

#: Devices that commonly write names into the picture itself.
WRITES_TEXT = frozenset({"US", "ES", "SC", "XA", "OT", "RF"})
#: What the profile leaves to the cleaning of texts: taken out altogether.
TEXTS = (
    "WaveformAnnotationSequence",
    "ImageComments",
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "TextObjectSequence",
)
SHORTEST = 3  # of what is looked for afterwards: a shorter text is found anywhere
_ONE_AT_A_TIME = threading.Lock()  # the library keeps its map of identifiers in its module


def deidentified(paths: Iterable[Path], *, forbidden: Iterable[str]) -> Iterator[tuple[bytes, Dataset]]:
    """Each file de-identified, with identifiers new and the same among these files only; and its header.

    :raises InvalidInput: ``not-dicom``: a file is no DICOM
    :raises Conflict: ``identity-left``: something of `forbidden` is still in it
    """
    from dicomanonymizer import simpledicomanonymizer as library  # noqa: PLC0415

    words = {each.strip() for each in forbidden if len(each.strip()) >= SHORTEST}
    with _ONE_AT_A_TIME:
        library.dictionary.clear()
        try:
            for path in paths:
                yield _one(path, words, library)
        finally:
            library.dictionary.clear()


def _one(path: Path, words: set[str], library: Any) -> tuple[bytes, Dataset]:
    try:
        dataset = pydicom.dcmread(path)
        dataset.decode()
    except Exception as fault:  # whatever a parser raises on a stranger's file
        raise InvalidInput(_("只能用DICOM文件制作教学病例。"), code="not-dicom") from fault
    words = words | set(_names_in(dataset))
    rules = library.initialize_actions_2024b()
    _clean(dataset, library, rules)
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "DICOM PS3.15 Basic Application Level Confidentiality Profile"
    dataset.preamble = b"\0" * 128
    if left := _left(dataset, words):
        raise Conflict(_("去标识后仍有可识别的内容（%(where)s），没有制作。") % {"where": left}, code="identity-left")
    written = io.BytesIO()
    dataset.save_as(written, enforce_file_format=True)
    return written.getvalue(), dataset


def _clean(dataset: Dataset, library: Any, rules: Any) -> None:
    """Apply the profile here and in every item of every sequence that it leaves."""
    for name in TEXTS:
        if name in dataset:
            delattr(dataset, name)
    library.anonymize_dataset(dataset, None, True, lambda: dict(rules))
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                _clean(item, library, rules)


def _names_in(dataset: Dataset) -> Iterator[str]:
    """Whom the file names, as it names him: none of it may be left."""
    for tag in (
        "PatientName",
        "PatientID",
        "OtherPatientIDs",
        "AccessionNumber",
        "StudyInstanceUID",
        "PatientTelephoneNumbers",
    ):
        said = str(dataset.get(tag) or "").strip()
        for part in {said, *re.split(r"[\^=\s]+", said)}:
            if len(part) >= SHORTEST:
                yield part


def _left(dataset: Dataset, words: set[str]) -> str:
    """Where something is left that must not be; empty when nothing is."""
    for element in dataset.iterall():
        if element.VR in {"SQ", "OB", "OW", "OF", "OD", "OL", "UN"}:
            continue
        said = str(element.value)
        if any(word in said for word in words):
            return element.keyword or str(element.tag)
    return ""


def may_show_text(dataset: Dataset) -> bool:
    """Whether a name may stand in the picture itself: the device says so, or does not deny it and commonly writes one."""
    said = str(dataset.get("BurnedInAnnotation") or "").upper()
    return said == "YES" or (said != "NO" and str(dataset.get("Modality") or "") in WRITES_TEXT)
