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
        "channel": page.values["channel"],
        "adherence": page.values["adherence"],
        "advice": page.advices[0],
        "systolic": "",
        "diastolic": "",
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


def test_an_unusual_pressure_asks_for_confirmation(alma, task):
    given = {"channel": "CLINIC", "systolic": "242", "diastolic": "128"}

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
    alma.post(address("complete", task), {"channel": "PHONE"})

    answer = alma.post(address("complete", task), {"channel": "PHONE"})

    assert answer.status_code == 409
    assert "已完成" in answer.content.decode()


def test_a_stranger_gets_404(county, task):
    county.cai  # noqa: B018 - makes the account
    cai = sign_in(Client(), county.users["cai"])

    assert cai.get(address("detail", task)).status_code == 404
    assert cai.post(address("complete", task), {"channel": "PHONE"}).status_code == 404


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
