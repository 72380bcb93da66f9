"""A monthly report: made once, from frozen figures, for who may see them at that time."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from xinglin.accounts.models import Grant
from xinglin.indicators import documents, jobs, reports
from xinglin.indicators.actions.reports import ask_for_report, make_report, subscribe, unsubscribe
from xinglin.indicators.definitions.reading import indicators
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import MonthlyReport, Snapshot, Subscription
from xinglin.indicators.tests.test_maps import visits
from xinglin.indicators.web.words import GROUPS
from xinglin.notifications.models import Message
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import OutboxEvent

SLUGS = ["grassroots-share", "visits-by-tier"]


def a_subscription(county: Any, *, by: Any = None, level: str = "facility", day: int = 5) -> Subscription:
    return subscribe(slugs=SLUGS, level=level, language="zh-hans", day=day, by=by or county.mei, at=NOW)


def day(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 11, 30), []), (date(2026, 12, 4), []), (date(2026, 12, 5), ["2026-11"]),
        (date(2027, 2, 7), ["2026-11", "2026-12", "2027-01"]),  # two were missed: they are made up
    ],
)  # fmt: skip
def test_a_month_is_due_on_the_day_of_the_month_after_and_stays_due(today: date, months: list[str]) -> None:
    subscription = Subscription(started_at=NOW, day=5)

    assert reports.due_months(subscription, today=today) == months


def test_a_report_is_made_once_from_one_snapshot_and_its_owner_is_told(county: Any) -> None:
    visits(county)
    extract(at=NOW)
    subscription, other = a_subscription(county), a_subscription(county, by=county.tang)
    at = day("2026-12-05T06:00")

    first = make_report(subscription_id=subscription.pk, month="2026-11", by=jobs.MAKER, at=at)
    again = make_report(subscription_id=subscription.pk, month="2026-11", by=jobs.MAKER, at=at + timedelta(hours=1))
    third = make_report(subscription_id=other.pk, month="2026-11", by=jobs.MAKER, at=at)

    assert first is not None
    assert third is not None
    assert again == first
    assert Snapshot.objects.count() == 1
    assert (third.snapshot, third.file) != (first.snapshot, first.file)
    event = OutboxEvent.objects.get(event="report.monthly-made", object_uuid=first.uuid)
    jobs.tell(event_uuid=str(event.uuid), object_uuid=str(first.uuid))
    assert Message.objects.filter(user=county.users["mei"], kind="report.monthly-made").count() == 1
    assert reports.due(today=date(2026, 12, 6)) == []


def test_a_unit_manager_gets_his_own_units_only(county: Any) -> None:
    visits(county)
    extract(at=NOW)
    make_report(subscription_id=a_subscription(county).pk, month="2026-11", by=jobs.MAKER, at=day("2026-12-05T06:00"))
    snapshot = Snapshot.objects.get()

    whole = reports.contents(Subscription(slugs=SLUGS, level="facility"), snapshot, county.mei, at=NOW)
    own = reports.contents(Subscription(slugs=SLUGS, level="facility"), snapshot, county.tang, at=NOW)

    shares = [next(each for each in found.parts if each.indicator.slug == "visits-by-tier") for found in (whole, own)]
    assert [each.now.value for each in shares] == [17, 10]
    assert "南营村卫生室" not in {name for name, _value in shares[1].units}
    assert all(value.numerator is None or value.numerator >= 5 for each in shares for _name, value in each.units)


def test_who_lost_the_right_gets_none_and_his_subscription_ends(county: Any) -> None:
    extract(at=NOW)
    subscription = a_subscription(county)
    Grant.objects.filter(user=county.users["mei"]).update(valid_until=day("2026-11-25T00:00"))

    assert (
        make_report(subscription_id=subscription.pk, month="2026-11", by=jobs.MAKER, at=day("2026-12-05T06:00")) is None
    )

    subscription.refresh_from_db()
    assert subscription.end_reason == "no-right"
    assert MonthlyReport.objects.count() == 0
    assert reports.due(today=date(2026, 12, 6)) == []


def test_what_is_no_subscription_is_refused(county: Any) -> None:
    given: dict[str, Any] = {
        "slugs": SLUGS,
        "level": "facility",
        "language": "en",
        "day": 5,
        "by": county.mei,
        "at": NOW,
    }
    for wrong in ({"day": 0}, {"day": 29}, {"level": "x"}, {"language": "fr"}, {"slugs": []}):
        with pytest.raises(InvalidInput):
            subscribe(**given | wrong)
    with pytest.raises(NotVisible):
        subscribe(**given | {"slugs": ["no-such"]})
    with pytest.raises(NotPermitted):
        subscribe(**given | {"by": county.alma})


def test_a_subscription_is_ended_by_its_owner_only_and_once(county: Any) -> None:
    extract(at=NOW)
    subscription = a_subscription(county)

    with pytest.raises(NotVisible):
        unsubscribe(uuid=subscription.uuid, by=county.tang, at=NOW)
    unsubscribe(uuid=subscription.uuid, by=county.mei, at=NOW)
    with pytest.raises(Conflict):
        unsubscribe(uuid=subscription.uuid, by=county.mei, at=NOW)
    assert (
        make_report(subscription_id=subscription.pk, month="2026-11", by=jobs.MAKER, at=day("2026-12-05T06:00")) is None
    )


def test_the_report_of_last_month_may_be_asked_for_before_its_day(county: Any) -> None:
    extract(at=NOW)
    subscription = a_subscription(county)

    ask_for_report(uuid=subscription.uuid, by=county.mei, at=NOW)

    waiting = ProcrastinateJob.objects.filter(task_name="indicators.make-report").get()
    assert waiting.args == {"subscription": subscription.pk, "month": "2026-10"}
    with pytest.raises(NotVisible):
        ask_for_report(uuid=subscription.uuid, by=county.tang, at=NOW)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_document_is_a_pdf_in_its_language(county: Any, language: str) -> None:
    visits(county)
    extract(at=NOW)
    make_report(subscription_id=a_subscription(county).pk, month="2026-11", by=jobs.MAKER, at=day("2026-12-05T06:00"))
    contents = reports.contents(Subscription(slugs=SLUGS, level="facility"), Snapshot.objects.get(), county.mei, at=NOW)

    content = documents.monthly_pdf(contents, language=language)

    assert content.startswith(b"%PDF-")
    assert len(content) > 10_000
    said = "".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages)
    assert ("（" in said, "来源：" in said, "From: " in said) == (
        (True, True, False) if language != "en" else (False, False, True)
    )
    assert said.count("%") > 3  # the figure, what it is beside, and the head of its units: none stands without its unit


def test_figures_to_choose_from_stand_by_topic_and_what_was_chosen_stays_after_a_refusal(county: Any) -> None:
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    page = client.get("/board/reports/")
    refused = client.post(
        "/board/reports/subscribe/", {"slugs": ["m07-grassroots-visits"], "level": "county", "day": "99"}
    )

    topics = page.context["page"]["choices"]
    assert len(topics) == len(GROUPS)
    assert sum(len(each.figures) for each in topics) == len(indicators())
    assert "国家14项（2024）" in page.content.decode()
    assert [each.title for each in refused.context["page"]["choices"] if each.n_chosen] == ["国家14项（2024）"]
    assert 'value="m07-grassroots-visits" checked' in refused.content.decode()


def test_from_the_page_one_subscribes_reads_and_ends(county: Any) -> None:
    extract(at=NOW)
    assert county.mei
    assert county.tang
    client, stranger = sign_in(Client(), county.users["mei"]), sign_in(Client(), county.users["tang"])

    sent = client.post(
        "/board/reports/subscribe/", {"slugs": SLUGS, "level": "township", "language": "zh-hans", "day": "5"}
    )
    assert sent.status_code == 302
    assert client.post("/board/reports/subscribe/", {"slugs": SLUGS, "level": "x", "day": "99"}).status_code == 422
    subscription = Subscription.objects.get()
    report = make_report(subscription_id=subscription.pk, month="2026-10", by=jobs.MAKER, at=NOW)
    assert report is not None
    listed = client.get("/board/reports/").context["page"]["reports"]
    assert [(each["row"], each["level"], each["language"]) for each in listed] == [(report, "乡镇（街道）", "中文")]
    assert client.get(f"/board/reports/{report.uuid}/").content.startswith(b"%PDF-")
    assert stranger.get(f"/board/reports/{report.uuid}/").status_code == 404
    assert client.post(f"/board/reports/subscriptions/{subscription.uuid}/end/").status_code == 302
    assert client.get("/board/reports/").status_code == 200
