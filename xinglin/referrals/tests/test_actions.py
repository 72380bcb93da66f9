"""Each action's effects beyond the state: who sees whom, who is told, what is planned, what is refused."""

import dataclasses
from datetime import timedelta

import pytest

from tests.factories.county import NOW, later
from tests.factories.referrals import CONSENT, DOWN_SLIP, UP_SLIP, a_down_referral, a_referral, send_down
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups import queries as followups
from xinglin.followups.actions import hand_on
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.referrals import actions, queries
from xinglin.referrals.data import Attachment, Hold, Route
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status
from xinglin.residents import api as residents


def send(county, *, resident=None, visit=None, by=None, at=NOW, channel="ordinary", slip=UP_SLIP, **changes):
    """A referral from Alma's clinic, with anything else."""
    resident = resident or a_resident(county)
    route = changes.pop("route", None) or Route(county.clinic.pk, county.hospital.pk, channel)
    changes.setdefault("consent", CONSENT)
    return actions.send_referral(
        resident=resident, visit=visit, route=route, slip=slip, by=by or county.alma, at=at, **changes
    )


def test_the_receiving_unit_sees_the_resident_from_the_moment_it_is_sent(county):
    resident = a_resident(county)
    with pytest.raises(NotVisible):
        residents.visible_resident(county.sun, resident.uuid, at=NOW)

    send(county, resident=resident)

    assert residents.visible_resident(county.sun, resident.uuid, at=NOW) == resident


def test_a_draft_is_nobodys_business_yet(county):
    draft = a_referral(county, status=Status.DRAFT)

    with pytest.raises(NotVisible):
        queries.visible_referral(county.du, draft.uuid)
    assert queries.visible_referral(county.alma, draft.uuid) == draft


def test_access_ends_thirty_days_after_the_end(county):
    referral = a_referral(county, status=Status.REJECTED)

    entry = referral.resident.roster_entries.get(facility=county.hospital)

    assert entry.until == NOW + timedelta(days=30)


def test_access_does_not_end_while_another_referral_is_open(county):
    first = a_referral(county, status=Status.ARRIVED)
    second = send(county, resident=first.resident)
    actions.withdraw_referral(referral=second, reason_code="entered-by-mistake", by=county.alma, at=later(5))

    assert first.resident.roster_entries.get(facility=county.hospital).until is None


def test_every_step_leaves_audit_record_change_record_and_event(county):
    referral = a_referral(county, status=Status.IN_CARE)

    events = [f"referral.{name}" for name in ("sent", "accepted", "arrived", "admitted")]
    assert (
        list(OutboxEvent.objects.filter(object_uuid=referral.uuid).order_by("id").values_list("event", flat=True))
        == events
    )
    audited = AuditRecord.objects.filter(object_key=str(referral.uuid), event__in=events)
    assert audited.count() == 4
    assert {record.subject_uuid for record in audited} == {referral.resident.uuid}
    assert [change.became for change in referral.status_changes.all()] == [
        "DRAFT",
        "SUBMITTED",
        "ACCEPTED",
        "ARRIVED",
        "IN_CARE",
    ]


def test_without_consent_an_ordinary_referral_is_not_sent(county):
    with pytest.raises(InvalidInput) as refused:
        send(county, consent=None)
    assert "consent" in refused.value.fields


def test_an_emergency_goes_without_consent_for_a_written_ground(county):
    referral = send(county, channel="emergency", consent=None, consent_waived="患者昏迷")

    assert (referral.status, referral.consent, referral.consent_waived) == ("SUBMITTED", None, "患者昏迷")


def test_an_ordinary_channel_cannot_waive_consent(county):
    with pytest.raises(InvalidInput) as refused:
        send(county, consent=None, consent_waived="不方便")
    assert "consent_waived" in refused.value.fields


