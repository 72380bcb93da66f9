"""A unit is merged: its successor holds the sessions it had planned and finishes what was begun."""

from typing import Any

import pytest

from tests.factories.checkups import OLD, a_checkup, a_session
from tests.factories.network import merge
from tests.factories.residents import a_resident
from xinglin.checkups import actions, jobs, queries
from xinglin.checkups.actions import kiosk
from xinglin.checkups.models import Checkup, Session, Terminal
from xinglin.checkups.states import Status
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, OutboxEvent


@pytest.fixture
def ping(county: Any) -> Any:
    """Township doctor of the other township, which takes over the first."""
    return county.actor(county.user("ping", "township-doctor", county.other_township, name="平", subordinates=True))


def fresh(checkup: Checkup) -> Checkup:
    return Checkup.objects.select_related("session", "resident", "facility").get(pk=checkup.pk)


def test_a_booked_session_is_held_by_the_successor_and_the_resident_is_told_where(county: Any, ping: Any) -> None:
    person = a_resident(county, born_on=OLD, at=clock.now())
    checkup = a_checkup(county, resident=person, session=a_session(county, at=clock.now()), at=clock.now())

    merge(county.township, county.other_township, jobs.units_merged, times=2)

    actions.arrive(checkup=fresh(checkup), by=ping, at=clock.now())
    assert fresh(checkup).status == Status.ARRIVED
    assert fresh(checkup).session.facility == county.other_township
    told = OutboxEvent.objects.get(event="checkup.handed-over")
    assert told.subject_uuid == person.uuid
    assert told.detail["facility"] == "周营镇卫生院"
    assert AuditRecord.objects.filter(event="checkup.session-handed-over").count() == 1


def test_two_sessions_of_one_half_day_become_one_with_the_places_of_both(county: Any, ping: Any) -> None:
    mine = a_session(county, capacity=2, days=3, at=clock.now())
    theirs = actions.open_session(
        facility_id=county.other_township.pk, held_on=mine.held_on, half="AM", capacity=1, by=ping, at=clock.now()
    )
    booked = [a_checkup(county, session=mine, at=clock.now()), a_checkup(county, session=mine, at=clock.now())]
    gone = a_checkup(
        county, session=a_session(county, capacity=3, days=3, at=clock.now()), status=Status.CANCELLED, at=clock.now()
    )

    merge(county.township, county.other_township, jobs.units_merged, times=2)

    joined, left = Session.objects.get(pk=theirs.pk), Session.objects.get(pk=mine.pk)
    assert (joined.capacity, joined.n_booked) == (4, 2)
    assert (left.capacity, left.n_booked) == (0, 0)
    assert {fresh(each).session for each in booked} == {joined}
    assert (fresh(gone).session, fresh(gone).facility) == (left, county.township)


def test_what_was_begun_is_signed_at_the_successor_and_what_was_reported_stays_where_it_was(
    county: Any, ping: Any
) -> None:
    waiting, done = (
        a_checkup(county, status=Status.EXAMINED, at=clock.now()),
        a_checkup(county, status=Status.REPORTED, at=clock.now()),
    )

    merge(county.township, county.other_township, jobs.units_merged)

    report = actions.sign_report(checkup=fresh(waiting), conclusion="总体良好。", plan=[], by=ping, at=clock.now())
    assert report.checkup.facility == county.other_township
    assert fresh(done).facility == county.township
    assert fresh(done) not in queries.checkups_here(ping)


def test_a_terminal_is_kept_by_the_successor_and_keeps_its_own_corner(county: Any, ping: Any) -> None:
    made = kiosk.register_terminal(facility_id=county.township.pk, label="大厅", by=county.tang, at=clock.now())

    merge(county.township, county.other_township, jobs.units_merged, times=2)

    terminal = Terminal.objects.get(pk=made.row.pk)
    assert terminal in queries.terminals_of(ping)
    assert (terminal.facility_id, terminal.corner_id) == (county.other_township.pk, county.township.pk)
    person = a_resident(county, at=clock.now())
    code = kiosk.give_code(resident=person, facility_id=county.other_township.pk, by=ping, at=clock.now())
    assert (
        kiosk.sit_down(terminal=terminal, number=person.id_number, code=code, by=ping, at=clock.now()).row.resident
        == person
    )
