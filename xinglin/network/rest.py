"""REST of the network: verbs as sub-resources."""

import hashlib
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Router
from ninja.files import UploadedFile
from pydantic import StringConstraints

from xinglin.network import actions, permissions, queries
from xinglin.network import schemas as s
from xinglin.network.actions.importing import MOST_FIELDS
from xinglin.network.events import Event
from xinglin.network.exchange.base import Plan
from xinglin.network.models import Division, Facility
from xinglin.network.web.tables import export_response
from xinglin.platform import audit, clock
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.web.api import ERRORS, write
from xinglin.web.request import Request
from xinglin.web.sheets import XLSX
from xinglin.web.sheets.reading import MAX_BYTES

router = Router()
Short = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, StringConstraints(max_length=600, pattern=r"^[^\x00]*$")]
WRITES: dict[Any, Any] = {200: s.FacilityOut, **ERRORS}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"responses": {200: {"description": "the file", "content": {"text/csv": _BINARY, XLSX: _BINARY}}}}


@router.get(
    "/facilities", response={200: s.FacilityPageOut, **ERRORS}, operation_id="listFacilities", summary="机构列表"
)
def list_facilities(
    request: Request, q: Short = "", kind: Short = "", tier: Short = "", status: Short = "", area: Short = "",
    manager: UUID | None = None, cursor: Cursor = "",
) -> Any:  # fmt: skip
    """Facilities by name; staff see all, others none."""
    by = request.actor
    permissions.may_look(by).require()
    page = queries.listed(
        by, text=q, kind=kind, tier=tier, status=status, area=area, manager=manager, cursor=cursor, size=50
    )
    audit.record(Event.LISTED, by=by, at=clock.now(), detail={"n": len(page.rows)})
    return s.FacilityPageOut(items=[s.FacilityOut.of(each) for each in page.rows], next_cursor=page.next_cursor)


@router.get(
    "/facilities/export", response=ERRORS, operation_id="exportFacilities", summary="导出表格", openapi_extra=_FILE
)
def export(request: Request, table: s.TableName = "facilities", format: s.FormatName = "xlsx") -> HttpResponse:  # noqa: A002
    """A table in the layout an import reads."""
    permissions.may_look(request.actor).require()
    return export_response(request, table, format)


@router.get(
    "/facilities/{uuid:uuid}",
    response={200: s.FacilityDetailOut, **ERRORS},
    operation_id="viewFacility",
    summary="机构",
)
def view(request: Request, uuid: UUID) -> Any:
    """One facility; a merged one names its successor and the unit that answers for it now."""
    by = request.actor
    facility = queries.visible_facility(by, uuid)
    audit.record(Event.VIEWED, by=by, at=clock.now(), kind="network.facility", key=str(uuid))
    return s.FacilityDetailOut.told(facility)


