"""Second readings: drawn by chance, given to another, blind until he has written."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.centres import a_reader
from tests.factories.county import NOW, County, later
from tests.factories.diagnostics import NORMAL, a_request, an_ecg_centre
from xinglin.centres import actions, jobs
from xinglin.centres.figures import figures_of
from xinglin.centres.models import SecondReading
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.models import QualityMark
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted

DAY = clock.today(NOW)
SAID = {"grade": "A", "is_abnormal": False, "opinion": "窦性心律，大致正常"}


def drawn(county, *, at=NOW):
    return actions.draw_seconds(centre=an_ecg_centre(county), since=DAY, until=DAY, by=county.bo, at=at)


def one(county):
    a_request(county, status="FINAL")
    (reading,) = drawn(county)
    return reading


def test_one_in_twenty_is_drawn_rounded_up_and_never_twice(county: County):
    li = a_reader(county, "li", "李")
    for _ in range(21):
        a_request(county, status="FINAL")
    a_request(county, status="CLAIMED")

    first = drawn(county)
    assert len(first) == 2
    assert {each.reader_id for each in first} == {li.user_id}
    assert drawn(county) == []
    assert len({each.request_id for each in SecondReading.objects.all()}) == 2


def test_where_the_head_asked_for_it_the_month_before_is_drawn_by_itself(county: County, monkeypatch):
    a_reader(county, "li")
    for _ in range(3):
        a_request(county, status="FINAL")
    centre, month_later = an_ecg_centre(county), NOW + timedelta(days=28)
    with pytest.raises(NotPermitted, match="没有开启"):
        actions.draw_seconds(centre=centre, since=DAY, until=DAY, by=jobs.CLOCK, at=NOW)

    asked = {"is_on": False, "minutes_start": 10, "minutes_start_urgent": 3}
    actions.set_roster(centre=centre, **asked, draws_seconds=True, by=county.bo, at=NOW)
    for hour in range(2):  # an hour later it draws nothing again
        monkeypatch.setattr(clock.timezone, "now", lambda hour=hour: month_later + timedelta(hours=hour))
        jobs.go_on(timestamp=0)

    (reading,) = SecondReading.objects.all()
    assert (reading.period_from, reading.period_until) == (DAY.replace(day=1), DAY.replace(day=30))


def test_who_wrote_or_claimed_it_does_not_read_it_again(county: County):
    a_request(county, status="FINAL")
    with pytest.raises(Conflict, match="另一位"):
        drawn(county)
    li, wang = a_reader(county, "li"), a_reader(county, "wang")
    request = a_request(county)
    diagnostics.claim_request(request=request, by=li, at=NOW)
    diagnostics.write_final(request=request, **NORMAL, by=li, at=NOW)
    (reading,) = drawn(county)
    assert reading.reader_id in {li.user_id, wang.user_id, county.bo.user_id}
    assert reading.reader_id not in {each.author_id for each in reading.request.reports.all()}


def test_the_draw_is_by_chance_and_by_the_head_only(county: County):
    a_reader(county, "li")
    with pytest.raises(Conflict):
        drawn(county)
    with pytest.raises(NotPermitted):
        actions.draw_seconds(centre=an_ecg_centre(county), since=DAY, until=DAY, by=county.alma, at=NOW)
    with pytest.raises(InvalidInput):
        actions.draw_seconds(
            centre=an_ecg_centre(county), since=DAY, until=DAY.replace(year=2020), by=county.bo, at=NOW
        )


def test_first_the_own_opinion_then_the_report(county: County):
    li = a_reader(county, "li", "李")
    reading = one(county)

    with pytest.raises(Conflict, match="先写下"):
        actions.compare_second(reading=reading, agreement="AGREES", by=li, at=later(1))
    with pytest.raises(NotPermitted):
        actions.grade_second(reading=reading, **SAID, by=county.bo, at=later(1))
    with pytest.raises(InvalidInput):
        actions.grade_second(reading=reading, **SAID | {"opinion": " "}, by=li, at=later(1))
    actions.grade_second(reading=reading, **SAID, by=li, at=later(1))
    with pytest.raises(Conflict):
        actions.grade_second(reading=reading, **SAID | {"opinion": "改"}, by=li, at=later(1))
    with pytest.raises(InvalidInput):
        actions.compare_second(reading=reading, agreement="MAJOR", by=li, at=later(2))
    found = actions.compare_second(reading=reading, agreement="MAJOR", remark="漏诊房早", by=li, at=later(2))

    assert (found.opinion, found.agreement, found.seen_before) == (SAID["opinion"], "MAJOR", False)
    mark = QualityMark.objects.get(stage="SAMPLE")
    assert (mark.agrees, mark.marked_by_name) == (False, "李")
    quality = figures_of(an_ecg_centre(county), since=later(-60), until=later(60), at=later(60)).quality
    assert (quality.n_drawn, quality.n_compared, quality.n_major, quality.share_agrees) == (1, 1, 1, 0)


def test_the_page_hides_the_report_until_the_opinion_is_written(county: County):
    a_reader(county, "li", "李")
    reading = one(county)
    li = sign_in(Client(), county.users["li"])
    address = reverse("centres:second", args=[reading.uuid])

    blind = li.get(address).content.decode()
    assert NORMAL["conclusion"] not in blind
    assert NORMAL["findings"] not in blind
    assert NORMAL["conclusion"] not in li.get(reverse("centres:seconds")).content.decode()
    assert li.post(reverse("centres:grade_second", args=[reading.uuid]), {"grade": "A"}).status_code == 422
    graded = li.post(reverse("centres:grade_second", args=[reading.uuid]), {"grade": "B", "opinion": "大致正常"})
    assert graded.status_code == 302
    assert NORMAL["conclusion"] in li.get(address).content.decode()
    done = li.post(reverse("centres:compare_second", args=[reading.uuid]), {"agreement": "MINOR"})
    assert done.status_code == 302
    reading.refresh_from_db()
    assert (reading.agreement, reading.seen_before) == ("MINOR", False)


def test_who_opened_the_request_before_did_not_read_blind(county: County):
    li = a_reader(county, "li", "李")
    reading = one(county)
    browser = sign_in(Client(), county.users["li"])
    browser.get(reverse("diagnostics:detail", args=[reading.request.uuid]))

    assert actions.grade_second(reading=reading, **SAID, by=li, at=clock.now()).seen_before


def test_a_stranger_sees_no_second_reading(county: County):
    a_reader(county, "li")
    reading = one(county)
    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])
    assert alma.get(reverse("centres:second", args=[reading.uuid])).status_code == 404
    assert alma.get(reverse("centres:seconds")).status_code == 403


def test_the_head_draws_on_the_page(county: County):
    a_reader(county, "li")
    a_request(county, status="FINAL")
    bo = sign_in(Client(), county.users["bo"])
    address = reverse("centres:draw_seconds", args=[an_ecg_centre(county).uuid])
    assert bo.post(address, {"since": "x", "until": "y"}).status_code == 422
    assert bo.post(address, {"since": "2026-01-01", "until": "2026-01-31"}).status_code == 409
    assert bo.post(address, {"since": DAY, "until": DAY}).status_code == 302
    assert SecondReading.objects.count() == 1
