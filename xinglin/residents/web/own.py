"""A resident's view of his own record."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from xinglin.accounts.api import signed_in
from xinglin.platform import audit, clock
from xinglin.residents import queries
from xinglin.residents.events import Event
from xinglin.residents.web import person
from xinglin.web.answers import page
from xinglin.web.request import Request


@require_GET
@signed_in
def own_record(request: Request) -> HttpResponse:
    """What happened to me."""
    return _show(request, "timeline")


@require_GET
@signed_in
def own_lookups(request: Request) -> HttpResponse:
    """Who looked at my record."""
    return _show(request, "lookups")


def _show(request: Request, tab: str) -> HttpResponse:
    now = clock.now()
    resident = queries.own_resident(request.actor)
    shown = person.OwnRecord.build(request.actor, resident, tab=tab, asked=person.Asked.of(request.GET), at=now)
    audit.look(Event.OWN_VIEWED, by=request.actor, at=now, subject=resident.uuid)
    return page(request, "residents/own.html", page=shown)
