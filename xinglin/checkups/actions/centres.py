"""What the county's centres find while a check-up is under way comes into it by itself: results that were released, the ECG
that was read.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from xinglin.checkups import queries, rules
from xinglin.checkups.actions.laboratory import take_results
from xinglin.checkups.actions.stations import after_station, drop_outdated, finish_station, write_found
from xinglin.checkups.data import ECG_ITEM
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, StationVisit
from xinglin.checkups.states import Status
from xinglin.platform.actors import Actor
from xinglin.platform.outbox import announce
from xinglin.residents import api as residents


def fill_from_laboratory(*, resident: Any, by: Actor, at: datetime) -> int:
    """Take what the laboratory has released into the person's check-up that is under way; how many values were new.

    Called by the system; safe to run twice. A value typed at the station stands.
    """
    return sum(
        take_results(visit=visit, by=by, at=at)
        for visit in _stations(resident)
        if any(rules.analyte_of(code) for code in visit.items)
    )


@transaction.atomic
def fill_ecg(*, resident: Any, by: Actor, at: datetime) -> bool:
    """Take the result of the ECG the centre has read for a check-up that is under way: normal, abnormal, or urgent where the
    report names a critical value. An amended report changes it until the check-up is reported.

    Called by the system; safe to run twice. :returns: whether something was written
    """
    visit = next((each for each in _stations(resident) if ECG_ITEM in each.items), None)
    if visit is None:
        return False
    checkup = (
        Checkup.objects.select_for_update(of=("self",)).select_related("resident", "session").get(pk=visit.checkup_id)
    )
    read = queries.ecg_request_of(checkup)
    if read is None or read.reported_at is None:
        return False
    said = "urgent" if read.critical else "abnormal" if read.is_abnormal else "normal"
    if queries.values_of(checkup).get(ECG_ITEM) == said:
        return False
    found = {ECG_ITEM: rules.items()[ECG_ITEM].understood(said)}
    drop_outdated(checkup, found)
    write_found(checkup, found, source="ecg-centre", by=by, at=at)
    finish_station(visit, by=by, at=at)
    announce(
        Event.RESULTS_TAKEN, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id, n=1,
        checkup=str(checkup.uuid), request=str(read.uuid),
    )  # fmt: skip
    after_station(checkup, by=by, at=at)
    return True


def _stations(resident: Any) -> list[StationVisit]:
    """Stations of the person's check-up that is under way."""
    checkup = queries.open_checkup_of(residents.ids_of_person(resident))
    if checkup is None or checkup.status not in (Status.ARRIVED, Status.EXAMINED):
        return []
    return list(queries.stations_of(checkup))
