"""How long a body with recordings may be."""

from django.http import HttpRequest

from xinglin.diagnostics.ecg import MAX_BYTES
from xinglin.web.uploads import checked_first, refuse_longer

#: Room for the other fields and the frame of a multipart body.
FRAME_BYTES = 1_048_576
#: Of all recordings of one request together.
MAX_BODY_BYTES = 2 * MAX_BYTES + FRAME_BYTES


def refuse_long_body(request: HttpRequest) -> None:
    """Refuse a body by its Content-Length.

    :raises TooLarge: more than `MAX_BODY_BYTES`
    :raises InvalidInput: the length is no number
    """
    refuse_longer(request, most=MAX_BODY_BYTES, told=MAX_BYTES, code="ecg-too-large")


takes_upload = checked_first(refuse_long_body)
