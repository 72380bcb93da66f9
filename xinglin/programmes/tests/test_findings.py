"""What others measured, what a finding waits for, and whom a programme excludes."""

from datetime import date

import pytest

from tests.factories import laboratory
from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.referrals import a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups.models import FollowUpTask
from xinglin.platform.errors import InvalidInput
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, jobs
from xinglin.programmes.models import Alert, Enrolment
from xinglin.referrals.states import Status as ReferralStatus
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
def test_a_finding_is_closed_when_its_referral_has_an_answer(county: County) -> None:
    enrolment = an_enrolment(county)
    a_programme_visit(
        county, enrolment, {"systolic": "192", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual=True
    )
    a_referral(county, resident=enrolment.resident, status=ReferralStatus.ACCEPTED, at=later(30))
    event = OutboxEvent.objects.filter(event="referral.accepted").latest("id")

    for _ in range(2):
        jobs.referral_answered(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    alert = Alert.objects.exclude(channel="").order_by("-level").first()
    assert alert is not None
    assert (alert.answer, alert.referral_uuid) == ("ACCEPTED", event.object_uuid)
    assert FollowUpTask.objects.get(origin_uuid=alert.uuid).status == "CANCELLED"


def test_a_diabetic_child_is_not_enrolled_whatever_is_written(county: County) -> None:
    child = a_resident(county, name="小宝", born_on=date(2016, 5, 5))

    with pytest.raises(InvalidInput) as refusal:
        actions.enrol_resident(resident=child, programme="diabetes", basis="县医院诊断", by=county.alma, at=NOW)

    assert refusal.value.code == "excluded"
    assert Enrolment.objects.count() == 0
