"""Severe mental disorder is secret by law: who does not manage it reads that somebody is looked after, and not for what."""

import dataclasses
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.contracts import an_agreement
from tests.factories.county import NOW, County
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import HYPERTENSION, a_visit
from xinglin.accounts.data import Permission
from xinglin.contracts.schemas import AgreementOut
from xinglin.contracts.web.agreements import AgreementPage
from xinglin.followups.models import FollowUpTask
from xinglin.platform import definitions
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, api, population, queries, secrecy, timeline
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rest import DueOut
from xinglin.programmes.rules import catalogue
from xinglin.programmes.web.day_page import DayPage
from xinglin.programmes.web.form_page import form_page
from xinglin.programmes.web.resident_page import ResidentPage
from xinglin.residents.actions.registration import edit_resident
from xinglin.residents.api import person_of
from xinglin.residents.schemas import ResidentOut
from xinglin.residents.web.pages import Row
from xinglin.visits import documents
from xinglin.visits import queries as visits
from xinglin.visits.data import DiagnosisIn
from xinglin.visits.schemas import VisitLine, VisitOut
from xinglin.visits.summary import visit_summary
from xinglin.visits.timeline import visit_entries

pytestmark = pytest.mark.django_db
WORDS = ("精神", "mental", "F20", "危险性")
UNSTABLE = {
    "danger_level": "3", "psychotic_symptoms": "yes", "insight": "none", "severe_illness": "no", "sleep": "good", "social_function": "fair",
    "locked_up": "none", "adherence": "regular", "side_effect": "none",
}  # fmt: skip


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    """A resident of Alma's village in care for hypertension and, secretly, for a mental disorder."""
    resident = a_resident(county, conditions=["hypertension", "severe-mental-disorder"])
    an_enrolment(county, resident=resident)
    return an_enrolment(county, resident=resident, programme="mental-disorder")


@pytest.fixture
def seen(county: County, enrolment: Enrolment) -> Any:
    """A joint visit of Alma's that found something."""
    return a_programme_visit(
        county, enrolment, UNSTABLE, alert_answer="REFERRED", alert_note="已在市精神卫生中心", note="家属照看"
    )


@pytest.fixture
def outside(county: County) -> Actor:
    """Sees programmes of the whole county, and not the secret ones."""
    return county.actor(county.user("zhou", "specialist", county.hospital, name="周", everywhere=True))


@pytest.fixture
def inside(county: County) -> Actor:
    """The county's mental-health worker."""
    return county.actor(county.user("jing", "mental-health-worker", county.hospital, name="静", everywhere=True))


def tells(what: Any) -> list[str]:
    said = what if isinstance(what, str) else repr(what)
    return [word for word in WORDS if word in said]


def test_the_day_list_says_that_somebody_is_looked_after(
    seen: Any, outside: Actor, inside: Actor, county: County
) -> None:
    def rows(actor: Actor, programme: str = "") -> list[Any]:
        return DayPage.build(actor, box="all", programme=programme, place="", cursor="", at=NOW).rows

    assert "重点管理" in rows(outside)[0].meta
    assert not tells(rows(outside))
    assert "严重精神障碍" in rows(inside)[0].meta
    assert "严重精神障碍" in rows(county.alma)[0].meta
    assert rows(outside, "mental-disorder") == []
    assert len(rows(inside, "mental-disorder")) == 1
    built = DayPage.build(outside, box="all", programme="", place="", cursor="", at=NOW)
    assert "mental-disorder" not in dict(built.programmes)


def test_the_next_village_does_not_know_of_ours(enrolment: Enrolment, county: County) -> None:
    assert secrecy.knows(county.alma, enrolment)
    assert secrecy.knows(county.tang, enrolment)
    assert not secrecy.knows(county.sib, enrolment)
    assert not secrecy.knows(county.cai, enrolment)


def test_the_timeline_tells_the_pressure_and_not_the_disease(seen: Any, outside: Actor, inside: Actor) -> None:
    later = NOW.replace(year=NOW.year + 1)
    told = timeline.provide(outside, [seen.resident_id], later, 50)
    visit = next(each for each in told if each.kind == "programme-visit")

    assert not tells(told)
    assert "126 mmHg" in visit.detail
    assert (visit.url, visit.tone) == ("", "")
    assert tells(timeline.provide(inside, [seen.resident_id], later, 50))


