"""What the FHIR R4 edges of capabilities have in common: the media type, searchsets in pages, and days as search parameters."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from xinglin.platform.errors import wrong

MEDIA = "application/fhir+json"
#: The answer of an operation in the OpenAPI file: ``openapi_extra=ANSWERED``, with ``response=ERRORS``.
ANSWERED: dict[str, Any] = {
    "responses": {200: {"description": "FHIR R4", "content": {MEDIA: {"schema": {"type": "object"}}}}}
}
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
Resource = dict[str, Any]
Day = Annotated[str, Field(max_length=20)]


class Paged(BaseModel):
    """What every search takes: how many a page holds, and where the next one begins."""

    cursor: Annotated[str, Field(max_length=300)] = ""
    count: Annotated[int, Field(alias="_count", ge=1, le=200)] = 50


_DAY = re.compile(r"(ge|le)(\d{4}-\d{2}-\d{2})")


def answer(resource: Resource, status: int = 200) -> HttpResponse:
    """A resource as the answer; no cache keeps it."""
    response = HttpResponse(orjson.dumps(resource), status=status, content_type=f"{MEDIA}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def searchset(request: HttpRequest, resources: Iterable[Resource], *, next_cursor: str = "") -> Resource:
    """One page of a search; ``link`` says where the next one is."""
    links = [{"relation": "self", "url": request.build_absolute_uri()}]
    if next_cursor:
        following = request.GET.copy()
        following["cursor"] = next_cursor
        links.append({"relation": "next", "url": request.build_absolute_uri(f"{request.path}?{following.urlencode()}")})
    entries = [
        {"fullUrl": f"urn:xinglin:{each['resourceType'].lower()}:{each['id']}", "resource": each,
         "search": {"mode": "match"}}
        for each in resources
    ]  # fmt: skip
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def period_of(days: Iterable[str], name: str) -> dict[str, datetime]:
    """Days as ``ge2026-01-01`` and ``le2026-01-31``: moments by ``gte`` and ``lt``.

    :raises InvalidInput: something else, named after the parameter
    """
    found: dict[str, datetime] = {}
    for each in days:
        said = _DAY.fullmatch(each)
        try:
            day = date.fromisoformat(said[2]) if said else None
            end = day + timedelta(days=1) if day and said and said[1] == "le" else day
        except (ValueError, OverflowError):
            day = end = None
        if said is None or day is None or end is None:
            raise wrong(name, _("日期应如 ge2026-01-01 或 le2026-01-31。"))
        found["gte" if said[1] == "ge" else "lt"] = timezone.make_aware(datetime.combine(end, time.min))
    return found
