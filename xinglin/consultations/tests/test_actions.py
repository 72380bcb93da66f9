"""What happens to a case: each way out, who is refused, and what two do at once."""

import dataclasses
import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.consultations import (
    ASKED,
    CONSENT,
    SAID,
    a_case,
    an_expert,
    desk_of,
    outside_expert,
    take_step,
    with_times,
)
from tests.factories.county import County, later
from xinglin.consultations import actions, queries, slots
from xinglin.consultations.models import Booking, Fee
from xinglin.consultations.states import FINAL, TRANSITIONS, UNDER_WAY, FeeStatus, Status
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord, OutboxEvent

S = Status


def accept(county, case, actor, *, at, starts_at=None):
    return actions.accept_invitation(
        invitation=queries.invitation_of(actor, case.uuid), starts_at=starts_at, by=actor, at=at
    )


def test_every_state_is_under_way_answered_or_final():
    assert set(Status) == UNDER_WAY | {S.OPINION_GIVEN} | FINAL
    assert all(TRANSITIONS[each] == frozenset() for each in FINAL)


@pytest.mark.parametrize("status", [S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.IN_SESSION, S.OPINION_GIVEN, S.CLOSED,
                                    S.DECLINED, S.WITHDRAWN])  # fmt: skip
def test_a_case_comes_to_each_state(county, status):
    case = a_case(county, status=status)

    assert case.status == status
    assert case.status_changes.last().became == status
    assert case.number.startswith("H")
    assert (case.pack_until is None) == (status in UNDER_WAY)


@pytest.mark.parametrize(
    "consent", [None, dataclasses.replace(CONSENT, agreed=False), dataclasses.replace(CONSENT, on_paper=False)]
)
def test_without_written_consent_nothing_is_sent(county, consent):
    with pytest.raises(InvalidInput):
        a_case(county, consent=consent)


@pytest.mark.parametrize(
    "changes",
    [{"kind": "SOON"}, {"specialty": "astrology"}, {"title_wanted": "KING"}, {"aim": " "}, {"summary": ""},
     {"reason": "\x00ab"}, {"kind": "BOOKED"}, {"kind": "BOOKED", "wanted_at": later(-5)}],
)  # fmt: skip
def test_what_an_invitation_must_state_is_asked_for(county, changes):
    with pytest.raises(InvalidInput):
        a_case(county, asked=dataclasses.replace(ASKED, **changes))


def test_an_immediate_case_is_due_in_thirty_minutes_and_its_opinion_in_two_hours(county):
    case = a_case(county)
    assert case.due_at == later(30)

    take_step(county, case, "accept", at=later(10))
    case.refresh_from_db()

    assert (case.status, case.due_at) == (S.ACCEPTED, later(130))


def test_a_booked_case_takes_the_experts_slot_and_gives_it_back_when_he_declines(county):
    expert = with_times(county, an_expert(county))
    slot = next(each for each in slots.slots_of(expert, at=later()) if each.is_free)
    booked = dataclasses.replace(ASKED, kind="BOOKED", wanted_at=slot.starts_at)
    case = a_case(county, asked=booked)
    assert not next(each for each in slots.slots_of(expert, at=later()) if each.starts_at == slot.starts_at).is_free
    with pytest.raises(Conflict) as taken:
        a_case(county, asked=booked)
    assert taken.value.code == "slot-taken"

    actions.decline_invitation(
        invitation=queries.invitation_of(county.sun, case.uuid), reason_code="busy", by=county.sun, at=later(5)
    )

    assert a_case(county, asked=booked).bookings.get().starts_at == slot.starts_at
    case.refresh_from_db()
    assert case.status == S.REQUESTED, "the desk finds another"


def test_an_accepted_booking_is_scheduled_at_the_time_wanted(county):
    booked = dataclasses.replace(ASKED, kind="BOOKED", wanted_at=later(days=1))
    case = a_case(county, asked=booked)

    accept(county, case, county.sun, at=later(5))

    case.refresh_from_db()
    assert (case.status, case.scheduled_at, case.due_at) == (S.SCHEDULED, later(days=1), later(days=2))


