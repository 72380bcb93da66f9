"""What was done proves what was promised: by records of the service, by hand with proof; and is rated."""

from datetime import date, timedelta

import pytest

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW, later
from tests.factories.followups import a_followup
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.contracts import actions, api, jobs, paying, queries
from xinglin.contracts.data import Evidence
from xinglin.contracts.models import GroupEntry, PayShare, Promise, Rating
from xinglin.contracts.people import groups_of_resident, in_key_group
from xinglin.contracts.rules.groups import groups_of
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.ids import new_uuid
from xinglin.residents.api import note_on_roster
from xinglin.residents.models import Resident
from xinglin.visits.actions import void_visit

TODAY = clock.today(NOW)


@pytest.fixture
def agreement(county):
    """A resident with hypertension, signed four months ago."""
    resident = a_resident(county, conditions=["hypertension"])
    at = NOW - timedelta(days=25)
    return an_agreement(county, resident=resident, packages=("basic", "hypertension"), at=at)


def prove(visit):
    jobs.prove_visit(event_uuid=str(new_uuid()), object_uuid=str(visit.uuid))


def items(agreement, **filters):
    return list(agreement.promises.filter(**filters).order_by("due_on").values_list("item", "n", "done_on", "proof"))


def test_a_signed_visit_proves_one_of_each_item_it_fits_and_twice_told_proves_once(county, agreement):
    visit = a_visit(resident=agreement.resident, by=county.alma)

    prove(visit)
    prove(visit)

    done = {item: (n, on, proof) for item, n, on, proof in items(agreement, done_on__isnull=False)}
    assert done == {
        "record-update": (1, TODAY, "visit"),
        "health-advice": (1, TODAY, "visit"),
        "pressure-follow-up": (1, TODAY, "pressure"),
    }
    assert set(agreement.promises.filter(done_on__isnull=False).values_list("proof_uuid", flat=True)) == {visit.uuid}


def test_the_day_has_one_line_for_a_person_with_everything_that_is_overdue(county, agreement):
    at = NOW + timedelta(days=400)

    lines = [each for each in api.waiting_for(county.alma, at=at) if each.kind == "contract-overdue"]

    assert len(lines) == 1
    assert lines[0].detail.count("高血压随访") == 1
    assert "健康档案建立与更新、" in lines[0].detail
    assert lines[0].due_on == agreement.promises.order_by("due_on").first().due_on


def test_a_second_visit_of_the_same_quarter_does_not_prove_the_next(county, agreement):
    for minute in (0, 1):
        prove(a_visit(resident=agreement.resident, by=county.alma, at=later(minute)))

    assert agreement.promises.filter(item="pressure-follow-up", done_on__isnull=False).count() == 1


def test_a_visit_elsewhere_proves_nothing(county, agreement):
    note_on_roster(resident=agreement.resident, facility_id=county.hospital.pk, basis="VISIT", at=NOW)

    prove(a_visit(resident=agreement.resident, by=county.sun))

    assert items(agreement, done_on__isnull=False) == []


def test_an_unsigned_visit_proves_nothing_and_a_voided_one_no_more(county, agreement):
    prove(a_visit(resident=agreement.resident, by=county.alma, status="OPEN"))
    assert items(agreement, done_on__isnull=False) == []
    visit = a_visit(resident=agreement.resident, by=county.alma, at=later(1))
    prove(visit)

    void_visit(visit=visit, reason="录错人", by=county.alma, at=later(2))
    jobs.void_visit(event_uuid=str(new_uuid()), object_uuid=str(visit.uuid))

    assert items(agreement, done_on__isnull=False) == []


def test_what_was_told_on_the_telephone_is_a_call_but_no_measured_pressure(county, agreement):
    task = a_followup(county, resident=agreement.resident, status="DONE")

    jobs.prove_followup(event_uuid=str(new_uuid()), object_uuid=str(task.uuid))

    done = {item: proof for item, _n, _on, proof in items(agreement, done_on__isnull=False)}
    assert done == {"record-update": "follow-up", "health-advice": "call", "yearly-contact": "call"}


def test_late_is_done_but_not_in_time(county, agreement):
    overdue = agreement.promises.get(item="record-update")
    on = overdue.due_on + timedelta(days=3)
    evidence = Evidence(frozenset({"visit"}), on, county.clinic.pk, "visits.visit", new_uuid())

    actions.note_done(resident_ids=[agreement.resident_id], evidence=evidence, by=jobs.BY, at=clock.start_of(on))

    overdue.refresh_from_db()
    rate = queries.fulfilment(Promise.objects.filter(pk=overdue.pk), since=agreement.starts_on, until=on)
    assert overdue.done_on == on
    assert (rate.n, rate.of, rate.value) == (0, 1, 0.0)


