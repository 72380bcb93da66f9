"""The way of a program's request.

A request with a bearer token has no session, form, message or page about it. It passes only what concerns it: the
host, the language, who asks, and what errors mean; the middleware of pages would cost more than the answer.
"""

from collections.abc import Callable, Sequence
from typing import cast

from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

GetResponse = Callable[[HttpRequest], HttpResponse]
#: Outermost first, as in ``settings.MIDDLEWARE``.
PROGRAM_MIDDLEWARE = ("xinglin.accounts.middleware.ActorMiddleware", "xinglin.web.middleware.DomainErrorMiddleware")
#: An answer to a program shows nothing and belongs in no frame.
HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}


class ProgramsMiddleware:
    """Sends requests of programs their own, shorter way, and all others on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.pages = get_response
        self.programs = _Chain(PROGRAM_MIDDLEWARE).answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_program(request):
            return self.pages(request)
        language = translation.get_language_from_request(request)
        translation.activate(language)
        request.get_host()  # refuses a host that is not ours
        response = self.programs(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers["Content-Language"] = language
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response


def is_program(request: HttpRequest) -> bool:
    """Whether a bearer token asks something of the REST API."""
    return request.path_info.startswith("/api/") and bearer_token(request) is not None


def bearer_token(request: HttpRequest) -> str | None:
    """The token of ``Authorization: Bearer …`` (RFC 6750), or None. The scheme's name may be written in any case."""
    scheme, *rest = request.META.get("HTTP_AUTHORIZATION", "").split(None, 1) or [""]
    return rest[0].strip() if rest and scheme.lower() == "bearer" else None


class _Chain(BaseHandler):
    """Django's own handling of a request, with another list of middleware."""

    def __init__(self, middleware: Sequence[str]) -> None:
        self._view_middleware: list[Callable[..., HttpResponse | None]] = []
        self._template_response_middleware: list[Callable[..., HttpResponse]] = []
        self._exception_middleware = []
        self.answer = self._guarded(self._get_response)  # type: ignore[attr-defined]
        for path in reversed(middleware):
            layer = import_string(path)(self.answer)
            if hasattr(layer, "process_exception"):
                self._exception_middleware.append(layer.process_exception)
            self.answer = self._guarded(layer)

    @staticmethod
    def _guarded(layer: GetResponse) -> GetResponse:
        """`layer`, whose errors become answers."""
        return cast(GetResponse, convert_exception_to_response(layer))  # it answers at once: nothing of it is awaited
