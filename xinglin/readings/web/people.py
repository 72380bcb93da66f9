"""Pages of readings: what waits, one reading, and what devices measured of one person."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff, signed_in
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.platform.errors import DomainError, InvalidInput, NotVisible
from xinglin.readings import queries
from xinglin.readings.actions import sorting
from xinglin.readings.events import Event
from xinglin.readings.web.pages import PersonPage, QueuePage, ReadingPage
from xinglin.residents import api as residents
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request


@require_safe
@for_staff
def queue(request: Request) -> HttpResponse:
    """Readings that wait for somebody to say whose they are."""
    actor = request.actor
    actor.may(Permission.READING_SORT).require()
    built = QueuePage.build(actor, cursor=request.GET.get("cursor", ""))
    audit.record(Event.QUEUE_LISTED, by=actor, at=clock.now(), detail={"n": len(built.rows)})
    return page(request, "readings/queue.html", page=built)


@require_safe
@for_staff
def reading(request: Request, uuid: UUID) -> HttpResponse:
    """One reading: whose it is, and saying otherwise."""
    return _reading(request, uuid)


@require_POST
@for_staff
def sort(request: Request, uuid: UUID, verb: str) -> HttpResponse:
    """Give it to somebody, split it, or throw it away."""
    actor, at, post = request.actor, clock.now(), request.POST
    reason = post.get("reason", "")

    def write() -> str:
        found = queries.visible_reading(actor, uuid)
        if verb == "assign":
            whose = residents.resident_by_number(actor, post.get("number", ""))
            if whose is None:
                raise InvalidInput(_("没有找到这个档案号。"), fields={"number": _("请核对档案号。")})
            sorting.assign_reading(reading=found, resident=whose, reason=reason, by=actor, at=at)
        elif verb == "split":
            sorting.split_reading(reading=found, items=post.getlist("items"), reason=reason, by=actor, at=at)
        elif verb == "discard":
            sorting.discard_reading(reading=found, reason=reason, by=actor, at=at)
        else:
            raise NotVisible("readings.reading", verb)
        return reverse("readings:queue")

    return write_once(request, write, _("已保存。"), again=lambda error: _reading(request, uuid, error))


def _reading(request: Request, uuid: UUID, error: DomainError | None = None) -> HttpResponse:
    actor, at = request.actor, clock.now()
    found = queries.visible_reading(actor, uuid)
    subject = found.resident.uuid if found.resident else None
    audit.record(Event.VIEWED, by=actor, at=at, subject=subject, kind="readings.reading", key=str(uuid))
    built: Any = ReadingPage.build(actor, found, error=error, given=request.POST)
    return page(request, "readings/reading.html", status=error.status if error else 200, page=built)


@require_safe
@for_staff
def resident(request: Request, uuid: UUID) -> HttpResponse:
    """What devices measured of a resident, with its course."""
    actor, at = request.actor, clock.now()
    found = residents.visible_resident(actor, uuid, at=at)
    audit.look(Event.VIEWED, by=actor, at=at, subject=found.uuid, kind="residents.resident", key=str(found.uuid))
    return page(request, "readings/person.html", page=PersonPage.build(actor, found, at=at))


@require_safe
@signed_in
def own(request: Request) -> HttpResponse:
    """The same for the resident himself."""
    actor, at = request.actor, clock.now()
    found = residents.own_resident(actor)
    audit.look(Event.VIEWED, by=actor, at=at, subject=found.uuid, kind="residents.resident", key=str(found.uuid))
    return page(request, "readings/person.html", page=PersonPage.build(actor, found, at=at, is_own=True))
