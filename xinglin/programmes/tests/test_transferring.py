"""A clinic closes: its residents go over with everything they have, and may come back."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW, later
from tests.factories.followups import a_followup
from tests.factories.programmes import an_enrolment
from tests.factories.residents import a_resident
from xinglin.contracts import jobs as contract_jobs
from xinglin.contracts.models import Agreement, Promise
from xinglin.followups import jobs as followup_jobs
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, jobs, queries, transferring
from xinglin.programmes.models import Enrolment, Transfer


def moved(county, *, only=(), at=NOW):
    return actions.transfer_residents(
        former_id=county.clinic.pk, facility_id=county.sibling.pk, why="CLOSED", only=only, by=county.tang, at=at
    )


def follow():
    """What the worker does after the transfer; twice, as it may."""
    for event in OutboxEvent.objects.filter(event="resident.transferred").order_by("id"):
        given = {"event_uuid": str(event.uuid), "object_uuid": str(event.object_uuid)}
        for _again in range(2):
            jobs.resident_changed(**given)
            contract_jobs.person_moved(**given)
            followup_jobs.resident_changed(**given)


@pytest.fixture
def whole(county):
    """A resident of Alma's with an enrolment, an agreement with her team, a follow-up that is due."""
    resident = a_resident(county)
    a_team(county)
    an_agreement(county, resident=resident)
    an_enrolment(county, resident=resident)
    a_followup(county, resident=resident)
    return resident


def test_nothing_is_lost_when_a_clinic_closes(county, whole):
    new = a_team(county, facility=county.sibling, name="西沟团队")
    before = transferring.preview(county.tang, county.clinic.pk, county.sibling.pk, on=clock.today(NOW))

    moved(county)
    follow()

    whole.refresh_from_db()
    assert (before.n_residents, before.n_enrolments, before.n_agreements, before.n_followups) == (1, 1, 1, 1)
    assert "西沟团队" in before.teams
    assert whole.managed_by == county.sibling
    assert Enrolment.objects.get().facility == county.sibling
    assert queries.managed_line(whole).facility == county.sibling
    assert FollowUpTask.objects.get().facility == county.sibling
    agreement = Agreement.objects.get()
    assert (agreement.facility, agreement.team, agreement.team_changes.count()) == (county.sibling, new, 1)
    assert not Promise.objects.filter(done_on__isnull=True, due_on__gte=clock.today(NOW)).exclude(team=new).exists()
    (entry,) = transferring.told(county.tang, [whole.pk], later(1), 5)
    assert entry.title == "转到西沟村卫生室管理"
    assert transferring.preview(county.tang, county.clinic.pk, county.sibling.pk, on=clock.today(NOW)).n_residents == 0


def test_where_no_team_serves_the_agreement_stays_with_who_signed_it(county, whole):
    was = Agreement.objects.get()

    moved(county)
    follow()

    now = Agreement.objects.get()
    assert (now.team_id, now.facility_id, now.status) == (was.team_id, was.facility_id, "ACTIVE")


def test_a_transfer_is_undone_once_for_who_is_still_there(county, whole):
    other = a_resident(county)
    transfer = moved(county)
    with pytest.raises(NotPermitted):
        actions.undo_transfer(transfer=transfer, by=county.alma, at=later(4))
    type(other).objects.filter(pk=other.pk).update(managed_by=county.township)

    actions.undo_transfer(transfer=transfer, by=county.tang, at=later(5))

    whole.refresh_from_db()
    other.refresh_from_db()
    assert (whole.managed_by, other.managed_by) == (county.clinic, county.township)
    with pytest.raises(Conflict):
        actions.undo_transfer(transfer=Transfer.objects.get(), by=county.tang, at=later(6))


def test_only_those_named_go_over_and_all_of_them(county):
    first, _second = a_resident(county), a_resident(county)
    stranger = a_resident(county, managed_by_id=county.sibling.pk, by=county.sib)

    with pytest.raises(Conflict):
        moved(county, only=[first.uuid, stranger.uuid])
    transfer = moved(county, only=[first.uuid])

    assert transfer.n_residents == 1
    assert transferring.movable(county.tang, county.clinic.pk).count() == 1


def test_who_keeps_another_register_moves_nobody(county):
    a_resident(county)

    with pytest.raises(NotPermitted):
        actions.transfer_residents(
            former_id=county.clinic.pk, facility_id=county.other_clinic.pk, why="CLOSED", by=county.cai, at=NOW
        )
    with pytest.raises(InvalidInput):
        actions.transfer_residents(
            former_id=county.clinic.pk, facility_id=county.clinic.pk, why="CLOSED", by=county.tang, at=NOW
        )


def test_death_ends_enrolment_agreement_and_follow_up_from_one_act(county, whole):
    from xinglin.residents.actions import mark_deceased

    mark_deceased(resident=whole, died_on=clock.today(NOW), by=county.alma, at=NOW)
    event = OutboxEvent.objects.get(event="resident.deceased")
    given = {"event_uuid": str(event.uuid), "object_uuid": str(event.object_uuid)}
    jobs.resident_changed(**given)
    contract_jobs.person_left(**given)
    followup_jobs.resident_changed(**given)

    assert Enrolment.objects.get().status == "ENDED"
    assert Agreement.objects.get().status == "ENDED"
    assert FollowUpTask.objects.get().status == "CANCELLED"
    assert queries.managed_line(whole) is None


def test_the_pages_look_first_and_then_move(county):
    a_resident(county)
    county.tang  # noqa: B018 - makes the account
    tang = sign_in(Client(), county.users["tang"])
    given = {"former": str(county.clinic.uuid), "facility": str(county.sibling.uuid), "why": "CLOSED"}

    looked = tang.post(reverse("programmes:transfer") + "?op=look", given, headers={"HX-Request": "true"})
    done = tang.post(reverse("programmes:transfer"), given)
    transfer = Transfer.objects.get()
    shown = tang.get(done.url).content.decode()
    tang.post(reverse("programmes:undo-transfer", args=[transfer.uuid]))

    assert "将一起转移" in looked.content.decode()
    assert "西沟村卫生室" in shown
    transfer.refresh_from_db()
    assert transfer.undone_at is not None
    assert tang.post(reverse("programmes:transfer"), given | {"facility": "x"}).status_code == 422
    county.cai  # noqa: B018 - makes the account
    cai = sign_in(Client(), county.users["cai"])
    assert cai.post(reverse("programmes:undo-transfer", args=[transfer.uuid])).status_code == 404
