"""Whether two files say the same: byte for byte, or, when only their encoding differs, element for element."""

from pathlib import Path

from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian

from xinglin.imaging import archive
from xinglin.imaging.dicom import limits
from xinglin.imaging.dicom.reading import Header, quiet
from xinglin.imaging.models import Instance

#: Beyond it, files in different encodings count as different.
MOST = 64 * 1024 * 1024
_SAME_ORDER = limits.NATIVE_SYNTAXES - {ExplicitVRBigEndian}


def says_the_same(path: Path, header: Header, known: Instance) -> bool:
    """Whether the file at `path` has the content of a kept instance. :raises Unavailable: that one cannot be read now"""
    if header.digest == known.digest:
        return True
    syntaxes = {header.transfer_syntax, known.transfer_syntax}
    if len(syntaxes) == 1 or not syntaxes <= _SAME_ORDER or max(path.stat().st_size, known.file.size) > MOST:
        return False
    kept = archive.path_to(known)
    try:
        with quiet():
            return bool(dcmread(path) == dcmread(kept))
    except Exception:  # noqa: BLE001 - what cannot be compared is not the same
        return False
