"""Lists of programmes."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.accounts.api import for_staff
from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.programmes import finding, judging
from xinglin.programmes import population as counting
from xinglin.programmes.events import Event
from xinglin.programmes.web.day_page import DayPage
from xinglin.programmes.web.population_page import LevelsPage, PeoplePage, PopulationPage, behind_of
from xinglin.residents import api as residents
from xinglin.web.answers import page, write_once
from xinglin.web.request import Request

#: So many records are looked at by one press of the button.
AT_ONCE = 200


@require_safe
@for_staff
def day(request: Request) -> HttpResponse:
    """Who is due today, the most urgent first."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_VIEW).require()
    box = request.GET.get("box", "due")
    built = DayPage.build(
        actor, box=box, programme=request.GET.get("programme", ""), place=request.GET.get("place", ""),
        team=_team(request.GET.get("team", "")), cursor=request.GET.get("cursor", ""), at=at,
    )  # fmt: skip
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, box=box, n=len(shown))
    return page(request, "programmes/day.html", fragment="rows", page=built)


def _team(said: str) -> UUID | None:
    """The team whose residents are shown; what is no identifier asks for nothing."""
    try:
        return UUID(said) if said else None
    except ValueError:
        return None


@require_safe
@for_staff
def population(request: Request) -> HttpResponse:
    """A programme by facility: who should be in, who is, how they do."""
    actor, at = request.actor, clock.now()
    if not {Permission.PROGRAMME_VIEW, Permission.BOARD_VIEW} & actor.permissions:
        actor.may(Permission.PROGRAMME_VIEW).require()
    slug = request.GET.get("programme", "")
    built = PopulationPage.build(actor, slug=slug, at=at)
    audit.record(Event.COUNTED, by=actor, at=at, detail={"programme": built.programme.slug})
    return page(request, "programmes/population.html", page=built)


@require_POST
@for_staff
def find(request: Request) -> HttpResponse:
    """Look at the records of those with the diagnosis whom nobody has looked at, and list them as candidates."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_DO).require()
    slug = request.POST.get("programme", "")

    def write() -> str:
        programme = judging.programme_of(slug, on=clock.today(at))
        places = actor.places_where(Permission.PROGRAMME_DO)
        for resident_id in counting.undiscovered(places, programme, limit=AT_ONCE):
            finding.look_at(residents.registration_by_id(resident_id), by=actor, at=at)
        return f"{reverse('programmes:people')}?programme={slug}&of=candidates"

    return write_once(request, write, _("已列为待核实，请逐人核实。"))


@require_safe
@for_staff
def people(request: Request) -> HttpResponse:
    """The list behind a figure."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_VIEW).require()
    behind = behind_of(request.GET)
    built = PeoplePage.build(actor, behind, cursor=request.GET.get("cursor", ""), at=at)
    shown = [each.resident.uuid for each in built.paging.rows]
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=shown, of=behind.of, n=len(shown))
    return page(request, "programmes/people.html", fragment="rows", page=built)


@require_safe
@for_staff
def levels(request: Request) -> HttpResponse:
    """What the reader's level of the three highs must do now."""
    actor, at = request.actor, clock.now()
    actor.may(Permission.PROGRAMME_VIEW).require()
    built = LevelsPage.build(actor, at=at)
    shown = {row.resident for card in built.cards for row in card["rows"]}
    audit.look_many(Event.LISTED, by=actor, at=at, subjects=sorted(shown), of="levels")
    return page(request, "programmes/levels.html", page=built)
