"""The life of a facility: one test for each way out."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from tests.factories.county import NOW, County, later
from tests.factories.network import MAKER, SLOT, TODAY, a_merged_unit, a_service_point, a_unit
from xinglin.accounts.models import Grant
from xinglin.network import actions, api, queries
from xinglin.network.events import Event
from xinglin.network.models import Facility, Membership
from xinglin.network.states import FINAL, LOOKS, TRANSITIONS, Status
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted, TransitionNotAllowed
from xinglin.platform.models import AuditRecord, OutboxEvent


def test_every_state_has_a_row_a_look_and_a_known_end() -> None:
    assert set(TRANSITIONS) == set(LOOKS) == set(Status)
    assert {Status.MERGED, Status.CLOSED} == FINAL


def test_open_facility_writes_the_unit_its_first_state_audit_and_outbox(county: County) -> None:
    unit = a_unit(county, by=county.mei, short_name="北沟村卫生室")

    assert (unit.status, unit.tier, unit.pinyin_initials) == ("OPEN", "VILLAGE", "bgcwss")
    assert [(each.was, each.became) for each in unit.status_changes.all()] == [("", "OPEN")]
    assert AuditRecord.objects.get(event=Event.OPENED).place == unit.pk
    assert OutboxEvent.objects.get(event=Event.OPENED).object_uuid == unit.uuid


def test_a_planned_unit_is_opened_later(county: County) -> None:
    unit = a_unit(county, planned=True)

    actions.start_facility(facility=unit, by=MAKER, at=NOW)

    unit.refresh_from_db()
    assert (unit.status, unit.opened_on) == ("OPEN", TODAY)


def test_open_facility_with_a_code_that_is_taken_is_refused(county: County) -> None:
    with pytest.raises(Conflict, match="V01"):
        a_unit(county, "V01")


def test_open_facility_by_a_village_doctor_is_refused(county: County) -> None:
    with pytest.raises(NotPermitted):
        a_unit(county, by=county.alma)


def test_open_facility_at_county_level_needs_the_right_over_the_whole_county(county: County) -> None:
    local = county.actor(county.user("lin", "bureau-officer", county.township, subordinates=True))
    officer = county.user("wei", "bureau-officer", county.bureau, everywhere=True)
    Grant.objects.filter(user=officer).update(everywhere=False, division_code="370403")
    facts = {"name": "县域心电中心", "kind": "SHARED_CENTRE", "manager": None, "division": county.division}

    with pytest.raises(NotPermitted):
        a_unit(county, "S01", by=local, **facts)
    unit = a_unit(county, "S01", by=county.actor(officer), **facts)

    assert unit.tier == "COUNTY"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "PALACE"}, "kind"),
        ({"tier": "COUNTY"}, "tier"),
        ({"latitude": 117.27, "longitude": 34.81}, "latitude"),
        ({"latitude": 34.81, "longitude": None}, "longitude"),
        ({"latitude": 34.81, "longitude": 2.35}, "longitude"),
        ({"phone": "call me"}, "phone"),
        ({"credit_code": "91110000600037341A"}, "credit_code"),
        ({"opened_on": TODAY + timedelta(days=1)}, "opened_on"),
        ({"name": "卫生\x00室"}, "name"),
        ({"kind": "SERVICE_POINT"}, "host"),
        ({"publicly_owned": False, "publicly_owned_since": TODAY}, "publicly_owned_since"),
        ({"timetable": [{"weekday": 1, "from": "11:00", "until": "09:00"}]}, "timetable"),
    ],
)
def test_open_facility_with_wrong_facts_names_the_field(county: County, facts: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_unit(county, **facts)

    assert field in refusal.value.fields


def test_suspend_asks_for_a_reason(county: County) -> None:
    with pytest.raises(InvalidInput):
        actions.suspend_facility(facility=county.clinic, reason="  ", by=MAKER, at=NOW)


def test_suspend_and_start_again(county: County) -> None:
    actions.suspend_facility(facility=county.clinic, reason="翻修", by=MAKER, at=NOW)
    actions.start_facility(facility=county.clinic, by=MAKER, at=later(1))

    trail = [(each.was, each.became, each.reason) for each in county.clinic.status_changes.all()]
    assert trail == [("OPEN", "SUSPENDED", "翻修"), ("SUSPENDED", "OPEN", "")]


def test_an_open_unit_cannot_be_started(county: County) -> None:
    with pytest.raises(Conflict):
        actions.start_facility(facility=county.clinic, by=MAKER, at=NOW)


def test_close_ends_the_unit_and_its_memberships(county: County) -> None:
    actions.close_facility(facility=county.tcm, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    county.tcm.refresh_from_db()
    assert (county.tcm.status, county.tcm.closed_on) == ("CLOSED", TODAY)
    assert Membership.objects.get(facility=county.tcm).valid_until == TODAY


def test_close_a_unit_that_manages_others_is_refused(county: County) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.close_facility(facility=county.township, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    assert refusal.value.code == "manages-units"


def test_close_the_lead_of_a_consortium_is_refused(county: County) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.close_facility(facility=county.hospital, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    assert refusal.value.code == "leads-consortium"


def test_close_a_clinic_with_service_points_is_refused(county: County) -> None:
    a_service_point(county)

    with pytest.raises(Conflict) as refusal:
        actions.close_facility(facility=county.clinic, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    assert refusal.value.code == "hosts-points"


def test_close_in_the_future_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput):
        actions.close_facility(facility=county.clinic, on=TODAY + timedelta(days=1), reason="撤并", by=MAKER, at=NOW)


def test_close_by_a_manager_of_another_unit_is_refused(county: County) -> None:
    other = county.actor(county.user("lin", "bureau-officer", county.other_township, subordinates=True))

    with pytest.raises(NotPermitted):
        actions.close_facility(facility=county.clinic, on=TODAY, reason="撤并", by=other, at=NOW)


def test_merge_keeps_the_old_unit_and_hands_over_what_it_managed(county: County) -> None:
    point = a_service_point(county)

    actions.merge_facility_into(
        facility=county.clinic, successor=county.sibling, on=date(2026, 11, 1), reason="整合", by=county.mei, at=NOW
    )

    county.clinic.refresh_from_db()
    point.refresh_from_db()
    assert (county.clinic.status, county.clinic.successor, county.clinic.closed_on) == (
        "MERGED", county.sibling, date(2026, 11, 1),
    )  # fmt: skip
    assert point.host == county.sibling
    event = OutboxEvent.objects.get(event="facility.merged")
    assert event.detail["successor"] == str(county.sibling.uuid)
    assert event.detail["n_points"] == 1


def test_merge_of_a_township_hospital_moves_its_clinics_under_the_successor(county: County) -> None:
    actions.merge_facility_into(
        facility=county.township, successor=county.other_township, on=TODAY, reason="撤乡并镇", by=MAKER, at=NOW
    )

    assert set(Facility.objects.filter(manager=county.other_township)) == {
        county.clinic, county.sibling, county.other_clinic,
    }  # fmt: skip
    assert Membership.objects.get(facility=county.township).valid_until == TODAY


def test_the_successor_of_a_chain_is_its_end(county: County) -> None:
    first = a_merged_unit(county, "M01", into=county.clinic)
    actions.merge_facility_into(
        facility=county.clinic, successor=county.sibling, on=TODAY, reason="再整合", by=MAKER, at=NOW
    )

    assert api.successor_of(first.pk) == county.sibling.pk
    assert api.successor_of(county.sibling.pk) == county.sibling.pk
    assert queries.predecessors(county.sibling) == [county.clinic, first]
    first.refresh_from_db()
    assert first.successor == county.clinic


def test_merge_into_a_merged_unit_is_refused(county: County) -> None:
    gone = a_merged_unit(county)

    with pytest.raises(Conflict) as refusal:
        actions.merge_facility_into(facility=county.sibling, successor=gone, on=TODAY, reason="整合", by=MAKER, at=NOW)

    assert refusal.value.code == "successor-merged"


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.CLOSED])
def test_merge_into_a_unit_that_does_not_work_is_refused(county: County, status: Status) -> None:
    if status == Status.CLOSED:
        actions.close_facility(facility=county.sibling, on=TODAY, reason="撤并", by=MAKER, at=NOW)
    else:
        actions.suspend_facility(facility=county.sibling, reason="翻修", by=MAKER, at=NOW)

    with pytest.raises(Conflict) as refusal:
        actions.merge_facility_into(
            facility=county.clinic, successor=county.sibling, on=TODAY, reason="整合", by=MAKER, at=NOW
        )

    assert refusal.value.code == "successor-not-open"


def test_merge_into_itself_or_what_lies_below_is_refused(county: County) -> None:
    for successor, code in ((county.township, "own-successor"), (county.clinic, "successor-below")):
        with pytest.raises(Conflict) as refusal:
            actions.merge_facility_into(
                facility=county.township, successor=successor, on=TODAY, reason="整合", by=MAKER, at=NOW
            )
        assert refusal.value.code == code


def test_merge_without_the_right_at_the_successor_is_refused(county: County) -> None:
    local = county.actor(county.user("lin", "bureau-officer", county.township, subordinates=True))

    with pytest.raises(NotPermitted):
        actions.merge_facility_into(
            facility=county.clinic, successor=county.other_clinic, on=TODAY, reason="整合", by=local, at=NOW
        )


def test_a_merged_unit_is_history(county: County) -> None:
    gone = a_merged_unit(county)

    with pytest.raises(Conflict):
        actions.edit_facility(facility=gone, phone="0632-1111111", by=MAKER, at=NOW)
    with pytest.raises(Conflict):
        actions.start_facility(facility=gone, by=MAKER, at=NOW)


def test_a_grant_on_a_merged_clinic_reaches_its_history_and_not_the_successor(county: County) -> None:
    gone = a_merged_unit(county, into=county.sibling)
    doctor = county.actor(county.user("old", "village-doctor", gone, subordinates=True))

    assert doctor.places_where("resident:view") == {gone.pk}
    assert not doctor.may("resident:view", at=county.sibling.pk)
    assert gone.pk in (county.tang.places_where("resident:view") or set())


def test_a_grant_on_a_merged_township_no_longer_reaches_the_clinics_that_moved(county: County) -> None:
    before = county.tang.places_where("visit:view")
    actions.merge_facility_into(
        facility=county.township, successor=county.other_township, on=TODAY, reason="撤乡并镇", by=MAKER, at=NOW
    )

    after = county.actor(county.users["tang"]).places_where("visit:view")

    assert before == {county.township.pk, county.clinic.pk, county.sibling.pk}
    assert after == {county.township.pk}


def test_two_mergers_crossing_each_other_leave_one(transactional_db: None) -> None:
    county = County()
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def merge(one: Facility, other: Facility) -> None:
        barrier.wait()
        try:
            actions.merge_facility_into(facility=one, successor=other, on=TODAY, reason="整合", by=MAKER, at=NOW)
            outcomes.append("merged")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=merge, args=pair)
        for pair in ((county.clinic, county.sibling), (county.sibling, county.clinic))
    ]
    [each.start() for each in threads]
    [each.join() for each in threads]

    assert outcomes.count("merged") == 1
    assert len(outcomes) == 2
    assert Facility.objects.filter(status="MERGED").count() == 1


def test_edit_changes_the_fields_named_and_says_which(county: County) -> None:
    actions.edit_facility(facility=county.clinic, phone="0632-5550001", name="东沟村卫生室", by=county.mei, at=NOW)

    county.clinic.refresh_from_db()
    assert county.clinic.phone == "0632-5550001"
    assert AuditRecord.objects.get(event=Event.EDITED).detail == {"fields": ["phone"]}


def test_edit_of_nothing_writes_nothing(county: County) -> None:
    actions.edit_facility(facility=county.clinic, name=county.clinic.name, by=MAKER, at=NOW)

    assert not AuditRecord.objects.filter(event=Event.EDITED).exists()


def test_edit_of_code_or_status_is_no_field(county: County) -> None:
    with pytest.raises(InvalidInput):
        actions.edit_facility(facility=county.clinic, status="CLOSED", by=MAKER, at=NOW)


def test_edit_that_closes_a_circle_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.edit_facility(facility=county.township, manager=county.clinic, by=MAKER, at=NOW)

    assert "manager" in refusal.value.fields


def test_edit_puts_nothing_under_a_unit_the_editor_has_no_right_at(county: County) -> None:
    local = county.actor(county.user("lin", "bureau-officer", county.township, subordinates=True))

    with pytest.raises(NotPermitted):
        actions.edit_facility(facility=county.clinic, manager=county.other_township, by=local, at=NOW)


def test_a_service_point_stands_under_its_clinic_with_a_timetable(county: County) -> None:
    point = a_service_point(county)

    assert (point.host, point.manager, point.tier, point.timetable) == (
        county.clinic,
        county.township,
        "VILLAGE",
        [SLOT],
    )
    assert point.pk in queries.facility_ids_within(county.clinic.pk, True, "")
    assert point.pk in queries.facility_ids_within(county.township.pk, True, "")


def test_a_service_point_of_a_service_point_is_refused(county: County) -> None:
    with pytest.raises(Conflict):
        a_service_point(county, "P02", host=a_service_point(county))


def test_a_timetable_whose_slots_overlap_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput):
        actions.set_timetable(
            facility=a_service_point(county), timetable=[SLOT, {"weekday": 1, "from": "11:00", "until": "12:00"}],
            by=MAKER, at=NOW,
        )  # fmt: skip


def test_the_table_of_states_is_obeyed_by_the_database_too(county: County) -> None:
    from django.db import transaction

    from xinglin.platform.transitions import move

    gone = a_merged_unit(county)
    with transaction.atomic(), pytest.raises(TransitionNotAllowed):
        move(gone, table=TRANSITIONS, to=Status.OPEN, by=MAKER, at=NOW)
