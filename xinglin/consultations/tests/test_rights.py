"""Who reads a pack, and when: nobody else, not before he said yes, not after its time."""

from datetime import timedelta

import pytest

from tests.factories.consultations import a_case, an_expert, desk_of, outside_expert, take_step
from tests.factories.county import later
from tests.factories.diagnostics import a_request
from tests.factories.imaging import an_imaging_request, images_of
from xinglin.consultations import actions, queries
from xinglin.consultations.data import Chosen
from xinglin.consultations.states import Status
from xinglin.diagnostics import api as diagnostics
from xinglin.imaging import api as imaging
from xinglin.platform import clock
from xinglin.platform.errors import NotVisible

S = Status


def reads(actor, item, at):
    try:
        queries.readable_item(actor, item.case.uuid, item.uuid, at=at)
    except NotVisible:
        return False
    return True


def lent_ecg(actor, case):
    """Whether the ECG of the pack opens for the actor in the reading room itself."""
    try:
        return diagnostics.visible_request(actor, case.items.get(kind="REQUEST").object_uuid)
    except NotVisible:
        return None


@pytest.fixture
def wu(county):
    """An expert from outside: no roster, no centre, nothing but his cases."""
    actor = outside_expert(county)
    an_expert(county, actor, outside_hospital="省立医院")
    return actor


def test_the_expert_reads_the_pack_from_his_acceptance_to_the_end_of_its_time(county, wu):
    now = clock.now()
    case = a_case(county, experts=[an_expert(county, wu)], at=now - timedelta(minutes=30))
    item = case.items.get(kind="REQUEST")

    assert not reads(wu, item, now), "invited only"
    assert lent_ecg(wu, case) is None
    invitation = queries.invitation_of(wu, case.uuid)
    actions.accept_invitation(invitation=invitation, by=wu, at=now)
    assert reads(wu, item, now)
    assert lent_ecg(wu, case)

    from tests.factories.consultations import SAID

    actions.write_opinion(case=case, said=SAID, by=wu, at=now)
    case.refresh_from_db()
    assert case.pack_until == now + timedelta(days=7)
    assert reads(wu, item, now + timedelta(days=6, hours=23))
    assert not reads(wu, item, now + timedelta(days=7)), "its time is over"


def test_after_its_time_what_was_lent_is_not_found_any_more(county, wu):
    """The lender asks the database's own clock: a case of weeks ago lends nothing today."""
    long_ago = clock.now() - timedelta(days=20)
    case = a_case(county, experts=[an_expert(county, wu)], at=long_ago)
    actions.accept_invitation(invitation=queries.invitation_of(wu, case.uuid), by=wu, at=long_ago)
    assert lent_ecg(wu, case), "under way for twenty days: still readable"

    from tests.factories.consultations import SAID

    actions.write_opinion(case=case, said=SAID, by=wu, at=long_ago + timedelta(minutes=5))

    assert lent_ecg(wu, case) is None
    assert not reads(wu, case.items.get(kind="VISIT"), clock.now())


@pytest.mark.parametrize("step", ["withdraw", "decline"])
def test_what_ended_without_an_opinion_is_closed_at_once(county, step):
    case = a_case(county)
    take_step(county, case, step, at=later(1))
    case.refresh_from_db()

    assert case.pack_until == later(1)
    assert not reads(county.alma, case.items.first(), later(2))


def test_a_stranger_a_sibling_and_the_desk_read_nothing(county):
    case = a_case(county, status=S.ACCEPTED)

    for actor in (county.sib, county.cai, county.bo, county.mei, county.du, desk_of(county)):
        assert not reads(actor, case.items.first(), later(5)), actor.name
    assert reads(county.alma, case.items.first(), later(5))
    assert reads(county.tang, case.items.first(), later(5)), "the unit above sees what its clinic asked"


def test_who_declined_or_stepped_down_sees_the_case_no_more(county, wu):
    case = a_case(county, experts=[an_expert(county, wu), an_expert(county)])
    actions.decline_invitation(invitation=queries.invitation_of(wu, case.uuid), reason_code="busy", by=wu, at=later(1))
    take_step(county, case, "accept", at=later(2))
    actions.step_down(
        invitation=queries.invitation_of(county.sun, case.uuid), reason_code="busy", by=county.sun, at=later(3)
    )

    for actor in (wu, county.sun):
        with pytest.raises(NotVisible):
            queries.visible_case(actor, case.uuid)


def test_what_was_taken_out_and_what_was_never_in_is_not_lent(county, wu):
    case = a_case(county, experts=[an_expert(county, wu)], at=clock.now())
    other = a_request(county, status="FINAL", resident=case.resident, at=clock.now())
    actions.accept_invitation(invitation=queries.invitation_of(wu, case.uuid), by=wu, at=clock.now())
    with pytest.raises(NotVisible):
        diagnostics.visible_request(wu, other.uuid)

    actions.change_pack(case=case, remove=[case.items.get(kind="REQUEST")], by=county.alma, at=clock.now())

    assert lent_ecg(wu, case) is None


def test_a_study_is_lent_by_itself_or_by_the_request_it_answers(county, wu):
    case = a_case(county, experts=[an_expert(county, wu)], pack=(), at=clock.now())
    study = images_of(county, an_imaging_request(county, resident=case.resident))
    with pytest.raises(NotVisible):
        imaging.visible_study(wu, study.uuid)
    actions.accept_invitation(invitation=queries.invitation_of(wu, case.uuid), by=wu, at=clock.now())

    actions.change_pack(case=case, add=[Chosen("STUDY", study.uuid)], by=county.alma, at=clock.now())

    assert imaging.visible_study(wu, study.uuid) == study
    with pytest.raises(NotVisible):
        imaging.visible_study(outside_expert_of_nothing(county), study.uuid)


def outside_expert_of_nothing(county):
    return county.actor(county.user("zheng", "consulting-expert", county.hospital, name="郑"))


def test_another_persons_record_does_not_get_into_a_pack(county):
    from tests.factories.residents import a_resident
    from tests.factories.visits import a_visit

    other = a_visit(resident=a_resident(county, name="李四"), by=county.alma)

    with pytest.raises(NotVisible):
        a_case(county, pack=(Chosen("VISIT", other.uuid),))
