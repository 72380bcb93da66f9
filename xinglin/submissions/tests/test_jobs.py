"""The calendar: what has become due opens itself, is drawn on its day, and is reminded of once."""

from datetime import datetime
from typing import Any

import pytest

from tests.factories.county import NOW
from tests.factories.submissions import a_submission, some_figures
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.submissions import api, jobs, queries
from xinglin.submissions.events import Event
from xinglin.submissions.models import Submission
from xinglin.submissions.states import Status


def on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    at = datetime.fromisoformat(f"{day}T02:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: at)


def of(form: str) -> dict[str, str]:
    return dict(Submission.objects.filter(form=form).values_list("period", "status"))


@pytest.mark.thorough
def test_what_is_due_opens_itself_once_and_is_drawn_on_its_day(county: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    some_figures(county)
    on(monkeypatch, "2026-11-02")
    jobs.calendar(0)
    jobs.calendar(0)
    assert of("grassroots-month") == {"2026-10": Status.DUE, "2026-09": Status.MADE}

    on(monkeypatch, "2026-11-03")
    jobs.calendar(0)

    assert of("grassroots-month") == {"2026-10": Status.MADE, "2026-09": Status.MADE}
    assert of("provincial-dhis2-quarter") == {"2026-Q3": Status.MADE, "2026-Q2": Status.MADE}
    assert of("national-monitoring-year") == {}  # the form is in force since 2026


@pytest.mark.thorough
def test_reminders_and_what_is_overdue_are_told_once_to_who_keeps_figures(
    county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert county.mei
    some_figures(county)
    it = a_submission(county)
    for day in ("2026-11-05", "2026-11-07", "2026-11-08", "2026-11-11", "2026-11-12"):
        on(monkeypatch, day)
        jobs.calendar(0)
    told = OutboxEvent.objects.filter(object_uuid=it.uuid, event__in=[Event.DUE_SOON, Event.OVERDUE]).order_by("id")

    assert [each.event for each in told] == [Event.DUE_SOON, Event.OVERDUE]
    for each in told:
        jobs.tell(event_uuid=str(each.uuid), object_uuid=str(it.uuid))
        jobs.tell(event_uuid=str(each.uuid), object_uuid=str(it.uuid))
    messages = Message.objects.filter(object_uuid=it.uuid, user=county.users["mei"])
    assert sorted(messages.values_list("kind", flat=True)) == ["submission.due-soon", "submission.overdue"]


def test_it_waits_on_the_workbench_of_who_keeps_figures(county: Any) -> None:
    it = a_submission(county)

    (line,) = api.waiting_for(county.mei, at=NOW)

    assert line.title == "上报：乡镇卫生服务月报"
    assert str(it.uuid) in line.url
    assert api.waiting_for(county.tang, at=NOW) == []


def test_a_list_makes_no_more_queries_with_more_rows(county: Any, django_assert_max_num_queries: Any) -> None:
    for month in range(1, 11):
        a_submission(county, period=f"2026-{month:02}")

    with django_assert_max_num_queries(2):
        assert len(queries.listed(county.mei).rows) == 10
