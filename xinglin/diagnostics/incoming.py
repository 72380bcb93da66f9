"""From what a program said to what is asked for: everything is looked up as the actor sees it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from xinglin.diagnostics import queries
from xinglin.diagnostics.data import Answer, Asked
from xinglin.diagnostics.models import Centre, Upload
from xinglin.diagnostics.schemas import PlaceImagingIn, PlaceIn
from xinglin.network import api as network
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput, NotVisible
from xinglin.platform.models import StoredFile
from xinglin.residents import api as residents
from xinglin.visits import api as visits


def asked_of(payload: PlaceIn, uploaded: "list[UploadedFile[Any]]", *, by: Actor, at: datetime) -> Asked:
    """What a request of recordings asks for.

    :raises NotVisible: a visit, resident, centre, file or former request that the actor does not see
    :raises InvalidInput: it does not say which centre, and there are several
    """
    return replace(
        _common(payload, "ECG", by=by, at=at),
        identity_confirmed=payload.identity_confirmed,
        recordings=[*uploaded, *(stored_file(uuid, by) for uuid in payload.recordings)],
    )


def imaging_asked_of(payload: PlaceImagingIn, *, by: Actor, at: datetime) -> Asked:
    """The same for an imaging request.

    :raises NotVisible: a visit, resident, centre or former request that the actor does not see
    :raises InvalidInput: it does not say which centre, and there are several
    """
    return replace(_common(payload, "IMAGING", by=by, at=at), items=payload.items)


def _common(payload: PlaceIn | PlaceImagingIn, kind: str, *, by: Actor, at: datetime) -> Asked:
    visit = visits.visible_visit(by, payload.visit, at=at) if payload.visit else None
    resident = residents.visible_resident(by, payload.resident, at=at) if payload.resident else None
    facility_id = network.facility_by_uuid(payload.facility).id if payload.facility else None
    if facility_id is None and visit is None:
        facility_id = by.place
    return Asked(
        visit=visit,
        resident=resident,
        from_facility_id=facility_id,
        centre=_centre(payload.centre, facility_id or by.place or 0, kind),
        priority=payload.priority,
        question=payload.question,
        clinical=payload.clinical,
        answers=[Answer(**each.model_dump()) for each in payload.answers],
        repeats=queries.visible_request(by, payload.repeats) if payload.repeats else None,
    )


def _centre(uuid: UUID | None, facility_id: int, kind: str) -> Centre:
    if uuid is not None:
        return queries.centre_to_ask(uuid)
    centres = list(queries.centres_for(facility_id, kind)[:2])
    if len(centres) != 1:
        raise InvalidInput(_("请选择诊断中心。"), fields={"centre": _("请选择诊断中心。")})
    return centres[0]


def stored_file(uuid: UUID, by: Actor) -> StoredFile:
    """A file the actor uploaded himself: nobody names files of others. :raises NotVisible: it is not his"""
    upload = Upload.objects.select_related("file").filter(uuid=uuid, uploaded_by=by.user_id).first()
    if upload is None:
        raise NotVisible("file", uuid)
    return upload.file