def _facts(by: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """Codes and uuids as rows."""
    if "division" in sent:
        division = Division.objects.filter(code=sent["division"] or "").first()
        if division is None:
            reason = _("没有这个区划代码，请先导入区划。")
            raise InvalidInput(reason, fields={"division": reason})
        sent["division"] = division
    for name in ("manager", "host"):
        if sent.get(name) is not None:
            sent[name] = queries.visible_facility(by, sent[name])
    return sent


@router.post("/facilities", response={201: s.FacilityOut, **ERRORS}, operation_id="openFacility", summary="登记机构")
def open_facility(request: Request, payload: s.OpenIn) -> HttpResponse:
    """Enter a new facility, working or planned."""
    by, now = request.actor, clock.now()

    def run() -> s.FacilityOut:
        return s.FacilityOut.of(actions.open_facility(**_facts(by, payload.facts()), by=by, at=now))

    return write(request, run, status=201)


def _on(request: Request, uuid: UUID, run: Any) -> HttpResponse:
    """One write on one visible facility."""
    by, now = request.actor, clock.now()

    def act() -> s.FacilityOut:
        facility: Facility = run(queries.visible_facility(by, uuid), by, now)
        return s.FacilityOut.of(queries.visible_facility(by, facility.uuid))

    return write(request, act)


@router.post("/facilities/{uuid:uuid}/edit", response=WRITES, operation_id="editFacility", summary="修改机构")
def edit(request: Request, uuid: UUID, payload: s.FactsIn) -> HttpResponse:
    """Change the facts that are sent, and no others."""
    return _on(
        request,
        uuid,
        lambda facility, by, at: actions.edit_facility(facility=facility, **_facts(by, payload.facts()), by=by, at=at),
    )


@router.post("/facilities/{uuid:uuid}/close", response=WRITES, operation_id="closeFacility", summary="关闭机构")
def close(request: Request, uuid: UUID, payload: s.CloseIn) -> HttpResponse:
    """End a facility without a successor."""
    return _on(
        request, uuid,
        lambda facility, by, at: actions.close_facility(
            facility=facility, on=payload.on, reason=payload.reason, by=by, at=at
        ),
    )  # fmt: skip


@router.post("/facilities/{uuid:uuid}/merge", response=WRITES, operation_id="mergeFacility", summary="合并机构")
def merge(request: Request, uuid: UUID, payload: s.MergeIn) -> HttpResponse:
    """End a facility in favour of another."""

    def run(facility: Facility, by: Any, at: Any) -> Facility:
        successor = queries.visible_facility(by, payload.successor)
        return actions.merge_facility_into(
            facility=facility, successor=successor, on=payload.on, reason=payload.reason, by=by, at=at
        )

    return _on(request, uuid, run)


@router.get(
    "/consortia", response={200: list[s.ConsortiumOut], **ERRORS}, operation_id="listConsortia", summary="医共体"
)
def list_consortia(request: Request) -> Any:
    """Consortia with their members of today and their pattern beside what there is."""
    by, today = request.actor, clock.today()
    permissions.may_look(by).require()
    return [s.ConsortiumOut.of(each, queries.members_on(each, today)) for each in queries.consortia(by)[:50]]


@router.get(
    "/divisions", response={200: list[s.DivisionOut], **ERRORS}, operation_id="listDivisions", summary="行政区划"
)
def list_divisions(request: Request, parent: Annotated[str, StringConstraints(pattern=r"^\d{0,12}$")] = "") -> Any:
    """Divisions directly below a code; the top ones when none is given."""
    by = request.actor
    permissions.may_look(by).require()
    return [s.DivisionOut.of(each) for each in queries.divisions_under(by, parent)[:2000]]


@router.post(
    "/facilities/import", response={200: s.ImportOut, **ERRORS}, operation_id="importFacilities", summary="导入表格"
)
def import_table(
    request: Request, file: Annotated[UploadedFile, File()], table: Annotated[s.TableName, Form()] = "facilities",
    dry_run: Annotated[bool, Form()] = False, only_good: Annotated[bool, Form()] = False,
) -> Any:  # fmt: skip
    """Import a table. `dry_run`: only say what would happen. One error means nothing is written, unless `only_good`."""
    by, now = request.actor, clock.now()
    permissions.may_import(by).require()
    if file.size is None or file.size > MAX_BYTES:
        raise TooLarge(_("文件太大：最多 %(mb)d MB。") % {"mb": MAX_BYTES // 1_000_000})
    content = file.read()
    if dry_run:
        return _told(actions.plan_import(table=table, content=content, by=by, at=now), applied=False)

    def run() -> s.ImportOut:
        batch, _plan = actions.check_import(table=table, content=content, file_name=file.name or "", by=by, at=now)
        done = actions.apply_import(batch=batch, only_good=only_good, by=by, at=now)
        return _told(done, applied=True)

    fingerprint = f"{request.path} {table} {only_good} {hashlib.sha256(content).hexdigest()}".encode()
    return write(request, run, content=fingerprint)


def _told(plan: Plan, *, applied: bool) -> s.ImportOut:
    errors = [
        s.RowErrorOut(row=each.row, column=each.column, value=each.value[:200], reason=str(each.reason))
        for each in plan.errors[:MOST_FIELDS]
    ]
    return s.ImportOut(
        applied=applied, n_rows=len(plan.rows), n_new=len(plan.new), n_changed=len(plan.changed), n_same=plan.n_same,
        n_errors=len(plan.errors), errors=errors,
    )  # fmt: skip
