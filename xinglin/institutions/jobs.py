"""Jobs of institutions: the turn of the day, residents who left, units merged, visits written after a round."""

from xinglin.institutions import actions
from xinglin.network import api as network
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import periodic, task
from xinglin.platform.models import OutboxEvent
from xinglin.platform.outbox import subscribe
from xinglin.residents import api as residents
from xinglin.visits import api as visits

BY = system_actor("医养签约")
LEFT, MERGED, VISIT, UNITS = (
    f"institutions.{name}" for name in ("person-left", "persons-merged", "link-visit", "units-merged")
)


def connect() -> None:
    """Subscribe to what happens below."""
    for event in ("resident.deceased", "resident.moved"):
        subscribe(event, LEFT)
    subscribe("resident.merged", MERGED)
    subscribe("facility.merged", UNITS)
    subscribe(visits.Event.RECORDED, VISIT)
    subscribe(visits.Event.SIGNED, VISIT)


@task(LEFT)
def person_left(*, event_uuid: str, object_uuid: str) -> None:
    """Who died or moved away lives in no institution of the county any more."""
    gone = residents.residents_visible_to(BY).filter(uuid=object_uuid).first()
    if gone is not None and gone.status in ("DECEASED", "MOVED"):
        actions.let_go(resident_ids=residents.ids_of_person(gone), by=BY, at=clock.now())


@task(MERGED)
def persons_merged(*, event_uuid: str, object_uuid: str) -> None:
    """Two registrations were one person, who lives in one place."""
    event = OutboxEvent.objects.get(uuid=event_uuid)
    if event.subject_uuid is None:
        return
    kept = residents.registration(event.subject_uuid)
    merged = [each for each in residents.ids_of_person(kept) if each != kept.pk]
    actions.follow_merge(kept=kept, merged_ids=merged, by=BY, at=clock.now())


@task(VISIT)
def link_visit(*, event_uuid: str, object_uuid: str) -> None:
    """A signed visit of the day of a round is what proves it."""
    visit = visits.visits_visible_to(BY).select_related("resident").filter(uuid=object_uuid, status="SIGNED").first()
    if visit is not None:
        actions.link_visit(visit=visit, by=BY, at=clock.now())


@task(UNITS)
def units_merged(*, event_uuid: str, object_uuid: str) -> None:
    """The unit that takes over another keeps its institutions and serves its agreements."""
    merged_id, successor_id = network.merger_of(object_uuid)
    actions.follow_facility_merger(merged_id=merged_id, successor_id=successor_id, by=BY, at=clock.now())


@periodic("institutions.turn-day", "*/15 * * * *")
def turn_day(timestamp: int) -> None:
    """Terms end and begin."""
    actions.turn_day(by=BY, at=clock.now())
