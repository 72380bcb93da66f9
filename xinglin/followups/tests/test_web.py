"""The pages of follow-up: done in few taps, refused where they must be."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.followups import a_followup
from xinglin.followups.models import FollowUpTask
from xinglin.followups.states import Status
from xinglin.platform import clock


@pytest.fixture
def alma(county):
    """Alma's browser."""
    county.alma  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["alma"])


@pytest.fixture
def task(county):
    """A follow-up due now."""
    return a_followup(county, at=clock.now())


def address(name, task):
    return reverse(f"followups:{name}", args=[task.uuid])


def test_a_stable_follow_up_by_telephone_is_one_tap_after_the_call(alma, task):
    page = alma.get(address("detail", task)).context["page"]
    given = {
        "channel": page.channels[2][0],
        "adherence": page.adherences[0][0],
        "advice": page.advices[0],
        "systolic": "132",
        "diastolic": "82",
    }

    answer = alma.post(address("complete", task), given)

    task.refresh_from_db()
    assert answer.url == reverse("followups:list")
    assert (task.status, task.outcome["channel"], task.outcome["advice"]) == (
        Status.DONE,
        "PHONE",
        "继续目前治疗，按时服药",
    )


def test_a_fault_comes_back_with_what_was_written(alma, task):
    answer = alma.post(address("complete", task), {"channel": "PHONE", "systolic": "abc", "note": "家属代答"})

    assert answer.status_code == 422
    assert "家属代答" in answer.content.decode()


def test_nothing_is_chosen_and_nothing_is_recorded_that_was_not_said(alma, task):
    text = alma.get(address("detail", task)).content.decode()

    answer = alma.post(address("complete", task), {"channel": "PHONE"})

    assert " checked" not in text
    assert answer.status_code == 422
    assert "请测血压或血糖" in answer.content.decode()
    alma.post(address("complete", task), {"channel": "PHONE", "not_measured": "家中没有血压计"})
    task.refresh_from_db()
    assert (task.status, task.outcome["adherence"], task.outcome["advice"]) == (Status.DONE, "", "")
    assert "家中没有血压计" in alma.get(address("detail", task)).content.decode()


def test_dangerous_values_raise_the_hints_of_a_visit_and_want_an_answer(alma, task):
    given = {
        "channel": "CLINIC",
        "systolic": "210",
        "diastolic": "120",
        "symptoms": "CHEST",
        "advice": "继续目前治疗，按时服药",
    }

    looked = alma.post(address("complete", task) + "?op=look", given, headers={"HX-Request": "true"})
    refused = alma.post(address("complete", task), given)
    done = alma.post(address("complete", task), given | {"critical_note": "已含服降压药，联系急诊转诊"})

    for answer in (looked, refused):
        assert "高血压急症可能" in answer.content.decode()
        assert 'name="critical_note"' in answer.content.decode()
    assert looked.content.decode().lstrip().startswith('<div class="stack-s" id="hints"')
    assert refused.status_code == 422
    task.refresh_from_db()
    assert done.url == reverse("visits:detail", args=[task.visit.uuid])
    assert task.outcome["critical_note"] == "已含服降压药，联系急诊转诊"
    assert task.visit.complaint == "计划随访：心悸胸闷"


def test_glucose_stands_in_front_for_who_has_diabetes(alma, county):
    plain, sick = a_followup(county, at=clock.now()), a_followup(county, at=clock.now())
    type(sick.resident).objects.filter(pk=sick.resident_id).update(conditions=["diabetes"])

    for task, in_front in ((plain, False), (sick, True)):
        form = alma.get(address("detail", task)).content.decode().partition('<details class="panel"')[0]
        assert ('name="glucose"' in form) is in_front


def test_an_unusual_pressure_asks_for_confirmation(alma, task):
    given = {"channel": "CLINIC", "systolic": "242", "diastolic": "128", "critical_note": "已服药，联系急诊转诊"}

    asked = alma.post(address("complete", task), given)
    done = alma.post(address("complete", task), given | {"confirmed_unusual": "on"})

    assert asked.status_code == 422
    assert 'name="confirmed_unusual"' in asked.content.decode()
    assert done.status_code == 302


def test_unreached_and_cancel(alma, task, county):
    other = a_followup(county, at=clock.now())

    alma.post(address("unreached", task), {"why": "AWAY", "try_again_on": clock.today().isoformat()})
    alma.post(address("cancel", other), {"reason": "已迁出"})

    states = dict(FollowUpTask.objects.values_list("pk", "status"))
    assert states == {task.pk: Status.UNREACHED, other.pk: Status.CANCELLED}


def test_doing_it_twice_says_how_it_stands(alma, task):
    alma.post(address("complete", task), {"channel": "PHONE", "not_measured": "家中没有血压计"})

    answer = alma.post(address("complete", task), {"channel": "PHONE", "not_measured": "家中没有血压计"})

    assert answer.status_code == 409
    assert "已完成" in answer.content.decode()


def test_a_stranger_gets_404(county, task):
    county.cai  # noqa: B018 - makes the account
    cai = sign_in(Client(), county.users["cai"])

    assert cai.get(address("detail", task)).status_code == 404
    assert (
        cai.post(address("complete", task), {"channel": "PHONE", "not_measured": "家中没有血压计"}).status_code == 404
    )


@pytest.mark.parametrize("box", ["due", "done"])
def test_queries_of_the_list_do_not_grow_with_its_rows(alma, county, box):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counted = []
    for n_more in (2, 5):
        for _each in range(n_more):
            a_followup(county, at=clock.now(), status=Status.DONE if box == "done" else Status.PLANNED)
        alma.get(reverse("followups:list"), {"box": box})
        with CaptureQueriesContext(connection) as queries:
            answer = alma.get(reverse("followups:list"), {"box": box})
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert len(answer.context["page"].rows) == 7


def test_an_unknown_box_is_refused(alma):
    assert alma.get(reverse("followups:list"), {"box": "made-up"}).status_code == 422
