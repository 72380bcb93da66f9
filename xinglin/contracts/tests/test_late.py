"""What comes late: proofs told after the term, drafts signed long after they were prepared."""

from datetime import date, timedelta

import pytest

from tests.factories.contracts import AGREED, a_team, an_agreement, sheet
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.contracts import actions, jobs, paying, permissions, queries
from xinglin.contracts.models import Agreement
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import new_uuid
from xinglin.residents.models import Resident

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
SIGNED_AT = clock.start_of(FIRST) + timedelta(hours=9)
EVE, AFTER = clock.start_of(LAST) - timedelta(hours=15), clock.start_of(LAST) + timedelta(days=2, hours=9)
TODAY = clock.today(NOW)


@pytest.fixture
def ended(county):
    """An agreement whose term ran out with the year."""
    person = a_resident(county, conditions=["hypertension"], at=SIGNED_AT)
    found = an_agreement(
        county, resident=person, packages=("basic", "hypertension"), starts_on=FIRST, at=SIGNED_AT,
    )  # fmt: skip
    actions.turn_day(by=jobs.BY, at=AFTER)
    found.refresh_from_db()
    return found


def told(visit):
    jobs.prove_visit(event_uuid=str(new_uuid()), object_uuid=str(visit.uuid))


def test_a_visit_of_the_last_days_that_is_told_after_the_term_proves_its_item(county, ended):
    assert ended.status == Status.ENDED
    last = ended.promises.filter(item="pressure-follow-up").order_by("due_on").last()

    told(a_visit(resident=ended.resident, by=county.alma, at=EVE))

    last.refresh_from_db()
    assert (last.done_on, last.due_on) == (clock.today(EVE), LAST)
    (found,) = paying.results(county.township.pk, since=date(2025, 12, 1), until=LAST)
    assert last.pk in found.done


def test_a_visit_after_the_term_and_one_after_an_early_end_prove_nothing(county, ended):
    person = a_resident(county, conditions=["hypertension"], at=SIGNED_AT)
    early = an_agreement(county, resident=person, starts_on=TODAY - timedelta(days=20), at=NOW - timedelta(days=20))
    actions.end_agreement(agreement=early, reason_code="request", by=county.alma, at=NOW - timedelta(days=2))

    told(a_visit(resident=ended.resident, by=county.alma, at=AFTER))
    told(a_visit(resident=early.resident, by=county.alma, at=NOW - timedelta(days=1)))

    assert not queries.Promise.objects.filter(done_on__isnull=False).exists()


def test_what_was_done_in_the_term_is_entered_by_hand_for_some_days_after_it(county, ended):
    record = ended.promises.get(item="record-update")
    first = ended.promises.filter(item="health-advice").first()
    promise = type(record).objects.select_related("agreement__team", "agreement__resident").get(pk=record.pk)

    with pytest.raises(InvalidInput):
        actions.deliver_by_hand(
            promise=promise, done_on=clock.today(AFTER), text="档案已核对", by=county.alma, at=AFTER
        )
    actions.deliver_by_hand(promise=promise, done_on=LAST, text="档案已核对", by=county.alma, at=AFTER)
    with pytest.raises(Conflict) as refused:
        actions.deliver_by_hand(
            promise=first, done_on=LAST, text="已宣教", by=county.alma, at=AFTER + timedelta(days=20)
        )

    record.refresh_from_db()
    assert (record.done_on, refused.value.code) == (LAST, "not-in-state")
    assert not permissions.may_book(county.alma, first, on=clock.today(AFTER))


def test_what_proved_an_item_due_after_an_early_end_and_was_void_leaves_it_owed_no_more(county):
    agreement = an_agreement(county, resident=a_resident(county))
    visit = a_visit(resident=agreement.resident, by=county.alma)
    told(visit)
    done = agreement.promises.filter(done_on__isnull=False, due_on__gt=TODAY)
    ids = list(done.values_list("pk", flat=True))
    actions.end_agreement(agreement=agreement, reason_code="request", by=county.alma, at=NOW)

    actions.take_back_proof(proof_uuid=visit.uuid, by=jobs.BY, at=NOW)

    assert ids
    assert set(agreement.promises.filter(pk__in=ids).values_list("done_on", "dropped_on")) == {(None, TODAY)}


def drafted(county, at, **said):
    a_team(county, at=SIGNED_AT)
    return an_agreement(county, status=Status.DRAFT, resident=a_resident(county, at=at, **said), at=at)


def sign(county, draft, at=NOW):
    return actions.sign_draft(agreement=draft, given=AGREED, scan=sheet(), by=county.alma, at=at)


def test_a_draft_is_signed_for_thirty_days_and_then_prepared_anew(county):
    old, older = (drafted(county, NOW - timedelta(days=days)) for days in (30, 31))

    assert sign(county, old).status == Status.ACTIVE
    with pytest.raises(Conflict) as refused:
        sign(county, older)

    assert refused.value.code == "prepare-anew"
    older.refresh_from_db()
    assert older.status == Status.DRAFT
    assert not older.promises.exists()


def test_a_draft_for_who_has_left_the_group_of_its_package_is_prepared_anew(county):
    person = a_resident(county, conditions=["hypertension"])
    draft = an_agreement(county, status=Status.DRAFT, resident=person, packages=("basic", "hypertension"))
    Resident.objects.filter(pk=person.pk).update(conditions=[])

    with pytest.raises(Conflict) as refused:
        sign(county, Agreement.objects.get(pk=draft.pk))

    assert refused.value.code == "prepare-anew"


def test_signing_keeps_the_groups_of_the_day_it_was_signed(county):
    draft = drafted(county, NOW, conditions=[])
    Resident.objects.filter(pk=draft.resident_id).update(conditions=["hypertension"])

    signed = sign(county, Agreement.objects.get(pk=draft.pk))

    assert signed.groups == ["hypertension"]


def test_a_draft_with_a_team_that_serves_there_no_more_is_not_signed(county):
    draft = drafted(county, NOW)
    actions.end_team(team=a_team(county), by=county.tang, at=NOW - timedelta(days=1))

    with pytest.raises(Conflict) as refused:
        sign(county, Agreement.objects.get(pk=draft.pk))

    assert refused.value.code == "team-ended"


def test_the_night_throws_away_the_drafts_that_can_be_signed_no_more(county):
    stays, lapsed = (drafted(county, NOW - timedelta(days=days)) for days in (30, 31))
    signed = an_agreement(county, at=NOW - timedelta(days=60))

    assert actions.discard_lapsed(by=jobs.BY, at=NOW, limit=1) == 1

    for each, status in ((stays, Status.DRAFT), (lapsed, Status.DISCARDED), (signed, Status.ACTIVE)):
        each.refresh_from_db()
        assert each.status == status
    assert lapsed.status_changes.latest("id").reason_code == "lapsed"
