"""What a machine sends: each row answered by itself, by the checks of the station."""

import pytest

from tests.factories.checkups import a_checkup, given, station
from tests.factories.county import NOW
from xinglin.checkups import actions, queries
from xinglin.checkups.data import RowIn
from xinglin.checkups.states import StationStatus, Status
from xinglin.platform.errors import InvalidInput


def sent(county, *rows, at=NOW):
    return [each.outcome for each in actions.take_rows(rows=[RowIn(*each) for each in rows], by=county.tang, at=at)]


def test_rows_are_taken_or_refused_one_by_one(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    rows = [
        RowIn(checkup.number, "ecg_result", "normal"), RowIn(checkup.resident.number, "haemoglobin", 131),
        RowIn(checkup.number, "systolic", 1200), RowIn("K-none", "systolic", 120), RowIn(checkup.number, "foot_pulse", "both"),
        RowIn(checkup.number, "haemoglobin", 131), RowIn(checkup.number, "haemoglobin", 99),
    ]  # fmt: skip
    said = actions.take_rows(rows=rows, by=county.tang, at=NOW)
    assert [each.outcome for each in said] == ["taken", "taken", "refused", "refused", "refused", "known", "refused"]
    assert station(checkup, "ecg").status == StationStatus.DONE
    assert station(checkup, "blood").status == StationStatus.WAITING
    assert {each.outcome for each in actions.take_rows(rows=rows, by=county.cai, at=NOW)} == {"refused"}
    with pytest.raises(InvalidInput):
        actions.take_rows(rows=rows * 100, by=county.tang, at=NOW)


def test_rows_that_contradict_one_another_or_what_stands_are_refused_as_at_the_station(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    number = checkup.number
    rows = [RowIn(number, "systolic", 80), RowIn(number, "weight", 70), RowIn(number, "diastolic", 120)]
    said = actions.take_rows(rows=rows, by=county.tang, at=NOW)
    assert [each.outcome for each in said] == ["refused", "taken", "refused"]
    assert {str(each.message) for each in said} == {"收缩压应高于舒张压。", ""}
    assert set(queries.values_of(checkup)) == {"weight"}

    assert (
        sent(county, (number, "ecg_result", "normal"), (number, "ecg_findings", "atrial_fibrillation"))
        == ["refused"] * 2
    )
    assert sent(county, (number, "ecg_findings", "atrial_fibrillation")) == ["taken"]
    assert sent(county, (number, "ecg_result", "normal")) == ["refused"]
    assert station(checkup, "ecg").status == StationStatus.WAITING
    assert sent(county, (checkup.resident.number, "ecg_result", "abnormal")) == ["taken"]
    assert station(checkup, "ecg").status == StationStatus.DONE


def test_one_pressure_waits_for_the_other_before_the_station_is_done(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    number, values = checkup.number, given(station(checkup, "vitals"))
    low = values.pop("diastolic")
    assert set(sent(county, *((number, *each) for each in values.items()))) == {"taken"}
    assert station(checkup, "vitals").status == StationStatus.WAITING
    with pytest.raises(InvalidInput) as refused:
        actions.save_station(visit=station(checkup, "vitals"), values={"weight": 69}, by=county.tang, at=NOW)
    assert set(refused.value.fields) == {"diastolic"}
    assert sent(county, (number, "diastolic", 150)) == ["refused"]
    assert sent(county, (number, "diastolic", low)) == ["taken"]
    assert station(checkup, "vitals").status == StationStatus.DONE

    other = a_checkup(county, status=Status.ARRIVED)
    actions.save_station(visit=station(other, "vitals"), values={"weight": 69}, by=county.tang, at=NOW)
    assert sent(county, (other.number, "systolic", 128)) == ["refused"]
    assert sent(county, (other.number, "systolic", 128), (other.number, "diastolic", 78)) == ["taken"] * 2
