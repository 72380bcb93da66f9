"""The single diseases under their chief-physician teams: how far each is written, and how many people it is about."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from xinglin.platform.actors import Actor
from xinglin.programmes import counting, editions, guarding, permissions, population
from xinglin.programmes.models import Edition, Enrolment
from xinglin.programmes.rules import catalogue, framing
from xinglin.programmes.rules.framing import Team
from xinglin.programmes.rules.shapes import Programme
from xinglin.programmes.states import MANAGED


@dataclass(frozen=True, slots=True)
class Single:
    """One disease. `expected` is an estimate by prevalence (None: none is given); `diagnosed` and `managed` are counts of people,
    None where they are left out. `draft`: an edition that is on its way, for who may read it.
    """

    team: Team
    programme: Programme
    expected: int | None
    diagnosed: int | None
    managed: int | None
    draft: Edition | None


def singles(actor: Actor, *, on: date) -> tuple[list[Single], datetime | None]:
    """The diseases in the order of their teams, with the figures of the facilities the actor may count; and when `diagnosed` was
    counted, None: just now. The number of queries does not grow with the diseases.
    """
    in_force = {each.slug: each for each in catalogue.programmes(on)}
    wanted = [(team, in_force[slug]) for team in framing.teams() for slug in team.diseases if slug in in_force]
    places = population.places_counted(actor)
    if permissions.may_read_editions(actor):
        places = None  # who writes for the county looks at its figures, which name nobody
    programmes = [programme for _team, programme in wanted]
    counted = counting.diagnosed({each.slug: each.diseases for each in programmes}, places)
    diagnosed = {each.slug: sum(counted.by[each.slug].values()) for each in programmes}
    managed = _managed(programmes, places)
    expected = _expected(programmes, places, on)
    if not guarding.sees_people(actor, places):
        diagnosed_shown, managed_shown = guarding.guarded(diagnosed), guarding.guarded(managed)
    else:
        diagnosed_shown, managed_shown = dict(diagnosed), dict(managed)
    drafts = _drafts(programmes) if permissions.may_read_editions(actor) else {}
    found = [
        Single(
            team, programme, expected.get(programme.slug), diagnosed_shown[programme.slug], managed_shown[programme.slug],
            drafts.get(programme.slug),
        )
        for team, programme in wanted
    ]  # fmt: skip
    return found, counted.at


def _managed(programmes: list[Programme], places: frozenset[int] | None) -> dict[str, int]:
    rows = Enrolment.objects.filter(status__in=MANAGED)
    if places is not None:
        rows = rows.filter(facility_id__in=places)
    found = dict(rows.order_by().values_list("programme").annotate(n=Count("id")))
    return {each.slug: found.get(each.slug, 0) for each in programmes}


def _expected(programmes: list[Programme], places: frozenset[int] | None, on: date) -> dict[str, int]:
    ages = {each.prevalence.from_age for each in programmes if each.prevalence is not None}
    living = {age: sum(found.values()) for age, found in counting.living(ages, places, on=on).by.items()}
    return {
        each.slug: round(living[str(each.prevalence.from_age)] * each.prevalence.share)
        for each in programmes
        if each.prevalence is not None
    }


def _drafts(programmes: list[Programme]) -> dict[str, Edition]:
    rows = editions.under_way().filter(slug__in=[each.slug for each in programmes]).defer("text")
    return {each.slug: each for each in rows.order_by("id")}
