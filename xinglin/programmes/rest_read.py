"""REST of the population of programmes: figures by place, which name nobody."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Router
from pydantic import BaseModel, Field

from xinglin.accounts.data import Permission
from xinglin.platform import audit, clock
from xinglin.programmes import guarding, judging, permissions, population, singles
from xinglin.programmes.events import Event
from xinglin.web.api import ERRORS
from xinglin.web.request import Request

router = Router()


class PopulationOut(BaseModel):
    """A programme at one facility. `expected` is an estimate by prevalence, null where the programme gives none. Another figure is null
    where it is left out: it tells of a few people whom the actor may not see, or would let others be told.
    """

    facility: str
    expected: int | None
    diagnosed: int | None
    candidates: int | None
    confirmed: int | None
    managed: int | None
    on_time: int | None
    measured: int | None
    controlled: int | None
    lost: int | None


@router.get("/programme-population", response={200: list[PopulationOut], **ERRORS}, operation_id="count_programme")
def count_programme(request: Request, programme: Annotated[str, Field(max_length=40)]) -> Any:
    """Who should be in a programme, who is, and how they do, by facility: of the actor's own, or of all for managers."""
    actor, at = request.actor, clock.now()
    if Permission.BOARD_VIEW not in actor.permissions:
        actor.may(Permission.PROGRAMME_VIEW).require()
    today = clock.today(at)
    definition = judging.programme_of(programme, on=today)
    rows = population.counts(population.places_counted(actor), definition, on=today)
    own = actor.places_where(Permission.PROGRAMME_VIEW)
    hidden = guarding.hidden_cells(rows, lambda each: own is None or each.place in own)
    audit.record(Event.COUNTED, by=actor, at=at, detail={"programme": definition.slug})
    return [
        PopulationOut(
            facility=each.name, expected=each.expected,
            **{name: None if name in hidden[each.place] else getattr(each, name) for name in guarding.CELLS},
        )
        for each in rows
    ]  # fmt: skip


class SingleDiseaseOut(BaseModel):
    """A single disease under its chief-physician team. `is_frame`: only what any disease has. `diagnosed`, `managed`: null where the
    figure is left out because it tells of a few people. `counted_at`: when `diagnosed` was counted, null: just now.
    """

    team: str
    slug: str
    title: str
    codes: list[str]
    version: str
    is_frame: bool
    expected: int | None
    diagnosed: int | None
    managed: int | None
    counted_at: datetime | None


@router.get("/single-diseases", response={200: list[SingleDiseaseOut], **ERRORS}, operation_id="list_single_diseases")
def list_single_diseases(request: Request) -> Any:
    """The single diseases with their teams, how far each is written, and how many people it is about."""
    actor, at = request.actor, clock.now()
    permissions.may_see_singles(actor).require()
    audit.record(Event.COUNTED, by=actor, at=at, detail={"of": "single-diseases"})
    found, counted_at = singles.singles(actor, on=clock.today(at))
    return [
        SingleDiseaseOut(
            team=str(each.team.title), slug=each.programme.slug, title=str(each.programme.title), codes=list(each.programme.diseases),
            version=each.programme.version, is_frame=each.programme.is_frame, expected=each.expected, diagnosed=each.diagnosed,
            managed=each.managed, counted_at=counted_at,
        )
        for each in found
    ]  # fmt: skip
