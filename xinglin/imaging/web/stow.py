"""STOW-RS: instances by HTTP, each taken in by itself; the answer says what became of each."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import actions
from xinglin.imaging.actions import Outcome
from xinglin.imaging.data import Source, Way
from xinglin.imaging.dicom import MAX_BYTES
from xinglin.imaging.dicom.qido import element
from xinglin.imaging.multipart import parts_of
from xinglin.imaging.web.dicomweb import JSON, answers, checked_by_origin
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.errors import DomainError, NotPermitted, Unavailable, wrong
from xinglin.web.request import Request
from xinglin.web.uploads import refuse_longer

MOST_BODY = 4 * MAX_BYTES
#: Reasons of failure (PS3.18 table 10.5.3-1): cannot understand, out of resources, duplicate with other content.
NOT_UNDERSTOOD, NO_RESOURCES, DUPLICATE, NOT_AUTHORISED = 0xC000, 0xA700, 0x0111, 0x0124


@checked_by_origin
@answers
def store(request: Request) -> HttpResponse:
    """Take in the parts of the body."""
    refuse_longer(request, most=MOST_BODY, told=MOST_BODY, code="dicom-too-large")
    if not request.headers.get("Content-Type", "").lower().startswith("multipart/related"):
        raise wrong("Content-Type", _('请以 multipart/related; type="application/dicom" 提交。'))
    source = Source(way=Way.STOW, facility_id=_facility(request))
    stored: list[Any] = []
    failed: list[Any] = []
    for path in parts_of(request, max_bytes=MAX_BYTES):
        try:
            taken = actions.take_in_instance(content=path, source=source, by=request.actor, at=clock.now())
        except DomainError as error:
            path.unlink(missing_ok=True)
            failed.append(
                {"00081197": element("US", _reason(error)), "00000902": element("LO", str(error.message)[:64])}
            )
            _note(error, source, request)
            continue
        referenced = {
            "00081150": element("UI", taken.instance.sop_class),
            "00081155": element("UI", taken.instance.sop_uid),
        }
        if taken.outcome == Outcome.CONFLICT:
            failed.append({**referenced, "00081197": element("US", DUPLICATE)})
        else:
            stored.append(referenced)
    if not stored and not failed:
        raise wrong("body", _("没有收到影像。"))
    return _answer(stored, failed)


def _note(error: DomainError, source: Source, request: Request) -> None:
    if not isinstance(error, NotPermitted):
        actions.note_refusal(
            error=error, source=source, way=source.way, sender=request.actor.name, by=request.actor, at=clock.now()
        )


def _facility(request: Request) -> int:
    """Where the images were taken: the actor's own unit, or the one named in the address."""
    named = request.GET.get("facility", "")
    if named:
        try:
            return network.facility_by_uuid(UUID(named)).id
        except ValueError as error:
            raise wrong("facility", _("请说明影像由哪个机构采集。")) from error
    place = request.actor.place
    if place is None:
        raise wrong("facility", _("请说明影像由哪个机构采集。"))
    return int(place)


def _reason(error: DomainError) -> int:
    if isinstance(error, NotPermitted):
        return NOT_AUTHORISED
    return NO_RESOURCES if isinstance(error, Unavailable) else NOT_UNDERSTOOD


def _answer(stored: list[Any], failed: list[Any]) -> HttpResponse:
    body: dict[str, Any] = {}
    if stored:
        body["00081199"] = {"vr": "SQ", "Value": stored}
    if failed:
        body["00081198"] = {"vr": "SQ", "Value": failed}
    status = 200 if not failed else 202 if stored else 409
    return HttpResponse(orjson.dumps(body), status=status, content_type=JSON)
