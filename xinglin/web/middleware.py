"""Errors of the domain become answers here, once; and every request leaves an audit record."""

import logging
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _

from xinglin.platform import audit, clock
from xinglin.platform.errors import (
    BeingComputed,
    DomainError,
    InvalidInput,
    NotPermitted,
    NotSignedIn,
    NotVisible,
    TooLarge,
    Unavailable,
)
from xinglin.platform.logs import scrub
from xinglin.platform.waiting import AGAIN, somebody_waits

logger = logging.getLogger(__name__)

#: Addresses that show nothing about anybody.
UNRECORDED = ("/static/", "/healthz", "/jsi18n", "/favicon")
GetResponse = Callable[[HttpRequest], HttpResponse]


class DomainErrorMiddleware:
    """Maps `DomainError` to a page, a fragment or JSON, and writes the audit record an action or look-up did not."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with somebody_waits() as asked:
            response = self.get_response(request)
        for ask in asked:
            ask()
        if asked:
            come_again(request, response)
        if not request.path.startswith(UNRECORDED):
            _record_request(request, response.status_code)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn an error into an answer; faults that are not ours go on to Django's own handling."""
        if isinstance(error, OperationalError):
            return database_unavailable(request, error)
        if isinstance(error, RequestDataTooBig):
            error = TooLarge(_("提交的内容太大。"))
        elif isinstance(error, Http404):
            error = NotVisible("path", request.path)
        elif isinstance(error, DataError):
            # Typed text that no column can hold, where a form asked for less than the database does.
            logger.warning("refused by the database: %s", scrub(str(error)))
            error = InvalidInput(_("内容里有无法处理的字符，或数字太大，请修改后再试。"))
        elif isinstance(error, OverflowError):
            # The year 9999 and a day, a number of forty digits: as a form lets them be typed.
            logger.warning("too large to compute with", exc_info=error)
            error = InvalidInput(_("日期或数字超出了可以计算的范围，请修改后再试。"))
        if not isinstance(error, DomainError):
            return None
        _record_refusal(request, error)
        return error_response(request, error)


def database_unavailable(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """503: nothing was done, and it may be tried again."""
    logger.error("database unavailable", exc_info=error)
    message = _("数据库暂时不可用，什么都没有保存，请稍后再试。")
    return error_response(request, Unavailable(message, code="database-unavailable"))


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer for a domain error, in the form the client asked for."""
    if request.path.startswith("/api/"):
        answer = JsonResponse(error_body(error), status=error.status)
        return come_again(request, answer) if isinstance(error, BeingComputed) else answer
    if isinstance(error, NotSignedIn) and not getattr(request, "htmx", False):
        return redirect(sign_in_url(request))
    if isinstance(error, BeingComputed):
        return _soon(request, error)
    context = {
        "status": error.status,
        "code": error.code,
        "message": error.message,
        "fields": getattr(error, "fields", {}),
    }
    template = f"errors/{error.status}.html"
    if getattr(request, "htmx", False):
        template += "#message"
    response = render(request, template, context, status=error.status)
    response["Vary"] = "HX-Request"
    return response


def come_again(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Say when to ask again for what the worker computes. That is how it should be: a 503 of this kind is no fault in the logs."""
    answer["Retry-After"] = str(AGAIN)
    if answer.status_code == BeingComputed.status:
        log_response("Being computed: %s", request.path, response=answer, request=request, level="info")
    return answer


def _soon(request: HttpRequest, error: BeingComputed) -> HttpResponse:
    """The worker was asked: a page opens by itself, a form is sent again by hand."""
    is_read = request.method in {"GET", "HEAD"}
    template = "errors/202.html#message" if getattr(request, "htmx", False) else "errors/202.html"
    context = {"message": error.message, "is_read": is_read, "may_resend": not is_read and not request.FILES}
    context["typed"] = _typed(request) if context["may_resend"] else ()
    response = render(request, template, context, status=202 if is_read else 503)
    response["Vary"], response["Cache-Control"] = "HX-Request", "no-store"
    if is_read:
        response["Refresh"] = str(AGAIN)
    return come_again(request, response)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form sent, so that it can be sent once more as it was."""
    return [(name, each) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for each in values]


def sign_in_url(request: HttpRequest) -> str:
    """Where to sign in, and come back to the page that was open: of a form, the page it stood on."""
    return f"/sign-in/?{urlencode({'next': open_page(request)}, safe='/')}"


def open_page(request: HttpRequest) -> str:
    """Path and query of the page the reader looks at; of what was sent by a form, that of the form."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path.startswith("/sign-in/"):
        return "/"
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def error_body(error: DomainError) -> dict[str, object]:
    """The JSON form of an error: ``{"code", "message", "fields"}``."""
    body: dict[str, object] = {"code": error.code, "message": str(error.message)}
    if fields := getattr(error, "fields", None):
        body["fields"] = {name: str(reason) for name, reason in fields.items()}
    return body


def _record_refusal(request: HttpRequest, error: DomainError) -> None:
    """Refusals are written after the failed transaction is gone, so that they stay."""
    actor = getattr(request, "actor", None)
    if actor is None or not isinstance(error, NotSignedIn | NotPermitted | NotVisible):
        return
    outcome = audit.MISSING if isinstance(error, NotVisible) else audit.REFUSED
    kind, key = getattr(error, "kind", ""), getattr(error, "key", "")
    _write(request, f"refused.{error.code}", outcome, kind=kind, key=key)


def _record_request(request: HttpRequest, status: int) -> None:
    actor = getattr(request, "actor", None)
    if actor is None or actor.trace.n_records:
        return
    outcome = audit.OK if status < 400 else audit.REFUSED if status in {401, 403} else audit.FAILED  # noqa: PLR2004
    _write(request, "request", outcome, status=status)


def _kept(key: str) -> str:
    """What somebody asked for, as it can be kept: without numbers of people, and with a sign where PostgreSQL takes none."""
    return scrub(key).replace("\x00", "␀")[:80]


def _write(request: HttpRequest, event: str, outcome: str, kind: str = "", key: str = "", **detail: object) -> None:
    match = request.resolver_match
    route = scrub(match.route)[:120] if match else ""
    try:
        audit.record(
            event, by=request.actor, at=clock.now(), outcome=outcome, kind=kind[:60], key=_kept(key),  # type: ignore[attr-defined]
            detail={"method": request.method, "route": route, **detail},
        )  # fmt: skip
    except DatabaseError:
        # Without its database the platform answers 503 to everything; there is nothing left to record in.
        logger.exception("audit record could not be written")
