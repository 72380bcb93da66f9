"""The head's page: each figure is that of the requests behind it, and a stranger sees none."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.centres import a_reader, a_shift
from tests.factories.county import County, later
from tests.factories.diagnostics import INFARCTION, NORMAL, a_request, an_ecg_centre
from xinglin.centres import actions, jobs
from xinglin.centres.figures import RECORDS, figures_of, records_of
from xinglin.centres.models import Roster
from xinglin.diagnostics import actions as diagnostics
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord

HOUR = timedelta(hours=1)


@pytest.fixture
def at():
    return clock.now()


@pytest.fixture
def bo(county: County):
    """Bo's browser."""
    county.bo  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["bo"])


def period(at):
    return {"since": at - timedelta(days=1), "until": at + HOUR}


def test_of_the_laboratory_a_preliminary_report_is_not_the_answer_in_time(county: County, at):
    centre = an_ecg_centre(county)
    begun = at - 2 * HOUR
    request = a_request(county, status="CLAIMED", at=begun)
    diagnostics.write_preliminary(request=request, **NORMAL, by=county.bo, at=begun + timedelta(minutes=3))
    as_ecg = figures_of(centre, **period(at), at=at).now.whole
    type(centre).objects.filter(pk=centre.pk).update(kind="LAB")
    centre.refresh_from_db()
    as_laboratory = figures_of(centre, **period(at), at=at)
    late = records_of(centre, "late", **period(at), at=at)

    assert (as_ecg.n_reported, as_ecg.n_in_time, as_ecg.n_judged) == (1, 1, 1)
    whole = as_laboratory.now.whole
    assert (whole.n_reported, whole.n_in_time, whole.n_judged) == (0, 0, 1)
    assert sum(reported for _on, _n, reported in as_laboratory.volume) == 0
    assert [each.pk for each in late] == [request.pk]


def test_a_centre_without_devices_shows_no_figures_of_pictures(county: County, bo, at):
    centre = an_ecg_centre(county)
    names = ("重拍率", "复阅符合率", "甲级率")
    shown = bo.get(reverse("centres:head")).content.decode()
    type(centre).objects.filter(pk=centre.pk).update(kind="LAB")
    hidden = bo.get(reverse("centres:head")).content.decode()

    assert all(name in shown for name in names)
    assert not any(name in hidden for name in names)


def test_figures_are_those_of_the_requests_behind_them(county: County, at):
    li = a_reader(county, "li", "李")
    begun = at - 2 * HOUR
    a_request(county, status="FINAL", at=begun)
    a_request(county, status="AMENDED", report=INFARCTION, at=begun)
    rejected = a_request(county, status="REJECTED", at=begun)
    a_request(county, repeats=rejected, resident=rejected.resident, at=begun)
    a_request(county, status="CLAIMED", at=at)
    a_request(county, status="CANCELLED", at=at)
    a_request(county, status="FINAL", at=at - timedelta(days=40))
    second = a_request(county, at=at)
    diagnostics.claim_request(request=second, by=li, at=at + timedelta(minutes=2))
    diagnostics.write_final(request=second, **NORMAL, by=li, at=at + timedelta(minutes=12))
    centre = an_ecg_centre(county)

    found = figures_of(centre, **period(at), at=at + HOUR)

    assert (found.now.whole.n_requests, found.now.whole.n_reported, found.now.whole.n_rejected) == (6, 3, 1)
    assert (found.quality.n_positive, found.quality.n_reported, found.quality.n_amended) == (1, 3, 1)
    assert (found.quality.n_repeats, found.quality.n_requests) == (1, 6)
    assert {each.name: (each.n_final, each.n_amended, each.n_positive) for each in found.doctors} == {
        "薄": (2, 1, 1), "李": (1, 0, 0),
    }  # fmt: skip
    assert next(each.median for each in found.doctors if each.name == "李") == pytest.approx(10)
    assert (found.waiting.n_unread, found.waiting.n_reading, found.waiting.n_overdue) == (1, 1, 2)
    assert found.before.whole.n_requests == 0
    assert sum(n for _on, n, _r in found.volume) == 6


def test_the_list_behind_a_figure_has_as_many_lines(county: County, at):
    begun = at - 2 * HOUR
    a_request(county, status="FINAL", at=begun)
    a_request(county, status="AMENDED", report=INFARCTION, at=begun)
    rejected = a_request(county, status="REJECTED", at=begun)
    a_request(county, repeats=rejected, resident=rejected.resident, at=begun)
    a_request(county, status="PRELIMINARY", at=begun)
    centre = an_ecg_centre(county)
    found = figures_of(centre, **period(at), at=at)

    def n(what, **more):
        return records_of(centre, what, **period(at), at=at, **more).count()

    assert n("all") == found.now.whole.n_requests == 5
    assert n("reported") == found.now.whole.n_reported == 3
    assert n("late") == found.now.whole.n_judged - found.now.whole.n_in_time == 1
    assert (n("positive"), n("rejected"), n("amended"), n("repeats")) == (1, 1, 1, 1)
    assert (n("unread"), n("reading"), n("review")) == (1, 0, 1)
    assert n("overdue") == found.waiting.n_overdue == 1
    assert n("all", unit=str(county.clinic.pk)) == 5
    assert n("all", unit=str(county.township.pk)) == 0
    assert n("all", reader=str(county.bo.user_id)) == 3


