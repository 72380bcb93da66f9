"""Teaching cases: an examination without whose it was, with what is to be learned from it."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.centres import permissions
from xinglin.centres.deidentifying import deidentified, may_show_text
from xinglin.centres.events import Event
from xinglin.centres.models import TeachingCase, TeachingFile
from xinglin.diagnostics.api import locked_request, recordings_of
from xinglin.imaging.api import instance_paths
from xinglin.platform import clock, files
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

MOST_FILES, MOST_BYTES = 60, 512_000_000
MOST_TITLE, MOST_POINTS = 80, 4000
OLDEST = 90  # years of age that are told as such


@transaction.atomic
def make_case(
    *, request: Any, title: str, points: str, no_text_seen: bool = False, by: Actor, at: datetime
) -> TeachingCase:
    """Copy the images or traces of a reported examination without whose they are; at most `MOST_FILES`, evenly chosen.

    Nothing of the request, the report or the person is copied but the decade of the age. The case does not know its
    source: only the audit trail does.

    :raises NotPermitted: not a reader of the centre
    :raises Conflict: it is not reported, nothing of it is DICOM, or something that identifies could not be removed
    :raises InvalidInput: no title or points; they name the person (``names-person``); or nobody looked whether the
        picture itself shows a text (``burned-in``)
    """
    request = locked_request(request)
    permissions.may_make_case(by, request).require()
    person = request.resident
    forbidden = [person.name, person.id_number or "", person.phone or "", person.number, request.number]
    title, points = _text(title, "title", MOST_TITLE, forbidden), _text(points, "points", MOST_POINTS, forbidden)
    paths = _evenly(_sources(request), MOST_FILES)
    if not paths:
        raise Conflict(_("这份检查没有可以制作教学病例的DICOM文件。"), code="nothing-to-teach")
    made = list(deidentified(paths, forbidden=forbidden))
    shows = any(may_show_text(header) for _content, header in made)
    if shows and not no_text_seen:
        told = _("这类设备可能把姓名写在图像上。请逐幅查看，确认没有后勾选。")
        raise InvalidInput(told, fields={"no_text_seen": told}, code="burned-in")
    case = TeachingCase.objects.create(
        title=title, points=points, kind=request.kind, modality=str(made[0][1].get("Modality") or "")[:16],
        age_group=_decade(person.born_on, clock.today(request.requested_at)), may_show_text=shows, made_at=at,
        made_by=by.user_id, made_by_name=by.name[:40], facility_id=request.centre.facility_id,
    )  # fmt: skip
    for number, (content, header) in enumerate(made, start=1):
        stored = files.store(io.BytesIO(content), at=at, max_bytes=MOST_BYTES, accept=["application/dicom"])
        TeachingFile.objects.create(
            case=case, number=number, file=stored, frames=int(header.get("NumberOfFrames") or 1)
        )
    announce(
        Event.CASE_MADE, obj=case, subject=person.uuid, by=by, at=at, place=request.centre.facility_id,
        request=str(request.uuid), files=len(made),
    )  # fmt: skip
    return case


@transaction.atomic
def withdraw_case(*, case: TeachingCase, by: Actor, at: datetime) -> TeachingCase:
    """Show a case no more.

    :raises NotPermitted: neither its maker nor the head of the centre
    :raises Conflict: it was withdrawn already
    """
    case = TeachingCase.objects.select_for_update().get(pk=case.pk)
    permissions.may_withdraw_case(by, case).require()
    TeachingCase.objects.filter(pk=case.pk).update(withdrawn_at=at, withdrawn_by=by.user_id or 0)
    announce(Event.CASE_WITHDRAWN, obj=case, by=by, at=at, place=case.facility_id)
    case.refresh_from_db()
    return case


def _text(said: str, field: str, most: int, forbidden: list[str]) -> str:
    text = said.replace("\x00", "").strip()
    if not 2 <= len(text) <= most:
        reason = _("请写2到%(most)d个字。") % {"most": most}
        raise InvalidInput(_("有内容没有填写完整。"), fields={field: reason})
    if any(each and len(each) > 1 and each in text for each in forbidden):
        told = _("不能写出受检者的姓名、号码。")
        raise InvalidInput(told, fields={field: told}, code="names-person")
    return text


def _sources(request: Any) -> list[Path]:
    kept = [each.file for each in recordings_of(request) if each.format.startswith("dicom")]
    return [*(files.path_of(each.sha256) for each in kept), *instance_paths(request)]


def _evenly(paths: list[Path], most: int) -> list[Path]:
    if len(paths) <= most:
        return paths
    return [paths[number * len(paths) // most] for number in range(most)]


def _decade(born_on: date | None, on: date) -> str:
    if born_on is None:
        return ""
    years = clock.completed_years(born_on, on)
    return f"{OLDEST}+" if years >= OLDEST else f"{years // 10 * 10}-{years // 10 * 10 + 9}"
