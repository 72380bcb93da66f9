"""Who leaves before every station was done: not called on the next day, gone on with or closed, and nothing found is lost."""

from datetime import timedelta

import pytest

from tests.factories.checkups import a_checkup, a_session, given, report, station
from tests.factories.county import NOW, later
from xinglin.checkups import actions, queries
from xinglin.checkups.data import RowIn
from xinglin.checkups.models import Checkup
from xinglin.checkups.states import Status
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted

TODAY = clock.today(NOW)


def sent(county, *rows, at=NOW):
    return [each.outcome for each in actions.take_rows(rows=[RowIn(*each) for each in rows], by=county.tang, at=at)]


def left_yesterday(county, *done):
    """Came yesterday, and left when these stations were done."""
    checkup = a_checkup(county, status=Status.ARRIVED, at=later(days=-1))
    for code in done:
        visit = station(checkup, code)
        actions.save_station(visit=visit, values=given(visit), by=county.tang, at=later(10, days=-1))
    return Checkup.objects.select_related("resident", "session").get(pk=checkup.pk)


def calls(county, name):
    return [each.checkup_id for each in queries.queue_of(county.tang, name, on=TODAY)]


def test_who_left_yesterday_is_not_called_today_until_he_is_back(county):
    left = left_yesterday(county, "vitals")
    here = a_checkup(county, status=Status.ARRIVED)
    assert calls(county, "ecg") == [here.pk]
    assert calls(county, "blood") == [here.pk, left.pk]  # a result may be on its way
    assert {code: queries.queue_counts(county.tang, on=TODAY)[code] for code in ("ecg", "blood")} == {
        "ecg": 1,
        "blood": 2,
    }
    assert list(queries.unfinished_here(county.tang, on=TODAY)) == [left]
    assert list(queries.unfinished_here(county.cai, on=TODAY)) == []
    assert sent(county, (left.number, "ecg_result", "normal"), (left.number, "haemoglobin", 131)) == [
        "refused",
        "taken",
    ]

    assert sent(county, (left.number, "urine_note", "淡黄"), (left.number, "urine_protein", "1+")) == ["taken"] * 2

    actions.resume_checkup(checkup=left, by=county.tang, at=later(5))

    assert calls(county, "ecg") == [here.pk, left.pk]
    assert list(queries.unfinished_here(county.tang, on=TODAY)) == []
    assert {each.pk for each in queries.checkup_list(county.tang, box="today", on=TODAY).rows} == {here.pk, left.pk}
    assert sent(county, (left.number, "ecg_result", "normal")) == ["taken"]
    assert (left.session.held_on, queries.values_of(left)["systolic"]) == (TODAY - timedelta(days=1), "128")
    with pytest.raises(Conflict, match="今天正在体检"):
        actions.resume_checkup(checkup=left, by=county.tang, at=later(6))


def test_who_does_not_come_back_is_reported_with_what_was_done(county):
    left = left_yesterday(county, "vitals")
    with pytest.raises(Conflict, match="不能取消"):
        actions.cancel_checkup(checkup=left, reason="走了", by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):
        actions.close_checkup(checkup=left, why="because", by=county.tang, at=NOW)
    with pytest.raises(NotPermitted):
        actions.close_checkup(checkup=left, why="absent", by=county.alma, at=NOW)
    closed = actions.close_checkup(checkup=left, why="absent", by=county.tang, at=NOW)
    assert (closed.status, station(closed, "vitals").status, station(closed, "ecg").status) == (
        "EXAMINED",
        "DONE",
        "NOT_DONE",
    )
    made = report(county, Checkup.objects.select_related("resident", "session").get(pk=left.pk))
    assert "systolic" in {each["item"] for each in made.findings}


def test_who_left_before_anything_was_done_is_cancelled_and_booked_again(county):
    left = left_yesterday(county)
    with pytest.raises(Conflict, match="取消体检") as refused:
        actions.close_checkup(checkup=left, why="absent", by=county.tang, at=NOW)
    assert refused.value.code == "nothing-found"
    with pytest.raises(Conflict, match="还没有完成"):
        a_checkup(county, resident=left.resident, session=a_session(county, days=3))
    actions.cancel_checkup(checkup=left, reason="走了", by=county.tang, at=NOW)
    assert a_checkup(county, resident=left.resident, session=a_session(county, days=3))


def test_nobody_who_is_here_today_is_closed(county):
    here = a_checkup(county, status=Status.ARRIVED)
    for run in (
        lambda: actions.close_checkup(checkup=here, why="absent", by=county.tang, at=NOW),
        lambda: actions.resume_checkup(checkup=a_checkup(county), by=county.tang, at=NOW),
    ):
        with pytest.raises(Conflict):
            run()
