"""Pages that show the network."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.network import permissions, queries
from xinglin.network.events import Event
from xinglin.network.web import figures, pages
from xinglin.platform import audit, clock
from xinglin.web.answers import page
from xinglin.web.request import Request


def for_staff(view: Callable[..., HttpResponse]) -> Any:
    """Let staff in; residents and the public have no list of facilities here."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        permissions.may_look(request.actor).require()
        return view(request, *args, **kwargs)

    return signed_in(wrapped)


@require_GET
@for_staff
def facility_list(request: Request) -> HttpResponse:
    """The tree of units, or those that fit what is asked for."""
    shown = pages.list_page(request.actor, request.GET)
    audit.record(Event.LISTED, by=request.actor, at=clock.now(), detail={"n": len(shown.rows)})
    return page(request, "network/list.html", fragment="rows", page=shown)


@require_GET
@for_staff
def children(request: Request, uuid: UUID) -> HttpResponse:
    """What lies under one branch of the tree."""
    facility = queries.visible_facility(request.actor, uuid)
    rows = queries.children(facility, cursor=request.GET.get("cursor", ""))
    return page(request, "network/children.html", fragment="rows", page=pages.children_page(facility, rows))


@require_GET
@for_staff
def detail(request: Request, uuid: UUID) -> HttpResponse:
    """One facility, a tab at a time."""
    facility = queries.visible_facility(request.actor, uuid)
    audit.record(Event.VIEWED, by=request.actor, at=clock.now(), kind="network.facility", key=str(uuid))
    shown = pages.detail_page(request.actor, facility, request.GET, at=clock.now())
    return page(request, "network/detail.html", page=shown)


@require_GET
@for_staff
def facility_options(request: Request) -> HttpResponse:
    """Answers of a facility search box."""
    return page(
        request, "network/_facilities.html", rows=queries.facilities_named(request.actor, request.GET.get("q", ""))
    )


@require_GET
@for_staff
def division_options(request: Request) -> HttpResponse:
    """Answers of a division search box."""
    return page(
        request, "network/_divisions.html", rows=queries.divisions_named(request.actor, request.GET.get("q", ""))
    )


@require_GET
@for_staff
def facility_map(request: Request) -> HttpResponse:
    """Where the units are, and which villages have none in reach."""
    return page(request, "network/map.html", page=figures.map_page(request.actor, request.GET))


@require_GET
@for_staff
def coverage_page(request: Request) -> HttpResponse:
    """What part of the units has what."""
    return page(
        request, "network/coverage.html", page=figures.coverage_page(request.actor, request.GET, at=clock.now())
    )
