"""What others measured, what a finding waits for, and whom a programme excludes."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.factories import laboratory
from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.referrals import UP_SLIP, a_referral, take_step
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups.models import FollowUpTask
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, jobs, nightly
from xinglin.programmes.models import Alert, Enrolment, ManagedResident
from xinglin.referrals import actions as referral_actions
from xinglin.referrals.data import Route
from xinglin.referrals.states import Status as ReferralStatus
from xinglin.residents import api as residents
from xinglin.residents.api import measurements_of

pytestmark = pytest.mark.django_db


# What others measured ------------------------------------------------------------------------------------------------
def test_measurements_of_all_sources_come_together_newest_first(county: County) -> None:
    enrolment = an_enrolment(county, programme="diabetes")
    a_visit(resident=enrolment.resident, by=county.alma, at=later(days=-9))
    order = laboratory.released(
        county, {"GLUF": "8.4"}, panels=("glucose-fasting",), resident=enrolment.resident, at=later(days=-5)
    )
    wants = {
        "glucose_fasting": "7.4", "low_glucose_reaction": "none", "foot_pulse": "felt",
    }  # fmt: skip
    a_programme_visit(county, enrolment, wants, at=NOW, channel="PHONE", alert_answer="OTHER", alert_note="电话指导")

    found = measurements_of([enrolment.resident_id], ("8480-6", "14771-0"), since=later(days=-30))

    values = [(each.code, str(each.value.normalize()), (NOW - each.at).days) for each in found]
    assert values[0][2] == 0
    assert ("8480-6", "1.5E+2", 9) in values
    assert ("14771-0", "8.4", 4) in values
    assert str(order.uuid) in next(each.url for each in found if each.value == 8.4 or str(each.value).startswith("8.4"))


# Findings and referrals ----------------------------------------------------------------------------------------------
def a_promised_referral(county: County) -> Enrolment:
    """A visit that found something dangerous and promised to refer."""
    enrolment = an_enrolment(county, at=later(days=-9))
    a_programme_visit(
        county, enrolment, {"systolic": "192", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual=True
    )
    return enrolment


def answered_by(*events: str) -> Alert:
    """The finding and its task, after the job has seen these events of its referral, each twice."""
    for name in events:
        for event in OutboxEvent.objects.filter(event=name).order_by("id"):
            for _ in range(2):
                jobs.referral_answered(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
    return Alert.objects.exclude(channel="").order_by("-level", "id")[0]


def status_of_task(alert: Alert) -> str:
    return str(FollowUpTask.objects.get(origin_uuid=alert.uuid).status)


def test_a_finding_is_closed_when_its_referral_is_accepted_and_followed_up_until_he_arrives(county: County) -> None:
    referral = a_referral(
        county, resident=a_promised_referral(county).resident, status=ReferralStatus.ACCEPTED, at=later(30)
    )

    alert = answered_by("referral.accepted")
    assert (alert.answer, alert.referral_uuid) == ("ACCEPTED", referral.uuid)
    assert status_of_task(alert) == "PLANNED"

    take_step(county, referral, ReferralStatus.ARRIVED, at=later(90))
    assert status_of_task(answered_by("referral.arrived")) == "CANCELLED"


@pytest.mark.parametrize("status", [ReferralStatus.REJECTED, ReferralStatus.REDIRECTED])
def test_a_finding_stays_open_when_nobody_has_a_bed(county: County, status: ReferralStatus) -> None:
    a_referral(county, resident=a_promised_referral(county).resident, status=status, at=later(30))

    subscribed = {event for event in jobs.ANSWERS if OutboxEvent.objects.filter(event=event).exists()}

    assert subscribed == set()
    alert = answered_by()
    assert (alert.answered_at, status_of_task(alert)) == (None, "PLANNED")


def test_whoever_refuses_to_be_referred_is_followed_up_until_he_is_seen_again(county: County) -> None:
    enrolment = a_promised_referral(county)
    referral_actions.send_referral(
        resident=enrolment.resident, visit=a_visit(resident=enrolment.resident, by=county.alma, at=later(20)),
        route=Route(county.clinic.pk, county.hospital.pk, "ordinary"), slip=UP_SLIP,
        consent=residents.ConsentGiven(agreed=False, explained="已说明不转诊的风险", signer_name="王小麦", on_paper=True),
        by=county.alma, at=later(30),
    )  # fmt: skip

    alert = answered_by("referral.refused-by-patient")

    assert (alert.answer, status_of_task(alert)) == ("REFUSED", "PLANNED")
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=3))
    assert status_of_task(alert) == "CANCELLED"


def a_referral_nobody_arrived_from(county: County) -> tuple[Enrolment, Alert]:
    """A finding answered by a referral that was accepted; he has not been seen yet."""
    enrolment = a_promised_referral(county)
    a_referral(county, resident=enrolment.resident, status=ReferralStatus.ACCEPTED, at=later(30))
    alert = answered_by("referral.accepted")
    assert status_of_task(alert) == "PLANNED"
    enrolment.refresh_from_db()
    return enrolment, alert


def test_nobody_is_followed_up_for_a_referral_after_managing_ended(county: County) -> None:
    enrolment, alert = a_referral_nobody_arrived_from(county)

    actions.end_enrolment(enrolment=enrolment, reason_code="REFUSED", by=county.alma, at=later(60))

    assert status_of_task(alert) == "CANCELLED"
    alert.refresh_from_db()
    assert alert.answer == "ACCEPTED"


def test_a_death_entered_by_mistake_leaves_him_to_be_followed_up_for_his_referral(county: County) -> None:
    enrolment, alert = a_referral_nobody_arrived_from(county)
    said: dict[str, Any] = {"resident": enrolment.resident, "reason_code": "DIED", "by": county.alma}
    actions.end_all_of(on=date(2026, 11, 20), at=later(60), **said)
    assert status_of_task(alert) == "CANCELLED"

    actions.take_up_all_of(on=date(2026, 11, 20), at=later(90), **said)

    assert status_of_task(alert) == "PLANNED"
    alert.refresh_from_db()
    assert alert.answer == "ACCEPTED"


def test_nobody_is_followed_up_for_a_typing_error_that_was_put_right(county: County) -> None:
    enrolment, alert = a_referral_nobody_arrived_from(county)

    actions.amend_programme_visit(
        visit=alert.visit,
        content=seen(happened_at=alert.visit.happened_at),
        reason="误录",
        by=county.alma,
        at=later(60),
    )

    assert status_of_task(alert) == "CANCELLED"
    enrolment.refresh_from_db()
    assert enrolment.severity == 0


def test_a_referral_answered_as_an_earlier_version_queued_it_changes_nothing(county: County) -> None:
    a_referral(county, resident=a_promised_referral(county).resident, status=ReferralStatus.REJECTED, at=later(30))

    alert = answered_by("referral.declined")

    assert OutboxEvent.objects.filter(event="referral.declined").exists()
    assert (alert.answered_at, status_of_task(alert)) == (None, "PLANNED")


def test_a_finding_written_down_offline_is_closed_by_the_referral_sent_before_it_arrived(county: County) -> None:
    resident = an_enrolment(county, at=later(days=-9)).resident
    a_referral(county, resident=resident, status=ReferralStatus.ACCEPTED, at=later(10))
    a_programme_visit(
        county, Enrolment.objects.get(), {"systolic": "192", "diastolic": "112"}, alert_answer="REFER",
        confirmed_unusual=True, happened_at=NOW, at=later(500),
    )  # fmt: skip

    for event in OutboxEvent.objects.filter(event="programme.alerted"):
        jobs.alert_raised(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    assert {each.answer for each in Alert.objects.exclude(channel="")} == {"ACCEPTED"}


def test_the_arrival_closes_a_finding_that_reached_the_server_after_the_referral_was_sent(county: County) -> None:
    resident = an_enrolment(county, at=later(days=-9)).resident
    referral = a_referral(county, resident=resident, status=ReferralStatus.ACCEPTED, at=later(10))
    a_programme_visit(
        county, Enrolment.objects.get(), {"systolic": "192", "diastolic": "112"}, alert_answer="REFER",
        confirmed_unusual=True, happened_at=NOW, at=later(500),
    )  # fmt: skip
    take_step(county, referral, ReferralStatus.ARRIVED, at=later(600))

    assert answered_by("referral.arrived").answer == "ARRIVED"


#: Everything but the pressure: nothing of it can tell whether he is controlled.
UNMEASURED = {"systolic": "", "diastolic": ""}
HIGH = {"systolic": "154", "diastolic": "94"}
PROMISED = {"alert_answer": "REFER", "confirmed_unusual": True}


def open_codes(enrolment: Enrolment) -> list[str]:
    return sorted(Alert.objects.filter(enrolment=enrolment, answered_at=None).values_list("code", flat=True))


def twice_high(county: County) -> Enrolment:
    """Twice not controlled, the referral promised and not sent."""
    enrolment = an_enrolment(county, at=later(days=-60))
    a_programme_visit(county, enrolment, HIGH, at=later(days=-40))
    a_programme_visit(county, enrolment, HIGH, at=later(days=-20), **PROMISED)
    assert open_codes(enrolment) == ["not-controlled-twice"]
    return enrolment


def test_a_promised_referral_stays_open_when_a_later_visit_did_not_measure(county: County) -> None:
    enrolment = twice_high(county)

    a_programme_visit(county, enrolment, UNMEASURED, at=NOW, channel="PHONE")

    assert open_codes(enrolment) == ["not-controlled-twice"]
    assert FollowUpTask.objects.get(origin_uuid=Alert.objects.get().uuid).status == "PLANNED"
    enrolment.refresh_from_db()
    assert enrolment.severity == 3
    assert ManagedResident.objects.get(resident=enrolment.resident).severity == 3
    assert nightly.check_piece([enrolment.resident_id], later(60)).n_changed == 0


def test_a_later_measurement_refutes_what_was_found(county: County) -> None:
    enrolment = twice_high(county)
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=-5), channel="PHONE")

    a_programme_visit(county, enrolment, at=NOW)

    assert open_codes(enrolment) == []
    assert Alert.objects.get().answer == "SEEN"
    enrolment.refresh_from_db()
    assert enrolment.severity == 0


def test_what_is_found_again_stands_once_at_the_later_visit(county: County) -> None:
    enrolment = twice_high(county)
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=-5), channel="PHONE")

    newest = a_programme_visit(county, enrolment, HIGH, at=NOW, **PROMISED)

    assert list(Alert.objects.filter(answered_at=None).values_list("visit_id", "code")) == [
        (newest.pk, "not-controlled-twice")
    ]


def test_a_finding_that_arrives_after_a_visit_without_measurement_is_open(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-60))
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=-2), channel="PHONE")

    late = {"systolic": "186", "diastolic": "112"}
    a_programme_visit(county, enrolment, late, at=NOW, happened_at=later(days=-10), **PROMISED)

    assert open_codes(enrolment) == ["bp-emergency"]


def test_what_was_done_instead_was_said_at_the_visit_and_he_was_seen_again(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-60))
    refused = {"alert_answer": "REFUSED", "alert_note": "本人拒绝", "confirmed_unusual": True}
    a_programme_visit(county, enrolment, {"systolic": "186", "diastolic": "112"}, at=later(days=-10), **refused)
    assert open_codes(enrolment) == ["bp-emergency"]

    a_programme_visit(county, enrolment, UNMEASURED, at=NOW, channel="PHONE")

    assert open_codes(enrolment) == []


def test_who_acted_otherwise_says_so_and_the_resident_is_serious_no_more(county: County) -> None:
    enrolment = twice_high(county)
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=-5), channel="PHONE")
    alert = Alert.objects.get(answered_at=None)
    with pytest.raises(InvalidInput):
        actions.answer_alert(alert=alert, answer="REFERRED", note=" ", by=county.alma, at=NOW)
    with pytest.raises(InvalidInput):
        actions.answer_alert(alert=alert, answer="REFER", note="明天转", by=county.alma, at=NOW)

    answered = actions.answer_alert(alert=alert, answer="REFERRED", note="已在县医院调整用药", by=county.alma, at=NOW)

    assert (answered.answer, answered.answer_note) == ("REFERRED", "已在县医院调整用药")
    assert FollowUpTask.objects.get(origin_uuid=alert.uuid).status == "CANCELLED"
    enrolment.refresh_from_db()
    assert enrolment.severity == 0
    assert nightly.check_piece([enrolment.resident_id], later(60)).n_changed == 0
    with pytest.raises(Conflict):
        actions.answer_alert(alert=alert, answer="OTHER", note="再记一次", by=county.alma, at=NOW)


def test_the_page_shows_what_stands_and_takes_its_answer(county: County, client: Client) -> None:
    enrolment = twice_high(county)
    a_programme_visit(county, enrolment, UNMEASURED, at=later(days=-5), channel="PHONE")
    sign_in(client, county.users["alma"])
    alert = Alert.objects.get(answered_at=None)

    form = client.get(f"/programmes/resident/{enrolment.resident.uuid}/visit/").content.decode()
    assert "还没有处理结果" in form
    refused = client.post(f"/programmes/alerts/{alert.uuid}/answer/", {"answer": "REFERRED", "note": ""})
    assert refused.status_code == 422
    done = client.post(f"/programmes/alerts/{alert.uuid}/answer/", {"answer": "REFERRED", "note": "已在县医院就诊"})

    assert done.status_code == 302
    assert open_codes(enrolment) == []


def test_a_diabetic_child_is_not_enrolled_whatever_is_written(county: County) -> None:
    child = a_resident(county, name="小宝", born_on=date(2016, 5, 5))

    with pytest.raises(InvalidInput) as refusal:
        actions.enrol_resident(resident=child, programme="diabetes", basis="县医院诊断", by=county.alma, at=NOW)

    assert refusal.value.code == "excluded"
    assert Enrolment.objects.count() == 0