def test_nothing_due_is_no_data(county, agreement):
    before = agreement.starts_on - timedelta(days=10)

    assert queries.fulfilment(agreement.promises.all(), since=before, until=before).value is None


def test_by_hand_wants_words_a_day_and_can_be_taken_back(county, agreement):
    promise = agreement.promises.get(item="record-update")
    by_hand = {"promise": promise, "by": county.alma, "at": NOW}

    with pytest.raises(InvalidInput):
        actions.deliver_by_hand(done_on=TODAY, text=" ", **by_hand)
    with pytest.raises(InvalidInput):
        actions.deliver_by_hand(done_on=TODAY + timedelta(days=1), text="入户核对", **by_hand)
    with pytest.raises(NotPermitted):
        actions.deliver_by_hand(promise=promise, done_on=TODAY, text="入户核对", by=county.cai, at=NOW)
    actions.deliver_by_hand(done_on=TODAY, text="入户核对档案", **by_hand)
    with pytest.raises(Conflict):
        actions.deliver_by_hand(done_on=TODAY, text="再来一次", **by_hand)
    taken = actions.take_back_by_hand(promise=promise, reason="登记错人", by=county.alma, at=NOW)

    assert (taken.done_on, taken.proof) == (None, "")


def test_what_a_record_proves_is_not_taken_back_by_hand(county, agreement):
    prove(a_visit(resident=agreement.resident, by=county.alma))
    promise = queries.visible_promise(county.alma, agreement.promises.get(item="record-update").uuid)

    with pytest.raises(Conflict) as refused:
        actions.take_back_by_hand(promise=promise, reason="不对", by=county.alma, at=NOW)

    assert refused.value.code == "proved-by-record"


def test_the_resident_rates_once_and_nobody_else(county, agreement):
    user = county.user("own", "resident", None, everywhere=True)
    user.resident_uuid = agreement.resident.uuid
    user.save()
    own = county.actor(user)
    promise = agreement.promises.get(item="record-update")

    with pytest.raises(Conflict) as early:
        actions.rate_agreement(agreement=agreement, promise=promise, score=5, by=own, at=NOW)
    actions.deliver_by_hand(promise=promise, done_on=TODAY, text="核对", by=county.alma, at=NOW)
    actions.rate_agreement(agreement=agreement, promise=promise, score=5, words="很耐心", by=own, at=NOW)
    actions.rate_agreement(agreement=agreement, score=2, by=own, at=NOW)
    with pytest.raises(Conflict):
        actions.rate_agreement(agreement=agreement, score=4, by=own, at=NOW)
    with pytest.raises(NotPermitted):
        actions.rate_agreement(agreement=agreement, score=5, by=county.alma, at=NOW)

    assert early.value.code == "not-done"
    found = queries.satisfaction(Rating.objects.all())
    assert (found.n, found.of) == (1, 2)


def test_a_person_in_three_groups_counts_once_and_a_registered_group_ends(county):
    resident = a_resident(county, born_on=date(1950, 1, 1), conditions=["hypertension", "diabetes"])
    woman = a_resident(county, name="李春", sex="2", born_on=date(1996, 5, 1))

    entry = actions.enter_group(
        resident=woman, group="pregnant", since=TODAY, until=None, evidence="母子健康手册 0012", by=county.alma, at=NOW
    )
    with pytest.raises(Conflict):
        actions.enter_group(
            resident=woman, group="pregnant", since=TODAY, until=None, evidence="同上", by=county.alma, at=NOW
        )
    now_in = Resident.objects.filter(in_key_group(TODAY)).count()
    actions.end_group(entry=entry, until=TODAY, by=county.alma, at=NOW)

    assert groups_of_resident(resident, on=TODAY) == ("elderly", "hypertension", "diabetes")
    assert now_in == 2
    assert Resident.objects.filter(in_key_group(TODAY + timedelta(days=1))).count() == 1
    assert GroupEntry.objects.get().until == TODAY


