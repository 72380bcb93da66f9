"""A team answers for a resident: claimed by one, told to the other; given back, handed on; by hand, by table, by rule."""

import threading
from datetime import date

import pytest
from django.db import connection

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from xinglin.contracts import actions, assigning, jobs
from xinglin.contracts.assigning import Wish
from xinglin.contracts.models import Agreement, Assignment, Distribution
from xinglin.contracts.rules.sharing import Person, share
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import OutboxEvent
from xinglin.residents.actions import assign_managing_facility, mark_deceased, merge_residents

TODAY = clock.today(NOW)


def claim(county, resident, team=None, *, by=None, at=NOW):
    return actions.assign_resident(
        team=team or a_team(county), resident=resident, claimed=True, by=by or county.alma, at=at
    )


# The rule alone -------------------------------------------------------------------------------------------------------
def test_a_village_stays_together_and_the_largest_is_given_first():
    people = [Person(n, 1, "东沟", None) for n in range(5)] + [Person(n, 1, "西沟", None) for n in range(5, 8)]
    people += [Person(8, 1, "南沟", None)]
    serving = dict.fromkeys([(1, "东沟"), (1, "西沟"), (1, "南沟")], [10, 20])

    found = share(people, keep="village", serving=serving, loads={10: 1})

    assert {found[n] for n in range(5)} == {20}  # nobody yet, gets the largest village
    assert {found[n] for n in range(5, 9)} == {10}


def test_households_stay_together_and_loads_come_out_even():
    people = [Person(n, 1, "东沟", 7 if n < 3 else None) for n in range(10)]

    found = share(people, keep="household", serving={(1, "东沟"): [10, 20]}, loads={20: 2})

    assert len({found[n] for n in range(3)}) == 1
    loads = {team: list(found.values()).count(team) + {20: 2}.get(team, 0) for team in (10, 20)}
    assert loads == {10: 6, 20: 6}
    assert found == share(list(reversed(people)), keep="household", serving={(1, "东沟"): [10, 20]}, loads={20: 2})


def test_where_no_team_serves_nobody_is_given():
    assert share([Person(1, 1, "东沟", None)], keep="village", serving={}, loads={}) == {}


