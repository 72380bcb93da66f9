"""Uploads that are too large are refused by their declared length, before a byte of the body is read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from xinglin.platform.errors import TooLarge, wrong

View = Callable[..., HttpResponseBase]
#: What a form with files may hold beside them.
FRAME = 1_048_576


def refuse_longer(request: HttpRequest, *, most: int, told: int, code: str) -> None:
    """Refuse a body by its Content-Length. A body without one is not read by the server at all.

    `told`: the bound people are told, without the frame of a multipart body.

    :raises TooLarge: more than `most` bytes
    :raises InvalidInput: the length is no number
    """
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdecimal():
        raise wrong("Content-Length", _("请求的长度无效。"))
    if int(declared) > most:
        raise TooLarge(_("文件太大：最多 %(mb)s MB。") % {"mb": told // 1_048_576}, code=code)


def file_at_most(most: int) -> Callable[[HttpRequest], None]:
    """A check for `checked_first`: a form with files of `most` bytes at most, beside the frame of its body."""

    def check(request: HttpRequest) -> None:
        refuse_longer(request, most=most + FRAME, told=most, code="too-large")

    return check


def checked_first(check: Callable[[HttpRequest], None]) -> Callable[[View], View]:
    """Run `check` first and look for the CSRF token after: looking for the token would read the whole body."""

    def wrap(view: View) -> View:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method == "POST":
                check(request)
            return protected(request, *args, **kwargs)

        return checked

    return wrap
