"""The roster: entered, withdrawn, copied, brought in row by row; by who keeps it only."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.centres import a_reader, a_shift
from tests.factories.county import NOW, County, later
from tests.factories.diagnostics import an_ecg_centre
from xinglin.centres import actions, catalogue, jobs, queries, table
from xinglin.centres.models import Roster, Shift
from xinglin.platform import clock
from xinglin.platform.definitions import one
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord
from xinglin.web.sheets import Sheet, read_lines, workbook

MONDAY = date(2026, 11, 16)


def a_duty(reader, hours=8.0, **fields):
    return actions.Duty(reader.user_id, NOW, NOW + timedelta(hours=hours), **fields)


def test_the_shifts_of_the_definition_mean_what_their_examples_say():
    examples = one("duty-shifts", "common-shifts").examples
    assert examples
    shifts = {each.code: each for each in catalogue.common_shifts(on=MONDAY)}
    for each in examples:
        shift = shifts[each["code"]]
        moments = catalogue.moments(each["on"], shift.start, shift.end)
        assert [f"{clock.timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in moments] == [
            each["starts"],
            each["ends"],
        ]


def test_the_first_shift_begins_the_roster_and_nobody_is_on_duty_twice_at_once(county: County):
    centre = an_ecg_centre(county)
    shift = actions.enter_shift(centre=centre, duty=a_duty(county.bo), by=county.bo, at=NOW)
    assert Roster.objects.get(centre=centre).is_on

    with pytest.raises(Conflict, match="已有班次"):
        actions.enter_shift(centre=centre, duty=a_duty(county.bo, 2), by=county.bo, at=NOW)
    actions.withdraw_shift(shift=shift, by=county.bo, at=later(1))
    actions.enter_shift(centre=centre, duty=a_duty(county.bo, 2), by=county.bo, at=NOW)
    with pytest.raises(Conflict):
        actions.withdraw_shift(shift=shift, by=county.bo, at=later(2))


def test_only_readers_of_the_centre_and_only_by_who_keeps_the_roster(county: County):
    centre = an_ecg_centre(county)
    with pytest.raises(InvalidInput):
        actions.enter_shift(centre=centre, duty=a_duty(county.sun), by=county.bo, at=NOW)
    with pytest.raises(InvalidInput):
        actions.enter_shift(centre=centre, duty=a_duty(county.bo, 25), by=county.bo, at=NOW)
    for stranger in (county.alma, county.sun, county.mei):
        with pytest.raises(NotPermitted):
            actions.enter_shift(centre=centre, duty=a_duty(county.bo), by=stranger, at=NOW)
    with pytest.raises(InvalidInput):
        actions.set_roster(centre=centre, is_on=True, minutes_start=0, minutes_start_urgent=3, by=county.bo, at=NOW)


def test_a_duty_that_is_over_is_refused_and_not_copied(county: County):
    centre = an_ecg_centre(county)
    with pytest.raises(InvalidInput, match="已经过去"):
        actions.enter_shift(centre=centre, duty=a_duty(county.bo), by=county.bo, at=later(8 * 60))
    actions.enter_shift(centre=centre, duty=a_duty(county.bo), by=county.bo, at=later(60))

    week = MONDAY + timedelta(days=7)
    assert actions.copy_week(centre=centre, to=week, by=county.bo, at=NOW + timedelta(days=8)) == []


def test_the_same_time_twice_is_no_shift_unless_the_whole_day_was_chosen(county: County, bo):
    centre = an_ecg_centre(county)
    path = reverse("centres:enter_shifts", args=[centre.uuid])
    given = {"week": MONDAY, "reader": county.bo.user_id, "days": ["2"]}
    refused = bo.post(path, {**given, "from": "08:00", "until": "08:00"})
    whole = next(each for each in catalogue.common_shifts(on=MONDAY) if each.start == each.end)

    assert refused.status_code == 422
    assert "起止时间相同" in refused.content.decode()
    assert bo.post(path, {**given, "shift": whole.code}).status_code == 302
    shift = Shift.objects.get()
    assert shift.ends_at - shift.starts_at == timedelta(hours=24)


def test_last_week_is_copied_once(county: County):
    li = a_reader(county, "li", "李")
    for reader in (county.bo, li):
        a_shift(county, reader, at=clock.start_of(MONDAY) + timedelta(days=1), modalities=("CT",))
    centre = an_ecg_centre(county)
    week = MONDAY + timedelta(days=7)

    made = actions.copy_week(centre=centre, to=week, by=county.bo, at=NOW)
    assert [each.modalities for each in made] == [["CT"], ["CT"]]
    assert actions.copy_week(centre=centre, to=week, by=county.bo, at=NOW) == []
    with pytest.raises(Conflict):
        actions.copy_week(centre=centre, to=week + timedelta(days=70), by=county.bo, at=NOW)
    with pytest.raises(InvalidInput):
        actions.copy_week(centre=centre, to=week + timedelta(days=1), by=county.bo, at=NOW)
    assert AuditRecord.objects.filter(event="roster.week-copied").count() == 2


def test_where_the_head_asked_for_it_the_roster_goes_on_for_four_weeks(county: County, monkeypatch):
    shift = a_shift(county)
    centre, week = shift.centre, queries.monday_of(clock.today(NOW))
    monkeypatch.setattr(clock.timezone, "now", lambda: NOW)
    jobs.go_on(timestamp=0)
    assert list(Shift.objects.all()) == [shift]  # nobody asked

    actions.set_roster(
        centre=centre, is_on=True, minutes_start=10, minutes_start_urgent=3, goes_on=True, by=county.bo, at=NOW
    )
    for _ in range(2):
        jobs.go_on(timestamp=0)
    begun = list(centre.shifts.order_by("starts_at").values_list("starts_at", flat=True))
    assert begun == [shift.starts_at + timedelta(days=7 * n) for n in range(5)]

    emptied = centre.shifts.order_by("starts_at")[2]
    actions.withdraw_shift(shift=emptied, by=county.bo, at=NOW)
    jobs.go_on(timestamp=0)
    assert len(queries.shifts_between(centre, week + timedelta(days=14), week + timedelta(days=21))) == 0


def test_each_row_of_a_table_is_told_what_is_wrong_with_it(county: County):
    county.bo  # noqa: B018 - makes the account
    centre = an_ecg_centre(county)
    readers = actions.roster.readers_of(centre, at=NOW)
    rows = [
        ["2026-11-16", "08:00", "17:30", "bo", "薄", "CT，磁共振", "胸部", "是"],
        ["2026-11-16", "16:00", "20:00", "bo", "薄", "", "", ""],
        ["16.11.2026", "8点", "17:30", "nobody", "", "XYZ", "", "也许"],
        ["2026/11/17", "17：30", "08:00", "bo", "", "", "", "否"],
    ]
    plan = table.plan(read_lines(workbook([Sheet("x", table.HEADINGS, rows)])), readers, [])

    assert [set(row.faults) for row in plan] == [set(), {"开始"}, {"日期", "开始", "医生账号", "设备", "审核"}, set()]
    assert plan[0].duty.modalities == ("CT", "MR")
    assert plan[0].duty.regions == ("CHEST",)
    assert plan[3].duty.ends_at - plan[3].duty.starts_at == timedelta(hours=14, minutes=30)
    assert not plan[3].duty.reviews
    for wrong in (["日期", "别的"], ["日期", "开始"]):
        with pytest.raises(InvalidInput):
            table.plan(read_lines(workbook([Sheet("x", wrong, rows)])), readers, [])


# Pages ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def bo(county: County, monkeypatch):
    """Bo's browser, on the morning before the week of these tests."""
    monkeypatch.setattr(clock.timezone, "now", lambda: clock.start_of(MONDAY) + timedelta(hours=6))
    county.bo  # noqa: B018 - makes the account
    return sign_in(Client(), county.users["bo"])


