"""What others read of visits: the front door, the timeline, the workbench, the summary, visibility."""

import struct
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from tests.factories.accounts import an_emergency
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from tests.factories.visits import AMLODIPINE, a_visit
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import Actor, HeldGrant
from xinglin.platform.errors import NotVisible
from xinglin.residents import timeline
from xinglin.residents.api import ids_of_person
from xinglin.visits import api, documents, queries
from xinglin.visits.data import OrderIn, Vitals
from xinglin.visits.states import LOOKS, TRANSITIONS, Status
from xinglin.visits.timeline import visit_entries


def test_latest_vitals_are_those_of_the_latest_visit_that_measured(county: County) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=later(days=-9), vitals=Vitals(systolic=160, diastolic=98))
    a_visit(
        resident=resident,
        by=county.alma,
        at=later(days=-5),
        vitals=Vitals(glucose=Decimal("7.8"), glucose_when="FASTING"),
    )
    a_visit(resident=resident, by=county.alma, at=later(days=-2), vitals=Vitals())
    a_visit(resident=resident, by=county.alma, at=later(days=-1), status=Status.VOIDED)

    found = api.latest_vitals([resident.pk])

    assert found is not None
    assert (found.measured, found.glucose_when, found.measured_at) == (
        {"glucose": Decimal("7.8")},
        "FASTING",
        later(days=-5),
    )
    assert api.latest_vitals([resident.pk + 1]) is None


def test_the_summary_tells_the_visit_in_a_few_lines(county: County) -> None:
    visit = a_visit(
        resident=a_resident(county), by=county.alma, vitals=Vitals(systolic=186, diastolic=112), complaint="胸闷1天",
        orders=[OrderIn("吸氧")],
    )  # fmt: skip

    text = api.visit_summary(visit)

    assert text.splitlines() == [
        "2026-11-20 10:00 东沟村卫生室 阿尔玛",
        "主诉：胸闷1天",
        "生命体征：血压 186/112 mmHg",
        "诊断：高血压（I10.x00）",
        "用药：苯磺酸氨氯地平片 5mg 每次5mg 口服 每日1次 共28天",
        "处置：吸氧",
        "医嘱：低盐饮食，按时服药",
    ]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("alma", True), ("tang", True), ("sib", False), ("cai", False), ("sun", False), ("bo", False), ("mei", False)],
)
def test_who_sees_a_visit(county: County, who: str, sees: bool) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)
    actor = getattr(county, who)

    if sees:
        assert api.visible_visit(actor, visit.uuid, at=NOW) == visit
    else:
        with pytest.raises(NotVisible):
            api.visible_visit(actor, visit.uuid, at=NOW)


def test_a_role_without_visits_sees_none_of_a_resident_it_sees(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)
    technician = county.actor(county.user("tec", "technician", county.clinic))

    with pytest.raises(NotVisible):
        api.visible_visit(technician, visit.uuid, at=NOW)
    assert visit_entries(technician, [visit.resident_id], later(1), 10) == []


def test_a_resident_reads_his_own_visit(county: County) -> None:
    visit = a_visit(resident=a_resident(county), by=county.alma)
    own = HeldGrant("resident", frozenset(str(each) for each in ROLES["resident"].permissions), frozenset())
    himself = Actor(kind="user", user_id=99, self_uuid=visit.resident.uuid, grants=(own,))

    assert api.visible_visit(himself, visit.uuid, at=NOW) == visit
    assert len(visit_entries(himself, [visit.resident_id], later(1), 10)) == 1


def test_an_open_emergency_access_shows_the_visit(county: County) -> None:
    from xinglin.accounts.models import EmergencyAccess

    visit = a_visit(resident=a_resident(county), by=county.alma)
    with pytest.raises(NotVisible):
        api.visible_visit(county.sun, visit.uuid, at=NOW)
    EmergencyAccess.objects.create(
        user=county.users["sun"], subject_uuid=visit.resident.uuid, reason="昏迷送院", opened_at=NOW, ends_at=later(60)
    )

    assert api.visible_visit(county.sun, visit.uuid, at=later(5)) == visit
    with pytest.raises(NotVisible):
        api.visible_visit(county.sun, visit.uuid, at=later(61))


def test_an_open_emergency_access_is_for_reading_only(county: County) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma)
    an_emergency(county.sun, resident.uuid, at=NOW)

    with pytest.raises(NotVisible):
        a_visit(resident=resident, by=county.sun, at=later(5))


