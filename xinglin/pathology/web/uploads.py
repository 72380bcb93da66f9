"""Pictures that are too large are refused by their declared length, before a byte of them is read."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase

from xinglin.pathology.pictures import MAX_BYTES
from xinglin.web.uploads import checked_first, refuse_longer

#: The frame of a multipart body around the file.
_FRAME = 1_048_576


def refuse_long_body(request: HttpRequest) -> None:
    """:raises TooLarge: the body declares more than a picture may have"""
    refuse_longer(request, most=MAX_BYTES + _FRAME, told=MAX_BYTES, code="picture-too-large")


#: For pages: the length first, then the CSRF token.
takes_picture = checked_first(refuse_long_body)


def short_body(operation: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse a long body by its declared length before anything, even the CSRF check, reads it."""

    @wraps(operation)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_long_body(request)
        return operation(request, *args, **kwargs)

    return checked


def fingerprint(said: bytes, files: "list[UploadedFile[Any]]") -> bytes:
    """What makes two submissions the same: what was said, and the content of the files."""
    digest = hashlib.sha256(said)
    for file in files:
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
    return digest.digest()
