"""A unit is merged: its devices go to its successor, and what they measure still lands with the right person."""

from datetime import timedelta
from typing import Any

from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.readings import a_device, post, pressure, send
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.readings import jobs, queries
from xinglin.readings.actions import devices
from xinglin.readings.actions.corner import take_seat
from xinglin.readings.models import Device, Reading
from xinglin.readings.states import DeviceStatus


def test_a_lent_meter_of_a_merged_clinic_speaks_with_its_key_and_its_borrower_keeps_his_readings(county: Any) -> None:
    made, person = a_device(county), a_resident(county)
    devices.lend_device(device=made.device, resident=person, by=county.alma, at=NOW)

    merge(county.clinic, county.sibling, jobs.units_merged, times=2)

    now = clock.now()
    body = {
        "readings": [
            {
                "record_id": "1", "measured_at": now.isoformat(),
                "values": [{"code": "systolic", "value": 128, "unit": "mmHg"}, {"code": "diastolic", "value": 78, "unit": "mmHg"}],
            }
        ]
    }  # fmt: skip
    answer = post(made.device, made.key, body, milliseconds=round(now.timestamp() * 1000))
    assert answer.json()["answers"][0]["outcome"] == "kept"
    assert Reading.objects.get().resident == person
    assert made.device in queries.devices_visible_to(county.sib)
    assert AuditRecord.objects.filter(event="meter.handed-over").count() == 1


def test_what_waits_to_be_sorted_waits_at_the_successor(county: Any) -> None:
    made = a_device(county, place="BAG")
    send(made.device, pressure("1", 130, 80))

    merge(county.clinic, county.sibling, jobs.units_merged)

    assert queries.waiting(county.sib).count() == 1


def test_a_retired_device_stays_with_whom_it_was(county: Any) -> None:
    made = a_device(county)
    devices.retire_device(device=made.device, by=county.alma, at=NOW)

    merge(county.clinic, county.sibling, jobs.units_merged)

    device = Device.objects.get()
    assert (device.status, device.facility_id) == (DeviceStatus.RETIRED, county.clinic.pk)


def test_two_corners_of_a_merged_unit_stay_two_and_nobody_gets_what_the_other_measured(county: Any) -> None:
    old, own = (
        a_device(county, place="CORNER"),
        a_device(county, place="CORNER", facility_id=county.sibling.pk, by=county.sib),
    )
    here, there = a_resident(county), a_resident(county)

    merge(county.clinic, county.sibling, jobs.units_merged)

    take_seat(facility_id=county.sibling.pk, resident=here, by=county.sib, at=NOW)
    soon = NOW + timedelta(minutes=1)
    nobody = send(Device.objects.get(pk=old.device.pk), pressure("1", 120, 70, at=soon), at=soon)[0]
    take_seat(facility_id=county.clinic.pk, resident=there, by=county.sib, at=NOW)
    first = send(own.device, pressure("1", 130, 80, at=soon), at=soon)[0]
    second = send(Device.objects.get(pk=old.device.pk), pressure("2", 140, 90, at=soon), at=soon)[0]
    assert (nobody.outcome, nobody.code) == ("waiting", "nobody-said")
    assert (first.outcome, second.outcome) == ("kept", "kept")
    assert Reading.objects.get(uuid=first.reading).resident == here
    assert Reading.objects.get(uuid=second.reading).resident == there
