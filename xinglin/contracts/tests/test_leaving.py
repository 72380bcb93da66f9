"""What becomes of an agreement when its resident dies, moves away, comes back, or was registered twice."""

from datetime import timedelta

import pytest

from tests.factories.contracts import AGREED, a_team, an_agreement, sheet
from tests.factories.county import NOW, later
from tests.factories.residents import a_resident
from xinglin.contracts import actions, assigning, counting, jobs, queries
from xinglin.contracts.models import Agreement, Assignment
from xinglin.contracts.states import Status
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.platform.models import OutboxEvent
from xinglin.residents.actions import mark_deceased, mark_moved, merge_residents, restore, unmerge
from xinglin.residents.models import Resident

TODAY = clock.today(NOW)


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (lambda county, one: mark_deceased(resident=one, died_on=TODAY, by=county.alma, at=NOW), "died"),
        (lambda county, one: mark_moved(resident=one, by=county.alma, at=NOW), "moved"),
    ],
)
def test_death_and_moving_away_end_the_agreement(county, leave, why):
    agreement = an_agreement(county)

    leave(county, agreement.resident)
    event = OutboxEvent.objects.filter(subject_uuid=agreement.resident.uuid).latest("id")
    for _twice in (1, 2):
        jobs.person_left(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    agreement.refresh_from_db()
    assert (agreement.status, agreement.end_reason) == (Status.ENDED, why)


def test_two_registrations_merged_keep_one_agreement(county):
    kept, merged = a_resident(county, name="赵一"), a_resident(county, name="赵壹")
    stands, goes = an_agreement(county, resident=kept), an_agreement(county, resident=merged)

    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    event = OutboxEvent.objects.filter(event="resident.merged").latest("id")
    jobs.persons_merged(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    stands.refresh_from_db()
    goes.refresh_from_db()
    assert (stands.status, goes.status, goes.end_reason) == (Status.ACTIVE, Status.ENDED, "duplicate")


def heard(job, event):
    """The job hears the last event of a kind, once for each person it is about."""
    last = OutboxEvent.objects.filter(event=event).latest("id")
    for each in OutboxEvent.objects.filter(event=event, object_uuid=last.object_uuid).order_by("id"):
        job(event_uuid=str(each.uuid), object_uuid=str(each.object_uuid))


def test_of_two_registrations_one_signed_for_a_day_to_come_keep_the_agreement_in_force(county):
    kept, merged = a_resident(county, name="赵一"), a_resident(county, name="赵壹")
    stands, soon = an_agreement(county, resident=kept), an_agreement(county, resident=merged, status=Status.SIGNED)
    draft = an_agreement(county, resident=merged, status=Status.DRAFT, starts_on=TODAY + timedelta(days=30))

    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    heard(jobs.persons_merged, "resident.merged")

    for each in (stands, soon, draft):
        each.refresh_from_db()
    assert (stands.status, soon.status, draft.status) == (Status.ACTIVE, Status.ENDED, Status.DISCARDED)
    actions.turn_day(by=jobs.BY, at=NOW + timedelta(days=30))
    assert Agreement.objects.filter(status=Status.ACTIVE).get() == stands


def test_a_merge_keeps_the_renewal_of_the_agreement_that_stands_and_it_can_be_renewed_on(county):
    kept, merged = a_resident(county, name="赵一"), a_resident(county, name="赵壹")
    stands, soon = an_agreement(county, resident=merged), NOW + timedelta(days=340)
    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    heard(jobs.persons_merged, "resident.merged")

    coming = actions.renew_agreement(
        agreement=queries.fresh(stands), packages=("basic",), years=1, given=AGREED, scan=sheet(), by=county.alma,
        at=soon,
    )  # fmt: skip
    heard(jobs.persons_merged, "resident.merged")

    coming.refresh_from_db()
    assert (coming.status, coming.resident) == (Status.SIGNED, kept)
    actions.turn_day(by=jobs.BY, at=NOW + timedelta(days=370))
    assert Agreement.objects.filter(status=Status.ACTIVE).get() == coming


def test_a_draft_is_not_signed_after_the_death(county):
    draft = an_agreement(county, status=Status.DRAFT)
    mark_deceased(resident=draft.resident, died_on=TODAY, by=county.alma, at=NOW)

    with pytest.raises(Conflict) as refused:
        actions.sign_draft(agreement=draft, given=AGREED, scan=sheet(), by=county.alma, at=later(1))

    assert refused.value.code == "not-active"


def test_the_facility_learns_that_a_death_entered_by_mistake_ended_an_agreement(county):
    agreement = an_agreement(county)
    resident = mark_deceased(resident=agreement.resident, died_on=TODAY, by=county.alma, at=NOW)
    heard(jobs.person_left, "resident.deceased")

    restore(resident=resident, reason="登记错人", by=county.alma, at=later(1))
    for _twice in (1, 2):
        heard(jobs.person_back, "resident.restored")

    told = Message.objects.get(kind="resident.restored.contract")
    assert (told.facility_id, told.object_uuid) == (county.clinic.pk, agreement.uuid)
    an_agreement(county, resident=resident, at=later(2))


def test_the_facility_learns_that_a_merge_taken_back_had_ended_an_agreement(county):
    kept, merged = a_resident(county, name="赵一"), a_resident(county, name="赵壹")
    an_agreement(county, resident=kept)
    goes = an_agreement(county, resident=merged)
    merge = merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    heard(jobs.persons_merged, "resident.merged")

    unmerge(merge=merge, reason="不是同一个人", by=county.tang, at=later(1))
    heard(jobs.person_back, "resident.unmerged")

    assert Message.objects.get(kind="resident.unmerged.contract").object_uuid == goes.uuid


def test_who_comes_back_after_the_term_or_is_signed_again_is_no_news(county):
    agreement = an_agreement(county)
    resident = mark_moved(resident=agreement.resident, by=county.alma, at=NOW)
    heard(jobs.person_left, "resident.moved")
    restore(resident=resident, reason="迁回", by=county.alma, at=later(1))
    an_agreement(county, resident=resident, at=later(2))

    heard(jobs.person_back, "resident.restored")

    assert not Message.objects.filter(kind="resident.restored.contract").exists()


def test_who_keeps_the_agreement_of_a_merged_registration_counts_as_signed_and_has_his_team(county):
    kept, merged = a_resident(county, name="赵一"), a_resident(county, name="赵壹", conditions=["hypertension"])
    agreement = an_agreement(county, resident=merged)
    Resident.objects.filter(pk=kept.pk).update(conditions=["hypertension"])
    second = a_team(county, "沙沟二队", places=(county.clinic,))
    actions.assign_resident(team=second, resident=kept, by=county.tang, at=NOW)

    merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    heard(jobs.persons_merged, "resident.merged")

    [row] = [each for each in counting.coverage(TODAY) if each.facility_id == county.clinic.pk]
    assert (row.n_people, row.n_signed, row.n_key_signed) == (1, 1, 1)
    assert not queries.unsigned_page(county.alma, on=TODAY).rows
    [line] = assigning.team_residents_page(county.alma, agreement.team, signed="yes").rows
    assert (line.resident, line.signed_until) == (kept, agreement.ends_on)
    assert assigning.signed_with([kept.pk])[kept.pk] == agreement
    assert Resident.objects.filter(assigning.of_team(agreement.team.uuid, field="pk"), pk=kept.pk).exists()
    Assignment.objects.filter(resident=kept).update(ended_at=NOW, ended_by_name="唐", end="RELEASED")
    assert kept not in assigning.without_team(Resident.objects.all())
