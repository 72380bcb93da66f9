"""What devices send: kept once, put off when it may be another person's, told when it is not as it should be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.county import NOW, later
from tests.factories.readings import a_device, outcomes, pressure, send
from tests.factories.residents import a_resident
from xinglin.followups.models import FollowUpTask
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotSignedIn, NotVisible
from xinglin.platform.models import AuditRecord
from xinglin.readings import queries, timeline
from xinglin.readings.actions import devices, sorting
from xinglin.readings.data import REFUSALS, WAITS, Given, GivenValue
from xinglin.readings.events import TITLES, Event
from xinglin.readings.models import Device, Reading
from xinglin.readings.states import DEVICE_LOOKS, READING_LOOKS, DeviceStatus, ReadingStatus
from xinglin.residents.api import measurements_of


def test_every_word_is_there():
    assert set(DEVICE_LOOKS) == set(DeviceStatus)
    assert set(READING_LOOKS) == set(ReadingStatus)
    assert set(TITLES) == set(Event)
    assert set(REFUSALS).isdisjoint(WAITS)


# What a device sends -------------------------------------------------------------------------------------------------
def test_a_reading_is_kept_once_and_its_copy_gets_the_first_answer(county):
    device, man = a_device(county).device, a_resident(county)
    one = pressure("1", 128, 78, resident=man)

    first, again = send(device, one)[0], send(device, one)[0]
    assert (first.outcome, again.outcome, again.first, again.reading) == ("kept", "known", "kept", first.reading)
    assert outcomes(send(device, pressure("1", 129, 78, resident=man))) == [("refused", "record-id-reused")]
    assert Reading.objects.count() == 1


def test_one_measurement_by_two_ways_is_one(county):
    device, man = a_device(county).device, a_resident(county)
    send(device, pressure("1", 128, 78, resident=man))
    answer = send(device, pressure("phone-1", 128, 78, resident=man, at=later(0)), transport="FHIR")
    assert outcomes(answer) == [("known", "same-measurement")]
    other = a_resident(county, name="李秀英", sex="2")
    assert outcomes(send(device, pressure("2", 128, 78, resident=other))) == [("waiting", "two-people")]


def test_a_record_id_answered_as_the_same_measurement_is_remembered(county):
    device, man = a_device(county).device, a_resident(county)
    stands = send(device, pressure("1", 128, 78, resident=man))[0]
    by_telephone = pressure("phone-1", 128, 78, resident=man)
    send(device, by_telephone, transport="FHIR")

    other = a_resident(county, name="李秀英", sex="2")
    sorting.assign_reading(
        reading=Reading.objects.get(uuid=stands.reading), resident=other, reason="认错人", by=county.alma, at=later(5)
    )

    again = send(device, by_telephone, transport="FHIR")[0]
    assert (again.outcome, again.code, again.reading) == ("known", "same-measurement", stands.reading)
    assert outcomes(send(device, pressure("phone-1", 151, 96, resident=man))) == [("refused", "record-id-reused")]
    assert Reading.objects.count() == 1


def test_a_name_nobody_knows_does_not_pass_for_whom_the_same_values_stand_for(county):
    device, man = a_device(county).device, a_resident(county)
    send(device, pressure("1", 128, 78, resident=man))
    strange = replace(pressure("2", 128, 78), who_kind="number", who="P000000-000000")
    assert outcomes(send(device, strange)) == [("waiting", "two-people")]
    assert Reading.objects.filter(resident=man).count() == 1


def test_a_batch_is_answered_one_by_one(county):
    device, man = a_device(county).device, a_resident(county)
    answers = send(
        device, pressure("1", 128, 78, resident=man), pressure("2", 1200, 78, resident=man), pressure("3", 128, 70),
        pressure("4", "17.3", "10.7", resident=man, unit="kPa", at=later(days=-3)),
        pressure("5", 130, 80, resident=man, at=later(5)),
    )  # fmt: skip
    assert outcomes(answers) == [
        ("kept", ""), ("refused", "implausible"), ("waiting", "nobody-said"), ("kept", ""), ("refused", "in-future"),
    ]  # fmt: skip
    assert answers[3].is_late
    kept = Reading.objects.get(record_id="4")
    assert {each.item: int(each.value) for each in kept.values.all()} == {"systolic": 130, "diastolic": 80}
    assert kept.values.get(item="systolic").given_value == "17.3"
    device.refresh_from_db()
    assert device.fault_code == "in-future"
    assert device.last_seen_at == NOW


def test_a_request_is_taken_once_and_only_while_the_key_is_good(county):
    from tests.factories.readings import intake
    from xinglin.platform.actors import ANONYMOUS
    from xinglin.readings.data import Signed

    device = a_device(county).device
    said = {"device": device, "transport": "DEVICE", "signed": Signed(NOW, 10**9), "by": ANONYMOUS, "at": NOW}
    intake.take_readings(given=[pressure("1", 128, 78)], **said)
    with pytest.raises(NotSignedIn, match="签名"):
        intake.take_readings(given=[pressure("2", 128, 78)], **said)
    devices.report_lost(device=device, by=county.alma, at=NOW)
    with pytest.raises(NotSignedIn, match="密钥"):
        intake.take_readings(given=[pressure("3", 128, 78)], **{**said, "signed": Signed(NOW, 10**9 + 1)})
    for many in (0, 201):
        fresh = a_device(county).device
        with pytest.raises(InvalidInput):
            intake.take_readings(given=[pressure("1", 1, 1)] * many, **{**said, "device": fresh})
    assert Reading.objects.count() == 1


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 5), min_size=6, max_size=24), cut=st.integers(1, 6))
def test_whatever_the_order_and_however_often_the_record_is_the_same(county, order, cut):
    """Sent in any order, cut into any batches, again and again: each measurement stands once."""
    device, man = a_device(county).device, a_resident(county)
    every = [pressure(str(n), 120 + n, 70 + n, resident=man, at=later(days=-n)) for n in range(6)]
    sent = [*order, *range(6)]
    for start in range(0, len(sent), cut):
        answers = send(device, *(every[n] for n in sent[start : start + cut]))
        assert {each.outcome for each in answers} <= {"kept", "known"}
    rows = Reading.objects.filter(device=device)
    assert sorted(rows.values_list("record_id", "status")) == [(str(n), "KEPT") for n in range(6)]


# Whose it is ---------------------------------------------------------------------------------------------------------
def test_what_a_lent_device_measures_is_the_borrowers(county):
    device, man = a_device(county).device, a_resident(county)
    devices.lend_device(device=device, resident=man, by=county.alma, at=later(days=-1))
    other = a_resident(county, name="李秀英", sex="2")

    answers = send(
        device,
        pressure("1", 128, 78),
        pressure("2", 140, 88, resident=other),
        pressure("0", 126, 76, at=later(days=-2)),
    )
    assert outcomes(answers) == [("kept", ""), ("waiting", "not-borrower"), ("waiting", "nobody-said")]
    assert Reading.objects.get(record_id="1").resident == man


@pytest.mark.parametrize("kind", ["number", "card", "document"])
def test_who_is_not_of_the_county_waits(county, kind):
    values = pressure("1", 128, 78).values
    answers = send(a_device(county).device, Given("1", NOW.isoformat(), values, kind, "370403196304150017"))
    assert outcomes(answers) == [("waiting", "unknown-person")]
    assert not Reading.objects.get().resident_id


def test_who_shows_his_document_is_found(county):
    man = a_resident(county)
    values = pressure("1", 128, 78).values
    answers = send(a_device(county).device, Given("1", NOW.isoformat(), values, "document", man.id_number))
    assert outcomes(answers) == [("kept", "")]


def test_what_is_far_from_earlier_values_waits(county):
    scale, man = a_device(county, kind="scale").device, a_resident(county)

    def weight(record_id, value, days):
        values = (GivenValue("29463-7", value, "kg"),)
        return Given(record_id, later(days=days).isoformat(), values, "number", man.number)

    answers = send(scale, weight("1", 70, -4), weight("2", 70.4, -3), weight("3", 69.8, -2), weight("4", 30, 0))
    assert outcomes(answers)[-1] == ("waiting", "far-from-earlier")


def test_a_waiting_reading_is_assigned_split_or_thrown_away(county):
    device, man = a_device(county).device, a_resident(county)
    pulse = GivenValue("heart_rate", 72, "bpm")
    one = pressure("1", 128, 78)
    send(device, Given("1", one.measured_at, (*one.values, pulse)), pressure("2", 150, 90))
    first, second = Reading.objects.order_by("pk")

    for bad in ([], ["systolic", "diastolic", "heart_rate"], ["weight"]):
        with pytest.raises(InvalidInput):
            sorting.split_reading(reading=first, items=bad, reason="两人", by=county.alma, at=NOW)
    other = sorting.split_reading(reading=first, items=["heart_rate"], reason="两人先后测", by=county.alma, at=NOW)
    assert [each.item for each in other.values.all()] == ["heart_rate"]
    with pytest.raises(InvalidInput):
        sorting.assign_reading(reading=first, resident=man, reason=" ", by=county.alma, at=NOW)
    sorting.assign_reading(reading=first, resident=man, reason="电话核实", by=county.alma, at=NOW)
    sorting.discard_reading(reading=second, reason="试机", by=county.alma, at=NOW)
    with pytest.raises(Conflict):
        sorting.discard_reading(reading=second, reason="试机", by=county.alma, at=NOW)
    assert [each.record_id for each in queries.kept_of([man.pk])] == ["1"]


def test_a_reading_of_the_wrong_person_leaves_his_record_with_a_trail_and_its_task(county):
    device, man = a_device(county).device, a_resident(county)
    woman = a_resident(county, name="李秀英", sex="2")
    send(device, pressure("1", 190, 112, resident=man))
    reading = Reading.objects.get()
    task = FollowUpTask.objects.get(resident=man)

    with pytest.raises(InvalidInput):
        sorting.assign_reading(reading=reading, resident=man, reason="他的", by=county.alma, at=NOW)
    sorting.assign_reading(reading=reading, resident=woman, reason="拿错了卡", by=county.alma, at=NOW)

    task.refresh_from_db()
    assert task.status == "CANCELLED"
    assert FollowUpTask.objects.filter(resident=woman, status="PLANNED").count() == 1
    assert queries.kept_of([man.pk]).count() == 0
    events = {each.subject_uuid: each.event for each in AuditRecord.objects.filter(reason="拿错了卡")}
    assert events == {man.uuid: Event.WITHDRAWN, woman.uuid: Event.ASSIGNED}


@pytest.mark.parametrize("name", ["sib", "cai", "du", "bo", "mei"])
def test_who_works_elsewhere_neither_sees_nor_sorts(county, name):
    device = a_device(county).device
    send(device, pressure("1", 128, 78))
    reading, actor = Reading.objects.get(), getattr(county, name)
    with pytest.raises(NotVisible):
        queries.visible_reading(actor, reading.uuid)
    with pytest.raises(NotVisible):
        queries.visible_device(actor, device.uuid)
    with pytest.raises(NotPermitted):
        sorting.discard_reading(reading=reading, reason="x", by=actor, at=NOW)
    with pytest.raises(NotPermitted):
        devices.report_lost(device=device, by=actor, at=NOW)
    with pytest.raises(NotPermitted):
        a_device(county, by=actor)


# In the record -------------------------------------------------------------------------------------------------------
def test_readings_are_measurements_and_one_line_a_day(county):
    device, man = a_device(county).device, a_resident(county)
    for n in range(5):
        send(device, pressure(str(n), 120 + n, 70, resident=man, at=later(-n * 60 if n < 3 else -1440 - n)))
    found = measurements_of([man.pk], ["8480-6"], since=later(days=-9))
    assert [int(each.value) for each in found] == [120, 121, 122, 123, 124]
    assert device.serial_number in found[0].source
    entries = timeline.provide(county.alma, [man.pk], later(days=1), 30)
    assert [each.title for each in entries] == ["设备测量 3次", "设备测量 2次"]
    assert timeline.provide(county.alma, [man.pk], entries[0].at, 30)[0].title == "设备测量 2次"


# Devices -------------------------------------------------------------------------------------------------------------
def test_a_device_is_registered_once_and_its_key_is_kept_as_a_digest(county):
    made = a_device(county)
    assert made.key.startswith("xd_")
    assert made.key.encode() not in bytes(made.device.signing_key)
    given = {"facility_id": county.clinic.pk, "kind": "scale", "place": "BAG", "by": county.alma, "at": NOW}
    with pytest.raises(Conflict):
        devices.register_device(**{**given, "kind": made.device.kind}, serial_number=made.device.serial_number)
    for bad in ({"kind": "ufo"}, {"place": "MOON"}, {"serial_number": " "}, {"serial_number": "a\x00b"}):
        with pytest.raises(InvalidInput):
            devices.register_device(**{**given, "serial_number": "S", **bad})


def test_lost_means_without_a_key_at_once_and_found_needs_a_new_one(county):
    device = a_device(county).device
    devices.report_lost(device=device, reason="丢在路上", by=county.alma, at=NOW)
    assert queries.device_that_speaks(device.uuid) is None
    with pytest.raises(Conflict):
        devices.give_key(device=device, by=county.alma, at=NOW)
    devices.note_found(device=device, by=county.alma, at=NOW)
    assert queries.device_that_speaks(device.uuid) is None
    devices.give_key(device=device, by=county.alma, at=NOW)
    assert queries.device_that_speaks(device.uuid) == device
    assert Device.objects.get().status_changes.count() == 3


def test_one_borrower_at_a_time_and_a_household_when_there_is_one(county):
    device, man = a_device(county).device, a_resident(county)
    given = {"device": device, "resident": man, "by": county.alma, "at": NOW}
    with pytest.raises(InvalidInput):
        devices.lend_device(**given, for_household=True)
    with pytest.raises(InvalidInput):
        devices.lend_device(**given, due_back_on=(NOW - timedelta(days=2)).date())
    with pytest.raises(Conflict):
        devices.take_back(device=device, by=county.alma, at=NOW)
    devices.lend_device(**given)
    with pytest.raises(Conflict):
        devices.lend_device(**given)
    devices.take_back(device=device, by=county.alma, at=later(1))
    with pytest.raises(Conflict):
        devices.lend_device(**{**given, "device": a_device(county, place="CORNER").device})
