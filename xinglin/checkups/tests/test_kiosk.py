"""The terminal: two things open it, it shows one's own and nothing else, and keeps nothing for the next."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.checkups import OLD, a_checkup
from tests.factories.readings import a_device, pressure, send
from tests.factories.residents import a_resident
from xinglin.checkups.actions import kiosk
from xinglin.checkups.models import KioskCode, Sitting, Terminal
from xinglin.checkups.states import Status
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord
from xinglin.readings.models import Reading, Seat

START, REPORTS, CHECK, LEAVE = (f"kiosk:{name}" for name in ("start", "reports", "check", "leave"))


@pytest.fixture
def man(county):
    return a_resident(county, born_on=OLD, at=clock.now())


@pytest.fixture
def terminal(county):
    """A browser made a terminal of the township hospital by Tang, who is signed out of it."""
    county.tang  # noqa: B018 - makes the account
    browser = sign_in(Client(), county.users["tang"])
    made = browser.post(reverse("checkups:terminals"), {"label": "大厅1号", "facility": str(county.township.uuid)})
    assert made.url == reverse(START)
    assert browser.get(reverse("checkups:list")).status_code in {302, 401, 403}
    return browser


def code_for(county, man):
    return kiosk.give_code(resident=man, facility_id=county.township.pk, by=county.tang, at=clock.now())


def enter(terminal, number, code):
    return terminal.post(reverse(START), {"number": number, "code": code})


def wait(monkeypatch, **time):
    later = clock.now() + timedelta(**time)
    monkeypatch.setattr("xinglin.checkups.web.kiosk.clock.now", lambda: later)


def test_he_reads_his_own_reports_and_it_is_written_as_his_own_look(county, terminal, man):
    checkup = a_checkup(county, resident=man, status=Status.REPORTED, at=clock.now())
    other = a_checkup(county, status=Status.REPORTED, at=clock.now())
    assert enter(terminal, man.id_number, code_for(county, man)).url == reverse(REPORTS)
    listed = terminal.get(reverse(REPORTS))
    assert str(checkup.uuid) in listed.content.decode()
    assert str(other.uuid) not in listed.content.decode()
    shown = terminal.get(reverse("kiosk:report", args=[checkup.uuid]))
    assert "总检结论" in shown.content.decode()
    assert (shown["Cache-Control"], shown["Refresh"]) == ("no-store", "75; url=/kiosk/leave/")
    assert terminal.get(reverse("kiosk:report", args=[other.uuid])).status_code == 404
    looks = AuditRecord.objects.filter(event="checkup.own-viewed", subject_uuid=man.uuid)
    assert set(looks.values_list("actor_kind", "actor_name")) == {("kiosk", man.name)}
    for page in (reverse("checkups:own"), reverse("residents:own"), reverse("checkups:list")):
        assert terminal.get(page).status_code in {302, 401, 403}, page


def test_a_code_opens_once_and_both_things_must_be_right(county, terminal, man):
    other, code = a_resident(county, at=clock.now()), code_for(county, man)
    for number, given in ((man.id_number, "000000" if code != "000000" else "1"), (other.id_number, code), ("", code)):
        refused = enter(terminal, number, given)
        assert (refused.status_code, "号码或查询码不对" in refused.content.decode()) == (422, True)
    assert enter(terminal, man.id_number, code).status_code == 302
    terminal.post(reverse(LEAVE))
    assert enter(terminal, man.id_number, code).status_code == 422


def test_three_wrong_codes_spend_it_and_five_tries_lock_the_terminal(county, terminal, man):
    code = code_for(county, man)
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(3):
        assert enter(terminal, man.id_number, wrong).status_code == 422
    assert enter(terminal, man.id_number, code).status_code == 422
    assert enter(terminal, man.id_number, code).status_code == 422
    fresh = code_for(county, man)
    locked = enter(terminal, man.id_number, fresh)
    assert (locked.status_code, "五分钟" in locked.content.decode()) == (409, True)
    assert AuditRecord.objects.filter(event="checkup.kiosk-refused", outcome="refused").count() == 5


def test_a_code_lapses_and_is_for_the_facility_that_gave_it(county, terminal, man, monkeypatch):
    code = kiosk.give_code(resident=man, facility_id=county.clinic.pk, by=county.alma, at=clock.now())
    assert enter(terminal, man.id_number, code).status_code == 422
    code = code_for(county, man)
    wait(monkeypatch, minutes=11)
    assert enter(terminal, man.id_number, code).status_code == 422
    with pytest.raises(NotPermitted):
        kiosk.give_code(resident=man, facility_id=county.township.pk, by=county.cai, at=clock.now())


def test_left_alone_it_shows_nothing_to_the_next(county, terminal, man, monkeypatch):
    enter(terminal, man.id_number, code_for(county, man))
    assert terminal.get(reverse(REPORTS)).status_code == 200
    wait(monkeypatch, seconds=76)
    assert terminal.get(reverse(REPORTS)).url == reverse(START)
    assert Sitting.objects.get().is_over


def test_after_leaving_the_way_back_shows_the_start(county, terminal, man):
    enter(terminal, man.id_number, code_for(county, man))
    sitting = terminal.cookies["xinglin-sitting"].value
    assert terminal.get(reverse(LEAVE)).url == reverse(START)
    terminal.cookies["xinglin-sitting"] = sitting
    assert terminal.get(reverse(REPORTS)).url == reverse(START)


def test_a_busy_sitting_ends_too(county, terminal, man, monkeypatch):
    enter(terminal, man.id_number, code_for(county, man))
    Sitting.objects.update(begun_at=clock.now() - timedelta(minutes=11))
    assert terminal.get(reverse(REPORTS)).url == reverse(START)


@pytest.mark.parametrize("cookie", ["", "nonsense", "00000000-0000-0000-0000-000000000000.key"])
def test_a_browser_that_is_no_terminal_gets_nothing(county, cookie):
    stranger = Client()
    stranger.cookies["xinglin-terminal"] = cookie
    for name in (START, REPORTS, CHECK, LEAVE):
        assert stranger.get(reverse(name)).status_code == 403


def test_a_terminal_ended_from_the_desk_is_out_at_once(county, terminal, man):
    enter(terminal, man.id_number, code_for(county, man))
    tang, row = sign_in(Client(), county.users["tang"]), Terminal.objects.get()
    county.cai  # noqa: B018 - makes the account
    assert sign_in(Client(), county.users["cai"]).post(
        reverse("checkups:end_terminal", args=[row.uuid])
    ).status_code in {403, 404}
    assert tang.post(reverse("checkups:end_terminal", args=[row.uuid])).status_code == 302
    assert terminal.get(reverse(REPORTS)).status_code == 403


def test_the_code_is_shown_to_staff_once_and_kept_as_a_digest(county, man):
    county.tang  # noqa: B018 - makes the account
    tang = sign_in(Client(), county.users["tang"])
    code = tang.post(reverse("checkups:code", args=[man.uuid])).context["page"]["code"]
    assert len(code) == 6
    assert code.encode() not in bytes(KioskCode.objects.get().code_digest)
    assert tang.get(reverse("checkups:code", args=[man.uuid])).status_code == 405


# The corner ----------------------------------------------------------------------------------------------------------
def test_what_the_corners_meter_sends_is_his_while_he_sits_there_and_an_abnormal_one_raises_a_task(
    county, terminal, man
):
    at = clock.now()
    meter = a_device(county, facility_id=county.township.pk, by=county.tang, place="CORNER", at=at).device
    enter(terminal, man.id_number, code_for(county, man))
    assert terminal.post(reverse(CHECK)).status_code == 302
    now = clock.now()
    send(meter, pressure("1", 186, 112, at=now), at=now)
    reading = Reading.objects.get(record_id="1")
    assert (reading.status, reading.resident_id) == ("KEPT", man.pk)
    text = terminal.get(reverse(CHECK)).content.decode()
    assert "186/112 mmHg" in text
    assert "血压很高" in text
    assert FollowUpTask.objects.get(resident=man, origin_kind="reading").facility_id == man.managed_by_id
    terminal.post(reverse(LEAVE))
    after = clock.now()
    send(meter, pressure("2", 128, 78, at=after), at=after)
    assert Reading.objects.get(record_id="2").status == "WAITING"


def test_who_rests_and_measures_is_not_put_out_and_sees_his_result_by_itself(county, terminal, man, monkeypatch):
    now = clock.now()
    meter = a_device(county, by=county.tang, facility_id=county.township.pk, place="CORNER", at=now).device
    enter(terminal, man.id_number, code_for(county, man))
    terminal.post(reverse(CHECK))
    asking = terminal.get(reverse(CHECK))
    assert asking["Refresh"] == "8; url=/kiosk/check/?waiting"
    wait(monkeypatch, minutes=6)
    assert "正在等您的测量结果" in terminal.get("/kiosk/check/?waiting").content.decode()

    send(meter, pressure("1", 128, 78, at=now + timedelta(minutes=6)), at=now + timedelta(minutes=6))

    assert Reading.objects.get().resident_id == man.pk
    assert "128/78 mmHg" in terminal.get("/kiosk/check/?waiting").content.decode()
    wait(monkeypatch, seconds=80)  # of `clock.now`, which stands six minutes on
    gone = terminal.get("/kiosk/check/?waiting")
    assert gone.url == reverse(START)
    assert not Seat.objects.filter(is_taken=True).exists()  # the next need not wait for it


def test_a_page_that_asks_by_itself_does_not_keep_a_sitting_alive(county, terminal, man, monkeypatch):
    enter(terminal, man.id_number, code_for(county, man))
    terminal.post(reverse(CHECK))
    for _minute in range(7):
        wait(monkeypatch, minutes=1)
        assert terminal.get("/kiosk/check/?waiting").status_code == 200
    wait(monkeypatch, seconds=61)
    assert terminal.get("/kiosk/check/?waiting").url == reverse(START)


def test_the_terminal_speaks_english_to_one_and_chinese_to_the_next(county, terminal, man):
    terminal.post(reverse("set_language"), {"language": "en", "next": reverse(START)})
    assert "Code" in terminal.get(reverse(START)).content.decode()
    enter(terminal, man.id_number, code_for(county, man))
    terminal.post(reverse(LEAVE))
    assert "查询码" in terminal.get(reverse(START)).content.decode()


def test_one_person_at_a_time_in_the_corner(county, terminal, man):
    from xinglin.readings import api as readings

    other = a_resident(county, at=clock.now())
    readings.take_seat(facility_id=county.township.pk, resident=other, by=county.tang, at=clock.now())
    enter(terminal, man.id_number, code_for(county, man))
    assert terminal.post(reverse(CHECK)).status_code == 409
    with pytest.raises(Conflict):
        readings.take_seat(facility_id=county.township.pk, resident=man, by=county.tang, at=clock.now())
    later = clock.now() + timedelta(minutes=11)
    assert readings.take_seat(facility_id=county.township.pk, resident=man, by=county.tang, at=later)


@pytest.mark.parametrize("how", ["restarts", "start", "ended"])
def test_what_is_measured_after_a_terminal_was_left_is_not_his_who_sat_there(county, terminal, man, how):
    meter = a_device(
        county, facility_id=county.township.pk, by=county.tang, place="CORNER", at=clock.now() - timedelta(minutes=1)
    ).device
    enter(terminal, man.id_number, code_for(county, man))
    terminal.post(reverse(CHECK))
    if how == "start":
        terminal.get(reverse(START))
    elif how == "ended":
        kiosk.end_terminal(terminal=Terminal.objects.get(), by=county.tang, at=clock.now())
    else:  # its cookie of the sitting is gone, and the next one signs in without looking at the start first
        del terminal.cookies["xinglin-sitting"]
        other = a_resident(county, at=clock.now())
        kiosk.sit_down(
            terminal=Terminal.objects.get(), number=other.id_number, code=code_for(county, other), by=county.tang,
            at=clock.now(),
        )  # fmt: skip
    after = clock.now()
    send(meter, pressure("1", 128, 78, at=after), at=after)
    assert Reading.objects.get().status == "WAITING"
    assert not Sitting.objects.filter(resident=man, is_over=False).exists()


def test_terminals_are_made_by_who_manages_check_ups(county):
    with pytest.raises(NotPermitted):
        kiosk.register_terminal(facility_id=county.township.pk, label="x", by=county.alma, at=clock.now())
    with pytest.raises(InvalidInput):
        kiosk.register_terminal(facility_id=county.township.pk, label=" ", by=county.tang, at=clock.now())
