"""What Django itself answers with: an address nobody knows, a request it cannot read, a fault of ours."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from xinglin.platform.errors import NotVisible
from xinglin.web.api import json_answer
from xinglin.web.middleware import error_body, open_page, sign_in_url


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    if _is_api(request):
        return json_answer(orjson.dumps(error_body(NotVisible("path", request.path))), status=404)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    if _is_api(request):
        return json_answer(orjson.dumps({"code": "bad-request", "message": _("请求无法识别。")}), status=400)
    return defaults.bad_request(request, exception)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form whose page is too old, often because its session ended; says how to come back to it."""
    is_known = getattr(getattr(request, "actor", None), "is_known", False)
    context = {"again_url": open_page(request) if is_known else sign_in_url(request), "is_known": is_known}
    return render(request, "403_csrf.html", context, status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """500"""
    if _is_api(request):
        body = {"code": "fault", "message": _("系统出了差错，请稍后再试。")}
        return json_answer(orjson.dumps(body), status=500)
    return defaults.server_error(request)