def test_visits_stand_on_the_timeline(county: County) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, vitals=Vitals(systolic=186, diastolic=112), complaint="胸闷1天")
    a_visit(resident=resident, by=county.tang, at=later(10), status=Status.VOIDED)

    void, danger = [
        entry
        for entry in timeline.entries(county.alma, ids_of_person(resident), before=later(60), limit=20)
        if entry.kind == "visit"
    ]

    assert (danger.title, danger.tone, danger.facility_name, danger.by_name) == (
        "门诊就诊",
        "critical",
        "东沟村卫生室",
        "阿尔玛",
    )
    assert danger.detail.splitlines() == ["胸闷1天", "血压 186/112 mmHg", "高血压"]
    assert (void.title, void.tone) == ("门诊（已作废）", "")


def test_the_timeline_asks_twice_whatever_the_number_of_rows(county: County, django_assert_num_queries: Any) -> None:
    resident = a_resident(county)
    for days in range(8):
        a_visit(resident=resident, by=county.alma, at=later(days=-days))

    with django_assert_num_queries(2):
        entries = visit_entries(county.alma, [resident.pk], later(1), 20)

    assert len(entries) == 8
    assert len(visit_entries(county.alma, [resident.pk], later(days=-3), 20)) == 4


def test_unsigned_visits_wait_on_the_workbench_of_their_clinician(county: County) -> None:
    resident = a_resident(county)
    waiting = a_visit(resident=resident, by=county.alma, status=Status.OPEN)
    a_visit(resident=resident, by=county.alma)

    (item,) = api.waiting_for(county.alma, at=NOW)

    assert (item.title, item.url) == ("王小麦：病历待签名", f"/visits/{waiting.uuid}/")
    assert api.waiting_for(county.tang, at=NOW) == []


def test_recent_diagnoses_are_different_and_newest_first(county: County) -> None:
    from xinglin.visits.data import DiagnosisIn

    resident = a_resident(county)
    a_visit(
        resident=resident, by=county.alma, at=later(days=-3), diagnoses=[DiagnosisIn("J06.900", "急性上呼吸道感染")]
    )
    a_visit(resident=resident, by=county.alma, at=later(days=-2))
    a_visit(resident=resident, by=county.alma, at=later(days=-1))

    assert [each.code for each in queries.recent_diagnoses([resident.pk])] == ["I10.x00", "J06.900"]


def test_the_summary_says_what_the_visit_says(county: County) -> None:
    visit = a_visit(
        resident=a_resident(county, allergies="青霉素"),
        by=county.alma,
        vitals=Vitals(systolic=186, diastolic=112, pulse=96),
    )

    said = documents.summary_data(visit, at=NOW)

    assert said["facility"] == "东沟村卫生室"
    assert ["姓名", "王小麦"] in said["person"]
    assert said["vitals"] == [["血压", "186/112 mmHg"], ["脉搏", "96 次/分"]]
    assert said["allergies"] == ["过敏史", "青霉素"]
    assert said["diagnoses"] == [["高血压", "I10.x00", "ICD-10"]]
    assert said["prescriptions"] == [["苯磺酸氨氯地平片 5mg", "5mg", "口服 每日1次", "共28天", AMLODIPINE.quantity]]
    assert (said["stamp"], said["signed"]) == ("", "电子签名 2026-11-20 10:00")
    assert visit.resident.id_number not in str(said)
    with translation.override("en"):
        assert documents.summary_data(visit, at=NOW)["title"] == "Visit summary"


def test_the_summary_is_one_page_of_a5_and_a_void_one_is_marked(county: County) -> None:
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.alma)
    pdf = documents.visit_summary_pdf(visit, at=NOW)
    before = documents.visit_summary_pdf(visit, at=NOW, form="png")
    api.void_visit(visit=visit, reason="录错人", by=county.alma, at=later(1))
    after = documents.visit_summary_pdf(visit, at=NOW, form="png")

    width, height = struct.unpack(">II", before[16:24])
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1 or b"/Count 1" in pdf
    assert abs(height / width - 210 / 148) < 0.01
    assert documents.summary_data(visit, at=NOW)["stamp"] == "已作废"
    assert before != after


def test_every_status_has_a_row_and_a_look() -> None:
    assert set(TRANSITIONS) == set(Status) == set(LOOKS)


def test_recording_costs_a_bounded_number_of_queries(county: County, django_assert_max_num_queries: Any) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=NOW - timedelta(days=1))

    with django_assert_max_num_queries(24):
        api.record_visit(
            resident=resident, facility_id=county.clinic.pk,
            content=api.Content(
                vitals=Vitals(systolic=150, diastolic=92), diagnoses=[api.DiagnosisIn("I10.x00", "高血压")],
                prescriptions=[AMLODIPINE] * 5,
            ),
            by=county.alma, at=NOW,
        )  # fmt: skip
