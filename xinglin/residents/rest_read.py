"""REST, the two hot reads: search, and one resident. Flat answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import StringConstraints

from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.residents import queries, searching
from xinglin.residents.events import Event
from xinglin.residents.schemas import ResidentOut, ResidentPage
from xinglin.web.api import ERRORS

router = Router()
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/residents", response={200: ResidentPage, **ERRORS}, operation_id="searchResidents", summary="查找居民")
def search_residents(request: HttpRequest, q: Text = "", by: Text = "auto", cursor: Text = "") -> ResidentPage:
    """Residents by name, pinyin, initials, document, telephone, card, birth date or record number; ``by=auto`` tells
    from the text which it is. Twenty a page, within the rosters of the caller's places."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = searching.search(actor, q, by=by, cursor=cursor, at=_now())
    return ResidentPage(items=[ResidentOut.of(row) for row in found.rows], next_cursor=found.next_cursor)


@router.get("/residents/{uuid:uuid}", response={200: ResidentOut, **ERRORS}, operation_id="getResident", summary="居民")
def get_resident(request: HttpRequest, uuid: UUID) -> ResidentOut:
    """One resident, masked. A registration that was merged answers with the one it was merged into."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = _now()
    resident = queries.visible_resident(actor, uuid, at=now)
    audit.look(Event.VIEWED, by=actor, at=now, subject=resident.uuid, kind="residents.resident", key=str(resident.uuid))
    return ResidentOut.of(resident)


def _now() -> datetime:
    return clock.now()
