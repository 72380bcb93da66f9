"""The pages of a one-stop centre: three steps on one screen, stations, the report; for who may, and in both languages."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.checkups import OLD, VALUES, a_checkup, a_session
from tests.factories.contracts import a_team
from tests.factories.residents import a_resident, an_id_number
from xinglin.accounts.models import User
from xinglin.checkups import actions, queries
from xinglin.checkups.models import Checkup, Session
from xinglin.checkups.states import Status
from xinglin.contracts.models import Agreement
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.residents.models import Resident

SICK = {"systolic": 168, "diastolic": 96, "glucose_fasting": "7.8"}
#: The smallest picture with something drawn on it is made by the browser; on paper none is needed.
PAPER = {"consent": "paper", "signer_name": "孙新", "signer_relation": "本人"}


def browser_of(county, username, role="", place=None, **more):
    """Somebody's browser: one of the cast, or a new account with a role at a place."""
    if role:
        county.user(username, role, place, **more)
    else:
        getattr(county, username)
    return sign_in(Client(), county.users[username])


@pytest.fixture
def assistant(county):
    """The doctor's assistant of the township hospital."""
    return browser_of(county, "zhu", "doctor-assistant", county.township, name="助理小朱", subordinates=True)


@pytest.fixture
def tang(county):
    return browser_of(county, "tang")


def test_the_assistant_opens_signs_and_books_on_one_screen(county, assistant):
    from io import BytesIO

    now, number = clock.now(), an_id_number(OLD, "1")
    team, session = a_team(county, at=now), a_session(county, at=now)
    desk = reverse("checkups:desk")
    given = {"name": "孙新", "id_number": number, "managed_by": str(county.clinic.uuid)}
    opened = assistant.post(reverse("checkups:register"), given)
    man = Resident.objects.get(name="孙新")
    assert opened.url == f"{desk}?resident={man.uuid}"
    assert (man.born_on, man.sex, man.managed_by_id) == (OLD, "1", county.clinic.pk)
    shown = assistant.get(opened.url).context["page"]
    assert [each["state"] for each in shown["steps"]] == ["done", "current", "todo"]
    assert shown["package"] == "elderly"
    sheet = BytesIO(b"%PDF-1.4 signed sheet")
    sheet.name = "sheet.pdf"
    signed = assistant.post(
        reverse("checkups:sign", args=[man.uuid]),
        {**PAPER, "packages": shown["chosen_packages"], "team": str(team.uuid), "scan": sheet},
    )
    assert signed.status_code == 302, signed.context["page"]["error"]
    assert Agreement.objects.get(resident=man).status == "ACTIVE"
    booked = assistant.post(
        reverse("checkups:book", args=[man.uuid]), {"package": "elderly", "session": str(session.uuid)}
    )
    assert booked.status_code == 302
    assert Checkup.objects.get(resident=man).status == Status.ARRIVED
    after = assistant.get(opened.url).context["page"]
    assert [each["state"] for each in after["steps"]] == ["done", "done", "done"]
    again = assistant.post(reverse("checkups:register"), given)  # known by now: opened, not doubled
    assert again.url == opened.url
    assert Resident.objects.filter(name="孙新").count() == 1


@pytest.mark.parametrize("q", ["王小麦", "wxm", "number"])
def test_he_is_found_by_name_initials_and_number(county, assistant, q):
    man = a_resident(county, born_on=OLD, at=clock.now())
    shown = assistant.get(reverse("checkups:desk"), {"q": man.number if q == "number" else q}).context["page"]
    assert str(man.uuid) in str(shown["found"])
    assert assistant.get(reverse("checkups:desk"), {"q": "查无此人"}).context["page"]["found"] == []


@pytest.mark.parametrize("number", ["12345", "37040319510231001X", "370403195104150000"])
def test_a_number_that_cannot_be_is_refused(county, assistant, number):
    given = {"name": "孙新", "id_number": number, "managed_by": str(county.clinic.uuid)}
    answer = assistant.post(reverse("checkups:register"), given)
    assert answer.status_code == 422
    assert "孙新" in answer.content.decode()