def test_the_condition_for_counting_says_what_the_rule_says(county):
    from xinglin.contracts.people import facts_of

    kinds = [("1", []), ("2", ["pregnant"]), ("1", ["pregnant"]), ("2", ["disability", "stroke"])]
    for born in (date(year, 11, day) for year in (1961, 2019, 1990) for day in (20, 21)):
        for sex, conditions in kinds:
            a_resident(county, name="李大米", born_on=born, sex=sex, conditions=conditions)
    ill = a_resident(county, name="病人", born_on=date(1990, 1, 1))
    a_visit(resident=ill, by=county.alma)
    everybody = list(Resident.objects.all())

    facts = facts_of(everybody, on=TODAY)
    by_rule = {each.pk for each in everybody if groups_of(facts[each.pk], TODAY)}

    assert set(Resident.objects.filter(in_key_group(TODAY)).values_list("pk", flat=True)) == by_rule
    assert ill.pk in by_rule
    assert 0 < len(by_rule) < len(everybody)


# Pay -----------------------------------------------------------------------------------------------------------------
def paid(county, agreement, *, pool_fen=100_001, days=(40, 10)):
    until = agreement.starts_on + timedelta(days=days[0])
    at = clock.start_of(until + timedelta(days=days[1]))
    return actions.freeze_pay(
        facility_id=county.township.pk, since=agreement.starts_on, until=until, pool_fen=pool_fen, by=county.tang, at=at
    )


def test_pay_adds_up_to_the_pool_and_keeps_what_it_was_computed_from(county, agreement):
    prove(a_visit(resident=agreement.resident, by=county.alma))

    run = paid(county, agreement)
    line = run.lines.get()

    assert (line.heads, line.n_key, line.n_due, line.n_done) == (1, 1, 1, 1)
    assert line.points == "3/2"
    assert line.amount_fen == 100_001
    assert sum(PayShare.objects.filter(line=line).values_list("amount_fen", flat=True)) == 100_001
    assert line.basis["heads"] == [agreement.pk]
    assert len(line.basis["done"]) == 1


def test_pay_is_frozen_once_and_another_takes_the_place_of_a_voided_one(county, agreement):
    prove(a_visit(resident=agreement.resident, by=county.alma))
    run = paid(county, agreement)

    with pytest.raises(Conflict) as twice:
        paid(county, agreement)
    actions.void_pay(run=run, reason="资金池有误", by=county.tang, at=NOW)
    again = paid(county, agreement, pool_fen=7)

    assert twice.value.code == "frozen"
    assert sum(each.amount_fen for each in again.lines.all()) == 7


def test_pay_of_a_period_without_anything_due_is_refused(county, agreement):
    with pytest.raises(Conflict) as refused:
        actions.freeze_pay(
            facility_id=county.township.pk, since=date(2020, 1, 1), until=date(2020, 3, 31), pool_fen=100,
            by=county.tang, at=NOW,
        )  # fmt: skip
    with pytest.raises(InvalidInput):
        paid(county, agreement, days=(40, 0))
    with pytest.raises(NotPermitted):
        actions.freeze_pay(
            facility_id=county.other_township.pk, since=date(2020, 1, 1), until=date(2020, 3, 31), pool_fen=100,
            by=county.tang, at=NOW,
        )  # fmt: skip

    assert refused.value.code == "no-points"


def test_a_team_with_nothing_due_gets_nothing_and_is_not_counted_as_zero(county, agreement):
    a_team(county, "沙沟新队", places=(county.clinic,))
    prove(a_visit(resident=agreement.resident, by=county.alma))

    found = paying.results(county.township.pk, since=agreement.starts_on, until=TODAY + timedelta(days=30))

    assert [each.points is None for each in found] == [False, True]


def test_the_night_counts_coverage_and_keeps_one_count_a_day(county, agreement):
    a_resident(county, born_on=date(1940, 1, 1))
    for _twice in (1, 2):
        actions.count_coverage(at=NOW)

    from xinglin.contracts.models import Coverage

    row = Coverage.objects.get(facility=county.clinic)
    assert (row.n_people, row.n_signed, row.n_key, row.n_key_signed, row.n_elderly, row.n_elderly_signed) == (
        2, 1, 2, 1, 1, 0,
    )  # fmt: skip


def test_key_groups_of_agreements_follow_their_people(county, agreement):
    Resident.objects.filter(pk=agreement.resident_id).update(conditions=["diabetes"])

    changed = actions.look_at_groups(at=NOW)

    agreement.refresh_from_db()
    assert (changed, agreement.groups) == (1, ["diabetes"])
    assert actions.look_at_groups(at=NOW) == 0
