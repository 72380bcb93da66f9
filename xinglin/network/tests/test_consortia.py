"""Consortia, areas, patterns, holdings."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.county import NOW, County
from tests.factories.network import MAKER, TODAY, a_consortium, a_merged_unit, a_title, a_unit, an_area, some_beds
from xinglin.network import actions, api, coverage, patterns, queries
from xinglin.network.models import Area, BedCount, Equipment, Membership
from xinglin.network.web.consortia import consortium_page
from xinglin.network.web.pages import expiry_of
from xinglin.platform import definitions
from xinglin.platform.errors import Conflict, DomainError, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent


def test_two_consortia_share_one_county_each_with_its_lead(county: County) -> None:
    second = a_consortium(county, lead=county.tcm)
    clinic = a_unit(county, "N01", manager=None)
    actions.join_consortium(consortium=second, facility=clinic, role="CLINIC", on=TODAY, by=MAKER, at=NOW)

    assert api.lead_hospital_of(county.township.pk) == county.hospital.pk
    assert api.lead_hospital_of(clinic.pk) == county.tcm.pk
    assert queries.consortia(county.mei).count() == 2


def test_form_consortium_with_a_taken_code_is_refused(county: County) -> None:
    with pytest.raises(Conflict):
        a_consortium(county, "C01")


def test_form_consortium_without_right_at_the_lead_is_refused(county: County) -> None:
    with pytest.raises(NotPermitted):
        actions.form_consortium(
            code="C03", name="三", division=county.division, lead=county.hospital, on=TODAY,
            structure=patterns.structure_of("1-n"), by=county.tang, at=NOW,
        )  # fmt: skip


def test_join_writes_a_dated_membership_and_an_event(county: County) -> None:
    membership = actions.join_consortium(
        consortium=county.consortium, facility=county.clinic, role="CLINIC", on=TODAY, by=county.mei, at=NOW
    )

    assert (membership.valid_from, membership.valid_until) == (TODAY, None)
    assert OutboxEvent.objects.get(event="consortium.joined").detail["role"] == "CLINIC"


def test_join_twice_is_refused(county: County) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.join_consortium(
            consortium=county.consortium, facility=county.township, role="PARTNER", on=TODAY, by=MAKER, at=NOW
        )

    assert refusal.value.code == "already-member"


def test_a_second_lead_is_refused(county: County) -> None:
    with pytest.raises(Conflict) as refusal:
        actions.join_consortium(
            consortium=county.consortium, facility=county.clinic, role="LEAD", on=TODAY, by=MAKER, at=NOW
        )

    assert refusal.value.code == "second-lead"


def test_the_database_refuses_two_leads_whose_periods_overlap_in_the_past(county: County) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            consortium=county.consortium, facility=county.clinic, role="LEAD", valid_from=date(2026, 1, 1),
            valid_until=date(2026, 2, 1),
        )  # fmt: skip


def test_two_leads_at_once_one_of_them_wins(transactional_db: None) -> None:
    county = County()
    membership = Membership.objects.get(consortium=county.consortium, role="LEAD")
    actions.leave_consortium(membership=membership, on=TODAY, by=MAKER, at=NOW)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def join(facility: object) -> None:
        barrier.wait()
        try:
            actions.join_consortium(
                consortium=county.consortium, facility=facility, role="LEAD", on=TODAY, by=MAKER, at=NOW
            )
            outcomes.append("joined")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=(each,)) for each in (county.clinic, county.sibling)]
    [each.start() for each in threads]
    [each.join() for each in threads]

    assert sorted(outcomes) == ["joined", "second-lead"]
    assert Membership.objects.filter(role="LEAD", valid_until__isnull=True).count() == 1


def test_the_lead_changes_on_a_day(county: County) -> None:
    old = Membership.objects.get(consortium=county.consortium, role="LEAD")
    actions.leave_consortium(membership=old, on=TODAY, by=MAKER, at=NOW)
    actions.join_consortium(
        consortium=county.consortium, facility=county.hospital, role="PARTNER", on=TODAY, by=MAKER, at=NOW
    )
    specialist = Membership.objects.get(facility=county.tcm)
    actions.leave_consortium(membership=specialist, on=TODAY, by=MAKER, at=NOW)
    actions.join_consortium(consortium=county.consortium, facility=county.tcm, role="LEAD", on=TODAY, by=MAKER, at=NOW)

    yesterday = {each.facility: each.role for each in queries.members_on(county.consortium, TODAY - timedelta(days=1))}
    today = {each.facility: each.role for each in queries.members_on(county.consortium, TODAY)}

    assert (yesterday[county.hospital], yesterday[county.tcm]) == ("LEAD", "SPECIALIST")
    assert (today[county.hospital], today[county.tcm]) == ("PARTNER", "LEAD")
    assert api.lead_hospital_of(county.township.pk) == county.tcm.pk


def test_leave_twice_is_refused(county: County) -> None:
    membership = Membership.objects.get(facility=county.township)
    actions.leave_consortium(membership=membership, on=TODAY, by=MAKER, at=NOW)

    with pytest.raises(Conflict):
        actions.leave_consortium(membership=membership, on=TODAY, by=MAKER, at=NOW)


def test_leave_before_joining_is_refused(county: County) -> None:
    membership = Membership.objects.get(facility=county.township)

    with pytest.raises(InvalidInput):
        actions.leave_consortium(membership=membership, on=date(2020, 1, 1), by=MAKER, at=NOW)


def test_a_manager_cannot_bind_anothers_unit_to_his_hospital(county: County) -> None:
    a_consortium(county, lead=county.tcm)
    chief = county.actor(county.user("tcm", "consortium-manager", county.tcm))
    own = queries.consortia(county.mei).get(code="C02")

    with pytest.raises(NotPermitted):
        actions.join_consortium(consortium=own, facility=county.clinic, role="CLINIC", on=TODAY, by=chief, at=NOW)


def test_a_merged_unit_cannot_join(county: County) -> None:
    with pytest.raises(Conflict):
        actions.join_consortium(
            consortium=county.consortium, facility=a_merged_unit(county), role="CLINIC", on=TODAY, by=MAKER, at=NOW
        )


def test_an_unknown_role_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput):
        actions.join_consortium(
            consortium=county.consortium, facility=county.clinic, role="KING", on=TODAY, by=MAKER, at=NOW
        )


@pytest.mark.parametrize("definition", patterns.known(), ids=lambda each: each.slug)
def test_the_worked_examples_of_each_pattern_come_out(definition: definitions.Definition) -> None:
    assert definition.examples
    for example in definition.examples:
        parts = patterns.compared(patterns.structure_of(definition.slug), example["actual"])
        assert [part.fits for part in parts] == example["fits"], example["name"]


def test_a_pattern_takes_its_own_numbers() -> None:
    structure = patterns.structure_of("1-3-10-n", "1＋3＋12＋n")

    assert structure["pattern"] == "1+3+12+N"
    assert [part["count"] for part in structure["parts"]] == [1, 3, 12, None]


@pytest.mark.parametrize("pattern", ["1+3", "1+3+ten+N", "1+3+-2+N", "++++", "1+3+99999+N"])
def test_a_pattern_that_does_not_fit_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput):
        patterns.structure_of("1-3-10-n", pattern)


def test_the_page_compares_the_pattern_with_what_there_is(county: County) -> None:
    actions.set_structure(
        consortium=county.consortium, structure=patterns.structure_of("1-3-10-n", "1+1+2+N"), by=county.mei, at=NOW
    )
    found = queries.visible_consortium(county.mei, county.consortium.uuid)

    page = consortium_page(county.mei, found, at=NOW)

    assert [(part.expected, part.actual, part.fits) for part in page.parts] == [
        (1, 1, True), (1, 1, True), (2, 2, True), (None, 3, True),
    ]  # fmt: skip
    assert sorted(box["n_clinics"] for box in page.members) == [1, 2]


def test_a_structure_as_older_tables_write_it_is_understood() -> None:
    parts = patterns.compared({"parts": [{"count": 1, "role": "LEAD", "title": "牵头医院"}]}, {"LEAD": 1})

    assert parts[0].fits


def test_set_structure_by_a_stranger_is_refused(county: County) -> None:
    with pytest.raises(NotPermitted):
        actions.set_structure(
            consortium=county.consortium, structure=patterns.structure_of("1-n"), by=county.tang, at=NOW
        )


def test_a_unit_may_be_in_several_areas(county: County) -> None:
    an_area(county, "A1", county.township, county.clinic)
    an_area(county, "A2", county.clinic)

    assert [area.code for area in county.clinic.areas.order_by("code")] == ["A1", "A2"]
    assert {row.pk for row in queries.listed(county.mei, area="A1").rows} == {county.township.pk, county.clinic.pk}


def test_set_area_replaces_its_units(county: County) -> None:
    an_area(county, "A1", county.township, county.clinic)
    an_area(county, "A1", county.clinic, county.sibling)

    assert set(Area.objects.get(code="A1").facilities.all()) == {county.clinic, county.sibling}


def test_set_area_with_anothers_unit_is_refused(county: County) -> None:
    local = county.actor(county.user("lin", "bureau-officer", county.township, subordinates=True))

    with pytest.raises(NotPermitted):
        actions.set_area(code="A1", name="一", facility_ids=[county.other_clinic.pk], by=local, at=NOW)
    assert not Area.objects.exists()


def test_an_empty_or_wrong_area_is_refused(county: County) -> None:
    for facts in ({"facility_ids": []}, {"facility_ids": [10**9]}, {"facility_ids": [county.clinic.pk], "name": ""}):
        with pytest.raises(InvalidInput):
            actions.set_area(**{"code": "A9", "name": "九", **facts}, by=MAKER, at=NOW)


def test_setting_a_department_twice_is_setting_it_once(county: County) -> None:
    for name in ("康复科", "康复医学科"):
        actions.set_department(facility=county.township, code="REHA", name=name, takes_back=True, by=MAKER, at=NOW)

    assert [each.name for each in county.township.departments.all()] == ["康复医学科"]


def test_what_a_closed_unit_has_does_not_change(county: County) -> None:
    actions.close_facility(facility=county.clinic, on=TODAY, reason="撤并", by=MAKER, at=NOW)

    with pytest.raises(Conflict):
        actions.set_service(facility=county.clinic, code="TUINA", name="推拿", is_tcm=True, by=MAKER, at=NOW)


def test_holdings_with_wrong_facts_name_the_field(county: County) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.set_equipment(
            facility=county.township, code="D R", kind="D R", name="", cost_fen=-1, installed_on=date(2030, 1, 1),
            by=MAKER, at=NOW,
        )  # fmt: skip

    assert set(refusal.value.fields) == {"code", "kind", "name", "cost_fen", "installed_on"}


def test_retired_equipment_does_not_come_back(county: County) -> None:
    facts = {"facility": county.township, "code": "DR1", "kind": "DR", "name": "数字化X线机", "by": MAKER, "at": NOW}
    actions.set_equipment(**facts)
    actions.set_equipment(**facts, state="REPAIR")
    actions.set_equipment(**facts, state="RETIRED")

    assert Equipment.objects.get().retired_on == TODAY
    with pytest.raises(Conflict):
        actions.set_equipment(**facts, state="IN_USE")


def test_a_new_count_of_beds_ends_the_one_before(county: County) -> None:
    some_beds(county, 40, on=date(2025, 1, 1))
    some_beds(county, 60, on=date(2026, 1, 1))

    rows = [(row.n_beds, row.valid_from, row.valid_until) for row in BedCount.objects.order_by("valid_from")]
    assert rows == [(40, date(2025, 1, 1), date(2026, 1, 1)), (60, date(2026, 1, 1), None)]
    with pytest.raises(Conflict):
        some_beds(county, 50, on=date(2025, 6, 1))


@pytest.mark.parametrize(
    ("until", "tone"),
    [
        (None, "ok"),
        (TODAY, "critical"),
        (TODAY + timedelta(days=1), "warning"),
        (TODAY + timedelta(days=90), "warning"),
        (TODAY + timedelta(days=91), "ok"),
    ],
)
def test_a_title_warns_before_it_runs_out(county: County, until: date | None, tone: str) -> None:
    assert expiry_of(a_title(county, valid_until=until), TODAY).tone == tone


def test_a_renewed_title_warns_no_more(county: County) -> None:
    a_title(county, valid_until=TODAY + timedelta(days=30))
    until = TODAY + timedelta(days=90)
    assert coverage.expiring_titles(county.mei, on=TODAY, until=until).count() == 1

    actions.grant_title(
        facility=county.township, code="QUALITY_SERVICE", name="优质服务基层行", granted_on=TODAY, by=MAKER, at=NOW
    )

    assert coverage.expiring_titles(county.mei, on=TODAY, until=until).count() == 0


def test_a_title_is_withdrawn_with_a_reason_once(county: County) -> None:
    title = a_title(county, valid_until=None)
    with pytest.raises(InvalidInput):
        actions.withdraw_title(title=title, on=TODAY, reason="", by=MAKER, at=NOW)

    actions.withdraw_title(title=title, on=TODAY, reason="复核未通过", by=MAKER, at=NOW)

    with pytest.raises(InvalidInput):
        actions.withdraw_title(title=title, on=TODAY, reason="复核未通过", by=MAKER, at=NOW)