def test_the_assistant_sees_no_values_and_reaches_no_station(county, assistant):
    checkup = a_checkup(county, status=Status.REPORTED, values=SICK, at=clock.now())
    text = assistant.get(reverse("checkups:detail", args=[checkup.uuid])).content.decode()
    assert "168 mmHg" not in text
    assert assistant.get(reverse("checkups:report", args=[checkup.uuid])).status_code == 404
    assert assistant.get(reverse("checkups:report_pdf", args=[checkup.uuid])).status_code == 404
    assert assistant.get(reverse("checkups:stations")).status_code == 403
    assert assistant.get(f"/api/v1/checkups/{checkup.uuid}").json()["values"] is None


def test_a_station_is_filled_in_and_faults_come_back_with_what_was_written(county, tang):
    checkup = a_checkup(county, status=Status.ARRIVED, at=clock.now())
    visit = checkup.stations.get(station="vitals")
    assert [
        str(visit.uuid) in each["url"]
        for each in tang.get(reverse("checkups:stations"), {"station": "vitals"}).context["page"].rows
    ] == [True]
    address = reverse("checkups:station", args=[visit.uuid])
    assert tang.get(address).status_code == 200
    given = {code: str(VALUES[code]) for code in visit.items}
    bad = tang.post(address, {**given, "systolic": "1200"})
    assert bad.status_code == 422
    assert "1200" in bad.content.decode()
    assert tang.post(address, given).status_code == 302
    ecg = checkup.stations.get(station="ecg")
    assert tang.post(reverse("checkups:skip", args=[ecg.uuid])).status_code == 302
    assert tang.post(reverse("checkups:leave_out", args=[ecg.uuid]), {"why": ""}).status_code == 422
    assert tang.post(reverse("checkups:leave_out", args=[ecg.uuid]), {"why": "equipment"}).status_code == 302
    assert tang.post(reverse("checkups:again", args=[ecg.uuid])).status_code == 302


def test_the_doctor_signs_and_the_resident_reads_it_in_his_language(county, tang):
    man = a_resident(county, born_on=OLD, at=clock.now())
    checkup = a_checkup(county, resident=man, status=Status.EXAMINED, values=SICK, at=clock.now())
    page = tang.get(reverse("checkups:detail", args=[checkup.uuid])).context["page"]
    steps = {
        f"{name}-{each['index']}": str(each[name])
        for each in page.proposed
        for name in ("step", "on", "words", "programme")
    }
    given = {"conclusion": "血压、血糖都高，请按时复查。", "keep": [str(each["index"]) for each in page.proposed], **steps,
             "more": "少盐少油，每天走6000步", "more_on": clock.today().isoformat()}  # fmt: skip
    signed = tang.post(reverse("checkups:sign_report", args=[checkup.uuid]), given)
    assert signed.url == reverse("checkups:report", args=[checkup.uuid])
    user = county.user("wang", "resident", county.clinic, name="王")
    User.objects.filter(pk=user.pk).update(resident_uuid=man.uuid)
    own = sign_in(Client(), user)
    assert "异常" in own.get(reverse("checkups:own")).content.decode()
    text = own.get(signed.url).content.decode()
    assert all(each in text for each in ("收缩压高", "每天走6000步", "明年体检", "中国高血压防治指南"))
    assert "High systolic pressure" in own.get(signed.url, headers={"Accept-Language": "en"}).content.decode()
    assert AuditRecord.objects.filter(event="checkup.own-viewed", subject_uuid=man.uuid).exists()
    stranger = county.user("li", "resident", county.clinic, name="李")
    User.objects.filter(pk=stranger.pk).update(resident_uuid=a_resident(county, at=clock.now()).uuid)
    assert sign_in(Client(), stranger).get(signed.url).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_report_is_printed_with_last_years_beside_it(county, tang, language):
    man = a_resident(county, born_on=OLD, at=clock.now() - timedelta(days=401))
    a_checkup(county, resident=man, status=Status.REPORTED, at=clock.now() - timedelta(days=400))
    checkup = a_checkup(county, resident=man, status=Status.REPORTED, values=SICK, at=clock.now())
    answer = tang.get(reverse("checkups:report_pdf", args=[checkup.uuid]), headers={"Accept-Language": language})
    assert answer.content[:5] == b"%PDF-"
    page = tang.get(reverse("checkups:report", args=[checkup.uuid])).context["page"]
    by_item = {each["item"]: each for each in (*page.notable, *page.ordinary)}
    assert (by_item["systolic"]["trend"], by_item["systolic"]["last"]) == ([128.0, 168.0], "128 mmHg（+40）")
    assert man.id_number not in answer.content.decode("latin-1")