def test_a_refusal_of_the_patient_is_kept_and_ends_the_referral(county):
    referral = send(county, consent=dataclasses.replace(CONSENT, agreed=False))

    assert referral.status == Status.WITHDRAWN
    assert referral.status_changes.last().reason_code == "patient-refused"
    assert not referral.consent.agreed
    with pytest.raises(NotVisible):
        queries.visible_referral(county.du, referral.uuid)


@pytest.mark.parametrize(
    ("slip", "field"),
    [
        ({"reason_code": "made-up"}, "reason_code"),
        ({"reason_code": "other"}, "reason"),
        ({"impression": "  "}, "impression"),
        ({"impression": "x" * 201}, "impression"),
        ({"summary": "a\x00b"}, "summary"),
        ({"criteria": ("made-up",)}, "criteria"),
        ({"followup_days": 366}, "followup_days"),
        ({"attachments": (Attachment("visit", new_uuid()),)}, "attachments"),
        ({"attachments": (Attachment("request", new_uuid()),)}, "attachments"),
        ({"attachments": (Attachment("file", new_uuid()),)}, "attachments"),
    ],
)
def test_a_slip_with_a_fault_is_refused_at_its_field(county, slip, field):
    with pytest.raises(InvalidInput) as refused:
        send(county, slip=dataclasses.replace(UP_SLIP, **slip))
    assert field in refused.value.fields


def test_another_persons_visit_cannot_be_attached_or_referred_from(county):
    other = a_visit(resident=a_resident(county, name="李建国"), by=county.alma)
    resident = a_resident(county)

    with pytest.raises(InvalidInput):
        send(county, resident=resident, visit=other)
    with pytest.raises(InvalidInput):
        send(
            county, resident=resident, slip=dataclasses.replace(UP_SLIP, attachments=(Attachment("visit", other.uuid),))
        )


@pytest.mark.parametrize("target", ["clinic", "sibling", "other_clinic", "bureau"])
def test_only_units_able_to_receive_are_targets(county, target):
    route = Route(county.clinic.pk, getattr(county, target).pk, "ordinary")

    with pytest.raises(InvalidInput) as refused:
        send(county, route=route)
    assert "to_facility" in refused.value.fields


def test_a_unit_without_a_department_that_takes_back_is_no_target_of_the_way_back(county):
    up = a_referral(county, status=Status.DISCHARGED)

    with pytest.raises(InvalidInput) as refused:
        actions.return_down(
            referral=up, to_facility_id=county.other_township.pk, slip=DOWN_SLIP, by=county.sun, at=later(1)
        )
    assert "to_facility" in refused.value.fields


def test_a_public_health_worker_cannot_refer(county):
    worker = county.actor(county.user("he", "public-health-worker", county.clinic))

    with pytest.raises(NotPermitted):
        send(county, by=worker)


def test_a_village_doctor_cannot_accept_or_jump(county):
    referral = a_referral(county)

    for call in (
        lambda: actions.accept_referral(referral=referral, hold=Hold("BED", "12床"), by=county.alma, at=later(1)),
        lambda: actions.mark_arrived(referral=referral, by=county.alma, at=later(1)),
        lambda: actions.close_referral(referral=referral, reason_code="recovered", by=county.alma, at=later(1)),
    ):
        with pytest.raises(NotPermitted):
            call()
    referral.refresh_from_db()
    assert referral.status == Status.SUBMITTED


def test_an_unrelated_desk_sees_nothing(county):
    referral = a_referral(county)
    stranger = county.actor(county.user("stranger", "referral-desk", county.tcm))

    with pytest.raises(NotVisible):
        queries.visible_referral(stranger, referral.uuid)
    assert not queries.desk(stranger).rows


def test_a_redirected_referral_goes_on_under_its_sender(county):
    referral = a_referral(county)

    passed_on = actions.redirect_referral(
        referral=referral, to_facility_id=county.tcm.pk, reason_code="better-suited", by=county.du, at=later(3)
    )

    assert (referral.status, passed_on.status) == (Status.REDIRECTED, Status.SUBMITTED)
    assert (passed_on.origin, passed_on.from_facility, passed_on.consent) == (referral, county.clinic, referral.consent)
    assert queries.visible_referral(county.alma, passed_on.uuid) == passed_on
    stranger = county.actor(county.user("other-desk", "referral-desk", county.tcm))
    assert queries.visible_referral(stranger, passed_on.uuid) == passed_on