# One resident ---------------------------------------------------------------------------------------------------------
def test_claimed_is_not_signed_and_the_second_team_is_told_who_has_him(county):
    resident = a_resident(county)
    claim(county, resident)
    other = a_team(county, "东沟二队", facility=county.clinic)

    with pytest.raises(Conflict) as told:
        actions.assign_resident(team=other, resident=resident, by=county.tang, at=later(1))

    assert told.value.code == "already-assigned"
    assert "沙沟一队" in str(told.value)
    assert not Agreement.objects.exists()
    assert OutboxEvent.objects.filter(event="contract.assigned", subject_uuid=resident.uuid).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_teams_claim_one_resident_at_the_same_second(county):
    resident = a_resident(county)
    teams = (a_team(county), a_team(county, "东沟二队", facility=county.clinic))
    actors = (county.alma, county.tang)
    gate, results = threading.Barrier(2), {}

    def run(index):
        try:
            gate.wait(10)
            actions.assign_resident(team=teams[index], resident=resident, claimed=True, by=actors[index], at=later(1))
            results[index] = "mine"
        except Conflict as error:
            results[index] = (error.code, str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    winner = next(index for index, said in results.items() if said == "mine")
    code, words = results[1 - winner]
    assert code == "already-assigned"
    assert teams[winner].name in words
    assert Assignment.objects.filter(resident=resident).count() == 1


def test_a_team_claims_in_its_area_only_and_only_its_members_claim(county):
    resident = a_resident(county)
    elsewhere = a_team(county, "周营队", facility=county.other_township)

    with pytest.raises(Conflict) as area:
        actions.assign_resident(team=elsewhere, resident=resident, by=county.mei, at=NOW)
    with pytest.raises(NotPermitted):
        claim(county, resident, by=county.sib)
    with pytest.raises(NotPermitted):  # a member claims; giving by hand is the manager's
        actions.assign_resident(team=a_team(county), resident=resident, by=county.alma, at=NOW)

    assert area.value.code == "not-in-area"


def test_a_village_by_its_division_is_an_area_too(county):
    resident = a_resident(county, division_code="370403101202")
    team = a_team(county, "西沟队", facility=county.other_township)
    with pytest.raises(Conflict):
        actions.assign_resident(team=team, resident=resident, by=county.mei, at=NOW)
    actions.add_place(team=team, division_code="370403101000", by=county.mei, at=NOW)

    given = actions.assign_resident(team=team, resident=resident, by=county.mei, at=NOW)

    assert given.team == team


def test_given_back_with_a_reason_and_taken_by_another_with_its_history(county):
    resident = a_resident(county)
    first = claim(county, resident)
    other = a_team(county, "东沟二队", facility=county.clinic)

    with pytest.raises(InvalidInput):
        actions.release_resident(assignment=first, reason=" ", by=county.alma, at=later(1))
    actions.release_resident(assignment=first, reason="长期在外", by=county.alma, at=later(1))
    second = actions.assign_resident(team=other, resident=resident, by=county.tang, at=later(2))
    third = actions.hand_resident(
        assignment=second, team=a_team(county), reason="随子女居住", by=county.tang, at=later(3)
    )

    told = [(each.team.name, each.way, each.end, each.end_reason) for each in assigning.history_of([resident.pk])]
    assert told == [
        ("沙沟一队", "HANDED", "", ""),
        ("东沟二队", "BY_HAND", "HANDED", "随子女居住"),
        ("沙沟一队", "CLAIMED", "RELEASED", "长期在外"),
    ]
    assert third.reason == "随子女居住"
    with pytest.raises(Conflict) as again:
        actions.release_resident(assignment=second, reason="再退", by=county.tang, at=later(4))
    assert again.value.code == "ended"


def test_who_signs_is_answered_for_by_the_team_he_signed_with(county):
    resident = a_resident(county)
    other = a_team(county, "东沟二队", facility=county.clinic)
    actions.assign_resident(team=other, resident=resident, by=county.tang, at=NOW)

    agreement = an_agreement(county, resident=resident, at=later(1))

    standing = assigning.standing_of([resident.pk])
    assert (standing.team, standing.way) == (a_team(county), "SIGNED")
    with pytest.raises(Conflict) as bound:
        actions.release_resident(assignment=standing, reason="换队", by=county.tang, at=later(2))
    assert bound.value.code == "signed-here"
    actions.change_team(agreement=agreement, team=other, reason="居民要求", by=county.tang, at=later(3))
    assert assigning.standing_of([resident.pk]).team == other
    actions.end_agreement(
        agreement=Agreement.objects.get(pk=agreement.pk), reason_code="request", by=county.tang, at=later(4)
    )
    assert assigning.standing_of([resident.pk]).team == other  # not signed any more; his team still answers for him


def test_who_is_signed_is_not_claimed_by_another_team(county):
    resident = a_resident(county)
    an_agreement(county, resident=resident)
    Assignment.objects.all().delete()  # signed before teams were kept apart from agreements
    other = a_team(county, "东沟二队", facility=county.clinic)

    with pytest.raises(Conflict) as told:
        actions.assign_resident(team=other, resident=resident, by=county.tang, at=later(1))

    assert told.value.code == "signed-elsewhere"
    assert not assigning.without_team(assigning.managed_where(None)).exists()


def test_death_and_a_merge_end_what_stood(county):
    dead, kept, twin = a_resident(county, name="孙亡"), a_resident(county, name="周留"), a_resident(county, name="周双")
    for each in (dead, twin):
        claim(county, each)

    mark_deceased(resident=dead, died_on=TODAY, by=county.tang, at=later(1))
    died = OutboxEvent.objects.filter(event="resident.deceased").latest("pk")
    jobs.person_left(event_uuid=str(died.uuid), object_uuid=str(died.object_uuid))
    merge_residents(kept=kept, merged=twin, reason="核对为同一人", by=county.tang, at=later(2))
    merged = OutboxEvent.objects.filter(event="resident.merged").latest("pk")
    jobs.persons_merged(event_uuid=str(merged.uuid), object_uuid=str(merged.object_uuid))

    assert Assignment.objects.get(resident=dead).end == "LEFT"
    assert Assignment.objects.get(resident=twin).end == "MERGED"
    assert assigning.standing_of([kept.pk]).team == a_team(county)
    assert jobs.persons_merged(event_uuid=str(merged.uuid), object_uuid=str(merged.object_uuid)) is None
    assert Assignment.objects.filter(resident=kept).count() == 1


def test_who_is_managed_where_his_team_does_not_serve_has_no_team_any_more(county):
    resident = a_resident(county)
    claim(county, resident)
    assign_managing_facility(
        resident=resident, facility_id=county.sibling.pk, reason="迁居西沟", by=county.tang, at=later(1)
    )
    moved = OutboxEvent.objects.filter(event="resident.transferred").latest("pk")

    jobs.person_moved(event_uuid=str(moved.uuid), object_uuid=str(moved.object_uuid))

    assert [(each.end, each.team.name) for each in assigning.history_of([resident.pk])] == [("MOVED", "沙沟一队")]


# Many -----------------------------------------------------------------------------------------------------------------
def test_of_many_who_is_refused_does_not_stop_the_others(county):
    free, taken = a_resident(county, name="赵一"), a_resident(county, name="钱二")
    other = a_team(county, "东沟二队", facility=county.clinic)
    actions.assign_resident(team=other, resident=taken, by=county.tang, at=NOW)

    outcome = actions.assign_residents(team=a_team(county), people=[free, taken], claimed=True, by=county.alma, at=NOW)

    assert [each.resident for each in outcome.given] == [free]
    assert [(who, error.code) for who, error in outcome.refused] == [(taken, "already-assigned")]


def test_a_rule_gives_everybody_without_a_team_and_names_nobody(county):
    people = [a_resident(county, name=f"赵{each}") for each in "甲乙丙丁"]
    signed = a_resident(county, name="已签")
    an_agreement(county, resident=signed)
    one, two = a_team(county), a_team(county, "东沟二队", facility=county.clinic)
    away = a_resident(county, name="外乡", managed_by_id=county.other_clinic.pk, by=county.cai)

    plan = actions.plan_by_rule(wish=Wish(), keep="household", by=county.mei, at=NOW)
    run = actions.distribute_by_rule(wish=Wish(), keep="household", by=county.mei, at=NOW)

    assert (plan.n_asked, plan.n_left) == (5, 1)  # nobody serves the other township's clinic
    assert sorted((team.name, n, then) for team, n, then in plan.lines) == [("东沟二队", 2, 2), ("沙沟一队", 2, 3)]
    assert (run.n_asked, run.n_given) == (5, 4)
    assert {each.team_id for each in Assignment.objects.filter(run=run)} == {one.pk, two.pk}
    assert assigning.standing_of([away.pk]) is None
    assert all(assigning.standing_of([each.pk]).way == "RULE" for each in people)
    with pytest.raises(NotVisible):  # the manager gives by a rule and sees nobody
        assigning.chosen_residents(county.mei, [away.uuid])


def test_a_rule_is_for_who_manages_teams_there(county):
    a_resident(county)
    with pytest.raises(NotPermitted):
        actions.plan_by_rule(wish=Wish(), keep="village", by=county.alma, at=NOW)
    with pytest.raises(NotPermitted):
        actions.plan_by_rule(wish=Wish(facility_id=county.other_clinic.pk), keep="village", by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):
        actions.plan_by_rule(wish=Wish(), keep="alphabet", by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):  # no team serves yet
        actions.distribute_by_rule(wish=Wish(), keep="village", by=county.tang, at=NOW)
    assert not Distribution.objects.exists()


def test_a_wish_narrows_by_village_group_and_condition(county: County):
    a_team(county)
    old = a_resident(county, name="老人", born_on=date(1940, 1, 1))
    ill = a_resident(county, name="高压", conditions=["hypertension"])
    far = a_resident(county, name="邻村", division_code="370403101202")

    def asked(**wish):
        page = assigning.unassigned_page(county.alma, Wish(**wish), on=TODAY)
        return {each.name for each in page.rows}

    assert asked() == {"老人", "高压", "邻村"}
    assert asked(village=far.division_code) == {"邻村"}
    assert asked(group="elderly") == {"老人"}
    assert asked(group="any") == {"老人", "高压"}
    assert asked(condition="hypertension") == {"高压"}
    claim(county, old)
    assert asked() == {"高压", "邻村"}
    assert {ill.uuid, old.uuid} >= {
        each.resident.uuid for each in assigning.team_residents_page(county.alma, a_team(county)).rows
    }
