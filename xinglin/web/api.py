"""The REST API: one django-ninja instance, bearer tokens or the browser's session, errors mapped once."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema, Status
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie

from xinglin import __version__
from xinglin.platform.errors import DomainError, InvalidInput, NotSignedIn
from xinglin.platform.idempotency import once
from xinglin.web.middleware import _record_refusal, error_body


class ErrorOut(Schema):
    """Any refusal: a stable code, a sentence in the reader's language, and reasons by field."""

    code: str
    message: str
    fields: dict[str, str] = {}


#: Answers every operation may give.
ERRORS: dict[frozenset[int], type[Schema]] = {frozenset({400, 401, 403, 404, 409, 413, 422, 503}): ErrorOut}


class Bearer(HttpBearer):
    """``Authorization: Bearer <token>``; the actor was made by the accounts middleware."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.kind == "token" else None


class Session(APIKeyCookie):
    """The signed-in browser, with CSRF protection."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.kind == "user" else None


api = NinjaAPI(
    title="Xinglin",
    version=__version__,
    description="The working platform of a county medical community. Writes take an `Idempotency-Key` header.",
    auth=[Bearer(), Session()],
    urls_namespace="api",
    docs_url="/docs",
)


@api.exception_handler(DomainError)
def on_domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Errors of the domain."""
    _record_refusal(request, error)
    return api.create_response(request, error_body(error), status=error.status)


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Shape of the input, as pydantic sees it."""
    fields = {".".join(str(part) for part in each["loc"][1:]) or "body": each["msg"] for each in error.errors}
    return api.create_response(request, error_body(InvalidInput("输入不符合要求。", fields=fields)), status=422)


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses, such as a body that is no JSON."""
    return api.create_response(request, {"code": "bad-request", "message": str(error)}, status=error.status_code)


def _not_signed_in(request: HttpRequest, error: Exception) -> HttpResponse:
    response = api.create_response(request, error_body(NotSignedIn("请先登录，或提供有效的令牌。")), status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


from ninja.errors import AuthenticationError  # noqa: E402

api.add_exception_handler(AuthenticationError, _not_signed_in)


def write(request: HttpRequest, action: Callable[[], Schema], *, status: int = 200) -> Status[Any]:
    """Run `action` once for the request's ``Idempotency-Key`` and answer with what it returned."""
    content = request.method.encode() + request.path.encode() + request.body  # type: ignore[union-attr]
    answer = once(
        key=request.headers.get("Idempotency-Key", ""),
        by=request.actor,  # type: ignore[attr-defined]
        content=content,
        write=lambda: (status, json.loads(action().model_dump_json())),
    )
    return Status(answer.status, answer.body)