def test_the_hold_lasts_as_the_definition_says(county):
    ordinary = a_referral(county, status=Status.ACCEPTED)
    emergency = a_referral(county, status=Status.ACCEPTED, channel="emergency")

    assert ordinary.hold_until == ordinary.due_at == NOW + timedelta(days=7)
    assert emergency.hold_until == NOW + timedelta(hours=24)


def test_a_hold_in_the_past_is_refused(county):
    with pytest.raises(InvalidInput):
        actions.accept_referral(referral=a_referral(county), hold=Hold("BED", "12床", NOW), by=county.du, at=NOW)


def test_taking_back_plans_follow_up_at_three_levels_and_closes_the_way_up(county):
    down = a_down_referral(county)

    actions.receive_back(referral=down, by=county.tang, at=later(30))

    tasks = {task.facility: task for task in FollowUpTask.objects.filter(origin_uuid=down.uuid)}
    assert set(tasks) == {county.clinic, county.township, county.hospital}
    assert tasks[county.clinic].due_on.isoformat() == "2026-12-04"
    assert tasks[county.clinic].plan == DOWN_SLIP.plan
    assert {facility: task.level for facility, task in tasks.items()} == {
        county.clinic: "VILLAGE", county.township: "TOWNSHIP", county.hospital: "COUNTY",
    }  # fmt: skip
    down.origin.refresh_from_db()
    assert down.origin.status == Status.CLOSED
    assert [change.became for change in down.origin.status_changes.all()][-3:] == [
        "RETURNED",
        "RECEIVED_BACK",
        "CLOSED",
    ]


def test_a_declined_way_back_gives_the_patient_back_to_the_hospital(county):
    down = a_down_referral(county)

    actions.decline_referral(referral=down, reason_code="outside-scope", by=county.tang, at=later(5))

    origin = down.origin
    origin.refresh_from_db()
    assert origin.status == Status.DISCHARGED
    assert origin.due_at is not None
    assert send_down(county, origin, at=later(9)).status == Status.SUBMITTED


def test_who_goes_home_directly_is_followed_up(county):
    referral = a_referral(county, status=Status.DISCHARGED)

    actions.close_referral(referral=referral, reason_code="returned-home", by=county.sun, at=later(5))

    assert {task.facility for task in FollowUpTask.objects.filter(origin_uuid=referral.uuid)} == {
        county.clinic,
        county.hospital,
    }


def test_what_a_level_does_not_do_is_handed_on_to_the_next(county):
    down = a_down_referral(county)
    actions.receive_back(referral=down, by=county.tang, at=later(30))
    tasks = {task.facility: task for task in FollowUpTask.objects.filter(origin_uuid=down.uuid)}

    for late in followups.long_overdue(on=clock.today(later(days=60))):
        hand_on(task=late, why="OVERDUE", by=system_actor("随访"), at=later(days=60))

    taken = {task.taken_over_from: task for task in FollowUpTask.objects.filter(taken_over_from__isnull=False)}
    assert (taken[tasks[county.hospital]].facility, taken[tasks[county.hospital]].level) == (county.clinic, "VILLAGE")
    assert (taken[tasks[county.clinic]].facility, taken[tasks[county.clinic]].level) == (county.township, "TOWNSHIP")
    assert tasks[county.township] not in taken  # nobody stands above it
    assert FollowUpTask.objects.get(pk=tasks[county.clinic].pk).status == "HANDED_ON"


def test_who_has_died_is_not_called(county):
    referral = a_referral(county, status=Status.DISCHARGED)

    actions.close_referral(referral=referral, reason_code="died", by=county.sun, at=later(5))

    assert not FollowUpTask.objects.exists()


