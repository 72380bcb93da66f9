"""REST of the population of programmes: figures by place, which name nobody."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.programmes import judging, population
from xinglin.programmes.events import Event
from xinglin.web.api import ERRORS

router = Router()


class PopulationOut(BaseModel):
    """A programme at one facility. `expected` is an estimate by prevalence, null where the programme gives none."""

    facility: str
    expected: int | None
    diagnosed: int
    candidates: int
    confirmed: int
    managed: int
    on_time: int
    measured: int
    controlled: int
    lost: int


@router.get("/programme-population", response={200: list[PopulationOut], **ERRORS}, operation_id="count_programme")
def count_programme(request: HttpRequest, programme: Annotated[str, Field(max_length=40)]) -> Any:
    """Who should be in a programme, who is, and how they do, by facility: of the actor's own, or of all for managers."""
    actor, at = request.actor, clock.now()  # type: ignore[attr-defined]
    if Permission.BOARD_VIEW not in actor.permissions:
        actor.may(Permission.PROGRAMME_VIEW).require()
    today = clock.today(at)
    definition = judging.programme_of(programme, on=today)
    rows = population.counts(population.places_counted(actor), definition, on=today)
    audit.record(Event.COUNTED, by=actor, at=at, detail={"programme": definition.slug})
    return [
        PopulationOut(
            facility=each.name, expected=each.expected, diagnosed=each.diagnosed, candidates=each.candidates,
            confirmed=each.confirmed, managed=each.managed, on_time=each.on_time, measured=each.measured,
            controlled=each.controlled, lost=each.lost,
        )
        for each in rows
    ]  # fmt: skip
