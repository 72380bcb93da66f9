"""The clocks and the messages: who is told what, and what ends when nobody answers."""

import pytest

from tests.factories.consultations import a_case
from tests.factories.county import later
from xinglin.consultations import jobs
from xinglin.consultations.states import InvitationStatus, Status
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent


@pytest.fixture
def at(monkeypatch):
    """Set the clock to so many minutes after the cases were asked, and let it strike."""

    def strike(minutes=0, **days):
        monkeypatch.setattr(clock.timezone, "now", lambda: later(minutes, **days))
        jobs.watch_clocks(0)

    return strike


def events(case):
    return list(OutboxEvent.objects.filter(object_uuid=case.uuid).order_by("id").values_list("event", flat=True))


def tell_all(case):
    for event in OutboxEvent.objects.filter(object_uuid=case.uuid, event__in=list(jobs.TELLINGS)):
        jobs.tell(event_uuid=str(event.uuid), object_uuid=str(case.uuid))
        jobs.tell(event_uuid=str(event.uuid), object_uuid=str(case.uuid))


def test_an_immediate_case_is_recalled_escalated_once_each_and_its_invitation_ends(county, at):
    case = a_case(county)
    at(20)
    assert "consultation.due-soon" not in events(case)

    for _again in range(2):
        at(26)
    assert events(case).count("consultation.due-soon") == 1
    for _again in range(2):
        at(31)
    assert events(case).count("consultation.overdue") == 1, "the desk"
    assert case.invitations.get().status == InvitationStatus.EXPIRED
    for _again in range(2):
        at(46)
    assert events(case).count("consultation.overdue") == 2, "the manager"


def test_a_case_nobody_accepts_expires_and_its_pack_closes(county, at):
    case = a_case(county)

    at(24 * 60 + 1)

    case.refresh_from_db()
    assert (case.status, case.pack_until) == (Status.EXPIRED, later(24 * 60 + 1))


def test_a_case_nobody_closes_ends_when_its_pack_has_closed(county, at):
    case = a_case(county, status=Status.OPINION_GIVEN)
    at(days=6)
    case.refresh_from_db()
    assert case.status == Status.OPINION_GIVEN

    at(days=8)

    case.refresh_from_db()
    assert case.status == Status.CLOSED
    assert case.pack_until < later(days=8), "its time is not made longer"


def test_each_event_is_told_once_to_whom_it_concerns(county):
    case = a_case(county, status=Status.CLOSED)

    tell_all(case)

    told = {(each.kind, each.facility_id, each.permission, each.user_id) for each in Message.objects.all()}
    clinic, hospital, sun = county.clinic.pk, county.hospital.pk, county.sun.user_id
    assert ("consultation.requested", hospital, "consultation:desk", None) in told
    assert ("consultation.invited", None, "", sun) in told
    assert ("consultation.opinion-given", clinic, "consultation:request", None) in told
    assert ("consultation.closed", None, "", sun) in told
    assert len(told) == Message.objects.count()
    assert not any("王小麦" in str(each.facts) for each in Message.objects.all())
    urgent = Message.objects.get(kind="consultation.invited")
    assert urgent.urgency == jobs.NOW, "immediate cases are told as now"


def test_the_manager_is_told_where_the_desk_does_not_answer(county, at):
    case = a_case(county)
    at(31)
    at(46)

    tell_all(case)

    to_manager = Message.objects.filter(kind="consultation.overdue", permission="board:view")
    assert [each.facility_id for each in to_manager] == [county.hospital.pk]
