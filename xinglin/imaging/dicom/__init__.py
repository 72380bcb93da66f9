"""Reading of DICOM: what is taken, what is refused, and the header that is kept."""

from xinglin.imaging.dicom.limits import ACCEPTED_SYNTAXES, MAX_BYTES
from xinglin.imaging.dicom.reading import Header, read_header

__all__ = ["ACCEPTED_SYNTAXES", "MAX_BYTES", "Header", "read_header"]
