"""What Django itself answers with: an address nobody knows, a request it cannot read, a fault of ours."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from xinglin.platform.errors import NotVisible
from xinglin.web.api import json_answer
from xinglin.web.middleware import error_body


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


def fault(request: HttpRequest) -> HttpResponse:
    """500"""
    if _is_api(request):
        body = {"code": "fault", "message": _("系统出了差错，请稍后再试。")}
        return json_answer(orjson.dumps(body), status=500)
    return defaults.server_error(request)
