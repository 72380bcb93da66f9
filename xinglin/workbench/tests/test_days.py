"""What is due by a day is counted in days everywhere: on the first page as on the list it leads to."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.followups import a_followup
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.web.work import ORDINARY, WorkItem
from xinglin.workbench.web import pages


def test_the_first_page_and_the_list_say_the_same_number_of_days(county: County) -> None:
    now = clock.now()
    task = a_followup(county, at=now)
    FollowUpTask.objects.filter(pk=task.pk).update(due_on=clock.today(now) - timedelta(days=81))
    client = sign_in(Client(), county.users["alma"])

    first, listed = client.get("/").content.decode(), client.get(reverse("followups:list")).content.decode()

    assert "逾期81天" in first
    assert "逾期81天" in listed
    assert "超时" not in first


def test_what_is_due_by_a_day_and_by_a_minute_stand_in_one_order_and_count_as_late(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    today = clock.today(now)

    def item(title: str, **due: Any) -> WorkItem:
        return WorkItem("x", "clock", title, "", "/", ORDINARY, **due)

    waits = [
        item("later", due_on=today + timedelta(days=1)), item("soon", due_at=now + timedelta(minutes=1)),
        item("yesterday", due_on=today - timedelta(days=1)), item("an hour ago", due_at=now - timedelta(hours=1)),
    ]  # fmt: skip
    monkeypatch.setattr(pages, "SOURCES", [lambda _actor, *, at: waits])

    home = pages.Home.build(county.alma, at=now)

    assert [each.title for each in home.sections[0].items][-2:] == ["soon", "later"]
    assert home.n_late == 2
