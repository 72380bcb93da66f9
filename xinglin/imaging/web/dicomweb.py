"""DICOMweb (PS3.18): QIDO-RS, WADO-RS and STOW-RS with the reader's own rights."""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.imaging import actions, archive, multipart, queries
from xinglin.imaging.dicom import frames, metadata, qido
from xinglin.imaging.events import Look
from xinglin.imaging.models import Instance, Study
from xinglin.imaging.web import finding
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, InvalidInput, NotSignedIn, TooLarge, Unavailable, wrong
from xinglin.web.request import Request

JSON = "application/dicom+json"
#: Of whole instances in one answer; a viewer reads frames.
MOST_INSTANCES = 2_000
THUMBNAIL_SIDE = 256
View = Callable[..., HttpResponseBase]


def answers(view: View) -> View:
    """Signed in by session or token; refusals as JSON; never cached by others."""

    @wraps(view)
    def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.actor.is_known:
            return _refusal(NotSignedIn(_("请先登录，或提供有效的令牌。")))
        try:
            response = view(request, *args, **kwargs)
        except (InvalidInput, TooLarge, Unavailable) as error:
            return _refusal(error)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return checked


def _refusal(error: DomainError) -> HttpResponse:
    body = {"code": error.code, "message": str(error.message)}
    return HttpResponse(orjson.dumps(body), status=error.status, content_type="application/json")


def _json(found: object) -> HttpResponse:
    return HttpResponse(orjson.dumps(found), content_type=JSON)


def _base(request: Request) -> str:
    return request.build_absolute_uri("/dicom-web")


def _opened(request: Request, study_uid: str) -> Study:
    """The study, and the look at it recorded."""
    study = queries.visible_study_by_uid(request.actor, study_uid)
    actions.open_study(study=study, by=request.actor, at=clock.now())
    return study


# QIDO-RS ---------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def studies(request: Request) -> HttpResponseBase:
    """Search (GET), or store (POST)."""
    from xinglin.imaging.web.stow import store  # noqa: PLC0415 - it answers with what is defined here

    return store(request) if request.method == "POST" else _search(request)


@answers
def _search(request: Request) -> HttpResponse:
    found = finding.studies(request.actor, request.GET)
    audit.record(Look.STUDIES, by=request.actor, at=clock.now(), detail={"rows": len(found)})
    return _json([qido.study_json(each, url=_base(request)) for each in found])


@require_GET
@answers
def series(request: Request, study_uid: str) -> HttpResponse:
    """The series of a study."""
    study = _opened(request, study_uid)
    wanted = request.GET.get("SeriesInstanceUID", "") or request.GET.get("0020000E", "")
    rows = [each for each in queries.series_of(study) if not wanted or each.series_uid in wanted.split(",")]
    return _json([qido.series_json(each, url=_base(request)) for each in finding.window(rows, request.GET)])


@require_GET
@answers
def instances(request: Request, study_uid: str, series_uid: str = "") -> HttpResponse:
    """The instances of a study or of one of its series."""
    study = _opened(request, study_uid)
    found = queries.instances_of(study, series_uid=series_uid)
    rows = finding.window(found, request.GET)
    return _json([qido.instance_json(each, url=_base(request)) for each in rows])


# WADO-RS ---------------------------------------------------------------------------------------------------------------
@require_GET
@answers
def metadata_of(request: Request, study_uid: str, series_uid: str = "", sop_uid: str = "") -> HttpResponseBase:
    """The headers of a study, a series or an instance, written as they are read."""
    study = _opened(request, study_uid)
    rows = list(queries.instances_of(study, series_uid=series_uid, sop_uid=sop_uid)[:MOST_INSTANCES])
    if (series_uid or sop_uid) and not rows:
        queries.instance_of(study, series_uid, sop_uid)  # says that it is not there
    _can_be_read(rows)
    return StreamingHttpResponse(_headers(rows, _base(request)), content_type=JSON)


