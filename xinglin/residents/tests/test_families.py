"""Households and people to call."""

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.residents import actions, queries


def test_a_household_has_one_head_and_its_members(county: County) -> None:
    head, wife = a_resident(county), a_resident(county, name="李大米", sex="2")

    household = actions.create_household(head=head, address="东沟村1号", by=county.alma, at=NOW)
    actions.add_member(household=household, resident=wife, relation="10", by=county.alma, at=NOW)

    assert [(m.name, m.relation_to_head) for m in queries.members_of(household, county.alma)] == [
        ("王小麦", "02"),
        ("李大米", "10"),
    ]
    assert queries.visible_household(county.alma, household.uuid) == household
    with pytest.raises(Conflict):
        actions.add_member(household=household, resident=wife, relation="02", by=county.alma, at=NOW)
    with pytest.raises(Conflict):
        actions.create_household(head=head, by=county.alma, at=NOW)
    with pytest.raises(InvalidInput):
        actions.add_member(household=household, resident=wife, relation="xx", by=county.alma, at=NOW)


def test_members_of_another_roster_are_not_shown(county: County) -> None:
    head = a_resident(county)
    household = actions.create_household(head=head, by=county.alma, at=NOW)
    son = a_resident(county, name="王小强", by=county.cai, managed_by_id=county.other_clinic.pk)
    actions.add_member(household=household, resident=son, relation="20", by=county.cai, at=NOW)

    assert [m.name for m in queries.members_of(household, county.alma)] == ["王小麦"]


def test_leaving_a_household(county: County) -> None:
    head = a_resident(county)
    actions.create_household(head=head, by=county.alma, at=NOW)
    head.refresh_from_db()

    left = actions.leave_household(resident=head, by=county.alma, at=later(1))

    assert (left.household, left.relation_to_head) == (None, "")
    with pytest.raises(Conflict):
        actions.leave_household(resident=left, by=county.alma, at=later(2))


def test_contacts_are_added_and_ended(county: County) -> None:
    resident = a_resident(county)

    contact = actions.add_contact(
        resident=resident,
        name="李大米",
        relation="配偶",
        phone="139 0000 0002",
        is_guardian=True,
        by=county.alma,
        at=NOW,
    )
    assert [c.phone for c in queries.contacts_of(resident)] == ["13900000002"]
    actions.end_contact(contact=contact, by=county.alma, at=later(1))

    assert not queries.contacts_of(resident).exists()
    with pytest.raises(Conflict):
        actions.end_contact(contact=contact, by=county.alma, at=later(2))


@pytest.mark.parametrize(
    ("name", "relation", "phone"), [("", "配偶", "13900000002"), ("李大米", "", "13900000002"), ("李大米", "配偶", "")]
)
def test_an_incomplete_contact_is_refused(county: County, name: str, relation: str, phone: str) -> None:
    with pytest.raises(InvalidInput):
        actions.add_contact(
            resident=a_resident(county), name=name, relation=relation, phone=phone, by=county.alma, at=NOW
        )


def test_a_neighbour_changes_no_family(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(NotPermitted):
        actions.create_household(head=resident, by=county.sib, at=NOW)
    with pytest.raises(NotPermitted):
        actions.add_contact(resident=resident, name="李", relation="配偶", phone="13900000002", by=county.sib, at=NOW)