def test_only_the_invited_answers_and_only_once(county):
    case = a_case(county)
    invitation = queries.invitation_of(county.sun, case.uuid)
    with pytest.raises(NotPermitted):
        actions.accept_invitation(invitation=invitation, by=county.bo, at=later(1))

    accept(county, case, county.sun, at=later(1))

    with pytest.raises(Conflict):
        actions.decline_invitation(invitation=invitation, reason_code="busy", by=county.sun, at=later(2))


def test_a_reason_is_one_of_the_list_and_other_is_written_out(county):
    case = a_case(county)
    invitation = queries.invitation_of(county.sun, case.uuid)
    for code, text in (("lazy", ""), ("other", " ")):
        with pytest.raises(InvalidInput):
            actions.decline_invitation(invitation=invitation, reason_code=code, reason=text, by=county.sun, at=later(1))


def test_when_the_only_expert_steps_down_the_case_waits_again(county):
    case = a_case(county, status=S.ACCEPTED)

    actions.step_down(
        invitation=queries.invitation_of(county.sun, case.uuid), reason_code="busy", by=county.sun, at=later(9)
    )

    case.refresh_from_db()
    assert (case.status, case.due_at) == (S.REQUESTED, later(39))
    actions.invite_expert(case=case, expert=an_expert(county, outside_expert(county)), by=desk_of(county), at=later(10))


def two_experts(county):
    wu = outside_expert(county)
    case = a_case(
        county, experts=[an_expert(county), an_expert(county, wu, title="ATTENDING", outside_hospital="省立医院")]
    )
    accept(county, case, county.sun, at=later(1))
    accept(county, case, wu, at=later(2))
    return case, wu


def test_a_joint_opinion_stands_when_the_last_has_signed(county):
    case, wu = two_experts(county)
    opinion = actions.write_opinion(case=case, said=SAID, is_joint=True, by=county.sun, at=later(5))
    case.refresh_from_db()
    assert (opinion.completed_at, case.status) == (None, S.ACCEPTED)
    with pytest.raises(Conflict):
        actions.write_opinion(case=case, said=SAID, by=wu, at=later(6))
    with pytest.raises(NotPermitted):
        actions.sign_opinion(opinion=opinion, by=county.sun, at=later(6))

    actions.sign_opinion(opinion=opinion, by=wu, at=later(7))

    case.refresh_from_db()
    assert (case.status, case.opinion_at) == (S.OPINION_GIVEN, later(7))
    assert [each.name for each in queries.standing_opinions(case)[0].signatures.order_by("id")] == ["孙", "吴"]
    assert {(fee.amount_fen, fee.inviting_fen, fee.expert_fen, fee.platform_fen) for fee in Fee.objects.all()} == {
        (15000, 4500, 9000, 1500), (8000, 2400, 4800, 800)
    }  # fmt: skip


def test_with_separate_opinions_the_case_waits_for_every_expert(county):
    case, wu = two_experts(county)
    actions.write_opinion(case=case, said=SAID, by=county.sun, at=later(5))
    case.refresh_from_db()
    assert case.status == S.ACCEPTED

    actions.write_opinion(case=case, said=SAID, by=wu, at=later(6))

    case.refresh_from_db()
    assert case.status == S.OPINION_GIVEN
    assert len(queries.standing_opinions(case)) == 2


def test_an_amendment_names_its_reason_and_the_former_version_stays(county):
    case = a_case(county, status=S.OPINION_GIVEN)
    (first,) = queries.standing_opinions(case)
    with pytest.raises(InvalidInput):
        actions.amend_opinion(opinion=first, said=SAID, reason=" ", by=county.sun, at=later(30))

    second = actions.amend_opinion(
        opinion=first, said=dataclasses.replace(SAID, diagnosis="不稳定型心绞痛"), reason="补充肌钙蛋白结果", by=county.sun,
        at=later(31),
    )  # fmt: skip

    assert [each.pk for each in queries.standing_opinions(case)] == [second.pk]
    first.refresh_from_db()
    assert (first.diagnosis, second.version, second.replaces_id) == (SAID.diagnosis, 2, first.pk)
    with pytest.raises(Conflict):
        actions.amend_opinion(opinion=first, said=SAID, reason="再次更正", by=county.sun, at=later(32))