def test_a_reader_is_put_on_duty_for_three_days_in_one_form(county: County, bo):
    centre = an_ecg_centre(county)
    given = {"week": MONDAY, "reader": county.bo.user_id, "days": ["0", "2", "4"], "shift": "day", "reviews": "on"}

    assert bo.post(reverse("centres:enter_shifts", args=[centre.uuid]), given).status_code == 302
    again = bo.post(reverse("centres:enter_shifts", args=[centre.uuid]), given)
    nothing = bo.post(reverse("centres:enter_shifts", args=[centre.uuid]), {"week": MONDAY})

    assert Shift.objects.count() == 3
    assert again.status_code == 409
    assert "已有班次" in again.content.decode()
    assert nothing.status_code == 422
    page = bo.get(reverse("centres:roster") + f"?week={MONDAY}").content.decode()
    assert page.count("08:00–17:30") >= 3
    shift = Shift.objects.first()
    assert bo.post(reverse("centres:withdraw_shift", args=[shift.uuid])).status_code == 302
    shift.refresh_from_db()
    assert shift.withdrawn_by == county.bo.user_id


def test_what_is_exported_comes_back_and_a_faulty_row_stops_all_unless_left_out(county: County, bo):
    shift = a_shift(county, at=NOW)
    centre = shift.centre
    exported = bo.get(reverse("centres:export_roster", args=[centre.uuid]) + f"?week={MONDAY}").content
    book = openpyxl.load_workbook(io.BytesIO(exported))
    row = [cell.value for cell in book.active[2]]
    assert row[3:5] == ["bo", "薄"]
    actions.withdraw_shift(shift=shift, by=county.bo, at=NOW)
    book.active.append(["2026-11-18", "08:00", "17:30", "wer"])

    def send(**more):
        out = io.BytesIO()
        book.save(out)
        out.seek(0)
        out.name = "roster.xlsx"
        return bo.post(reverse("centres:import_roster", args=[centre.uuid]), {"file": out, **more})

    refused = send()
    assert refused.status_code == 422
    assert "本中心没有这个账号的诊断医生" in refused.content.decode()
    assert Shift.objects.filter(withdrawn_at__isnull=True).count() == 0

    assert send(only_good="on").status_code == 302
    assert Shift.objects.get(withdrawn_at__isnull=True).starts_at == shift.starts_at


def test_who_has_nothing_to_do_with_the_centre_sees_no_roster(county: County):
    centre = an_ecg_centre(county)
    county.sun  # noqa: B018 - makes the account
    sun = sign_in(Client(), county.users["sun"])
    assert sun.get(reverse("centres:roster")).status_code == 403
    assert sun.get(reverse("centres:export_roster", args=[centre.uuid])).status_code == 404
    assert sun.post(reverse("centres:copy_week", args=[centre.uuid])).status_code == 404
