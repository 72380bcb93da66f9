"""REST, the two hot reads: search, and one resident. Flat answers."""

from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from ninja import Router
from pydantic import StringConstraints

from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.residents import hot, queries, searching
from xinglin.residents.events import Event
from xinglin.residents.schemas import ResidentOut, ResidentPage, flat
from xinglin.web.api import ERRORS, json_answer
from xinglin.web.request import Request

router = Router()
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/residents", response={200: ResidentPage, **ERRORS}, operation_id="searchResidents", summary="查找居民")
def search_residents(request: Request, q: Text = "", by: Text = "auto", cursor: Text = "") -> HttpResponse:
    """Residents by name, pinyin, initials, document, telephone, card, birth date or record number; ``by=auto`` tells
    from the text which it is. Twenty a page, within the rosters of the caller's places."""
    actor: Actor = request.actor
    found = searching.search_rows(actor, q, by=by, cursor=cursor, at=clock.now())
    return json_answer(orjson.dumps({"items": [_flat(row) for row in found.rows], "next_cursor": found.next_cursor}))


@router.get("/residents/{uuid:uuid}", response={200: ResidentOut, **ERRORS}, operation_id="getResident", summary="居民")
def get_resident(request: Request, uuid: UUID) -> HttpResponse:
    """One resident, masked. A registration that was merged answers with the one it was merged into."""
    actor: Actor = request.actor
    now = clock.now()
    row = hot.read(actor, uuid, at=now)
    if row is not None:
        return json_answer(orjson.dumps(_flat(row)))
    # Not on a roster: break-glass may be open; if not, this says what everybody out of scope is told.
    resident = queries.visible_resident(actor, uuid, at=now)
    audit.look(Event.VIEWED, by=actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid))
    return json_answer(orjson.dumps(ResidentOut.of(resident).model_dump()))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    return flat(SimpleNamespace(**row), facility_uuid=row["facility_uuid"], facility_name=row["facility_name"])
