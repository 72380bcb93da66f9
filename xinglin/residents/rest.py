"""REST interface of residents. One operation each; the two hot reads are in `rest_read`."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import StringConstraints

from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.residents import actions, lookups, queries, rest_read, timeline
from xinglin.residents import schemas as s
from xinglin.residents.banner import secret_conditions
from xinglin.residents.data import Topic
from xinglin.residents.events import Event
from xinglin.residents.fields import png_of
from xinglin.residents.models import Resident
from xinglin.web.api import ERRORS, write

router = rest_read.router  # one router: two that share a path hide each other's methods
Cursor = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


@router.post("/residents", response={201: s.ResidentOut, **ERRORS}, operation_id="registerResident", summary="建档")
def register_resident(request: HttpRequest, payload: s.RegisterIn) -> HttpResponse:
    """Register a person. 409 ``already-registered`` or ``probable-matches``: `fields` names the matches by uuid, to be
    given back as `acknowledged_matches` when they are other people."""
    values = payload.model_dump()
    managed_by, by, now = values.pop("managed_by"), _actor(request), clock.now()

    def register() -> s.ResidentOut:
        facility_id = queries.facility_id_of(managed_by, default=by.place)
        return s.ResidentOut.of(actions.register_resident(managed_by_id=facility_id, by=by, at=now, **values))

    return write(request, register, status=201)


@router.post(
    "/residents/arrivals", response={200: s.ResidentOut, **ERRORS}, operation_id="noteArrival", summary="登记到诊"
)
def note_arrival(request: HttpRequest, payload: s.ArrivalIn) -> HttpResponse:
    """A person presents his document: exactly this name and number puts him on the roster of the caller's facility."""
    by, now = _actor(request), clock.now()
    return write(request, lambda: s.ResidentOut.of(actions.note_arrival(**payload.model_dump(), by=by, at=now)))


@router.post(
    "/residents/{uuid:uuid}/edit",
    response={200: s.ResidentOut, **ERRORS},
    operation_id="editResident",
    summary="修改基本信息",
)
def edit_resident(request: HttpRequest, uuid: UUID, payload: s.EditIn) -> HttpResponse:
    """Change the fields named; what is left out stays."""
    by, now = _actor(request), clock.now()
    changes = {field: value for field, value in payload.model_dump(exclude_unset=True).items() if value is not None}

    def edit() -> s.ResidentOut:
        resident = queries.visible_resident(by, uuid, at=now)
        if "conditions" in changes:  # those that no answer names stay
            kept = [slug for slug in resident.conditions if slug in secret_conditions()]
            changes["conditions"] = [
                *changes["conditions"],
                *(slug for slug in kept if slug not in changes["conditions"]),
            ]
        return s.ResidentOut.of(actions.edit_resident(resident=resident, changes=changes, by=by, at=now))

    return write(request, edit)


@router.post(
    "/residents/{uuid:uuid}/merge",
    response={201: s.MergeOut, **ERRORS},
    operation_id="mergeResidents",
    summary="合并重复档案",
)
def merge_residents(request: HttpRequest, uuid: UUID, payload: s.ResidentMergeIn) -> HttpResponse:
    """Merge a second registration of the same person into this one."""
    by, now = _actor(request), clock.now()

    def merge() -> s.MergeOut:
        kept = queries.visible_resident(by, uuid, at=now)
        merged = queries.visible_resident(by, payload.merged, at=now)
        return s.MergeOut.of(actions.merge_residents(kept=kept, merged=merged, reason=payload.reason, by=by, at=now))

    return write(request, merge, status=201)


@router.post(
    "/merges/{uuid:uuid}/undo", response={200: s.ResidentOut, **ERRORS}, operation_id="undoMerge", summary="撤销合并"
)
def undo_merge(request: HttpRequest, uuid: UUID, payload: s.UndoMergeIn) -> HttpResponse:
    """Take a merge back; answers with the registration that lives again."""
    by, now = _actor(request), clock.now()

    def undo() -> s.ResidentOut:
        merge = queries.visible_merge(by, uuid)
        return s.ResidentOut.of(actions.unmerge(merge=merge, reason=payload.reason, by=by, at=now))

    return write(request, undo)


