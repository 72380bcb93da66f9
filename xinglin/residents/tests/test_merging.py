"""Merging two registrations of one person, and taking it back exactly."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord
from xinglin.residents import actions, queries
from xinglin.residents.models import Merge, Resident, RosterEntry
from xinglin.residents.roster import note_on_roster


def _twice(county: County) -> tuple[Resident, Resident]:
    """One person, registered by his clinic and again, without his card, by the next one."""
    kept = a_resident(county, phone="13900000001")
    other = a_resident(
        county,
        name="王晓麦",
        id_kind="NONE",
        phone="13900000001",
        by=county.sib,
        managed_by_id=county.sibling.pk,
        division_code=county.sibling_division.code,
    )
    return kept, other


def _snapshot() -> dict[str, Any]:
    residents = Resident.objects.order_by("pk").values("pk", "status", "merged_into", "name", "managed_by", "died_on")
    entries = RosterEntry.objects.order_by("facility", "resident").values(
        "facility", "resident", "basis", "since", "until", "name"
    )
    return {"residents": list(residents), "rosters": list(entries)}


def _merge(county: County, kept: Resident, merged: Resident, **changes: Any) -> Merge:
    return actions.merge_residents(
        **({"kept": kept, "merged": merged, "reason": "同一人重复建档", "by": county.tang, "at": NOW} | changes)
    )


def test_a_merged_registration_points_to_the_survivor_and_both_keep_their_rows(county: County) -> None:
    kept, other = _twice(county)

    merge = _merge(county, kept, other)

    other.refresh_from_db()
    assert (other.status, other.merged_into, merge.kept) == ("MERGED", kept, kept)
    assert queries.ids_of_person(kept) == [kept.pk, other.pk]
    assert queries.ids_of_person(other) == [kept.pk, other.pk]
    assert queries.visible_resident(county.sib, other.uuid, at=NOW) == kept
    assert set(AuditRecord.objects.filter(event="resident.merged").values_list("subject_uuid", flat=True)) == {
        kept.uuid,
        other.uuid,
    }
    assert [(c.was, c.became, c.reason) for c in other.status_changes.all()][-1] == (
        "ACTIVE",
        "MERGED",
        "同一人重复建档",
    )


def test_the_units_of_both_see_the_survivor(county: County) -> None:
    kept, other = _twice(county)

    _merge(county, kept, other)

    assert queries.residents_visible_to(county.sib).filter(pk=kept.pk).exists()
    assert queries.residents_visible_to(county.alma).filter(pk=kept.pk).exists()
    assert not queries.residents_visible_to(county.alma).filter(pk=other.pk).exists()


def test_unmerge_restores_exactly(county: County) -> None:
    kept, other = _twice(county)
    note_on_roster(resident=other, facility_id=county.hospital.pk, basis="REFERRAL", at=NOW)
    before = _snapshot()

    merge = _merge(county, kept, other)
    assert _snapshot() != before
    actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))

    assert _snapshot() == before
    merge.refresh_from_db()
    assert (merge.undone_at, merge.undo_reason) == (later(10), "核实为两人")
    assert AuditRecord.objects.filter(event="resident.unmerged").count() == 2


def test_a_unit_that_treated_the_survivor_keeps_him_after_unmerge(county: County) -> None:
    kept, other = _twice(county)
    merge = _merge(county, kept, other)
    note_on_roster(resident=kept, facility_id=county.sibling.pk, basis="VISIT", at=later(5))

    actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))

    assert queries.residents_visible_to(county.sib).filter(pk=kept.pk).exists()


def test_an_ended_roster_entry_is_reopened_and_ended_again(county: County) -> None:
    kept, other = _twice(county)
    RosterEntry.objects.create(
        facility=county.sibling,
        resident=kept,
        basis="MANAGED",
        since=NOW - timedelta(days=90),
        until=NOW - timedelta(days=30),
        name=kept.name,
        initials=kept.initials,
        pinyin=kept.pinyin,
    )
    before = _snapshot()

    merge = _merge(county, kept, other)
    assert queries.residents_visible_to(county.sib).filter(pk=kept.pk).exists()
    actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))

    assert _snapshot() == before


def test_merging_a_survivor_moves_its_pointers_and_unmerge_brings_them_back(county: County) -> None:
    kept, other = _twice(county)
    third = a_resident(county, name="王小迈", id_kind="NONE", phone="13900000003")
    first = _merge(county, other, third)
    before = _snapshot()

    second = _merge(county, kept, other)

    third.refresh_from_db()
    assert third.merged_into == kept
    assert queries.ids_of_person(kept) == [kept.pk, other.pk, third.pk]
    assert not Resident.objects.filter(merged_into__merged_into__isnull=False).exists()

    actions.unmerge(merge=second, reason="核实为两人", by=county.tang, at=later(10))
    assert _snapshot() == before
    actions.unmerge(merge=first, reason="核实为两人", by=county.tang, at=later(20))
    assert not Resident.objects.filter(status="MERGED").exists()


def test_the_inner_merge_may_be_undone_first(county: County) -> None:
    kept, other = _twice(county)
    third = a_resident(county, name="王小迈", id_kind="NONE", phone="13900000003")
    inner = _merge(county, other, third)
    outer = _merge(county, kept, other)

    actions.unmerge(merge=inner, reason="核实为两人", by=county.tang, at=later(10))
    actions.unmerge(merge=outer, reason="核实为两人", by=county.tang, at=later(20))

    assert not Resident.objects.filter(merged_into__isnull=False).exists()


def test_unmerge_goes_back_to_the_former_status(county: County) -> None:
    kept, other = _twice(county)
    other = actions.mark_deceased(resident=other, died_on=date(2026, 1, 2), by=county.sib, at=NOW)

    merge = _merge(county, kept, other)
    restored = actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))

    assert (restored.status, restored.died_on) == ("DECEASED", date(2026, 1, 2))


def test_merging_twice_or_with_itself_is_refused(county: County) -> None:
    kept, other = _twice(county)
    with pytest.raises(Conflict):
        _merge(county, kept, kept)
    merge = _merge(county, kept, other)

    with pytest.raises(Conflict):
        _merge(county, kept, other)
    actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))
    with pytest.raises(Conflict):
        actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(11))


def test_merging_needs_reason_right_and_both_on_a_roster(county: County) -> None:
    kept, other = _twice(county)
    far = a_resident(county, name="李大米", by=county.cai, managed_by_id=county.other_clinic.pk)

    with pytest.raises(InvalidInput):
        _merge(county, kept, other, reason="  ")
    with pytest.raises(NotPermitted):
        _merge(county, kept, other, by=county.alma)
    with pytest.raises(NotPermitted):
        _merge(county, kept, far)
    with pytest.raises(NotVisible):
        queries.visible_merge(county.cai, _merge(county, kept, other).uuid)


def test_a_merged_registration_is_not_edited(county: County) -> None:
    kept, other = _twice(county)
    _merge(county, kept, other)
    other.refresh_from_db()

    with pytest.raises(Conflict):
        actions.edit_resident(resident=other, changes={"address": "x"}, by=county.sib, at=NOW)


def test_the_identity_of_a_merged_registration_registered_anew_blocks_the_unmerge(county: County) -> None:
    kept, other = _twice(county)
    merge = _merge(county, kept, other)
    anew = a_resident(county, name="王晓麦", id_kind="NONE", phone="13900000002")
    Resident.objects.filter(pk=anew.pk).update(identity_index=bytes(other.identity_index))

    with pytest.raises(Conflict) as refusal:
        actions.unmerge(merge=merge, reason="核实为两人", by=county.tang, at=later(10))

    assert refusal.value.code == "identity-taken"