def test_the_banner_and_the_search_say_no_name(enrolment: Enrolment, outside: Actor, inside: Actor) -> None:
    resident = enrolment.resident

    assert [each.label for each in person_of(resident, outside).flags] == ["高血压", "重点管理"]
    assert [each.label for each in person_of(resident, inside).flags] == ["高血压", "严重精神障碍"]
    assert not tells(Row.of(resident, outside))
    assert ResidentOut.of(resident).conditions == ["hypertension"]


def test_who_may_not_know_of_a_condition_does_not_take_it_away(county: County, enrolment: Enrolment) -> None:
    zhou = county.actor(county.user("zhou", "specialist", county.hospital, name="周", everywhere=True))
    edit_resident(resident=enrolment.resident, changes={"conditions": ["diabetes"]}, by=zhou, at=NOW)
    enrolment.resident.refresh_from_db()
    assert enrolment.resident.conditions == ["diabetes", "severe-mental-disorder"]

    edit_resident(resident=enrolment.resident, changes={"conditions": ["diabetes"]}, by=county.alma, at=NOW)
    enrolment.resident.refresh_from_db()
    assert enrolment.resident.conditions == ["diabetes"]


def test_pages_lists_and_the_workbench_do_not_tell(seen: Any, outside: Actor, inside: Actor) -> None:
    resident = seen.resident
    page = ResidentPage.build(outside, resident, at=NOW)

    assert page.is_cared_for
    assert [each.row.programme for each in page.enrolments] == ["hypertension"]
    assert not tells([page.enrolments, page.alerts, [said for _visit, said, _whole in page.visits], page.offered])
    assert [whole for _visit, _said, whole in page.visits] == [False]
    assert not tells(api.waiting_for(outside, at=NOW))
    assert [
        each.programme for each in population.people(outside, population.Behind("managed"), on=NOW.date()).rows
    ] == ["hypertension"]
    assert {each.programme for each in population.people(inside, population.Behind("managed"), on=NOW.date()).rows} == {
        "hypertension", "mental-disorder",
    }  # fmt: skip
    line = queries.day_list(outside, box="all", at=NOW).rows[0]
    assert DueOut.of(line, outside, None).programmes == ["hypertension", "confidential"]


def test_what_was_written_for_it_cannot_be_opened(
    seen: Any, enrolment: Enrolment, outside: Actor, inside: Actor
) -> None:
    for look in (
        lambda by: queries.visible_programme_visit(by, seen.uuid),
        lambda by: queries.visible_enrolment(by, enrolment.uuid),
    ):
        with pytest.raises(NotVisible):
            look(outside)
        assert look(inside)


def test_a_form_of_somebody_else_asks_nothing_of_it_and_leaves_it_alone(
    county: County, enrolment: Enrolment, outside: Actor
) -> None:
    form = form_page(outside, enrolment.resident, at=NOW)
    asked = {each.name for each in [*form.questions.figures, *form.questions.words, *form.questions.optional]}
    assert form.programmes == ["高血压"]
    assert not any("danger_level" in name for name in asked)

    visit = a_programme_visit(county, enrolment, by=outside)
    assert [each.enrolment.programme for each in visit.results.all()] == ["hypertension"]
    with pytest.raises(InvalidInput):
        a_programme_visit(county, enrolment, UNSTABLE, by=outside)
    with pytest.raises(NotPermitted):
        actions.enrol_resident(resident=a_resident(county), programme="mental-disorder", basis="x", by=outside, at=NOW)
    alone = an_enrolment(county, programme="mental-disorder")
    with pytest.raises(Conflict):
        a_programme_visit(county, alone, by=outside)


def test_records_that_others_read_do_not_name_it(seen: Any) -> None:
    assert seen.visit.complaint == "慢病随访：高血压、重点管理"
    assert not tells(list(FollowUpTask.objects.values_list("plan", flat=True)))
    for event in OutboxEvent.objects.all():
        assert not tells(json.dumps(event.detail, ensure_ascii=False, default=str)), event.event


