"""Recording, signing, voiding and correcting visits: one test for each way out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from tests.factories.visits import AMLODIPINE, HYPERTENSION, a_term, a_visit
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, StaleStatus
from xinglin.platform.models import AuditRecord, OutboxEvent
from xinglin.residents.models import RosterEntry
from xinglin.visits import actions
from xinglin.visits.data import Content, DiagnosisIn, OrderIn, PrescriptionIn, Vitals
from xinglin.visits.events import Event
from xinglin.visits.models import Visit
from xinglin.visits.states import Status


def test_record_visit_writes_everything_in_one_go(county: County) -> None:
    resident = a_resident(county)
    a_term()

    visit = actions.record_visit(
        resident=resident, facility_id=county.clinic.pk,
        content=Content(
            vitals=Vitals(systolic=186, diastolic=112, temperature=Decimal("36.6")), complaint=" 胸闷1天 ",
            diagnoses=[HYPERTENSION], prescriptions=[AMLODIPINE], orders=[OrderIn("吸氧", "2L/min")],
        ),
        by=county.alma, at=NOW,
    )  # fmt: skip

    visit.refresh_from_db()
    assert (visit.status, visit.systolic, visit.diastolic, visit.complaint) == (Status.SIGNED, 186, 112, "胸闷1天")
    assert (visit.tier, visit.clinician_name, visit.started_at, visit.recorded_at) == ("VILLAGE", "阿尔玛", NOW, NOW)
    assert visit.temperature == Decimal("36.6")
    assert [(d.code, d.name, d.is_primary) for d in visit.diagnoses.all()] == [("I10.x00", "高血压", True)]
    assert [p.medicine for p in visit.prescriptions.all()] == ["苯磺酸氨氯地平片"]
    assert [(o.item, o.note) for o in visit.orders.all()] == [("吸氧", "2L/min")]
    assert [(c.was, c.became) for c in visit.status_changes.all()] == [("", "OPEN"), ("OPEN", "SIGNED")]
    record = AuditRecord.objects.get(event=Event.RECORDED)
    assert (record.subject_uuid, record.place, record.detail) == (resident.uuid, county.clinic.pk, {"signed": True})
    assert OutboxEvent.objects.get(event=Event.RECORDED).object_uuid == visit.uuid


def test_record_visit_of_another_clinics_resident_is_not_found(county: County) -> None:
    resident = a_resident(county)
    a_term()

    with pytest.raises(NotVisible):
        actions.record_visit(
            resident=resident,
            facility_id=county.other_clinic.pk,
            content=Content(diagnoses=[HYPERTENSION]),
            by=county.cai,
            at=NOW,
        )

    assert not Visit.objects.exists()


def test_record_visit_at_a_facility_of_others_is_refused(county: County) -> None:
    with pytest.raises(NotPermitted):
        actions.record_visit(
            resident=a_resident(county), facility_id=county.hospital.pk, content=Content(), by=county.alma, at=NOW
        )


@pytest.mark.parametrize("who", ["bo", "du", "mei"])
def test_record_visit_by_other_roles_is_refused(county: County, who: str) -> None:
    actor = getattr(county, who)

    with pytest.raises(NotPermitted):
        actions.record_visit(
            resident=a_resident(county), facility_id=county.hospital.pk, content=Content(), by=actor, at=NOW
        )


def test_a_township_doctor_puts_the_resident_on_his_own_roster(county: County) -> None:
    resident = a_resident(county)

    a_visit(resident=resident, by=county.tang)

    assert RosterEntry.objects.get(resident=resident, facility=county.township).served_at == NOW


def test_a_late_entry_keeps_both_moments(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma, at=NOW, started_at=NOW - timedelta(days=2))

    assert (visit.started_at, visit.recorded_at) == (NOW - timedelta(days=2), NOW)


def test_a_visit_in_the_future_is_refused(county: County) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_visit(resident=a_resident(county), by=county.alma, at=NOW, started_at=later(1))

    assert set(refusal.value.fields) == {"started_at"}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"kind": "TELEPATHY"}, "kind"),
        ({"complaint": "痛" * 501}, "complaint"),
        ({"advice": "a\x00b"}, "advice"),
        ({"diagnoses": [HYPERTENSION, HYPERTENSION]}, "diagnoses"),
        ({"prescriptions": [PrescriptionIn("", "5mg", "每日1次", 7)]}, "prescriptions.0.medicine"),
        ({"prescriptions": [PrescriptionIn("阿司匹林", "5mg", "每日1次", 0)]}, "prescriptions.0.days"),
        ({"prescriptions": [PrescriptionIn("阿司匹林", "5mg", "每日1次", 365)]}, "prescriptions.0.days"),
        ({"prescriptions": [AMLODIPINE] * 51}, "prescriptions"),
        ({"orders": [OrderIn(" ")]}, "orders.0.item"),
        ({"vitals": Vitals(systolic=1200, diastolic=80)}, "systolic"),
        ({"vitals": Vitals(systolic=80, diastolic=120)}, "diastolic"),
        ({"vitals": Vitals(systolic=120)}, "diastolic"),
        ({"vitals": Vitals(temperature=Decimal("36.55"))}, "temperature"),
        ({"vitals": Vitals(glucose=Decimal("NaN"))}, "glucose"),
        ({"vitals": Vitals(glucose=Decimal("6.1"), glucose_when="NOON")}, "glucose_when"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(county: County, content: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_visit(resident=a_resident(county), by=county.alma, **content)

    assert set(refusal.value.fields) == {field}
    assert not Visit.objects.exists()


def test_an_unusual_value_is_taken_once_it_is_confirmed(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(InvalidInput) as refusal:
        a_visit(resident=resident, by=county.alma, vitals=Vitals(systolic=240, diastolic=118))
    confirmed = a_visit(
        resident=resident, by=county.alma, vitals=Vitals(systolic=240, diastolic=118, confirmed_unusual=True)
    )

    assert refusal.value.code == "vitals-unusual"
    assert set(refusal.value.fields) == {"systolic", "confirmed_unusual"}
    assert confirmed.confirmed_unusual


def test_an_unknown_or_ended_code_is_refused(county: County) -> None:
    resident = a_resident(county)
    a_term("I10.x01", "旧编码", valid_until=NOW.date())

    for code in ("X99.999", "I10.x01"):
        with pytest.raises(InvalidInput) as refusal:
            actions.record_visit(
                resident=resident,
                facility_id=county.clinic.pk,
                content=Content(diagnoses=[DiagnosisIn(code, "")]),
                by=county.alma,
                at=NOW,
            )
        assert set(refusal.value.fields) == {"diagnoses.0.code"}


def test_a_diagnosis_without_a_name_gets_that_of_the_table(county: County) -> None:
    a_term()

    visit = actions.record_visit(
        resident=a_resident(county),
        facility_id=county.clinic.pk,
        content=Content(diagnoses=[DiagnosisIn("I10.x00", "")]),
        by=county.alma,
        at=NOW,
    )

    assert visit.diagnoses.get().name == "高血压"


def test_signing_needs_a_diagnosis_saving_does_not(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(Conflict):
        a_visit(resident=resident, by=county.alma, diagnoses=[])
    kept = a_visit(resident=resident, by=county.alma, diagnoses=[], status=Status.OPEN)

    assert kept.status == Status.OPEN
    with pytest.raises(Conflict):
        actions.sign_visit(visit=kept, by=county.alma, at=later(5))


def test_no_visit_after_death_or_before_birth(county: County) -> None:
    resident = a_resident(county)
    with pytest.raises(Conflict) as before_birth:
        a_visit(resident=resident, by=county.alma, started_at=NOW - timedelta(days=365 * 80))
    type(resident).objects.filter(pk=resident.pk).update(died_on=(NOW - timedelta(days=30)).date(), status="DECEASED")

    with pytest.raises(Conflict) as after_death:
        a_visit(resident=resident, by=county.alma)
    late = a_visit(resident=resident, by=county.alma, started_at=NOW - timedelta(days=31))

    assert (before_birth.value.code, after_death.value.code) == ("before-birth", "after-death")
    assert late.status == Status.SIGNED


def test_a_closed_facility_takes_no_visit(county: County) -> None:
    resident = a_resident(county)
    type(county.clinic).objects.filter(pk=county.clinic.pk).update(status="SUSPENDED")

    with pytest.raises(Conflict) as refusal:
        a_visit(resident=resident, by=county.alma)

    assert refusal.value.code == "facility-not-open"


def test_only_the_clinician_signs_and_only_once(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma, status=Status.OPEN)

    with pytest.raises(NotPermitted):
        actions.sign_visit(visit=visit, by=county.tang, at=later(5))
    actions.sign_visit(visit=visit, by=county.alma, at=later(5))

    assert (visit.status, visit.status_changed_at) == (Status.SIGNED, later(5))
    assert AuditRecord.objects.filter(event=Event.SIGNED).count() == 1
    with pytest.raises(Conflict):
        actions.sign_visit(visit=visit, by=county.alma, at=later(6))


def test_the_loser_of_two_signatures_learns_it(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma, status=Status.OPEN)
    stale = Visit.objects.get(pk=visit.pk)
    actions.sign_visit(visit=visit, by=county.alma, at=later(5))

    with pytest.raises(StaleStatus):
        actions.sign_visit(visit=stale, by=county.alma, at=later(6))


def test_voiding_leaves_a_trail(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)

    actions.void_visit(visit=visit, reason="录错人", by=county.tang, at=later(10))

    change = visit.status_changes.last()
    assert (change.was, change.became, change.reason, change.changed_by_name) == ("SIGNED", "VOIDED", "录错人", "唐")
    assert AuditRecord.objects.get(event=Event.VOIDED).reason == "录错人"
    assert visit.diagnoses.count() == 1
    with pytest.raises(Conflict):
        actions.void_visit(visit=visit, reason="再次作废", by=county.alma, at=later(11))


@pytest.mark.parametrize("reason", ["", "   ", "长" * 501])
def test_voiding_needs_a_reason(county: County, reason: str) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)

    with pytest.raises(InvalidInput):
        actions.void_visit(visit=visit, reason=reason, by=county.alma, at=later(10))

    visit.refresh_from_db()
    assert visit.status == Status.SIGNED


def test_voiding_at_another_facility_is_refused(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)

    with pytest.raises(NotPermitted):
        actions.void_visit(visit=visit, reason="录错人", by=county.sun, at=later(10))


def test_the_correcting_visit_names_the_replaced_one(county: County) -> None:
    wrong = a_visit(resident=a_resident(county), by=county.alma)

    right = actions.correct_visit(
        visit=wrong, reason="血压录错",
        content=Content(vitals=Vitals(systolic=136, diastolic=84), diagnoses=[HYPERTENSION]), by=county.alma, at=later(10),
    )  # fmt: skip

    wrong.refresh_from_db()
    assert (wrong.status, right.status, right.replaces_id) == (Status.VOIDED, Status.SIGNED, wrong.pk)
    assert (right.started_at, right.recorded_at, right.facility_id) == (NOW, later(10), county.clinic.pk)
    with pytest.raises(Conflict) as refusal:
        actions.correct_visit(
            visit=wrong, reason="再改", content=Content(diagnoses=[HYPERTENSION]), by=county.alma, at=later(11)
        )
    assert refusal.value.code == "already-replaced"


def test_a_correction_that_cannot_be_voids_nothing(county: County) -> None:
    wrong = a_visit(resident=a_resident(county), by=county.alma)

    with pytest.raises(InvalidInput):
        actions.correct_visit(
            visit=wrong, reason="血压录错",
            content=Content(vitals=Vitals(systolic=999, diastolic=84), diagnoses=[HYPERTENSION]), by=county.alma, at=later(10),
        )  # fmt: skip

    wrong.refresh_from_db()
    assert wrong.status == Status.SIGNED