def test_assignments_are_counted_as_they_ended(county: County, at):
    a_shift(county, at=at)
    started, lapsed = a_request(county, at=at), a_request(county, at=at)
    for each in (started, lapsed):
        made = actions.assign_request(request=each, by=jobs.CLOCK, at=at)
    diagnostics.claim_request(request=started, by=county.bo, at=at)
    actions.settle_assignment(request=started, by=jobs.CLOCK, at=at)
    actions.lapse_assignment(assignment=made, by=jobs.CLOCK, at=at + HOUR)

    found = figures_of(an_ecg_centre(county), **period(at), at=at).assigned

    assert (found.n, found.n_started, found.n_lapsed, found.share_started) == (2, 1, 1, 0.5)


def test_the_page_its_lists_and_its_workbook(county: County, bo, at):
    a_request(county, status="AMENDED", report=INFARCTION, at=at - HOUR)

    page = bo.get(reverse("centres:head"))
    assert page.status_code == 200
    assert "共退回 0 份，占申请 1 份" in page.content.decode()
    for what in RECORDS:
        assert (
            bo.get(reverse("centres:records") + f"?what={what}&centre={an_ecg_centre(county).uuid}").status_code == 200
        )
    assert bo.get(reverse("centres:records") + f"?what=x&centre={an_ecg_centre(county).uuid}").status_code == 422
    book = openpyxl.load_workbook(io.BytesIO(bo.get(page.context["page"].export_url).content))
    rows = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows()}
    assert (rows["申请"], rows["阳性率"], rows["更正率"]) == (1, 1, 1)
    assert AuditRecord.objects.filter(event="centre.figures-exported").count() == 1


def test_the_page_asks_as_often_for_a_hundred_as_for_none(county: County, bo, at):
    an_ecg_centre(county)
    address = reverse("centres:head") + "?since=2026-01-01&until=2026-12-31"

    def n_queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert bo.get(address).status_code == 200
        return len(asked)

    n_queries()
    before = n_queries()
    for n in range(3):
        a_request(county, status="FINAL", at=at - n * HOUR)
    assert n_queries() <= before


def test_no_data_is_said_and_a_stranger_is_refused(county: County, bo):
    an_ecg_centre(county)
    assert "无数据" in bo.get(reverse("centres:head")).content.decode()

    county.alma  # noqa: B018 - makes the account
    alma = sign_in(Client(), county.users["alma"])
    assert alma.get(reverse("centres:head")).status_code == 403
    assert alma.get(reverse("centres:records") + f"?centre={an_ecg_centre(county).uuid}").status_code == 404
    assert alma.get(reverse("centres:settings", args=[an_ecg_centre(county).uuid])).status_code == 404


# Settings ------------------------------------------------------------------------------------------------------------
def test_the_head_sets_promises_and_two_steps_and_it_is_in_the_trail(county: County, bo):
    centre = an_ecg_centre(county)
    given = {
        "minutes_routine": "60",
        "minutes_urgent": "15",
        "minutes_critical": "10",
        "minutes_claim": "30",
        "two_step": "on",
    }

    assert bo.post(reverse("centres:save_promises", args=[centre.uuid]), given).status_code == 302
    centre.refresh_from_db()
    assert (centre.minutes_routine, centre.two_step) == (60, True)
    changed = AuditRecord.objects.get(event="centre.changed").detail["changed"]
    assert changed == {"minutes_routine": [30, 60], "minutes_urgent": [10, 15], "two_step": [False, True]}
    for wrong in ({"minutes_urgent": "90"}, {"minutes_claim": "0"}, {"minutes_claim": "x"}):
        answer = bo.post(reverse("centres:save_promises", args=[centre.uuid]), given | wrong)
        assert answer.status_code == 422
    answer = bo.post(
        reverse("centres:save_roster", args=[centre.uuid]), {"is_on": "on", "minutes_start": "20", "minutes_start_urgent": "4"}
    )  # fmt: skip
    assert answer.status_code == 302
    assert Roster.objects.get(centre=centre).minutes_start == 20
    assert "20" in bo.get(reverse("centres:settings", args=[centre.uuid])).content.decode()


def test_a_stranger_sets_nothing(county: County):
    centre = an_ecg_centre(county)
    minutes = dict.fromkeys(("minutes_routine", "minutes_urgent", "minutes_critical", "minutes_claim"), 5)
    for stranger in (county.alma, county.sun, county.mei):
        with pytest.raises(NotPermitted):
            diagnostics.change_centre(centre=centre, minutes=minutes, two_step=True, by=stranger, at=later())
    with pytest.raises(InvalidInput):
        diagnostics.change_centre(centre=centre, minutes={}, two_step=True, by=county.bo, at=later())