def test_a_page_that_is_opened_says_no_word_of_it(client: Client, county: County, seen: Any) -> None:
    sign_in(client, county.user("zhou", "specialist", county.hospital, name="周", everywhere=True))
    for name in ("programmes:resident", "programmes:form", "residents:detail"):
        answer = client.get(reverse(name, args=[seen.resident.uuid]))
        assert answer.status_code == 200, name
        shown = answer.content.decode()
        assert "重点管理" in shown or name == "programmes:form", name
        assert "精神" not in shown.replace("精神状态", ""), name
    assert client.get(reverse("programmes:visit", args=[seen.uuid])).status_code == 404


# Beside programmes -----------------------------------------------------------------------------------------------------
@pytest.fixture
def diagnosed(county: County, enrolment: Enrolment) -> Any:
    """A visit of the clinic that says the disease by its code."""
    return a_visit(
        resident=enrolment.resident, by=county.alma, diagnoses=[HYPERTENSION, DiagnosisIn("F20.900", "精神分裂症")]
    )


def test_a_visit_with_its_code_tells_others_that_somebody_is_looked_after(
    diagnosed: Any, outside: Actor, inside: Actor, county: County
) -> None:
    later = NOW.replace(year=NOW.year + 1)

    for reader, tells_it in ((outside, False), (inside, True), (county.alma, True)):
        visit = visits.visible_visit(reader, diagnosed.uuid, at=NOW)
        shown = [VisitOut.of(visit).model_dump_json(), documents.summary_data(visit, at=NOW), visit_summary(visit)]
        shown += [VisitLine.of(each).model_dump_json() for each in visits.visits_at(reader).rows]
        shown += [each.detail for each in visit_entries(reader, [diagnosed.resident_id], later, 20)]
        assert bool(tells(shown)) == tells_it, reader.name
        assert "I10" in repr(shown[0])
        assert tells_it or "重点管理" in repr(shown)


def test_its_pages_say_no_word_of_the_code_either(client: Client, county: County, diagnosed: Any) -> None:
    sign_in(client, county.user("zhou", "specialist", county.hospital, name="周", everywhere=True))
    resident = diagnosed.resident.uuid
    for url in (
        reverse("visits:detail", args=[diagnosed.uuid]),
        reverse("visits:record", args=[resident]),
        reverse("residents:detail", args=[resident]),
        f"{reverse('visits:list')}?day={NOW:%Y-%m-%d}",
        f"/api/v1/visits/{diagnosed.uuid}",
    ):
        answer = client.get(url)
        assert answer.status_code == 200, url
        shown = answer.content.decode()
        assert not [word for word in ("精神分裂", "F20", "严重精神") if word in shown], url
    diagnosed.refresh_from_db()
    assert {each.code for each in diagnosed.diagnoses.all()} == {"I10.x00", "F20.900"}


def test_what_the_six_disorders_are_told_by_is_secret_and_epilepsy_alone_is_not() -> None:
    codes = tuple(secrecy.secret_codes())

    assert all(code.startswith(codes) for code in ("F20.900", "F06.800", "F70.100", "F79.100"))
    assert not any(code.startswith(codes) for code in ("G40.900", "F70.900", "F32.900"))


def test_the_key_group_is_found_by_the_codes_of_the_programme() -> None:
    groups = {each["code"]: each for each in definitions.one("contract-rules", "key-groups").content["groups"]}

    assert tuple(groups["mental-disorder"]["icd10"]) == catalogue.programme("mental-disorder").diseases


def test_an_agreement_names_neither_group_nor_package_to_others(county: County, enrolment: Enrolment) -> None:
    agreement = an_agreement(county, resident=enrolment.resident, packages=("basic", "mental-disorder"))
    assert "mental-disorder" in agreement.groups
    scopes = county.alma.permissions - {Permission.PROGRAMME_CONFIDENTIAL}
    clerk = dataclasses.replace(county.alma, scopes=frozenset(scopes), user_id=county.tang.user_id)

    for reader, tells_it in ((clerk, False), (county.alma, True)):
        page = AgreementPage.build(reader, agreement, at=NOW)
        shown = [
            AgreementOut.of(agreement, reader).model_dump_json(), page.groups, page.packages, page.group_options,
            [row.title for row in [*page.open_rows, *page.done_rows]],
        ]  # fmt: skip
        assert bool(tells(shown)) == tells_it
    agreement.refresh_from_db()
    assert "mental-disorder" in agreement.groups
