"""What devices measured, for those who search Observations."""

from uuid import UUID

from django.db.models import Q

from xinglin.accounts.data import Permission
from xinglin.platform.actors import Actor
from xinglin.platform.paging import Page, page_of
from xinglin.readings import fhir
from xinglin.readings.models import Reading
from xinglin.readings.observing import Asked, Found, Source
from xinglin.readings.states import ReadingStatus
from xinglin.residents import api as residents


def search(actor: Actor, asked: Asked) -> Page[Found]:
    """A page of what stands in records. Two queries."""
    if asked.resident_ids is not None:
        where = Q(resident_id__in=asked.resident_ids)
    else:
        places = actor.places_where(Permission.RESIDENT_VIEW)
        where = Q() if places is None else Q(resident__managed_by_id__in=places)
    during = {f"measured_at__{name}": moment for name, moment in asked.during.items()}
    rows = Reading.objects.filter(where, status=ReadingStatus.KEPT, **during)
    rows = rows.select_related("device", "resident").prefetch_related("values")
    page = page_of(rows, by=("-measured_at", "-id"), cursor=asked.cursor, size=asked.size)
    return Page([_found(each) for each in page.rows], page.next_cursor, page.is_first)


def one(actor: Actor, identifier: str) -> Found | None:
    """A reading in the record of somebody the actor sees."""
    try:
        uuid = UUID(identifier)
    except ValueError:
        return None
    seen = residents.residents_visible_to(actor, Permission.RESIDENT_VIEW)
    rows = Reading.objects.filter(uuid=uuid, status=ReadingStatus.KEPT, resident__in=seen)
    row = rows.select_related("device", "resident").prefetch_related("values").first()
    return None if row is None else _found(row)


def _found(row: Reading) -> Found:
    assert row.resident is not None  # what stands in a record is somebody's
    return row.resident.uuid, fhir.observation(row, row.resident)


SOURCE = Source(Permission.RESIDENT_VIEW, search, one)
