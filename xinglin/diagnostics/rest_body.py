"""The body of ``POST /ecg-requests``: JSON with uuids of files, or multipart with the files themselves."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from xinglin.diagnostics.schemas import PlaceIn
from xinglin.diagnostics.web.uploads import refuse_long_body
from xinglin.platform.errors import InvalidInput, wrong

#: What the OpenAPI file says of the two forms.
BOTH_FORMS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": PlaceIn.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    **PlaceIn.model_json_schema(),
                    "properties": {
                        **PlaceIn.model_json_schema()["properties"],
                        "recordings": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 8},
                    },
                }
            },
        },
    }
}
ONE_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def short_body(operation: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse a long body by its declared length before anything, even the CSRF check, reads it."""

    @wraps(operation)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_long_body(request)
        return operation(request, *args, **kwargs)

    return checked


def read_place(request: HttpRequest) -> "tuple[PlaceIn, list[UploadedFile[Any]], bytes]":
    """The request as said, the files that came with it, and a fingerprint of both for the idempotency key.

    :raises InvalidInput: neither JSON nor multipart, or a field is wrong
    """
    files: list[UploadedFile[Any]] = []
    if request.content_type == "multipart/form-data":
        said: Any = {name: value for name, value in request.POST.items() if value != ""}
        files = request.FILES.getlist("recordings")
    elif request.content_type == "application/json":
        try:
            said = json.loads(request.body)
        except ValueError as error:
            raise wrong("body", _("请求内容不是有效的 JSON。")) from error
    else:
        raise wrong("Content-Type", _("请用 application/json 或 multipart/form-data 提交。"))
    try:
        payload = PlaceIn.model_validate(said)
    except ValidationError as error:
        fields = {".".join(str(part) for part in each["loc"]) or "body": each["msg"] for each in error.errors()}
        raise InvalidInput(_("输入不符合要求。"), fields=fields) from error
    return payload, files, fingerprint(payload.model_dump_json().encode(), files)


def fingerprint(said: bytes, files: "list[UploadedFile[Any]]") -> bytes:
    """What makes two submissions the same: what was said, and the content of the files."""
    digest = hashlib.sha256(said)
    for file in files:
        for chunk in file.chunks():
            digest.update(chunk)
        digest.update(b"\n--\n")
        file.seek(0)
    return digest.digest()