def test_only_an_expert_of_the_case_writes_its_opinion(county):
    case = a_case(county, status=S.ACCEPTED)

    for actor in (county.alma, desk_of(county), county.bo):
        with pytest.raises(NotPermitted):
            actions.write_opinion(case=case, said=SAID, by=actor, at=later(5))


def test_both_sides_rate_once_after_the_opinion(county):
    case = a_case(county, status=S.ACCEPTED)
    rating = {"case": case, "expert": an_expert(county)}
    with pytest.raises(Conflict):
        actions.rate(**rating, side="INVITER", score=5, by=county.alma, at=later(5))
    take_step(county, case, "opine", at=later(6))
    case.refresh_from_db()

    actions.rate(**rating, side="INVITER", score=5, remark="及时明确", by=county.alma, at=later(7))
    actions.rate(**rating, side="EXPERT", score=4, by=county.sun, at=later(7))

    with pytest.raises(Conflict):
        actions.rate(**rating, side="INVITER", score=1, by=county.alma, at=later(8))
    with pytest.raises(NotPermitted):
        actions.rate(**rating, side="EXPERT", score=1, by=county.bo, at=later(8))
    with pytest.raises(InvalidInput):
        actions.rate(**rating, side="EXPERT", score=6, by=county.sun, at=later(8))


def test_closing_says_what_was_decided_and_may_end_the_reading_at_once(county):
    case = a_case(county, status=S.OPINION_GIVEN)
    with pytest.raises(InvalidInput):
        actions.close_case(case=case, outcome="", by=county.alma, at=later(9))
    with pytest.raises(NotPermitted):
        actions.close_case(case=case, outcome="按意见用药", by=county.sun, at=later(9))

    actions.close_case(case=case, outcome="按意见用药", end_reading=True, by=county.alma, at=later(9))

    with pytest.raises(NotVisible):
        queries.readable_case(county.sun, case.uuid, at=later(9))


def test_a_fee_is_settled_or_waived_by_the_desk_with_its_reason_and_once(county):
    fee = Fee.objects.get(case=a_case(county, status=S.OPINION_GIVEN))
    dai = desk_of(county)
    with pytest.raises(NotPermitted):
        actions.settle_fee(fee=fee, reference="SJ-1", by=county.alma, at=later(9))
    with pytest.raises(InvalidInput):
        actions.waive_fee(fee=fee, reason="", by=dai, at=later(9))

    actions.waive_fee(fee=fee, reason="低保患者，按协议减免", by=dai, at=later(9))

    assert fee.status == FeeStatus.WAIVED
    with pytest.raises(Conflict):
        actions.settle_fee(fee=fee, reference="SJ-1", by=dai, at=later(10))


def test_each_step_is_told_with_the_resident_it_concerns_and_nothing_about_him(county):
    case = a_case(county, status=S.CLOSED)

    told = OutboxEvent.objects.filter(object_uuid=case.uuid)
    assert {each.subject_uuid for each in told} == {case.resident.uuid}
    assert "consultation.opinion-given" in set(told.values_list("event", flat=True))
    assert not any("王小麦" in str(each.detail) for each in told)
    assert AuditRecord.objects.filter(event="consultation.accepted", subject_uuid=case.resident.uuid).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_book_one_slot_at_once_make_one_booking():
    county = County()
    expert = with_times(county, an_expert(county))
    slot = slots.slots_of(expert, at=later())[0]
    cases = [a_case(county, asked=dataclasses.replace(ASKED, kind="BOOKED", wanted_at=later(days=3) + timedelta(minutes=n)), pack=())
             for n in range(4)]  # fmt: skip
    for case in cases:
        accept(county, case, county.sun, at=later(1))
    barrier, refused = threading.Barrier(4), []
    dai = desk_of(county)

    def schedule(case):
        barrier.wait()
        try:
            actions.schedule_case(case=case, starts_at=slot.starts_at, by=dai, at=later(2))
        except Conflict as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=schedule, args=(case,)) for case in cases]
    [each.start() for each in threads]
    [each.join() for each in threads]

    assert refused == ["slot-taken"] * 3
    assert Booking.objects.filter(expert=expert, starts_at=slot.starts_at, released_at__isnull=True).count() == 1
