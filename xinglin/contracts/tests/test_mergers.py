"""A unit is merged: its teams work on at its successor, and the agreements they signed hold. A unit under another has its own figures."""

from typing import Any

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.residents import a_resident
from xinglin.contracts import actions, assigning, jobs, queries, statistics
from xinglin.contracts.models import Agreement, Team, TeamChange, TeamPlace
from xinglin.contracts.states import Status
from xinglin.network.models import Facility
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.residents import jobs as resident_jobs
from xinglin.residents.api import residents_visible_to

DAY = clock.today(NOW)


def moved_to_successor(resident: Any) -> None:
    """The residents' job hands him over, and ours hears of it."""
    event = OutboxEvent.objects.get(event="resident.transferred", subject_uuid=resident.uuid)
    jobs.person_moved(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def own_team(county: Any, name: str = "东沟一队") -> Team:
    """A team at home at Alma's clinic."""
    team = a_team(county, name, facility=county.clinic)
    actions.add_member(team=team, username="alma", profession="village-doctor", by=county.mei, at=NOW)
    return team


def test_a_team_works_on_at_the_successor_with_its_members_residents_and_agreements(county: Any) -> None:
    county.alma  # noqa: B018 - makes the account
    team = own_team(county)
    agreement = an_agreement(county, team=team)
    draft = an_agreement(county, team=team, status=Status.DRAFT)

    merge(county.clinic, county.sibling, jobs.units_merged, resident_jobs.hand_over_residents, times=2)
    moved_to_successor(agreement.resident)

    team.refresh_from_db()
    agreement.refresh_from_db()
    draft.refresh_from_db()
    assert (team.facility_id, team.ended_on) == (county.sibling.pk, None)
    assert team.members.filter(until=None).count() == 2
    assert (agreement.team_id, agreement.facility_id, agreement.status) == (team.pk, county.sibling.pk, Status.ACTIVE)
    assert draft.facility_id == county.sibling.pk
    assert not TeamChange.objects.exists()
    assert assigning.standing_of([agreement.resident_id]).team == team
    assert agreement in queries.agreements_visible_to(county.sib)
    assert agreement.resident in residents_visible_to(county.sib)
    assert AuditRecord.objects.filter(event="contract.team-handed-over").count() == 1
    assert AuditRecord.objects.filter(event="contract.moved").count() == 2


def test_the_team_stays_also_when_the_successor_has_one_and_the_residents_are_handed_over_first(county: Any) -> None:
    county.alma  # noqa: B018 - makes the account
    team = own_team(county)
    a_team(county, "西沟一队", facility=county.sibling)
    agreement = an_agreement(county, team=team)

    merge(county.clinic, county.sibling, resident_jobs.hand_over_residents)
    moved_to_successor(agreement.resident)

    agreement.refresh_from_db()
    assert (agreement.team_id, agreement.facility_id) == (team.pk, county.sibling.pk)


def test_a_team_from_elsewhere_serves_the_successor_once(county: Any) -> None:
    team = a_team(county, places=(county.clinic, county.sibling))
    agreement = an_agreement(county, team=team)

    merge(county.clinic, county.sibling, jobs.units_merged, times=2)

    open_ = TeamPlace.objects.filter(team=team, until=None).values_list("facility_id", flat=True)
    assert sorted(open_) == sorted([county.township.pk, county.sibling.pk])
    agreement.refresh_from_db()
    assert (agreement.team_id, agreement.facility_id) == (team.pk, county.sibling.pk)


def test_of_two_teams_of_one_name_the_one_that_comes_says_where_it_was(county: Any) -> None:
    county.alma  # noqa: B018 - makes the account
    coming = own_team(county, "一队")
    a_team(county, "一队", facility=county.sibling)

    merge(county.clinic, county.sibling, jobs.units_merged)

    coming.refresh_from_db()
    assert coming.name == f"一队（{county.clinic}）"


def test_a_pairing_with_a_merged_unit_goes_on_with_its_successor_and_nobody_is_paired_with_himself(county: Any) -> None:
    county.alma  # noqa: B018 - makes the account
    helped, own = a_team(county), own_team(county)
    actions.pair_team(team=helped, partner_id=county.clinic.pk, subject="慢病", by=county.mei, at=NOW)
    actions.pair_team(team=own, partner_id=county.sibling.pk, by=county.mei, at=NOW)

    merge(county.clinic, county.sibling, jobs.units_merged, times=2)

    standing = helped.pairings.get(until=None)
    assert (standing.partner_id, standing.subject) == (county.sibling.pk, "慢病")
    assert not own.pairings.filter(until=None).exists()


def test_what_was_done_at_the_merged_clinic_counts_also_when_it_is_told_late(county: Any) -> None:
    county.alma  # noqa: B018 - makes the account
    agreement = an_agreement(county, team=own_team(county))

    merge(county.clinic, county.sibling, jobs.units_merged)

    assert queries.is_place_of(Agreement.objects.get(pk=agreement.pk), county.clinic.pk)


def test_a_township_hospital_under_the_county_hospital_has_its_own_line_with_whom_it_manages_itself(
    county: Any,
) -> None:
    Facility.objects.filter(pk=county.township.pk).update(manager=county.hospital)
    an_agreement(county, at=NOW)
    a_resident(county, managed_by_id=county.township.pk, by=county.tang, at=NOW)
    actions.count_coverage(at=NOW)

    (line,) = statistics.overview(county.tang).lines

    assert (line.name, line.counts["n_people"], line.counts["n_signed"], line.n_teams) == ("沙沟镇卫生院", 2, 1, 1)
