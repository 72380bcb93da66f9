"""The pages: the list, the joint form with its advice, the resident, calls."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.programmes import STABLE, a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.platform.audit import concerns
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import AuditRecord
from xinglin.programmes import actions, evidence, judging
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.visits.models import DiagnosisTerm

pytestmark = pytest.mark.django_db


@pytest.fixture
def alma(client: Client, county: County) -> Client:
    return sign_in(client, county.users[county.alma and "alma"])


def posted(answers: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
    given = {f"a-{code}": value for code, value in {**STABLE, **(answers or {})}.items()}
    return {"client_id": str(new_uuid()), "channel": "CLINIC", "kind": "routine", **given, **said}


def test_the_list_shows_one_line_for_a_resident_with_a_call_button(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, name="王小麦", phone="13700001234", at=clock.now())

    answer = alma.get(reverse("programmes:day"))

    text = answer.content.decode()
    assert "王小麦" in text
    assert reverse("programmes:call", args=[enrolment.resident.uuid]) in text
    assert "13700001234" not in text


@pytest.mark.parametrize("path", ["/programmes/", "/programmes/people/?of=managed", "/programmes/levels/"])
def test_whoever_stands_on_a_list_can_see_that_it_was_looked_at(county: County, alma: Client, path: str) -> None:
    resident = an_enrolment(county, name="王小麦", at=clock.now() - timedelta(days=100)).resident

    assert "王小麦" in alma.get(path).content.decode()

    assert AuditRecord.objects.filter(concerns([resident.uuid]), event="programme.listed").count() == 1


def test_a_call_reveals_the_number_and_is_written_down(county: County, alma: Client) -> None:
    resident = an_enrolment(county, phone="13700001234", at=clock.now()).resident

    answer = alma.get(reverse("programmes:call", args=[resident.uuid]))

    assert (answer.status_code, answer["Location"]) == (302, "tel:13700001234")
    assert AuditRecord.objects.filter(event="programme.phone-revealed", subject_uuid=resident.uuid).count() == 1


def test_the_form_says_what_answers_come_to_while_they_are_typed(county: County, alma: Client) -> None:
    resident = an_enrolment(county, at=clock.now()).resident
    address = reverse("programmes:form", args=[resident.uuid])

    answer = alma.post(
        address + "?op=look", posted({"systolic": "186", "diastolic": "112"}), headers={"HX-Request": "true"}
    )

    text = answer.content.decode()
    assert "3级（≥180/≥110）" in text
    assert 'name="alert_answer"' in text
    assert "<html" not in text
    assert ProgrammeVisit.objects.count() == 0


def test_a_stable_visit_is_saved_and_leads_back_to_the_list(county: County, alma: Client) -> None:
    resident = an_enrolment(county, at=clock.now()).resident

    answer = alma.post(reverse("programmes:form", args=[resident.uuid]), posted())

    assert (answer.status_code, answer["Location"]) == (302, reverse("programmes:day"))
    assert Enrolment.objects.get().next_due_on == clock.today() + timedelta(days=90)


def test_a_double_submission_writes_one_visit(county: County, alma: Client) -> None:
    resident, form = an_enrolment(county, at=clock.now()).resident, posted()

    for key in ("a", "b"):  # another key of the page, the same id of the visit
        alma.post(reverse("programmes:form", args=[resident.uuid]), {**form, "idempotency_key": key})

    assert ProgrammeVisit.objects.count() == 1


def test_the_choice_to_refer_leads_to_the_referral_filled_in(county: County, alma: Client) -> None:
    resident = an_enrolment(county, at=clock.now()).resident
    a_visit(resident=resident, by=county.alma, at=clock.now() - timedelta(days=3))

    answer = alma.post(
        reverse("programmes:form", args=[resident.uuid]),
        posted({"systolic": "186", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual="on"),
    )

    visit = ProgrammeVisit.objects.get()
    assert visit.visit is not None
    assert answer["Location"].startswith(reverse("referrals:send", args=[visit.visit.uuid]) + "?channel=emergency")
    assert alma.get(answer["Location"]).status_code == 200


def test_an_impossible_value_stays_on_the_form_with_its_reason(county: County, alma: Client) -> None:
    resident = an_enrolment(county, at=clock.now()).resident

    answer = alma.post(reverse("programmes:form", args=[resident.uuid]), posted({"systolic": "1200"}))

    assert answer.status_code == 422
    assert "超出可能的范围" in answer.content.decode()
    assert 'value="1200"' in answer.content.decode()


def test_the_same_as_last_time_fills_words_and_no_figures(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, at=clock.now() - timedelta(days=90))
    a_programme_visit(county, enrolment, at=clock.now() - timedelta(days=90))

    answer = alma.post(
        reverse("programmes:form", args=[enrolment.resident.uuid]) + "?op=same",
        {"client_id": str(new_uuid()), "a-systolic": "128", "a-diastolic": "78"}, headers={"HX-Request": "true"},
    )  # fmt: skip

    text = answer.content.decode()
    assert re.search(r'name="a-adherence" value="regular" checked', text)
    assert re.search(r'name="a-danger_signs" value="none" checked', text)
    assert 'value="126"' not in text
    advice = text[text.index('id="advice"') :]
    assert advice.startswith(
        'id="advice" aria-live="polite" hx-swap-oob="true"'
    )  # takes the place of the former advice
    assert "下次随访" in advice
    assert "还缺" not in advice, "what was filled as last time is not missing"


def test_a_clinics_visit_becomes_the_programme_visit_by_one_button(county: County, alma: Client) -> None:
    from xinglin.visits.data import Vitals

    resident = an_enrolment(county, at=clock.now() - timedelta(days=1)).resident
    source = a_visit(resident=resident, by=county.alma, at=clock.now(), vitals=Vitals(systolic=128, diastolic=78))
    assert (
        reverse("programmes:from_visit", args=[source.uuid])
        in alma.get(reverse("visits:detail", args=[source.uuid])).content.decode()
    )

    for _ in range(2):
        answer = alma.post(reverse("programmes:from_visit", args=[source.uuid]))

    visit = ProgrammeVisit.objects.get()
    assert (visit.visit_id, visit.answers["systolic"]) == (source.pk, "128")
    assert answer["Location"] == reverse("programmes:visit", args=[visit.uuid])


def test_the_pages_of_a_resident_open_in_both_languages(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, at=clock.now() - timedelta(days=60))
    for days in (60, 1):
        visit = a_programme_visit(county, enrolment, at=clock.now() - timedelta(days=days))
    for language in ("zh-hans", "en"):
        alma.cookies["django_language"] = language
        for name, key in (("resident", enrolment.resident.uuid), ("form", enrolment.resident.uuid), ("visit", visit.uuid),
                          ("amend", visit.uuid), ("version", enrolment.uuid)):  # fmt: skip
            assert alma.get(reverse(f"programmes:{name}", args=[key])).status_code == 200, name


def test_the_resident_is_enrolled_confirmed_and_ended_from_his_page(county: County, alma: Client) -> None:
    resident = a_resident(county, at=clock.now())
    address = reverse("programmes:enrol", args=[resident.uuid])
    refused = alma.post(address, {"programme": "hypertension"})
    assert refused.status_code == 422

    alma.post(address, {"programme": "hypertension", "basis": "县医院诊断"})
    enrolment = Enrolment.objects.get()
    alma.post(reverse("programmes:act", args=[enrolment.uuid, "pause"]), {"reason": "外出务工"})
    enrolment.refresh_from_db()
    assert enrolment.status == "PAUSED"
    alma.post(reverse("programmes:act", args=[enrolment.uuid, "resume"]))
    alma.post(reverse("programmes:act", args=[enrolment.uuid, "end"]), {"reason_code": "OTHER", "reason": "本人要求"})

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.end_reason) == ("ENDED", "OTHER")


def test_a_resident_of_another_township_is_not_found(client: Client, county: County) -> None:
    enrolment = an_enrolment(county, at=clock.now())
    visit = a_programme_visit(county, enrolment, at=clock.now())
    cai = sign_in(client, county.users[county.cai and "cai"])

    for name, key in (("resident", enrolment.resident.uuid), ("form", enrolment.resident.uuid),
                      ("call", enrolment.resident.uuid), ("visit", visit.uuid), ("version", enrolment.uuid)):  # fmt: skip
        assert cai.get(reverse(f"programmes:{name}", args=[key])).status_code == 404, name
    answer = cai.post(reverse("programmes:act", args=[enrolment.uuid, "end"]), {"reason_code": "REFUSED"})
    assert answer.status_code == 404


def test_not_reached_is_noted_from_the_form(county: County, alma: Client) -> None:
    resident = an_enrolment(county, at=clock.now()).resident
    again = clock.today() + timedelta(days=1)

    alma.post(
        reverse("programmes:unreached", args=[resident.uuid]), {"why": "NO_ANSWER", "try_again_on": again.isoformat()}
    )

    assert "13700001234" not in alma.get(reverse("programmes:day")).content.decode()
    assert alma.get(reverse("programmes:day") + "?box=due").context["page"].rows == []


def test_the_number_of_queries_of_the_list_does_not_grow(
    county: County, alma: Client, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert alma.get(reverse("programmes:day")).status_code == 200
        return len(found)

    an_enrolment(county, at=clock.now())
    count()
    one = count()
    for name in ("赵一", "钱二", "孙三", "李四"):
        an_enrolment(county, resident=a_resident(county, name=name), at=clock.now())

    assert count() == one


def test_a_name_of_forty_characters_fits_everywhere(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, name="阿" * 40, at=clock.now())

    assert "阿" * 40 in alma.get(reverse("programmes:day")).content.decode()
    assert alma.get(reverse("programmes:resident", args=[enrolment.resident.uuid])).status_code == 200
    actions.end_enrolment(enrolment=enrolment, reason_code="REFUSED", by=county.alma, at=clock.now())


def test_the_yearly_form_is_chosen_at_the_top_and_draws_its_questions(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, at=clock.now())
    address = reverse("programmes:form", args=[enrolment.resident.uuid])
    text = alma.get(address).content.decode()
    assert text.index('name="kind"') < text.index('name="a-systolic"')  # not in the folded part
    yearly = {*judging.definition_of(enrolment).codes("yearly")} - {*judging.definition_of(enrolment).codes("routine")}
    one = sorted(yearly)[0]
    assert f'"a-{one}"' not in text

    given = {**posted({"systolic": "131"}), "kind": "yearly"}
    drawn = alma.post(f"{address}?op=kind", given, headers={"HX-Request": "true"}).content.decode()
    whole = alma.post(address, {**given, "op": "kind"}).content.decode()  # without script

    for each in (drawn, whole):
        assert f'"a-{one}"' in each
        assert 'value="131"' in each  # what was typed stays
    assert "<html" not in drawn
    assert "<html" in whole


def test_a_yearly_assessment_that_is_due_is_said_on_the_form(county: County, alma: Client) -> None:
    enrolment = an_enrolment(county, at=clock.now())
    address = reverse("programmes:form", args=[enrolment.resident.uuid])
    assert "年度评估应于" not in alma.get(address).content.decode()

    day = clock.today(clock.now()) - timedelta(days=400)
    Enrolment.objects.filter(pk=enrolment.pk).update(enrolled_on=day)

    due = day + timedelta(days=judging.definition_of(enrolment).plan.yearly_days or 0)
    assert f"年度评估应于{due}前做" in alma.get(address).content.decode()


def test_what_is_managed_stands_before_what_waits_and_a_diagnosis_has_its_name(county: County, alma: Client) -> None:
    resident = an_enrolment(county, programme="hypertension", at=clock.now()).resident
    actions.note_candidate(
        resident=resident, programme="allergic-rhinitis", found_by="DIAGNOSIS", evidence=[evidence.of_diagnosis("J30.400")],
        by=county.alma, at=clock.now(),
    )  # fmt: skip
    DiagnosisTerm.objects.update_or_create(
        system="ICD-10", code="J30.400", defaults={"name": "变应性鼻炎", "initials": "bybx", "source": "试"}
    )
    text = alma.get(reverse("programmes:resident", args=[resident.uuid])).content.decode()
    assert "诊断编码 J30.400 变应性鼻炎" in text
    assert text.index("hypertension@") < text.index("allergic-rhinitis@")
    people = alma.get(reverse("programmes:people") + "?of=candidates").content.decode()
    assert "诊断编码 J30.400 变应性鼻炎" in people


def test_who_comes_without_a_measurement_is_not_referred_again_for_earlier_ones(county: County, alma: Client) -> None:
    enrolment, now = an_enrolment(county, at=clock.now() - timedelta(days=40)), clock.now()
    high = {"systolic": "152", "diastolic": "92"}
    for days in (30, 14):
        said = {"alert_answer": "REFUSED", "alert_note": "本人不愿转诊"} if days == 14 else {}
        a_programme_visit(county, enrolment, high, at=now - timedelta(days=days), **said)
    address = reverse("programmes:form", args=[enrolment.resident.uuid]) + "?op=look"
    words = "连续两次血压控制不满意"

    htmx = {"HX-Request": "true"}
    without = alma.post(address, posted({"systolic": "", "diastolic": ""}), headers=htmx).content.decode()
    slip = alma.post(address, posted({"systolic": "1200", "diastolic": "80"}), headers=htmx).content.decode()
    again = alma.post(address, posted(high), headers=htmx).content.decode()

    assert words not in without
    assert words not in slip
    assert words in again
