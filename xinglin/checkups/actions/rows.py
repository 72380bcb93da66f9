"""Values of many people, as a machine or a sheet sends them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.checkups import permissions, queries, rules
from xinglin.checkups.actions.stations import after_station, finish_station, locked, take_values
from xinglin.checkups.data import Found, RowAnswer, RowIn
from xinglin.checkups.events import Event
from xinglin.checkups.models import StationVisit
from xinglin.checkups.states import StationStatus
from xinglin.platform import clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.outbox import announce

MOST_ROWS = 500
Rows = list[tuple[int, RowIn]]


def take_rows(*, rows: Sequence[RowIn], by: Actor, at: datetime) -> list[RowAnswer]:
    """Each row is taken, known, or refused with its reason, by itself; those that are read beside one another, as the two
    pressures, together.

    A row finds its check-up by number (of the check-up or the resident's record) among those under way at the actor's
    facilities: of somebody who is there today, or for results of a laboratory. What contradicts another value is refused as at
    the station; what lacks another one is taken while the station waits, which it then goes on to do. A value that stands is not
    overwritten by another: that is done at the station.

    :raises InvalidInput: none, or too many
    """
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(_("一次最多500行，至少1行。"), fields={"rows": _("一次最多500行，至少1行。")})
    found = {number: queries.checkup_under_way(by, number) for number in {each.number for each in rows}}
    stations = {each.pk: queries.stations_of(each) for each in found.values() if each is not None}
    answers: dict[int, RowAnswer] = {}
    together: dict[tuple[int, int, str], Rows] = {}
    for number, row in enumerate(rows, 1):
        checkup = found[row.number]
        visit = (
            next((each for each in stations.get(checkup.pk, ()) if row.item in each.items), None) if checkup else None
        )
        if checkup is None:
            answers[number] = RowAnswer(number, "refused", _("没有找到这个人正在进行的体检。"))
        elif visit is None:
            answers[number] = RowAnswer(number, "refused", _("这次体检没有这个项目。"))
        else:
            together.setdefault((checkup.pk, visit.pk, rules.read_with(row.item)), []).append((number, row))
    for (_checkup, visit_id, _item), several in sorted(together.items(), key=lambda each: each[0][0]):
        answers |= _take_together(visit_id, several, by=by, at=at)
    return [answers[number] for number in sorted(answers)]


@transaction.atomic
def _take_together(visit_id: int, rows: Rows, *, by: Actor, at: datetime) -> dict[int, RowAnswer]:
    locked(StationVisit.objects.get(pk=visit_id))
    visit = StationVisit.objects.select_related("checkup__resident", "checkup__session").get(pk=visit_id)
    may = permissions.may_send_row(by, visit, rows[0][1].item, on=clock.today(at))
    if not may.allowed:
        return {number: RowAnswer(number, "refused", may.reason) for number, _row in rows}
    answers, found = _understood(visit, rows)
    if not found:
        return answers
    try:
        is_whole = take_values(visit, found, waits=visit.status == StationStatus.WAITING, by=by, at=at)
    except (InvalidInput, Conflict) as error:
        fields = getattr(error, "fields", {})
        reason = next(iter(fields.values()), error.message)
        refused = [(number, row.item) for number, row in rows if row.item in found]
        return answers | {number: RowAnswer(number, "refused", fields.get(item, reason)) for number, item in refused}
    if is_whole and finish_station(visit, by=by, at=at):
        _tell(visit, by=by, at=at)
    return answers


def _understood(visit: StationVisit, rows: Rows) -> tuple[dict[int, RowAnswer], dict[str, Found]]:
    """What each row says by itself, and the values that are new."""
    standing, known = queries.values_of(visit.checkup), rules.items()
    answers: dict[int, RowAnswer] = {}
    found: dict[str, Found] = {}
    for number, row in rows:
        try:
            value = known[row.item].understood(row.value)
        except ValueError as error:
            answers[number] = RowAnswer(number, "refused", error.args[0])
            continue
        if row.item not in standing:
            standing[row.item], found[row.item] = value.text, value
            answers[number] = RowAnswer(number, "taken")
        elif standing[row.item] == value.text:
            answers[number] = RowAnswer(number, "known")
        else:
            answers[number] = RowAnswer(number, "refused", _("已有不同的值，请到站点更正。"))
    return answers, found


def _tell(visit: StationVisit, *, by: Actor, at: datetime) -> None:
    checkup = visit.checkup
    announce(
        Event.STATION_DONE, obj=visit, subject=checkup.resident.uuid, by=by, at=at, place=checkup.facility_id,
        station=visit.station, checkup=str(checkup.uuid),
    )  # fmt: skip
    after_station(checkup, by=by, at=at)
