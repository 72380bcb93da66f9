"""Programmes as FHIR R4: read by a FHIR library, paged, within the token's rights, and each look written down."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.careplan import CarePlan
from fhir.resources.R4B.episodeofcare import EpisodeOfCare
from fhir.resources.R4B.goal import Goal
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from tests.factories.accounts import a_token
from tests.factories.county import County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.programmes import seen as found_at_a_visit
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.programmes import actions
from xinglin.programmes.models import Enrolment
from xinglin.programmes.states import Status

pytestmark = pytest.mark.django_db
KINDS: dict[str, Any] = {
    "EpisodeOfCare": EpisodeOfCare, "CarePlan": CarePlan, "Goal": Goal, "Observation": Observation,
    "QuestionnaireResponse": QuestionnaireResponse,
}  # fmt: skip


class Program:
    """Another program with a token of an account."""

    def __init__(self, county: County, name: str = "alma", *scopes: str) -> None:
        assert getattr(county, name)
        self.user = county.users[name]
        wanted = scopes or ("programme:view", "resident:view")
        secret = a_token(self.user, *wanted, at=clock.now(), label=" ".join(wanted)).secret
        self.headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}

    def get(self, path: str, status: int = 200) -> Any:
        url = path if path.startswith("http") else f"/api/v1/fhir/{path}"
        found = Client().get(url, headers=self.headers)
        assert found.status_code == status, found.content
        return found.json()

    def search(self, path: str) -> list[Any]:
        """Resources of one page; a FHIR library reads them all."""
        bundle = Bundle(**self.get(path))
        return [KINDS[each.resource.get_resource_type()](**each.resource.model_dump()) for each in bundle.entry or ()]


def seen(county: County, systolic: str = "126", **given: Any) -> Enrolment:
    enrolment = an_enrolment(county, at=later(days=-20), **given)
    a_programme_visit(county, enrolment, {"systolic": systolic}, at=later(days=-20))
    return Enrolment.objects.get(pk=enrolment.pk)


def test_an_enrolment_is_an_episode_a_plan_and_two_goals(county: County) -> None:
    row = seen(county)
    program, of = Program(county), f"?patient={row.resident.uuid}"

    episode, plan, goals = (
        program.search("EpisodeOfCare" + of)[0],
        program.search("CarePlan" + of)[0],
        program.search("Goal" + of),
    )

    assert (episode.status, episode.type[0].coding[0].code, episode.period.start) == (
        "active",
        "hypertension",
        row.enrolled_on,
    )
    assert [each.status for each in episode.statusHistory][-1] == "active"
    assert episode.patient.identifier.value == row.resident.number
    assert plan.instantiatesUri == [f"urn:xinglin:programme:hypertension|{row.version.split('@')[1]}"]
    assert plan.activity[0].detail.scheduledPeriod.end == row.next_due_on
    assert {each.reference for each in plan.goal} == {f"Goal/{each.id}" for each in goals}
    assert {each.category[0].coding[0].code: each.achievementStatus.coding[0].code for each in goals} == {
        "reporting": "achieved", "clinical": "achieved",
    }  # fmt: skip
    for kind, identifier in (("EpisodeOfCare", row.uuid), ("CarePlan", row.uuid), ("Goal", goals[0].id)):
        assert KINDS[kind](**program.get(f"{kind}/{identifier}")).id == str(identifier)


def test_who_is_only_found_has_an_episode_and_no_plan(county: County) -> None:
    row = actions.note_candidate(
        resident=a_resident(county), programme="hypertension", found_by="RULE", by=county.alma, at=later(days=-2)
    )
    assert row is not None
    program = Program(county)

    assert program.search(f"EpisodeOfCare?patient={row.resident.uuid}")[0].status == "planned"
    assert program.search(f"CarePlan?patient={row.resident.uuid}") == []
    program.get(f"CarePlan/{row.uuid}", 404)
    program.get(f"Goal/{row.uuid}.reporting", 404)
    program.get("Goal/nothing", 404)


def test_a_visit_is_a_response_and_its_grade_an_observation(county: County) -> None:
    row = seen(county, systolic="166")
    program, of = Program(county), f"patient={row.resident.uuid}"
    visit = row.results.get().visit

    response = program.search(f"QuestionnaireResponse?{of}")[0]
    grade = program.search(f"Observation?category=survey&{of}")[0]

    said = {each.linkId: each.answer[0] for each in response.item}
    assert (response.id, response.status) == (str(visit.uuid), "completed")
    assert (float(said["systolic"].valueQuantity.value), said["systolic"].valueQuantity.unit) == (166, "mmHg")
    assert said["new_complication"].valueBoolean is False
    assert grade.valueCodeableConcept.coding[0].code == row.grade != ""
    assert [each.valueBoolean for each in grade.component] == [False, False]
    assert grade.derivedFrom[0].reference == f"QuestionnaireResponse/{visit.uuid}"
    assert program.get(f"Observation/{grade.id}")["id"] == grade.id
    assert program.get(f"QuestionnaireResponse/{visit.uuid}")["id"] == str(visit.uuid)


def test_what_was_not_measured_is_unknown_and_not_false(county: County) -> None:
    row = an_enrolment(county, at=later(days=-20))
    a_programme_visit(county, row, {"systolic": "", "diastolic": ""}, at=later(days=-20))
    grade = Program(county).search(f"Observation?category=survey&patient={row.resident.uuid}")[0]

    assert grade.valueCodeableConcept is None
    assert grade.dataAbsentReason.coding[0].code == "unknown"
    assert [(each.valueBoolean, each.dataAbsentReason.coding[0].code) for each in grade.component] == [
        (None, "unknown")
    ] * 2


def test_an_amended_visit_is_entered_in_error_and_stands_in_no_search(county: County) -> None:
    row = seen(county)
    old = row.results.get().visit
    new = actions.amend_programme_visit(
        visit=old, content=found_at_a_visit({"systolic": "132"}), reason="看错一位", by=county.alma, at=later(days=-19)
    )
    program = Program(county)

    found = program.search(f"QuestionnaireResponse?patient={row.resident.uuid}")

    assert [(each.id, each.status) for each in found] == [(str(new.uuid), "amended")]
    assert program.get(f"QuestionnaireResponse/{old.uuid}")["status"] == "entered-in-error"
    assert len(program.search(f"Observation?category=survey&patient={row.resident.uuid}")) == 1


def test_a_program_reads_everybody_of_its_places_page_by_page_once(county: County) -> None:
    rows = [
        seen(county, resident=a_resident(county, name="王" + each, born_on=date(1960, 1, n)))
        for n, each in enumerate("甲乙丙丁戊", 1)
    ]
    program, ids, url, n_pages = Program(county), [], "EpisodeOfCare?_count=2", 0
    while url:
        page = program.get(url)
        ids += [each["resource"]["id"] for each in page["entry"]]
        url, n_pages = next((each["url"] for each in page["link"] if each["relation"] == "next"), ""), n_pages + 1

    assert sorted(ids) == sorted(str(each.uuid) for each in rows)
    assert n_pages == 3
    assert len(program.search("QuestionnaireResponse?_count=200")) == 5
    assert Program(county, "cai").search("EpisodeOfCare") == []
    program.get("EpisodeOfCare?_count=201", 422)
    program.get("EpisodeOfCare?cursor=zz", 422)


def test_the_number_of_queries_does_not_grow_with_the_page(county: County, django_assert_max_num_queries: Any) -> None:
    for n, each in enumerate("甲乙丙丁", 1):
        seen(county, resident=a_resident(county, name="王" + each, born_on=date(1960, 1, n)))
    program = Program(county)

    for path in ("EpisodeOfCare", "CarePlan", "Goal", "QuestionnaireResponse", "Observation?category=survey"):
        with django_assert_max_num_queries(12):
            assert len(program.search(path)) >= 4


def test_each_page_is_a_look_at_everybody_on_it_and_a_read_at_one(county: County) -> None:
    rows = [seen(county, resident=a_resident(county, name="王" + each)) for each in "甲乙"]
    program = Program(county)
    program.search("CarePlan")
    program.get(f"CarePlan/{rows[0].uuid}")
    program.search("Observation?category=survey")

    read, page = AuditRecord.objects.filter(event="programme.read-out").order_by("-id")[:2]
    assert (read.subject_uuid, read.actor_id) == (rows[0].resident.uuid, program.user.pk)
    assert set(page.detail["subjects"]) == {str(each.resident.uuid) for each in rows}
    grades = AuditRecord.objects.filter(event="reading.viewed").latest("id")
    assert set(grades.detail["subjects"]) == {str(each.resident.uuid) for each in rows}


def test_a_token_without_the_right_reads_nothing(county: County) -> None:
    row = seen(county)
    program = Program(county, "alma", "resident:view")

    for path in ("EpisodeOfCare", "CarePlan", "Goal", "QuestionnaireResponse", "Observation?category=survey"):
        program.get(path, 403)
        program.get(f"{path}{'&' if '?' in path else '?'}patient={row.resident.uuid}", 404)
    program.get(f"EpisodeOfCare/{row.uuid}", 404)
    program.get(f"Observation/{row.results.get().visit.uuid}.hypertension", 404)


def test_strangers_and_neighbours_see_none_of_it(county: County) -> None:
    row = seen(county)
    for name in ("cai", "sib"):
        program = Program(county, name)
        program.get(f"EpisodeOfCare?patient={row.resident.uuid}", 404)
        program.get(f"EpisodeOfCare/{row.uuid}", 404)
        assert program.search("CarePlan") == program.search("Observation?category=survey") == []


def test_a_secret_programme_is_told_to_those_who_keep_it_only(county: County) -> None:
    row = an_enrolment(county, programme="mental-disorder", at=later(days=-20))
    doctor = Program(county, "alma", "programme:view", "programme:confidential")
    other = Program(county, "alma", "programme:view")

    assert [each.type[0].coding[0].code for each in doctor.search("EpisodeOfCare")] == ["mental-disorder"]
    for path in (
        "EpisodeOfCare",
        "EpisodeOfCare?type=mental-disorder",
        f"EpisodeOfCare?patient={row.resident.uuid}",
        "CarePlan",
        "Goal",
    ):
        assert other.search(path) == []
    other.get(f"EpisodeOfCare/{row.uuid}", 404)


def test_searches_narrow_and_refuse_what_cannot_be(county: County) -> None:
    row = seen(county)
    actions.end_enrolment(enrolment=row, reason_code="REFUSED", note="", by=county.alma, at=later(days=-1))
    program = Program(county)

    assert [each.status for each in program.search("EpisodeOfCare?type=hypertension&status=finished")] == ["finished"]
    assert program.search("EpisodeOfCare?status=active") == program.search("EpisodeOfCare?type=copd") == []
    assert [each.status for each in program.search("CarePlan")] == ["revoked"]
    day = clock.today(later(days=-20))
    assert len(program.search(f"QuestionnaireResponse?authored=ge{day}&authored=le{day}")) == 1
    assert program.search(f"Observation?category=survey&date=ge{clock.today(later(days=-19))}") == []
    for wrong in ("EpisodeOfCare?status=zz", "EpisodeOfCare?type=zz", "QuestionnaireResponse?authored=2026", "Observation?category=zz",
                  "QuestionnaireResponse?authored=le9999-12-31", "Observation?date=ge2026-02-30"):  # fmt: skip
        program.get(wrong, 422)


def test_every_status_has_its_words_in_fhir() -> None:
    from xinglin.programmes import fhir  # noqa: PLC0415

    assert set(fhir.EPISODES) == set(Status)
    assert set(fhir.PLANS) == set(fhir.GOALS) == {
        Status.ENROLLED, Status.PAUSED, Status.LOST, Status.GRADUATED, Status.ENDED,
    }  # fmt: skip
