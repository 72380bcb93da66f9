"""Lists of programmes."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.programmes.events import Event
from xinglin.programmes.web.day_page import DayPage
from xinglin.web.answers import page
from xinglin.web.request import Request


@require_safe
@for_staff
def day(request: Request) -> HttpResponse:
    """Who is due today, the most urgent first."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_VIEW).require()
    box = request.GET.get("box", "due")
    built = DayPage.build(
        actor, box=box, programme=request.GET.get("programme", ""), place=request.GET.get("place", ""),
        cursor=request.GET.get("cursor", ""), at=at,
    )  # fmt: skip
    audit.record(Event.LISTED, by=actor, at=at, detail={"box": box, "n": len(built.rows)})
    return page(request, "programmes/day.html", fragment="rows", page=built)
