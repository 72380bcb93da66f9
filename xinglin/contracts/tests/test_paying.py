"""Pay is for the period: whose residents they were and which groups they were in then, and nothing is paid for twice."""

from datetime import date, timedelta

import pytest

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.contracts import actions, paying
from xinglin.contracts.models import PayRun, Promise, TeamChange
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.platform.errors import Conflict

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
SIGNED_AT = clock.start_of(FIRST) + timedelta(days=9, hours=9)
JULY = clock.start_of(LAST) + timedelta(days=2, hours=9)


def freeze(county, since=FIRST, until=LAST, *, facility=None, at=NOW):
    return actions.freeze_pay(
        facility_id=(facility or county.township).pk, since=since, until=until, pool_fen=1000, by=county.mei, at=at
    )


@pytest.fixture
def agreement(county):
    """Signed in January, and something done in every quarter."""
    found = an_agreement(county, resident=a_resident(county, at=SIGNED_AT), at=SIGNED_AT)
    for each in found.promises.filter(opens_on__lte=date(2026, 6, 1)):
        Promise.objects.filter(pk=each.pk).update(
            done_on=each.opens_on, proof="manual", proof_text="已完成", due_on=date(2026, 6, 1)
        )
    return found


def test_a_team_is_paid_for_whom_it_had_on_the_last_day_although_another_has_him_now(county, agreement):
    first, second = agreement.team, a_team(county, "沙沟二队", places=(county.clinic,), at=SIGNED_AT)
    third = a_team(county, "沙沟三队", places=(county.clinic,), at=SIGNED_AT)
    before = paying.results(county.township.pk, since=FIRST, until=LAST)
    actions.change_team(agreement=agreement, team=second, reason="团队调整", by=county.alma, at=JULY)
    agreement.refresh_from_db()
    actions.change_team(agreement=agreement, team=third, reason="团队调整", by=county.alma, at=JULY + timedelta(days=1))

    run = freeze(county)

    assert paying.results(county.township.pk, since=FIRST, until=LAST) == before
    assert {each.team: (each.heads, each.amount_fen) for each in run.lines.all()} == {
        first: (1, 1000), second: (0, 0), third: (0, 0),
    }  # fmt: skip
    day_after = paying.results(county.township.pk, since=FIRST, until=clock.today(JULY))
    assert {each.team_id: len(each.heads) for each in day_after} == {first.pk: 0, second.pk: 1, third.pk: 0}


def test_every_agreement_of_a_person_remembers_which_team_it_had(county):
    ending = an_agreement(county, resident=a_resident(county), starts_on=clock.today(NOW))
    coming = an_agreement(county, resident=a_resident(county), status=Status.SIGNED)
    type(coming).objects.filter(pk=coming.pk).update(resident=ending.resident)
    second = a_team(county, "沙沟二队", places=(county.clinic,))

    actions.change_team(agreement=ending, team=second, reason="居民要求", by=county.alma, at=NOW)

    assert set(TeamChange.objects.values_list("agreement", "team")) == {
        (each.pk, second.pk) for each in (ending, coming)
    }


def test_who_was_in_a_key_group_on_the_last_day_counts_as_one_and_who_came_in_later_does_not(county, agreement):
    later_on = an_agreement(county, resident=a_resident(county, at=SIGNED_AT), at=SIGNED_AT)
    entry = actions.enter_group(
        resident=agreement.resident, group="disabled", since=date(2026, 2, 1), until=None, evidence="残疾证",
        by=county.alma, at=clock.start_of(date(2026, 2, 2)),
    )  # fmt: skip
    actions.end_group(entry=entry, until=date(2026, 7, 1), by=county.alma, at=JULY)
    actions.enter_group(
        resident=later_on.resident, group="disabled", since=date(2026, 7, 5), until=None, evidence="残疾证",
        by=county.alma, at=NOW,
    )  # fmt: skip
    actions.look_at_groups(at=NOW)

    (found,) = paying.results(county.township.pk, since=FIRST, until=LAST)

    assert (found.heads, found.key) == ((agreement.pk, later_on.pk), (agreement.pk,))


def test_a_period_that_meets_one_paid_for_is_refused_and_named(county, agreement):
    freeze(county, FIRST, LAST)

    with pytest.raises(Conflict) as refused:
        freeze(county, LAST, LAST + timedelta(days=30))

    assert refused.value.code == "frozen"
    assert "2026-01-01" in str(refused.value)
    assert "2026-06-30" in str(refused.value)
    actions.void_pay(run=PayRun.objects.get(), reason="资金池有误", by=county.mei, at=NOW)
    freeze(county, date(2026, 4, 1), LAST)


def test_a_team_that_came_from_a_merged_unit_is_not_paid_twice_for_a_day(county, agreement):
    freeze(county, date(2026, 4, 1), LAST)
    team = agreement.team
    type(team).objects.filter(pk=team.pk).update(facility=county.other_township)

    with pytest.raises(Conflict) as refused:
        freeze(county, FIRST, LAST, facility=county.other_township)

    assert refused.value.code == "frozen"
