"""Critical values: acknowledged, handled, closed, escalated. Nobody closes one silently."""

import pytest

from tests.factories.county import County, later
from tests.factories.diagnostics import INFARCTION, a_critical, a_request
from xinglin.diagnostics import actions
from xinglin.diagnostics.models import Escalation
from xinglin.diagnostics.states import CriticalStatus
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord

SYSTEM = system_actor("escalation")


def test_acknowledge_in_time(county: County):
    critical = a_critical(county, status=CriticalStatus.CONFIRMED)

    assert critical.is_in_time
    assert critical.read_back == "急性下壁心梗，立即转诊"
    assert AuditRecord.objects.get(event="critical.confirmed").detail == {"in_time": True}


def test_acknowledge_late_is_recorded_as_late(county: County):
    critical = a_critical(county)

    critical = actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=later(60))

    assert critical.is_in_time is False
    assert AuditRecord.objects.get(event="critical.confirmed").detail == {"in_time": False}


def test_acknowledge_exactly_at_the_limit_is_in_time(county: County):
    critical = a_critical(county)

    critical = actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=critical.due_at)

    assert critical.is_in_time


def test_acknowledge_without_read_back_is_refused(county: County):
    with pytest.raises(InvalidInput):
        actions.acknowledge_critical(critical=a_critical(county), read_back=" ", by=county.alma, at=later(3))


def test_acknowledge_twice_is_a_conflict(county: County):
    critical = a_critical(county, status=CriticalStatus.CONFIRMED)

    with pytest.raises(Conflict) as refusal:
        actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=later(9))

    assert refusal.value.code == "already-acknowledged"


@pytest.mark.parametrize("who", ["bo", "cai", "sib"])
def test_acknowledge_is_for_the_sending_unit(county: County, who: str):
    with pytest.raises(NotPermitted):
        actions.acknowledge_critical(
            critical=a_critical(county), read_back="急性心梗", by=getattr(county, who), at=later(3)
        )


def test_handle_before_acknowledging_is_a_conflict(county: County):
    with pytest.raises(Conflict):
        actions.handle_critical(critical=a_critical(county), handling="已转诊", by=county.alma, at=later(3))


def test_handle_then_close(county: County):
    critical = a_critical(county, status=CriticalStatus.CLOSED)

    steps = [change.became for change in critical.status_changes.all()]
    assert steps == ["NOTIFIED", "CONFIRMED", "HANDLED", "CLOSED"]
    assert critical.handled_by_name == "阿尔玛"


def test_close_before_handling_is_a_conflict(county: County):
    with pytest.raises(Conflict):
        actions.close_critical(critical=a_critical(county, status=CriticalStatus.CONFIRMED), by=county.bo, at=later(9))


def test_close_is_for_the_centre(county: County):
    with pytest.raises(NotPermitted):
        actions.close_critical(critical=a_critical(county, status=CriticalStatus.HANDLED), by=county.alma, at=later(9))


def test_escalate_tells_the_managing_unit_then_the_centre(county: County):
    critical = a_critical(county)
    limit = critical.due_at - critical.notified_at

    first = actions.escalate_critical(critical=critical, level=1, by=SYSTEM, at=critical.due_at)
    second = actions.escalate_critical(critical=critical, level=2, by=SYSTEM, at=critical.due_at + limit)

    assert (first.facility_id, second.facility_id) == (county.township.pk, county.hospital.pk)
    critical.refresh_from_db()
    assert (critical.escalation, critical.status) == (2, CriticalStatus.NOTIFIED)


def test_escalate_of_a_unit_without_manager_tells_the_centre(county: County):
    from tests.factories.residents import a_resident

    county.tang  # noqa: B018 - the township doctor sends from the township hospital
    resident = a_resident(county)
    request = a_request(
        county,
        status="FINAL",
        report=INFARCTION,
        resident=resident,
        from_facility_id=county.township.pk,
        by=county.tang,
    )
    critical = request.critical_values.get()

    escalation = actions.escalate_critical(critical=critical, level=1, by=SYSTEM, at=critical.due_at)

    assert escalation.facility_id == county.hospital.pk


@pytest.mark.parametrize(
    ("status", "level", "minutes", "code"),
    [
        ("NOTIFIED", 1, 11, "not-due"),
        ("NOTIFIED", 2, 90, "already-escalated"),
        ("CONFIRMED", 1, 90, "already-acknowledged"),
        ("SUPERSEDED", 1, 90, "already-acknowledged"),
    ],
)
def test_escalate_only_what_is_due_and_unanswered(county: County, status: str, level: int, minutes: int, code: str):
    critical = a_critical(county, status=status)

    with pytest.raises(Conflict) as refusal:
        actions.escalate_critical(critical=critical, level=level, by=SYSTEM, at=later(minutes))

    assert refusal.value.code == code
    assert not Escalation.objects.exists()


def test_escalate_by_a_person_is_refused(county: County):
    with pytest.raises(NotPermitted):
        actions.escalate_critical(critical=a_critical(county), level=1, by=county.bo, at=later(90))


def test_acknowledged_after_escalation_keeps_both_on_record(county: County):
    critical = a_critical(county)
    actions.escalate_critical(critical=critical, level=1, by=SYSTEM, at=critical.due_at)

    critical = actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=later(20))

    assert (critical.status, critical.escalation, critical.is_in_time) == (CriticalStatus.CONFIRMED, 1, False)
