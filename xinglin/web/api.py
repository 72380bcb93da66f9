"""The REST API: one django-ninja instance, bearer tokens or the browser's session, errors mapped once."""

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from pydantic import BaseModel

from xinglin import __version__
from xinglin.platform.errors import BeingComputed, DomainError, InvalidInput, NotSignedIn
from xinglin.platform.idempotency import once
from xinglin.web.middleware import _record_refusal, come_again, error_body


class ErrorOut(BaseModel):
    """Any refusal: a stable code, a sentence in the reader's language, and reasons by field."""

    code: str
    message: str
    fields: dict[str, str] = {}


#: Answers every operation may give.
ERRORS: dict[frozenset[int], type[BaseModel]] = {frozenset({400, 401, 403, 404, 409, 413, 422, 503}): ErrorOut}


class Bearer(HttpBearer):
    """``Authorization: Bearer <token>``; the actor was made by the accounts middleware."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.kind == "token" else None


class Session(APIKeyCookie):
    """The signed-in browser, with CSRF protection."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Any:
        # Without a session there is nothing to protect from forgery: a token that is wrong is told so.
        return super().__call__(request) if request.actor.kind == "user" else None  # type: ignore[attr-defined]

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.kind == "user" else None


class _Json(BaseRenderer):
    """Writes moments as pydantic does, so that what is read is what a write answered."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS, default=str)


api = NinjaAPI(
    title="Xinglin",
    version=__version__,
    description="The working platform of a county medical community. Writes take an `Idempotency-Key` header.",
    auth=[Bearer(), Session()],
    urls_namespace="api",
    renderer=_Json(),
    docs_url="/docs",
)


@api.exception_handler(DomainError)
def on_domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Errors of the domain."""
    _record_refusal(request, error)
    answer = api.create_response(request, error_body(error), status=error.status)
    return come_again(request, answer) if isinstance(error, BeingComputed) else answer


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Shape of the input, as pydantic sees it."""
    fields = {".".join(str(part) for part in each["loc"][1:]) or "body": each["msg"] for each in error.errors}
    return api.create_response(request, error_body(InvalidInput(_("输入不符合要求。"), fields=fields)), status=422)


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses, such as a body that is no JSON."""
    return api.create_response(request, {"code": "bad-request", "message": str(error)}, status=error.status_code)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: Exception) -> HttpResponse:
    response = api.create_response(request, error_body(NotSignedIn("请先登录，或提供有效的令牌。")), status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


def json_answer(body: bytes, *, status: int = 200) -> HttpResponse:
    """An answer written by us: validating it against our own schema again would cost more than the query."""
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def write(
    request: HttpRequest,
    action: Callable[[], BaseModel],
    *,
    status: int = 200,
    content: bytes | None = None,
    only_inserts: bool = False,
) -> HttpResponse:
    """Run `action` once for the request's ``Idempotency-Key`` and answer with what it returned.

    `content`: what makes two requests the same; the body unless told otherwise. `only_inserts`: see `once`.
    """
    if content is None:
        content = request.method.encode() + request.path.encode() + request.body  # type: ignore[union-attr]
    answer = once(
        key=request.META.get("HTTP_IDEMPOTENCY_KEY", ""),
        by=request.actor,  # type: ignore[attr-defined]
        content=content,
        write=lambda: (status, action().model_dump_json().encode()),
        only_inserts=only_inserts,
    )
    return json_answer(answer.body, status=answer.status)