def _can_be_read(rows: list[Instance]) -> None:
    """Before an answer begins, which cannot be taken back: the first one is there. :raises Unavailable: it is not"""
    if rows:
        archive.path_to(rows[0])


def _headers(rows: list[Instance], url: str) -> Iterator[bytes]:
    separator = b"["
    for each in rows:
        address = _address(each, url)
        found = metadata.metadata(archive.path_to(each), url=address, syntax=each.transfer_syntax)
        yield separator + orjson.dumps(found)
        separator = b","
    yield b"]" if rows else b"[]"


def _address(instance: Instance, url: str) -> str:
    of = instance.series
    return f"{url}/studies/{of.study.study_uid}/series/{of.series_uid}/instances/{instance.sop_uid}"


@require_GET
@answers
def retrieve(request: Request, study_uid: str, series_uid: str = "", sop_uid: str = "") -> HttpResponseBase:
    """Whole instances as they were sent."""
    study = _opened(request, study_uid)
    rows = list(queries.instances_of(study, series_uid=series_uid, sop_uid=sop_uid)[: MOST_INSTANCES + 1])
    if len(rows) > MOST_INSTANCES:
        raise TooLarge(_("影像太多，请按序列读取。"))
    if not rows:
        queries.instance_of(study, series_uid, sop_uid)
    _can_be_read(rows)
    boundary = study.uuid.hex
    answer = StreamingHttpResponse(_instances(rows, boundary))
    answer["Content-Type"] = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return answer


def _instances(rows: list[Instance], boundary: str) -> Iterator[bytes]:
    for each in rows:
        kind = f"application/dicom; transfer-syntax={each.transfer_syntax}"
        yield f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
        with archive.open_instance(each) as file:
            while block := file.read(1 << 16):
                yield block
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


@require_GET
@answers
def frame(request: Request, study_uid: str, series_uid: str, sop_uid: str, numbers: str) -> HttpResponse:
    """Frames as they are stored, counted from 1."""
    instance = queries.instance_of(_opened(request, study_uid), series_uid, sop_uid)
    if not re.fullmatch(r"\d{1,6}(,\d{1,6}){0,99}", numbers):
        raise wrong("frames", _("帧号无效。"))
    wanted = [int(each) for each in numbers.split(",")]
    parts = []
    for number in wanted:
        found = frames.frame_of(archive.path_to(instance), number, syntax=instance.transfer_syntax)
        parts.append((f"application/octet-stream; transfer-syntax={found.syntax}", found.content))
    body, kind = multipart.written(parts, kind="application/octet-stream")
    return HttpResponse(body, content_type=kind, headers={"Cache-Control": "private, max-age=3600"})


@require_GET
@answers
def rendered(request: Request, study_uid: str, series_uid: str, sop_uid: str, number: int = 1) -> HttpResponse:
    """One frame as a JPEG."""
    instance = queries.instance_of(_opened(request, study_uid), series_uid, sop_uid)
    picture = frames.drawn(archive.path_to(instance), number)
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@require_GET
@answers
def thumbnail(request: Request, study_uid: str, series_uid: str = "", sop_uid: str = "") -> HttpResponse:
    """A small picture of an instance; of a series or a study, of the one in its middle."""
    study = _opened(request, study_uid)
    rows = queries.instances_of(study, series_uid=series_uid, sop_uid=sop_uid).filter(rows__gt=0)
    n_rows = rows.count()
    if not n_rows:
        raise InvalidInput(_("没有可以绘制的影像。"), code="dicom-not-drawn")
    instance = rows[n_rows // 2]
    middle = (instance.frames + 1) // 2 or 1
    picture = frames.drawn(archive.path_to(instance), middle, side=THUMBNAIL_SIDE)
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


def checked_by_origin(view: View) -> View:
    """A program shows a token; a browser's session is protected against forged posts."""
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def checked(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        by_token = request.actor.kind == "token"
        return (view if by_token else protected)(request, *args, **kwargs)

    return checked