@router.post(
    "/residents/{uuid:uuid}/consents",
    response={201: s.ConsentOut, **ERRORS},
    operation_id="recordConsent",
    summary="记录知情同意",
)
def record_consent(request: HttpRequest, uuid: UUID, payload: s.ConsentIn) -> HttpResponse:
    """Keep what was agreed to or refused, with the signature as PNG in base64."""
    by, now = _actor(request), clock.now()
    values = payload.model_dump() | {"signature_png": png_of(payload.signature_png, field="signature_png")}

    def record() -> s.ConsentOut:
        resident = queries.visible_resident(by, uuid, at=now)
        return s.ConsentOut.of(actions.record_consent(resident=resident, by=by, at=now, **values))

    return write(request, record, status=201)


@router.get(
    "/residents/{uuid:uuid}/timeline",
    response={200: s.TimelinePage, **ERRORS},
    operation_id="getTimeline",
    summary="健康时间轴",
)
def get_timeline(request: HttpRequest, uuid: UUID, before: Cursor = "", topic: Topic | None = None) -> s.TimelinePage:
    """What happened to a resident, newest first, before a moment; all of it, or what a topic names."""
    by, now = _actor(request), clock.now()
    resident = queries.visible_resident(by, uuid, at=now)
    audit.look(Event.TIMELINE_VIEWED, by=by, at=now, subject=resident.uuid)
    return _timeline(by, resident, timeline.read_moment(before, now=now), topic=topic)


@router.get(
    "/residents/{uuid:uuid}/lookups",
    response={200: s.LookupPage, **ERRORS},
    operation_id="getLookups",
    summary="谁看过",
)
def get_lookups(request: HttpRequest, uuid: UUID, cursor: Cursor = "") -> s.LookupPage:
    """Who looked at a resident's record, and who did what with it."""
    by, now = _actor(request), clock.now()
    resident = queries.visible_resident(by, uuid, at=now)
    audit.look(Event.LOOKUPS_VIEWED, by=by, at=now, subject=resident.uuid)
    return _lookups(resident, cursor)


@router.get(
    "/me/record", response={200: s.OwnRecordOut, **ERRORS}, operation_id="getOwnRecord", summary="本人的健康档案"
)
def get_own_record(request: HttpRequest, before: Cursor = "") -> s.OwnRecordOut:
    """The caller's own record."""
    by, now = _actor(request), clock.now()
    resident = queries.own_resident(by)
    audit.look(Event.OWN_VIEWED, by=by, at=now, subject=resident.uuid)
    found = _timeline(by, resident, timeline.read_moment(before, now=now), linked=False)
    return s.OwnRecordOut(resident=s.ResidentOut.of(resident), timeline=found)


@router.get(
    "/me/lookups", response={200: s.LookupPage, **ERRORS}, operation_id="getOwnLookups", summary="谁看过我的档案"
)
def get_own_lookups(request: HttpRequest, cursor: Cursor = "") -> s.LookupPage:
    """Who looked at the caller's own record."""
    by, now = _actor(request), clock.now()
    resident = queries.own_resident(by)
    audit.look(Event.OWN_VIEWED, by=by, at=now, subject=resident.uuid)
    return _lookups(resident, cursor)


def _timeline(
    by: Actor, resident: Resident, before: Any, *, topic: Topic | None = None, linked: bool = True
) -> s.TimelinePage:
    found = timeline.slice_of(by, queries.ids_of_person(resident), before=before, topic=topic)
    found = found if linked else timeline.without_links(found)
    return s.TimelinePage(items=[s.TimelineOut.of(entry) for entry in found.entries], next_before=found.next_before)


def _lookups(resident: Resident, cursor: str) -> s.LookupPage:
    found = lookups.lookups_of(queries.uuids_of_person(resident), cursor=cursor)
    return s.LookupPage(items=[s.LookupOut.of(line) for line in found.rows], next_cursor=found.next_cursor)