def test_the_clinic_of_the_resident_reads_his_report_and_another_village_does_not(county):
    checkup = a_checkup(county, status=Status.REPORTED, at=clock.now())
    address = reverse("checkups:report", args=[checkup.uuid])
    assert browser_of(county, "alma").get(address).status_code == 200
    assert browser_of(county, "cai").get(address).status_code == 404


def test_sessions_are_arranged_and_the_day_is_told(county, tang):
    today = clock.today().isoformat()
    given = {"held_on": today, "half": "AM", "capacity": "20", "facility": str(county.township.uuid)}
    assert tang.post(reverse("checkups:sessions"), given).status_code == 302
    assert tang.post(reverse("checkups:sessions"), {**given, "capacity": "很多"}).status_code == 422
    assert Session.objects.get().capacity == 20
    assert "无数据" in tang.get(reverse("checkups:list")).content.decode()
    assert tang.get("/api/v1/checkups/day").json()["booked"] is None
    a_checkup(county, session=Session.objects.get(), at=clock.now())
    assert tang.get("/api/v1/checkups/day").json()["booked"] == 1
    assert len(tang.get(reverse("checkups:list")).context["page"].rows) == 1
    checkup = queries.checkups_here(county.tang).get()
    assert tang.post(reverse("checkups:arrive", args=[checkup.uuid])).status_code == 302


def test_queries_of_the_queue_do_not_grow_with_it(county, tang):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    session, counted = a_session(county, at=clock.now()), []
    for n_more in (1, 3):
        for _ in range(n_more):
            a_checkup(county, status=Status.ARRIVED, session=session, at=clock.now())
        tang.get(reverse("checkups:stations"), {"station": "ecg"})
        with CaptureQueriesContext(connection) as found:
            tang.get(reverse("checkups:stations"), {"station": "ecg"})
        counted.append(len(found))
    assert counted[0] == counted[1]


def test_the_desk_finds_who_left_and_goes_on_or_closes(county, assistant):
    day, now = clock.now() - timedelta(days=1), clock.now()
    left, gone = (a_checkup(county, status=Status.ARRIVED, at=day) for _ in range(2))
    for each in (left, gone):
        visit = each.stations.select_related("checkup").get(station="vitals")
        given = {code: VALUES[code] for code in visit.items}
        actions.save_station(visit=visit, values=given, by=county.tang, at=day)
    listed = assistant.get(reverse("checkups:list") + "?box=unfinished")
    assert [tab["count"] for tab in listed.context["page"].tabs] == [None, 2, None, None]
    assert "还差" in listed.content.decode()
    page = assistant.get(reverse("checkups:detail", args=[left.uuid])).content.decode()
    assert "继续体检" in page
    assert "取消体检" not in page
    assert assistant.post(reverse("checkups:resume", args=[left.uuid])).status_code == 302
    assert assistant.post(reverse("checkups:close", args=[gone.uuid]), {"why": ""}).status_code == 422
    assert assistant.post(reverse("checkups:close", args=[gone.uuid]), {"why": "absent"}).status_code == 302
    assert assistant.post(reverse("checkups:close", args=[gone.uuid]), {"why": "absent"}).status_code == 409
    assert not queries.unfinished_here(county.tang, on=clock.today(now)).exists()
    assert [Checkup.objects.get(pk=each.pk).status for each in (left, gone)] == [Status.ARRIVED, Status.EXAMINED]
