"""Registering a resident: what is accepted, refused, and noticed."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories.county import NOW, County
from tests.factories.residents import a_resident, an_id_number
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.residents import actions
from xinglin.residents.duplicates import AlreadyRegistered, ProbableMatches
from xinglin.residents.models import Resident, RosterEntry
from xinglin.residents.queries import residents_visible_to
from xinglin.residents.roster import note_on_roster

BORN = date(1963, 4, 15)


def _register(county: County, **changes: Any) -> Resident:
    fields = {
        "name": "王小麦",
        "sex": "1",
        "born_on": BORN,
        "managed_by_id": county.clinic.pk,
        "id_number": an_id_number(BORN),
        "by": county.alma,
        "at": NOW,
    }
    return actions.register_resident(**(fields | changes))


def test_a_registered_resident_stands_on_the_rosters_of_the_clinic_and_its_township(county: County) -> None:
    resident = a_resident(county)

    entries = RosterEntry.objects.filter(resident=resident)
    assert {entry.facility_id for entry in entries} == {county.clinic.pk, county.township.pk}
    assert {entry.basis for entry in entries} == {"MANAGED"}
    assert residents_visible_to(county.alma).get() == resident
    assert residents_visible_to(county.tang).get() == resident
    assert not residents_visible_to(county.sib).exists()
    assert not residents_visible_to(county.sun).exists()


def test_registering_leaves_status_audit_and_outbox(county: County) -> None:
    resident = _register(county, phone="13900000001")

    assert [change.became for change in resident.status_changes.all()] == ["ACTIVE"]
    record = AuditRecord.objects.get(event="resident.registered")
    assert (record.subject_uuid, record.actor_name, record.place) == (resident.uuid, "阿尔玛", county.clinic.pk)
    assert OutboxEvent.objects.filter(event="resident.registered", subject_uuid=resident.uuid).count() == 1
    assert resident.division_code == county.village_division.code
    assert (resident.pinyin, resident.initials) == ("wangxiaomai", "wxm")


def test_personal_fields_are_encrypted_in_the_table(county: County) -> None:
    number = an_id_number(BORN)
    resident = _register(county, id_number=number, phone="13900000001")

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM residents_resident WHERE id = %s", [resident.pk])
        row = cursor.fetchone()
    assert number.encode() not in bytes(row[0])
    assert b"13900000001" not in bytes(row[1])
    assert Resident.objects.get(pk=resident.pk).id_number == number


def test_the_same_identity_is_refused_and_the_existing_one_named_masked(county: County) -> None:
    number = an_id_number(BORN)
    _register(county, id_number=number)

    with pytest.raises(AlreadyRegistered) as refusal:
        _register(county, id_number=number, managed_by_id=county.other_clinic.pk, by=county.cai)

    assert "王*麦" in str(refusal.value)
    assert "王小麦" not in str(refusal.value)
    assert "1963-04" not in str(refusal.value)
    assert not refusal.value.existing.is_visible
    assert Resident.objects.count() == 1


def test_a_household_book_with_the_same_number_is_the_same_identity(county: County) -> None:
    number = an_id_number(BORN)
    _register(county, id_number=number)

    with pytest.raises(AlreadyRegistered):
        _register(county, id_number=number, id_kind="HOUSEHOLD_BOOK")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "王小麦"}, "姓名相同"),
        ({"name": "王晓麦"}, "姓名同音"),
        ({"name": "王大麦"}, "姓名相近"),
        ({"name": "王小麦", "born_on": date(1963, 4, 16)}, "出生日期只差一处"),
        ({"name": "王小麦", "born_on": date(1963, 5, 19), "phone": "13900000001"}, "电话相同"),
        ({"name": "王晓麦", "phone": "139 0000 0001"}, "电话相同"),
    ],
)
def test_a_likely_duplicate_must_be_looked_at_before_saving(
    county: County, changes: dict[str, Any], reason: str
) -> None:
    _register(county, phone="13900000001")
    second = {"id_kind": "NONE", "id_number": "", "phone": "13900000009"} | changes

    with pytest.raises(ProbableMatches) as refusal:
        _register(county, **second)

    (match,) = refusal.value.matches
    assert reason in [str(each) for each in match.reasons]
    assert 50 <= match.score <= 99
    saved = _register(county, **second, acknowledged_matches=[match.uuid])
    assert saved.pk
    assert Resident.objects.count() == 2


def test_two_cards_with_two_numbers_are_two_people(county: County) -> None:
    _register(county, id_number=an_id_number(BORN, sequence=11))

    assert _register(county, id_number=an_id_number(BORN, sequence=12)).pk


def test_a_likely_duplicate_of_another_village_is_shown_masked(county: County) -> None:
    a_resident(county, by=county.cai, managed_by_id=county.other_clinic.pk, id_kind="NONE", phone="13900000001")

    with pytest.raises(ProbableMatches) as refusal:
        _register(county, id_kind="NONE", id_number="", phone="13900000002")

    (match,) = refusal.value.matches
    assert (match.name, match.born, match.number, match.is_visible) == ("王*麦", "1963", "", False)


def test_a_newborn_is_told_apart_by_name_and_mother(county: County) -> None:
    mother = an_id_number(date(1995, 3, 3), "2")
    newborn = {"born_on": NOW.date(), "sex": "2", "id_kind": "NONE", "id_number": "", "guardian_id_number": mother}
    first = _register(county, **newborn, name="王芳之长女")

    with pytest.raises(AlreadyRegistered):
        _register(county, **newborn, name="王芳之长女")
    with pytest.raises(ProbableMatches) as likely:
        _register(county, **newborn, name="王芳之次女")

    second = _register(
        county, **newborn, name="王芳之次女", acknowledged_matches=[m.uuid for m in likely.value.matches]
    )
    assert second.pk != first.pk
    assert second.id_number is None


def test_a_newborn_gets_its_birth_certificate_later(county: County) -> None:
    newborn = _register(county, name="王芳之子", born_on=NOW.date(), id_kind="NONE", id_number="", phone="13900000001")

    changed = actions.edit_resident(
        resident=newborn,
        changes={"id_kind": "BIRTH_CERTIFICATE", "id_number": "Z370000001", "name": "王小苗"},
        by=county.alma,
        at=NOW,
    )

    assert (changed.id_kind, changed.id_number) == ("BIRTH_CERTIFICATE", "Z370000001")
    assert bytes(changed.identity_index) != bytes(newborn.identity_index)


def test_a_person_without_document_or_anchor_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _register(county, id_kind="NONE", id_number="")

    assert "guardian_id_number" in refusal.value.fields


def test_a_foreigner_is_registered_with_a_passport(county: County) -> None:
    resident = _register(
        county, name="John  Smith", id_kind="PASSPORT", id_number="e 1234 5678", nationality="USA", ethnicity=""
    )

    assert (resident.name, resident.initials, resident.id_number) == ("John Smith", "js", "E12345678")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "<script>alert(1)</script>"}, "name"),
        ({"name": "王😀"}, "name"),
        ({"name": "王\u202e麦"}, "name"),
        ({"sex": "2"}, "sex"),
        ({"sex": "7"}, "sex"),
        ({"born_on": date(1963, 4, 14)}, "born_on"),
        ({"born_on": date(2027, 1, 1), "id_kind": "NONE", "phone": "13900000001"}, "born_on"),
        ({"born_on": date(1890, 1, 1), "id_kind": "NONE", "phone": "13900000001"}, "born_on"),
        ({"id_number": "370403196304150070"}, "id_number"),
        ({"id_number": "370403630415007"}, "id_number"),
        ({"id_kind": "TICKET"}, "id_number"),
        ({"phone": "110"}, "phone"),
        ({"managed_by_id": 999_999}, "managed_by"),
        ({"division_code": "37040"}, "division_code"),
        ({"insurance": "GOLD"}, "insurance"),
        ({"conditions": ["nonsense"]}, "conditions"),
        ({"address": "x" * 121}, "address"),
        ({"address": "东沟村\u200b1号"}, "address"),
        ({"merged_into_id": 1}, "merged_into_id"),
    ],
)
def test_wrong_input_is_refused_by_field(county: County, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _register(county, **changes)

    assert field in refusal.value.fields
    assert not Resident.objects.exists()


def test_markup_in_an_address_is_text(county: County) -> None:
    resident = _register(county, address="东沟村<b>1号</b> & '某'")

    assert resident.address == "东沟村<b>1号</b> & '某'"


def test_registering_needs_the_right_at_the_place(county: County) -> None:
    for actor in (county.bo, county.mei):
        with pytest.raises(NotPermitted):
            _register(county, by=actor)
    with pytest.raises(NotPermitted):
        _register(county, registered_at_id=county.sibling.pk)


def test_editing_keeps_the_copies_on_the_rosters(county: County) -> None:
    resident = a_resident(county)

    actions.edit_resident(resident=resident, changes={"name": "单小麦", "allergies": "青霉素"}, by=county.tang, at=NOW)

    assert set(RosterEntry.objects.values_list("name", "initials", "pinyin")) == {("单小麦", "sxm", "shanxiaomai")}
    record = AuditRecord.objects.get(event="resident.edited")
    assert record.detail["fields"] == ["allergies", "initials", "name", "pinyin"]


def test_editing_nothing_writes_nothing(county: County) -> None:
    resident = a_resident(county, phone="13900000001")
    before = AuditRecord.objects.count()

    actions.edit_resident(
        resident=resident, changes={"name": resident.name, "phone": "139 0000 0001"}, by=county.alma, at=NOW
    )

    assert AuditRecord.objects.count() == before


def test_editing_into_another_ones_identity_is_refused(county: County) -> None:
    number = an_id_number(BORN)
    a_resident(county, id_number=number)
    other = a_resident(county, name="李大米", id_kind="NONE", phone="13900000001")

    with pytest.raises(AlreadyRegistered):
        actions.edit_resident(
            resident=other, changes={"id_kind": "RESIDENT_ID", "id_number": number}, by=county.alma, at=NOW
        )

    other.refresh_from_db()
    assert other.id_kind == "NONE"


def test_a_neighbour_may_not_edit(county: County) -> None:
    with pytest.raises(NotPermitted):
        actions.edit_resident(resident=a_resident(county), changes={"address": "x"}, by=county.sib, at=NOW)


def test_an_arrival_with_name_and_number_opens_the_record_to_the_hospital(county: County) -> None:
    number = an_id_number(BORN)
    resident = a_resident(county, id_number=number)

    found = actions.note_arrival(name="王小麦", id_number=number, by=county.sun, at=NOW)

    assert found == resident
    assert residents_visible_to(county.sun).get() == resident
    assert RosterEntry.objects.get(facility=county.hospital).basis == "VISIT"
    assert AuditRecord.objects.get(event="resident.arrived").place == county.hospital.pk


@pytest.mark.parametrize(
    "wrong", [{"name": "王大麦"}, {"id_number": an_id_number(date(1970, 1, 1), sequence=3)}, {"name": "<b>"}]
)
def test_a_wrong_name_and_an_unknown_number_get_the_same_answer(county: County, wrong: dict[str, str]) -> None:
    number = an_id_number(BORN)
    a_resident(county, id_number=number)

    with pytest.raises(NotVisible) as refusal:
        actions.note_arrival(**({"name": "王小麦", "id_number": number} | wrong), by=county.sun, at=NOW)

    assert str(refusal.value) == str(NotVisible())
    assert not residents_visible_to(county.sun).exists()


def test_a_transfer_moves_sight_except_for_who_treated(county: County) -> None:
    resident = a_resident(county)

    moved = actions.assign_managing_facility(resident=resident, facility_id=county.sibling.pk, by=county.tang, at=NOW)

    assert moved.managed_by == county.sibling
    assert residents_visible_to(county.sib).exists()
    assert not residents_visible_to(county.alma).exists()
    assert residents_visible_to(county.tang).exists()


def test_a_clinic_that_treated_keeps_its_sight_after_a_transfer(county: County) -> None:
    resident = a_resident(county)
    note_on_roster(resident=resident, facility_id=county.clinic.pk, basis="VISIT", at=NOW)
    assert RosterEntry.objects.get(facility=county.clinic).basis == "MANAGED"

    actions.assign_managing_facility(resident=resident, facility_id=county.other_clinic.pk, by=county.tang, at=NOW)

    assert residents_visible_to(county.alma).exists()
    assert RosterEntry.objects.get(facility=county.clinic).basis == "VISIT"
    assert RosterEntry.objects.get(facility=county.township).until == NOW


def test_only_the_managing_side_transfers(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(NotPermitted):
        actions.assign_managing_facility(resident=resident, facility_id=county.other_clinic.pk, by=county.cai, at=NOW)


def test_death_and_return(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(InvalidInput):
        actions.mark_deceased(resident=resident, died_on=NOW.date() + timedelta(days=1), by=county.alma, at=NOW)
    dead = actions.mark_deceased(resident=resident, died_on=NOW.date(), by=county.alma, at=NOW)
    with pytest.raises(Conflict):
        actions.mark_moved(resident=dead, by=county.alma, at=NOW)
    alive = actions.restore(resident=dead, reason="登记有误", by=county.alma, at=NOW)

    assert (alive.status, alive.died_on) == ("ACTIVE", None)
    assert [change.became for change in alive.status_changes.all()] == ["ACTIVE", "DECEASED", "ACTIVE"]


@pytest.mark.django_db(transaction=True)
def test_of_two_registrations_at_the_same_moment_one_is_saved_and_the_other_gets_a_conflict() -> None:
    county = County()
    number = an_id_number(BORN)
    by = {"alma": county.alma, "cai": county.cai}
    places = {"alma": county.clinic.pk, "cai": county.other_clinic.pk}
    barrier, outcomes = threading.Barrier(2), {}

    def register(who: str) -> None:
        barrier.wait()
        try:
            _register(county, id_number=number, by=by[who], managed_by_id=places[who])
            outcomes[who] = "saved"
        except Conflict as error:
            outcomes[who] = error.code
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=(who,)) for who in by]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes.values()) == ["already-registered", "saved"]
    assert Resident.objects.count() == 1
    assert AuditRecord.objects.filter(event="resident.registered").count() == 1
