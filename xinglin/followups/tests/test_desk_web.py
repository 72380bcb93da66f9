"""The pages and the REST of the follow-up centre."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.followups import a_discharge, a_followup
from tests.factories.residents import a_resident
from xinglin.followups import actions
from xinglin.followups.models import Call, DischargePlan, FollowUpTask
from xinglin.followups.web.week import Due, Week
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.residents.api import note_on_roster

PHONE = "13712345678"
WELL = {
    "dialled": "ANSWERED",
    "a-answers_himself": "self",
    "a-recovery": "better",
    "a-medicines": "regular",
    "a-satisfaction": "4",
}


@pytest.fixture
def task(county):
    """What the hospital owes a resident today."""
    resident = a_resident(county, phone=PHONE)
    return a_followup(
        county, resident=resident, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY",
        by=county.sun, at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def fang(county):
    """The browser of who calls for the county hospital."""
    return sign_in(Client(), county.user("fang", "followup-caller", county.hospital, name="方"))


def open_by_page(browser, task):
    answer = browser.post(reverse("followups:open-call", args=[task.resident.uuid]), {"channel": "PHONE"})
    return Call.objects.get(), answer


def test_from_the_desk_to_the_end_of_a_call(fang, task):
    row = fang.get(reverse("followups:desk")).context["rows"][0]
    before = fang.get(row.url).content.decode()
    call, answer = open_by_page(fang, task)
    screen = fang.get(answer.url).content.decode()

    ended = fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)

    assert PHONE not in before
    assert f'href="tel:{PHONE}"' in screen
    assert ended.url == reverse("followups:desk")
    assert PHONE not in fang.get(answer.url).content.decode()
    task.refresh_from_db()
    assert task.status == "DONE"
    assert fang.get(reverse("followups:desk")).context["rows"] == []


def test_a_branch_opens_while_it_is_typed_and_danger_is_said(fang, task):
    call, _answer = open_by_page(fang, task)
    address = reverse("followups:end-call", args=[call.uuid])

    looked = fang.post(
        f"{address}?op=look",
        WELL | {"a-recovery": "worse", "a-danger_signs": ["chest"]},
        headers={"HX-Request": "true"},
    ).content.decode()
    refused = fang.post(address, WELL | {"a-recovery": "worse"})

    assert "哪里加重了" in looked
    assert "拨打120" in looked
    assert refused.status_code == 422
    assert "哪里加重了" in refused.content.decode()


def test_what_was_not_asked_is_named_and_leads_to_its_question(fang, task):
    call, _answer = open_by_page(fang, task)

    refused = fang.post(reverse("followups:end-call", args=[call.uuid]), WELL | {"a-recovery": ""}).content.decode()

    assert '<a href="#id_a-recovery">请询问：出院后感觉怎么样？</a>' in refused
    assert 'id="id_a-recovery"' in refused


def test_whoever_is_at_a_call_goes_on_with_it_from_the_person(fang, task):
    call, _answer = open_by_page(fang, task)

    answer = fang.get(reverse("followups:person", args=[task.resident.uuid]))

    assert answer.url == reverse("followups:call", args=[call.uuid])


def test_plan_and_answers_are_read_in_the_readers_language(county, fang):
    at = clock.now()
    plan = a_discharge(county, discharged_on=clock.today(at) - timedelta(days=8), at=at)
    own = FollowUpTask.objects.get(origin_uuid=plan.uuid, facility=county.hospital)
    call, _answer = open_by_page(fang, own)
    before = fang.get(reverse("followups:call", args=[call.uuid]), headers={"Accept-Language": "en"}).content.decode()
    with override("en"):
        said = own.plan_said
    fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)

    seen = fang.get(reverse("followups:call", args=[call.uuid]), headers={"Accept-Language": "en"}).content.decode()

    assert said.startswith("County: ")
    assert said.endswith(plan.diagnosis_name)
    assert "How have you felt since?" in before
    assert "How have you felt since?</dt><dd>Better" in seen


def test_the_record_of_a_call_says_what_was_heard(fang, task):
    call, answer = open_by_page(fang, task)
    fang.post(
        reverse("followups:end-call", args=[call.uuid]),
        WELL | {"a-recovery": "worse", "a-worse_how": "喘", "a-danger_signs": ["chest"]},
    )

    shown = fang.get(answer.url).content.decode()

    assert "有危险症状：请立即就诊或拨打120" in shown
    assert "出院后加重或有感染迹象" in shown
    assert "自行停药" not in shown


def test_an_answer_that_cannot_be_is_not_called_a_question_that_was_not_asked(county, fang):
    at = clock.now()
    plan = a_discharge(county, diagnosis_code="I50.9", at=at, discharged_on=clock.today(at) - timedelta(days=8))
    tasks = FollowUpTask.objects.filter(origin_uuid=plan.uuid, facility=county.hospital)
    own = next(each for each in tasks if each.script == "heart")
    call, _answer = open_by_page(fang, own)
    heart = {
        "dialled": "ANSWERED",
        "a-recovery": "same",
        "a-swelling": "no",
        "a-medicines": "regular",
        "a-systolic": "3",
    }

    refused = fang.post(reverse("followups:end-call", args=[call.uuid]), heart).content.decode()

    assert "有的回答要改正。" in refused
    assert "话术还没有问完。" not in refused


def another(county, task):
    """What the hospital owes the same person besides."""
    return a_followup(
        county, resident=task.resident, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY",
        by=county.sun, at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize(("button", "became"), [("call", "DONE"), ("", "PLANNED")])
def test_a_caller_who_is_refused_ends_the_task_by_the_call_of_the_week_or_lets_it_wait(
    county, fang, task, button, became
):
    call, _answer = open_by_page(fang, task)
    fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)
    second = another(county, task)
    page = fang.get(reverse("followups:person", args=[task.resident.uuid]))

    answer = fang.post(
        reverse("followups:settle-week", args=[task.resident.uuid]),
        {"call": page.context["page"].covers} if button else {},
    )

    assert page.context["page"].may_settle
    assert (answer.status_code, answer.url) == (302, reverse("followups:desk"))
    second.refresh_from_db()
    assert second.status == became
    assert fang.get(reverse("followups:desk")).context["rows"] == []


def test_nobody_is_left_in_peace_about_what_is_dangerous_or_by_a_call_of_somebody_else(county, fang, task):
    call, _answer = open_by_page(fang, task)
    fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)
    second = another(county, task)
    address = reverse("followups:settle-week", args=[task.resident.uuid])
    other = a_followup(county, facility_id=county.hospital.pk, by=county.sun, at=clock.now())

    def settled(**given):
        answer = fang.post(address, given).status_code
        second.refresh_from_db()
        other.refresh_from_db()
        assert (second.status, other.status) == ("PLANNED", "PLANNED")
        return answer

    FollowUpTask.objects.filter(pk=second.pk).update(origin_kind="reading", risk=2)  # came after the page was drawn
    call.refresh_from_db()
    assert settled(call=str(call.uuid)) == 409
    assert settled() == 409
    with pytest.raises(Conflict, match="危险"):
        actions.cover_followup(task=FollowUpTask.objects.get(pk=second.pk), call=call, by=county.sun, at=clock.now())
    FollowUpTask.objects.filter(pk=second.pk).update(origin_kind="plan", risk=1)
    assert settled(call=str(other.uuid)) == 404
    fang.post(address, {"call": str(call.uuid)})
    second.refresh_from_db()
    assert second.status == "DONE"
    with pytest.raises(Conflict, match="别人刚刚处理过"):
        actions.settle_week(tasks=[], call=call, by=county.sun, at=clock.now())


def test_the_second_caller_is_told_who_is_at_it(county, fang, task):
    open_by_page(fang, task)
    fei = sign_in(Client(), county.user("fei", "followup-caller", county.hospital, name="费"))

    answer = fei.post(reverse("followups:open-call", args=[task.resident.uuid]), {"channel": "PHONE"})

    assert answer.status_code == 409
    assert "方正在联系" in answer.content.decode()


def test_the_village_doctor_sees_the_answers_and_ends_her_task_by_them(county, fang, task):
    own = a_followup(county, resident=task.resident, at=clock.now())
    call, _answer = open_by_page(fang, task)
    fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)
    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])

    seen = alma.get(reverse("followups:detail", args=[own.uuid])).content.decode()
    alma.post(reverse("followups:cover", args=[own.uuid]), {"call": str(call.uuid)})

    assert "本周已联系过" in seen
    assert "好转" in seen
    own.refresh_from_db()
    assert own.status == "DONE"
    assert "并入已有的通话" in alma.get(reverse("followups:detail", args=[own.uuid])).content.decode()


def test_no_call_is_offered_that_would_be_refused_and_the_page_says_why(county, fang, task):
    note_on_roster(resident=task.resident, facility_id=county.hospital.pk, basis="REFERRAL", at=clock.now())
    a_followup(county, resident=task.resident, at=clock.now())  # of the village
    person = reverse("followups:person", args=[task.resident.uuid])
    before = fang.get(person).content.decode()
    call, _answer = open_by_page(fang, task)
    fang.post(reverse("followups:end-call", args=[call.uuid]), WELL)
    others = fang.get(person).content.decode()
    a_followup(
        county, resident=task.resident, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY",
        by=county.sun, at=clock.now(),
    )  # fmt: skip
    quiet = fang.get(person).content.decode()

    assert "领取并开始联系" in before
    assert "别的机构的由他们联系" in others
    assert "天内不再另行联系" in quiet
    for page in (others, quiet):
        assert "领取并开始联系" not in page
        assert "联系意愿" in page


@pytest.mark.parametrize(("why_now", "says"), [("", "不再另打"), ("设备测量危急", "仍须联系")])
def test_what_is_dangerous_does_not_wait_for_the_next_week(why_now, says):
    week = Week(due=[Due("计划随访", "", "2026-11-22", why_now, "")], said=[], wishes=[], this_week=None, call="")

    assert says in week.headline


def test_a_plan_at_discharge_is_made_on_the_page_and_shows_its_steps(county):
    resident = a_resident(county)
    du = county.sun
    type(resident).objects.get(pk=resident.pk)
    from xinglin.residents.api import note_on_roster

    note_on_roster(resident=resident, facility_id=county.hospital.pk, basis="VISIT", at=clock.now())
    sun = sign_in(Client(), county.users["sun"])
    given = {
        "number": resident.number, "discharge": "ORDERED", "diagnosis_code": "i21.9", "diagnosis_name": "急性心肌梗死",
        "discharged_on": clock.today().isoformat(),
    }  # fmt: skip

    looked = sun.post(reverse("followups:new-discharge") + "?op=look", given, headers={"HX-Request": "true"})
    made = sun.post(reverse("followups:new-discharge"), given)

    assert "48小时电话" in looked.content.decode()
    plan = DischargePlan.objects.get()
    assert made.url == reverse("followups:discharge", args=[plan.uuid])
    assert "县人民医院" in sun.get(made.url).content.decode()
    assert FollowUpTask.objects.filter(origin_uuid=plan.uuid).count() == 5
    assert du.may("followup:do")


def test_who_may_not_call_has_no_desk(county, task):
    county.bo  # noqa: B018 - makes the account
    bo = sign_in(Client(), county.users["bo"])

    assert bo.get(reverse("followups:desk")).status_code == 403
    assert bo.get(reverse("followups:person", args=[task.resident.uuid])).status_code == 404


def test_figures_and_their_months(county, fang, task):
    answer = fang.get(reverse("followups:figures"))

    assert answer.status_code == 200
    assert "县人民医院" in answer.content.decode()
    assert fang.get(reverse("followups:figures"), {"month": "x"}).status_code == 422


def test_the_caller_sees_no_record_of_the_resident(fang, task):
    assert fang.get(reverse("residents:detail", args=[task.resident.uuid])).status_code == 404
    assert fang.get(reverse("followups:detail", args=[task.uuid])).status_code == 404


def test_the_plan_says_which_definition_made_it(county):
    plan = a_discharge(county, at=clock.now())
    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])

    assert "general@2026-01-01" in alma.get(reverse("followups:discharge", args=[plan.uuid])).content.decode()
