"""Stations: values judged and saved once, skipped, left out with a reason, done again before the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.data import ECG_ITEM, WHY_NOT, Found, RowAnswer, RowIn
from xinglin.checkups.events import Event
from xinglin.checkups.models import Checkup, CheckupValue, StationVisit
from xinglin.checkups.states import CHECKUP_TRANSITIONS, STATION_TRANSITIONS, StationStatus, Status
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce
from xinglin.platform.transitions import move

MOST_ROWS = 500


@transaction.atomic
def save_station(*, visit: StationVisit, values: Mapping[str, Any], by: Actor, at: datetime) -> StationVisit:
    """Write what a station found, all of it or nothing; again before the report puts it right.

    :raises NotPermitted: the actor does not examine there
    :raises InvalidInput: by item, which value cannot be; none was given; an item of another station
    :raises Conflict: the report is signed; or the ECG is read by the centre (``centre-reads``)
    """
    checkup = _locked(visit)
    permissions.may_examine(by, visit).require()
    found = _understood(visit.items, values)
    if _says_ecg(found) and queries.ecg_request_of(checkup) is not None:
        raise Conflict(_("心电图已送心电中心，报告出来后自动填入。"), code="centre-reads")
    before = queries.values_of(checkup)
    _write(checkup, found, source="", by=by, at=at)
    _require_pressure(checkup, found)
    _require_agreement(checkup, found)
    if not set(visit.items) & (set(before) | set(found)):
        raise InvalidInput(_("请至少填写一项；不做的请登记未检原因。"), fields={visit.items[0]: _("必填。")})
    move(visit, table=STATION_TRANSITIONS, to=StationStatus.DONE, by=by, at=at, place=checkup.facility_id)
    announce(
        Event.STATION_DONE, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station, checkup=str(checkup.uuid), n=len(found), again=bool(set(before) & set(found)),
    )  # fmt: skip
    _after(checkup, by=by, at=at)
    return visit


@transaction.atomic
def skip(*, visit: StationVisit, by: Actor, at: datetime) -> StationVisit:
    """He was called and is not there: to the end of the queue."""
    checkup = _locked(visit)
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
    checkup = _locked(visit)
    permissions.may_examine(by, visit).require()
    if why not in WHY_NOT:
        raise InvalidInput(_("请选择未检的原因。"), fields={"why": _("请从列表中选择。")})
    move(
        visit, table=STATION_TRANSITIONS, to=StationStatus.NOT_DONE, by=by, at=at, place=checkup.facility_id,
        reason_code=why,
    )  # fmt: skip
    announce(
        Event.STATION_LEFT_OUT, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station, why=why,
    )  # fmt: skip
    _after(checkup, by=by, at=at)
    return visit


@transaction.atomic
def queue_again(*, visit: StationVisit, by: Actor, at: datetime) -> StationVisit:
    """What was left out is done after all: he stands in the queue again. :raises Conflict: it was not left out"""
    checkup = _locked(visit)
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


def take_rows(*, rows: Sequence[RowIn], by: Actor, at: datetime) -> list[RowAnswer]:
    """Values of many people, as a machine or a sheet sends them: each row by itself taken, known, or refused with its reason.

    A row finds its check-up by number (of the check-up or the resident's record) among those under way at the actor's
    facilities. A value that stands is not overwritten by another: that is done at the station.

    :raises InvalidInput: none, or too many
    """
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(_("一次最多500行，至少1行。"), fields={"rows": _("一次最多500行，至少1行。")})
    return [_take_row(number, row, by=by, at=at) for number, row in enumerate(rows, 1)]


@transaction.atomic
def _take_row(number: int, row: RowIn, *, by: Actor, at: datetime) -> RowAnswer:
    checkup = queries.todays_checkup(by, row.number, on=clock.today(at))
    if checkup is None:
        return RowAnswer(number, "refused", _("没有找到这个人正在进行的体检。"))
    checkup = Checkup.objects.select_for_update(of=("self",)).select_related("resident").get(pk=checkup.pk)
    visit = next((each for each in queries.stations_of(checkup) if row.item in each.items), None)
    if visit is None:
        return RowAnswer(number, "refused", _("这次体检没有这个项目。"))
    visit.checkup = checkup
    decision = permissions.may_examine(by, visit)
    if not decision.allowed:
        return RowAnswer(number, "refused", decision.reason)
    try:
        found = rules.items()[row.item].understood(row.value)
    except ValueError as error:
        return RowAnswer(number, "refused", error.args[0])
    standing = queries.values_of(checkup).get(row.item)
    if standing is not None:
        same = standing == found.text
        return RowAnswer(number, "known" if same else "refused", "" if same else _("已有不同的值，请到站点更正。"))
    _write(checkup, {row.item: found}, source="", by=by, at=at)
    values = queries.values_of(checkup)
    if visit.status != StationStatus.DONE and rules.asked_always(visit.items) <= set(values):
        move(visit, table=STATION_TRANSITIONS, to=StationStatus.DONE, by=by, at=at, place=checkup.facility_id)
        announce(
            Event.STATION_DONE, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
            station=visit.station, checkup=str(checkup.uuid),
        )  # fmt: skip
        _after(checkup, by=by, at=at)
    return RowAnswer(number, "taken")


def _locked(visit: StationVisit) -> Checkup:
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


def _require_pressure(checkup: Checkup, found: Mapping[str, Found]) -> None:
    """Both pressures, the systolic above the diastolic."""
    if not {"systolic", "diastolic"} & found.keys():
        return
    values = queries.values_of(checkup)
    if not {"systolic", "diastolic"} <= values.keys():
        raise InvalidInput(_("收缩压、舒张压要一起填。"), fields={"diastolic": _("收缩压、舒张压要一起填。")})
    if float(values["systolic"]) <= float(values["diastolic"]):
        raise InvalidInput(_("收缩压应高于舒张压。"), fields={"systolic": _("收缩压应高于舒张压。")})


def _says_ecg(found: Mapping[str, Found]) -> bool:
    known = rules.details()
    return any(code == ECG_ITEM or (code in known and known[code].of == ECG_ITEM) for code in found)


def _require_agreement(checkup: Checkup, found: Mapping[str, Found]) -> None:
    """What says more of another item agrees with it: nothing abnormal beside a normal result, and a finding where one is
    asked for.
    """
    wrong: dict[str, object] = {}
    values = queries.values_of(checkup)
    for detail in rules.details().values():
        if not detail.when or not {detail.item, detail.of} & found.keys():
            continue
        applies = values.get(detail.of) in detail.when
        if detail.item in values and not applies:
            wrong[detail.item] = _("与“%(of)s”的结果不一致。") % {"of": rules.items()[detail.of].title}
        elif detail.required and applies and detail.item not in values and detail.item in _asked_here(checkup):
            wrong[detail.item] = _("结果异常的，请至少选一项。")
    if wrong:
        raise InvalidInput(_("有数值填写有误，都没有保存。"), fields=wrong)


def _asked_here(checkup: Checkup) -> set[str]:
    """Items of this check-up's stations; one booked under an older package asks for less."""
    return {code for each in queries.stations_of(checkup) for code in each.items}


def _write(checkup: Checkup, found: Mapping[str, Found], *, source: str, by: Actor, at: datetime) -> None:
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


def _after(checkup: Checkup, *, by: Actor, at: datetime) -> None:
    """When nobody waits at a station any more, a doctor may look at all of it."""
    waits = checkup.stations.filter(status=StationStatus.WAITING).exists()
    if checkup.status == Status.ARRIVED and not waits:
        move(checkup, table=CHECKUP_TRANSITIONS, to=Status.EXAMINED, by=by, at=at, place=checkup.facility_id)


write_found = _write
after_station = _after
