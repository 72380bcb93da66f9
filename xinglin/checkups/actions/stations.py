"""Stations: values judged and saved once, skipped, left out with a reason, done again before the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.data import ECG_ITEM, WHY_NOT, Found
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, CheckupValue, StationVisit
from xinglin.checkups.states import CHECKUP_TRANSITIONS, STATION_TRANSITIONS, StationStatus, Status
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move


@transaction.atomic
def save_station(*, visit: StationVisit, values: Mapping[str, Any], by: Actor, at: datetime) -> StationVisit:
    """Write what a station found, all of it or nothing; again before the report puts it right.

    :raises NotPermitted: the actor does not examine there
    :raises InvalidInput: by item, which value cannot be; none was given; an item of another station
    :raises Conflict: the report is signed; or the ECG is read by the centre (``centre-reads``)
    """
    checkup = locked(visit)
    permissions.may_examine(by, visit).require()
    found, before = _understood(visit.items, values), queries.values_of(checkup)
    if not set(visit.items) & (set(before) | set(found)):
        raise InvalidInput(_("请至少填写一项；不做的请登记未检原因。"), fields={visit.items[0]: _("必填。")})
    drop_outdated(checkup, found)
    take_values(visit, found, by=by, at=at)
    move(visit, table=STATION_TRANSITIONS, to=StationStatus.DONE, by=by, at=at, place=checkup.facility_id)
    announce(
        Event.STATION_DONE, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station, checkup=str(checkup.uuid), n=len(found), again=bool(set(before) & set(found)),
    )  # fmt: skip
    after_station(checkup, by=by, at=at)
    return visit


@transaction.atomic
def skip(*, visit: StationVisit, by: Actor, at: datetime) -> StationVisit:
    """He was called and is not there: to the end of the queue."""
    checkup = locked(visit)
    permissions.may_examine(by, visit).require()
    move(
        visit, table=STATION_TRANSITIONS, to=StationStatus.WAITING, by=by, at=at, place=checkup.facility_id,
        reason_code="skipped", queued_at=at, n_skipped=visit.n_skipped + 1,
    )  # fmt: skip
    announce(
        Event.SKIPPED, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station,
    )  # fmt: skip
    return visit


@transaction.atomic
def leave_out(*, visit: StationVisit, why: str, by: Actor, at: datetime) -> StationVisit:
    """The station is not done, with the reason. :raises InvalidInput: no reason of the list"""
    checkup = locked(visit)
    permissions.may_examine(by, visit).require()
    if why not in WHY_NOT:
        raise InvalidInput(_("请选择未检的原因。"), fields={"why": _("请从列表中选择。")})
    leave_station(visit, why, by=by, at=at)
    after_station(checkup, by=by, at=at)
    return visit


@transaction.atomic
def queue_again(*, visit: StationVisit, by: Actor, at: datetime) -> StationVisit:
    """What was left out is done after all: he stands in the queue again. :raises Conflict: it was not left out"""
    checkup = locked(visit)
    permissions.may_examine(by, visit).require()
    if visit.status != StationStatus.NOT_DONE:
        raise Conflict(_("只有登记为未检的站点可以补检。"), code="not-left-out")
    move(
        visit,
        table=STATION_TRANSITIONS,
        to=StationStatus.WAITING,
        by=by,
        at=at,
        place=checkup.facility_id,
        queued_at=at,
    )
    if checkup.status == Status.EXAMINED:
        move(checkup, table=CHECKUP_TRANSITIONS, to=Status.ARRIVED, by=by, at=at, place=checkup.facility_id)
    announce(
        Event.STATION_REOPENED, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station,
    )  # fmt: skip
    return visit


def finish_station(visit: StationVisit, *, by: Actor, at: datetime) -> bool:
    """The station is done once everything is there that is always asked; whether it became so now. The check-up is locked."""
    if visit.status == StationStatus.DONE or not rules.asked_always(visit.items) <= set(
        queries.values_of(visit.checkup)
    ):
        return False
    move(visit, table=STATION_TRANSITIONS, to=StationStatus.DONE, by=by, at=at, place=visit.checkup.facility_id)
    return True


def leave_station(visit: StationVisit, why: str, *, by: Actor, at: datetime) -> None:
    """One station is not done; the check-up is locked."""
    checkup = visit.checkup
    move(
        visit, table=STATION_TRANSITIONS, to=StationStatus.NOT_DONE, by=by, at=at, place=checkup.facility_id,
        reason_code=why,
    )  # fmt: skip
    announce(
        Event.STATION_LEFT_OUT, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station, why=why,
    )  # fmt: skip


def take_values(
    visit: StationVisit, found: Mapping[str, Found], *, waits: bool = False, by: Actor, at: datetime
) -> bool:
    """Write what was found at a station, typed or sent, where it agrees with itself and with what stands; the check-up is locked.
    Where the station `waits`, what is lacking beside it may come later.

    :returns: whether nothing is lacking
    :raises Conflict: the ECG is read by the centre (``centre-reads``)
    :raises InvalidInput: by item, what does not agree
    """
    checkup = visit.checkup
    if _says_ecg(found) and queries.ecg_request_of(checkup) is not None:
        raise Conflict(_("心电图已送心电中心，报告出来后自动填入。"), code="centre-reads")
    values = queries.values_of(checkup) | {code: each.text for code, each in found.items()}
    wrong, lacking = rules.disagreements(values, visit.items)
    if waits:
        wrong, _later = rules.disagreements(values, found)
    if wrong := wrong if waits else wrong | lacking:
        raise InvalidInput(_("有数值填写有误，都没有保存。"), fields=wrong)
    write_found(checkup, found, source="", by=by, at=at)
    return not lacking


def drop_outdated(checkup: Checkup, found: Mapping[str, Found]) -> None:
    """What said more of a result that is put right goes with it, where it fits no more and is not given anew."""
    gone = [
        each.item for each in rules.details().values()
        if each.when and each.of in found and found[each.of].text not in each.when and each.item not in found
    ]  # fmt: skip
    checkup.values.filter(item__in=gone).delete()


def locked(visit: StationVisit) -> Checkup:
    """The check-up, locked: two stations that finish at once do so one after the other."""
    checkup = (
        Checkup.objects.select_for_update(of=("self",)).select_related("resident", "session").get(pk=visit.checkup_id)
    )
    visit.checkup = checkup
    return checkup


def _understood(items: Sequence[str], values: Mapping[str, Any]) -> dict[str, Found]:
    known, found, wrong = rules.items(), {}, {}
    for code, value in values.items():
        if code not in items:
            wrong[code] = _("这一站没有这个项目。")
        elif str(value).strip():
            try:
                found[code] = known[code].understood(value)
            except ValueError as error:
                wrong[code] = error.args[0]
    if wrong:
        raise InvalidInput(_("有数值填写有误，都没有保存。"), fields=wrong)
    return found


def _says_ecg(found: Mapping[str, Found]) -> bool:
    known = rules.details()
    return any(code == ECG_ITEM or (code in known and known[code].of == ECG_ITEM) for code in found)


def write_found(checkup: Checkup, found: Mapping[str, Found], *, source: str, by: Actor, at: datetime) -> None:
    """One value for each item; a new one takes the place of the old one."""
    rows = [
        CheckupValue(
            checkup=checkup, item=each.item, text=each.text, number=each.number, loinc=each.loinc, source=source,
            found_at=at, found_by_name=by.name[:80],
        )
        for each in found.values()
    ]  # fmt: skip
    CheckupValue.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["checkup", "item"],
        update_fields=["text", "number", "loinc", "source", "found_at", "found_by_name"],
    )  # fmt: skip


def after_station(checkup: Checkup, *, by: Actor, at: datetime) -> None:
    """When nobody waits at a station any more, a doctor may look at all of it."""
    waits = checkup.stations.filter(status=StationStatus.WAITING).exists()
    if checkup.status == Status.ARRIVED and not waits:
        move(checkup, table=CHECKUP_TRANSITIONS, to=Status.EXAMINED, by=by, at=at, place=checkup.facility_id)
