"""When a clinic is merged into another, its residents pass to the successor."""

from xinglin.network.api import merger_of
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.jobs import task
from xinglin.residents.actions import assign_managing_facility
from xinglin.residents.models import Resident

BY = system_actor("机构合并")
BATCH = 200


@task("residents.facility-merged")
def hand_over_residents(*, event_uuid: str, object_uuid: str) -> None:
    """Hand the management of each resident of a merged facility to its successor, one trail each.

    Residents already handed over are not found again: a job that was cut off goes on where it stopped.
    """
    merged_id, successor_id = merger_of(object_uuid)
    while rows := list(Resident.objects.filter(managed_by_id=merged_id).exclude(status="MERGED")[:BATCH]):
        for resident in rows:
            assign_managing_facility(
                resident=resident, facility_id=successor_id, reason="机构合并", by=BY, at=clock.now()
            )
