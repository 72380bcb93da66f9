"""What a view returns: the page, or the fragment htmx asked for; and a redirect after a plain POST."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from xinglin.platform.errors import BeingComputed, Conflict, DomainError, InvalidInput, TooLarge
from xinglin.platform.idempotency import once
from xinglin.web.request import Request


def page(request: Request, template: str, *, fragment: str = "", status: int = 200, **context: Any) -> HttpResponse:
    """Render `template`, or only its partial `fragment` when htmx asked (and did not ask for the whole body)."""
    wants_part = bool(request.htmx) and fragment and not request.htmx.boosted
    name = f"{template}#{fragment}" if wants_part else template
    response = render(request, name, context, status=status)
    response["Vary"] = "HX-Request"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def done(request: Request, to: str, message: object = "") -> HttpResponse:
    """Go to `to` after a write, with a message; htmx is told to go there too."""
    if message:
        messages.success(request, str(message))
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = to
        return response
    return HttpResponseRedirect(to)


def write_once(
    request: Request,
    write: Callable[[], str],
    message: object = "",
    *,
    again: Callable[[DomainError], HttpResponse] | None = None,
) -> HttpResponse:
    """Run `write` (which returns the address to go to) once for the form's hidden ``idempotency_key``.

    `again` shows the form once more, with what was typed, when it was refused for its content or for how things stand, or
    when the worker must compute something first.
    """
    try:
        return _written_once(request, write, message)
    except (InvalidInput, Conflict, TooLarge, BeingComputed) as error:
        if again is None:
            raise
        return again(error)


def _written_once(request: Request, write: Callable[[], str], message: object) -> HttpResponse:
    fields = {
        key: values for key, values in request.POST.lists() if key not in {"csrfmiddlewaretoken", "idempotency_key"}
    }
    content = json.dumps([request.path, fields], sort_keys=True).encode()
    answer = once(
        key=request.POST.get("idempotency_key", ""),
        by=request.actor,
        content=content,
        write=lambda: (303, json.dumps({"to": write()}).encode()),
    )
    return done(request, json.loads(answer.body)["to"], message)


def download(content: bytes, name: str, *, media_type: str) -> HttpResponse:
    """A file to keep, which no cache does; `name` says what it is, of no person."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def fields_of(error: DomainError | None) -> Mapping[str, object]:
    """Reasons by field, for a form shown again."""
    return getattr(error, "fields", {})


def message_of(error: DomainError | None) -> str:
    """What was refused, in a sentence."""
    return str(error.message) if error else ""