def test_consent_is_added_once(county):
    referral = send(county, channel="emergency", consent=None, consent_waived="患者昏迷")
    actions.sign_later(referral=referral, consent=CONSENT, by=county.du, at=later(60))

    with pytest.raises(Conflict):
        actions.sign_later(referral=referral, consent=CONSENT, by=county.du, at=later(61))
    assert Referral.objects.get(pk=referral.pk).consent.signer_name == "王小麦"


def test_what_came_back_for_its_department_is_sent_again_with_one(county):
    referral = a_referral(county, status=Status.SENT_BACK)

    with pytest.raises(InvalidInput):
        actions.complete_and_resend(
            referral=referral, slip=UP_SLIP, to_department_id=county.rehab.pk, by=county.alma, at=later(5)
        )
    actions.complete_and_resend(
        referral=referral, slip=UP_SLIP, to_department_id=county.ward.pk, by=county.alma, at=later(5)
    )

    assert (referral.status, referral.to_department) == (Status.SUBMITTED, county.ward)


def test_who_agrees_signs_on_the_screen_or_on_a_sheet(county):
    with pytest.raises(InvalidInput) as refused:
        send(county, consent=dataclasses.replace(CONSENT, on_paper=False))

    assert "consent_signature" in refused.value.fields
    assert not Referral.objects.exists()
    assert send(county).consent.explained.startswith("纸质签署，原件留存转出机构。")


@pytest.mark.parametrize("kind", ["BED", "SLOT"])
def test_a_hold_says_where(county, kind):
    with pytest.raises(InvalidInput) as refused:
        actions.accept_referral(referral=a_referral(county), hold=Hold(kind, " "), by=county.du, at=later(1))
    assert "hold_text" in refused.value.fields


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.IN_CARE, Status.RETURNED])
def test_a_second_referral_of_a_visit_that_goes_on_has_to_be_meant(county, status):
    first = a_referral(county, status=status)
    again = {"resident": first.resident, "visit": first.visit, "to_facility_id": county.tcm.pk}

    with pytest.raises(Conflict) as refused:
        a_referral(county, **again)

    assert refused.value.code == "referral-open"
    assert a_referral(county, **again, acknowledged_open=True).status == Status.SUBMITTED


def test_a_draft_cannot_be_the_way_around_it(county):
    first = a_referral(county)
    draft = a_referral(
        county, status=Status.DRAFT, resident=first.resident, visit=first.visit, to_facility_id=county.tcm.pk
    )
    given = {"referral": draft, "slip": UP_SLIP, "consent": CONSENT, "by": county.alma, "at": later(1)}

    with pytest.raises(Conflict) as refused:
        actions.complete_and_resend(**given)

    assert refused.value.code == "referral-open"
    assert actions.complete_and_resend(**given, acknowledged_open=True).status == Status.SUBMITTED


def test_after_the_end_of_the_first_a_second_goes_out_as_any(county):
    first = a_referral(county, status=Status.CLOSED)

    assert a_referral(county, resident=first.resident, visit=first.visit).status == Status.SUBMITTED


@pytest.mark.parametrize("code", ["received-back", "followed-up", "recovered", "returned-home"])
def test_who_has_just_arrived_is_not_closed_for_what_comes_later(county, code):
    referral = a_referral(county, status=Status.ARRIVED)

    with pytest.raises(InvalidInput):
        actions.close_referral(referral=referral, reason_code=code, by=county.sun, at=later(5))


def test_the_second_to_answer_learns_who_was_first_and_when(county):
    referral = a_referral(county, status=Status.ACCEPTED)

    with pytest.raises(Conflict) as refused:
        actions.accept_referral(referral=referral, hold=Hold("BED", ""), by=county.du, at=later(9))

    assert str(refused.value) == "杜已于11-20 10:00处理这条转诊，现在的状态是“已接收”。"
