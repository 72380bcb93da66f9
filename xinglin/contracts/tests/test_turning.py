"""The turn of the year: thousands of terms end on one day, the next begin, and the last day still counts."""

from datetime import date, datetime, timedelta

from tests.factories.contracts import AGREED, a_team, an_agreement, sheet
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.contracts import actions, jobs, paying
from xinglin.contracts.facts import AGREEMENTS
from xinglin.contracts.models import Agreement
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid

#: A year of the calendar, the term of most agreements.
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
SIGNED_AT = clock.start_of(FIRST) + timedelta(hours=9)
BEFORE, AFTER = clock.start_of(LAST) - timedelta(days=5), clock.start_of(LAST) + timedelta(days=1, hours=1)


def of_the_year(county, **said):
    return an_agreement(county, starts_on=FIRST, at=SIGNED_AT, **said)


def renewed(county, agreement, at: datetime = BEFORE):
    return actions.renew_agreement(
        agreement=agreement, packages=("basic",), years=1, given=AGREED, scan=sheet(), by=county.alma, at=at
    )


def in_the_facts():
    """What the reporting side reads of agreements: from when until when by number."""
    from django.db import connection

    until = AGREEMENTS.columns["until"].sql
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.number, {until} FROM {AGREEMENTS.source}")
        return dict(cursor.fetchall())


def test_agreements_whose_term_ran_out_on_the_last_day_of_a_year_are_heads_of_its_pay(county):
    first, second, early = (of_the_year(county, resident=a_resident(county, at=SIGNED_AT)) for _n in range(3))
    renewed(county, first)
    actions.end_agreement(agreement=early, reason_code="request", by=county.alma, at=clock.start_of(LAST))
    visit = a_visit(resident=first.resident, by=county.alma, at=clock.start_of(LAST) - timedelta(days=3))
    jobs.prove_visit(event_uuid=str(new_uuid()), object_uuid=str(visit.uuid))
    actions.turn_day(by=jobs.BY, at=AFTER)

    (found,) = paying.results(county.township.pk, since=FIRST, until=LAST)

    assert list(found.heads) == [first.pk, second.pk]
    run = actions.freeze_pay(
        facility_id=county.township.pk, since=FIRST, until=LAST, pool_fen=1000, by=county.tang,
        at=AFTER + timedelta(days=9),
    )  # fmt: skip
    assert run.lines.get().heads == 2


def test_in_the_facts_a_term_that_ran_out_holds_on_its_last_day(county):
    first, second, early = (of_the_year(county, resident=a_resident(county, at=SIGNED_AT)) for _n in range(3))
    coming = renewed(county, first)
    actions.end_agreement(agreement=early, reason_code="request", by=county.alma, at=clock.start_of(LAST))
    before = in_the_facts()

    actions.turn_day(by=jobs.BY, at=AFTER)

    next_day = LAST + timedelta(days=1)
    assert in_the_facts() == before
    assert before == {
        first.number: next_day, second.number: next_day, early.number: LAST,
        coming.number: coming.ends_on + timedelta(days=1),
    }  # fmt: skip


def test_more_terms_than_are_read_at_a_time_end_and_begin_on_one_day(county):
    people = [a_resident(county, at=SIGNED_AT) for _n in range(5)]
    ending = [of_the_year(county, resident=each) for each in people]
    coming = [renewed(county, each) for each in reversed(ending)]

    done = actions.turn_day(by=jobs.BY, at=AFTER, limit=2)

    assert done == {"ended": 5, "begun": 5, "recalled": 0}
    assert set(Agreement.objects.filter(pk__in=[each.pk for each in coming]).values_list("status", flat=True)) == {
        Status.ACTIVE
    }


def test_one_whose_former_agreement_still_stands_waits_and_holds_up_nobody(county):
    blocked = an_agreement(county, years=3)
    second = a_team(county, "沙沟二队", places=(county.clinic,))
    soon = an_agreement(county, status=Status.SIGNED)
    Agreement.objects.filter(pk=soon.pk).update(resident=blocked.resident, team=second)
    other = an_agreement(county, status=Status.SIGNED)

    done = actions.turn_day(by=jobs.BY, at=NOW + timedelta(days=10), limit=1)

    assert done == {"ended": 0, "begun": 1, "recalled": 0}
    soon.refresh_from_db()
    other.refresh_from_db()
    assert (soon.status, other.status) == (Status.SIGNED, Status.ACTIVE)
