"""Uploads that are too large are refused by their declared length, before a byte of the body is read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from xinglin.diagnostics.ecg import MAX_BYTES
from xinglin.platform.errors import InvalidInput, TooLarge

#: Room for the other fields and the frame of a multipart body.
FRAME_BYTES = 1_048_576
#: Of all recordings of one request together.
MAX_BODY_BYTES = 2 * MAX_BYTES + FRAME_BYTES

View = Callable[..., HttpResponseBase]


def refuse_long_body(request: HttpRequest) -> None:
    """Refuse a body by its Content-Length. A body without one is not read by the server at all.

    :raises TooLarge: more than `MAX_BODY_BYTES`
    :raises InvalidInput: the length is no number
    """
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit():
        raise InvalidInput(_("请求的长度无效。"), fields={"Content-Length": "malformed"})
    if int(declared) > MAX_BODY_BYTES:
        raise TooLarge(_("文件太大：最多 %(mb)s MB。") % {"mb": MAX_BYTES // 1_048_576}, code="ecg-too-large")


def takes_upload(view: View) -> View:
    """Check the length first and the CSRF token after: looking for the token would read the whole body."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            refuse_long_body(request)
        return protected(request, *args, **kwargs)

    return checked
