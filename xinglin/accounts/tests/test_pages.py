"""Pages of accounts: each shows what it should to whom it should; lists do not ask more for more rows."""

import csv
import io
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.accounts import (
    a_grant,
    a_token,
    a_user,
    an_administrator,
    an_emergency,
    sign_in,
    with_second_factor,
)
from xinglin.accounts.models import ApiToken, EmergencyAccess, Grant, OpenSession, User
from xinglin.accounts.web.csv import original_cell, safe_cell
from xinglin.platform import audit, chain, clock
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


def a_browser(role: str) -> Client:
    an_administrator(role, at=clock.now())
    return sign_in(Client(), User.objects.get(username=role))


@pytest.fixture
def system() -> Client:
    return a_browser("system")


@pytest.fixture
def security() -> Client:
    return a_browser("security")


@pytest.fixture
def auditor() -> Client:
    return a_browser("audit")


def shown(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get("Location")
    return answer.content.decode()


PAGES = {
    "/administration/users/": {"system", "security"},
    "/administration/users/new/": {"system"},
    "/administration/grants/": {"system", "security"},
    "/administration/tokens/": {"security"},
    "/administration/facilities/?q=a": {"system", "security"},
    "/administration/emergencies/": {"security"},
    "/administration/lock-outs/": {"security"},
    "/administration/audit/": {"audit"},
    "/administration/audit/export/": {"audit"},
    "/emergency/": {"doctor"},
    "/account/": {"system", "security", "audit", "doctor"},
    "/account/sessions/": {"system", "security", "audit", "doctor"},
    "/account/log/": {"system", "security", "audit", "doctor"},
}


@pytest.mark.parametrize("url", list(PAGES))
def test_each_page_is_for_its_administrator_only(url, county):
    browsers = {role: a_browser(role) for role in ("system", "security", "audit")}
    browsers["doctor"] = sign_in(Client(), User.objects.get(pk=county.alma.user_id))
    found = {role for role, browser in browsers.items() if browser.get(url).status_code == 200}
    assert found == PAGES[url]
    assert {browser.get(url).status_code for role, browser in browsers.items() if role not in found} <= {403}
    assert Client().get(url)["Location"].startswith("/sign-in/")


# Accounts ------------------------------------------------------------------------------------------------------------
def test_an_account_is_made_and_its_password_shown_once(system, county):
    form = {"username": "zhou", "name": "周敏", "title": "护士", "facility": county.clinic.uuid}
    answer = system.post("/administration/users/new/", form)
    page = answer.content.decode()
    user = User.objects.get(username="zhou")
    password = page.split('id="secret">')[1].split("<")[0]
    assert user.check_password(password)
    assert user.facility_id == county.clinic.pk
    assert answer["Cache-Control"] == "no-store"
    assert password not in shown(system, f"/administration/users/{user.uuid}/")
    again = system.post("/administration/users/new/", form)
    assert again.status_code == 422
    assert "用户名已被使用" in again.content.decode()


def test_an_account_is_closed_reopened_and_given_a_new_password(system):
    user = a_user()
    url = f"/administration/users/{user.uuid}/"
    assert system.post(f"{url}close/").status_code == 302
    assert "停用" in shown(system, url)
    assert 'id="secret"' in system.post(f"{url}reopen/").content.decode()
    assert 'id="secret"' in system.post(f"{url}password/").content.decode()
    user.refresh_from_db()
    assert user.must_change_password


def test_the_list_is_searched_and_paged(system, county):
    for n in range(25):
        a_user(f"nurse{n:02}", name=f"护{n:02}", facility_id=county.township.pk)
    page = shown(system, "/administration/users/?q=nurse")
    assert "nurse19" in page
    assert "nurse20" not in page
    older = page.split("cursor=")[1].split('"')[0]
    assert "nurse24" in shown(system, f"/administration/users/?q=nurse&cursor={older}")
    assert "nurse03" in shown(system, "/administration/users/?q=护03")
    assert "nurse00" in shown(system, "/administration/users/?q=沙沟")
    assert "没有符合条件" in shown(system, "/administration/users/?state=closed")


def test_the_list_is_filtered_by_where_a_right_stands(system, county):
    here, there = a_user("here"), a_user("there", facility_id=county.clinic.pk)
    gone = a_user("gone", facility_id=county.clinic.pk)
    a_grant(here, facility_id=county.clinic.pk, role="village-doctor", at=clock.now())
    a_grant(there, facility_id=county.township.pk, role="township-doctor", at=clock.now())
    Grant.objects.filter(pk=a_grant(gone, facility_id=county.clinic.pk, at=clock.now()).pk).update(
        revoked_at=clock.now(), revoked_by=0
    )

    url = f"/administration/users/?facility={county.clinic.uuid}"
    page = shown(system, url)

    assert f"/administration/users/{here.uuid}/" in page
    assert f"/administration/users/{there.uuid}/" not in page, "works there, holds nothing there"
    assert f"/administration/users/{gone.uuid}/" not in page, "its right was taken back"
    assert f"/administration/users/{here.uuid}/" not in shown(system, f"{url}&role=township-doctor")
    assert county.clinic.name in page
    for none in ("nobody", str(uuid4())):
        assert "没有这个机构" in shown(system, f"/administration/users/?facility={none}", 422)


def test_lists_do_not_ask_more_for_more_rows(system, auditor, security, county):
    def count(browser: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        return len(queries)

    def fill(first: int, last: int) -> None:
        for n in range(first, last):
            user = a_user(f"nurse{n:02}", facility_id=county.township.pk)
            a_grant(user, facility_id=county.township.pk, at=clock.now())
            a_token(user, "resident:view", at=clock.now())
            an_emergency(county.alma, uuid4(), at=clock.now())

    urls = [
        (system, "/administration/users/"), (security, "/administration/tokens/"),
        (security, "/administration/emergencies/"),
        (auditor, "/administration/audit/"), (auditor, "/account/log/"),
    ]  # fmt: skip
    fill(0, 2)
    few = [count(*each) for each in urls]
    fill(2, 9)
    assert [count(*each) for each in urls] == few


# Rights --------------------------------------------------------------------------------------------------------------
def test_a_role_is_granted_and_taken_back_on_the_page(security, county):
    user = a_user()
    url = f"/administration/users/{user.uuid}/"
    form = {"role": "village-doctor", "place": "facility", "facility": county.clinic.uuid, "idempotency_key": "a"}
    assert security.post(f"{url}grant/", form)["Location"] == url
    assert security.post(f"{url}grant/", form)["Location"] == url, "a second click does nothing"
    grant = Grant.objects.get(user=user)
    assert grant.facility_id == county.clinic.pk
    assert "东沟村卫生室" in shown(security, url)
    refused = security.post(f"{url}grant/", {**form, "idempotency_key": "b"})
    assert refused.status_code == 422
    assert "已有同样的授权" in refused.content.decode()
    assert security.post(f"/administration/grants/{grant.uuid}/revoke/")["Location"] == url
    assert "已收回" in shown(security, url)


@pytest.mark.parametrize(
    ("form", "message"),
    [({"role": "x", "place": "everywhere"}, "不在可用的选项中"),
     ({"role": "resident", "place": "facility"}, "请选定一个范围"),
     ({"role": "resident", "place": "division", "division_code": "12a"}, "行政区划代码应为"),
     ({"role": "resident", "place": "everywhere", "until_on": "2020-01-01"}, "结束时间必须晚于")],
)  # fmt: skip
def test_a_malformed_grant_says_why(security, form, message):
    user = a_user()
    answer = security.post(f"/administration/users/{user.uuid}/grant/", form)
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_a_grant_until_a_day_holds_through_that_day(security):
    user = a_user()
    security.post(
        f"/administration/users/{user.uuid}/grant/",
        {"role": "resident", "place": "everywhere", "until_on": "2099-12-31"},
    )
    assert Grant.objects.get(user=user).valid_until.isoformat() == "2099-12-31T16:00:00+00:00"
    assert "2099-12-31" in shown(security, f"/administration/users/{user.uuid}/")


def test_a_token_is_made_shown_once_and_revoked(security):
    user = a_user()
    a_grant(user, at=clock.now())
    url = f"/administration/users/{user.uuid}/"
    made = security.post(f"{url}token/", {"label": "检验系统", "days": 30, "scopes": ["resident:view"]})
    secret = made.content.decode().split('id="secret">')[1].split("<")[0]
    assert secret.startswith("xl_")
    assert secret not in shown(security, url)
    assert "检验系统" in shown(security, "/administration/tokens/")
    assert security.post(f"{url}token/", {"label": "x", "days": 30, "scopes": ["audit:read"]}).status_code == 422
    assert (
        security.post(f"{url}token/", {"label": "检验系统", "days": 30, "scopes": ["resident:view"]}).status_code == 422
    )
    token = ApiToken.objects.get()
    own = sign_in(Client(), user)
    assert "检验系统" in shown(own, "/account/")
    assert own.post(f"/account/tokens/{token.uuid}/revoke/")["Location"] == "/account/"
    token.refresh_from_db()
    assert token.revoked_at


def test_each_administrator_sees_his_own_part_of_an_account(system, security):
    user = a_user()
    with_second_factor(user)
    url = f"/administration/users/{user.uuid}/"
    for browser, there, absent in ((system, "重置密码", "新增授权"), (security, "新增授权", "重置密码")):
        page = shown(browser, url)
        assert there in page
        assert absent not in page
    assert system.post(f"{url}grant/", {"role": "resident", "place": "everywhere"}).status_code == 403
    assert security.post(f"{url}close/").status_code == 403
    assert security.post(f"{url}second-factor/").status_code == 302
    assert shown(security, f"/administration/users/{uuid4()}/", 404)


def test_the_security_administrator_signs_a_browser_out(security):
    user = a_user()
    sign_in(Client(), user)
    session = OpenSession.objects.get(user=user)
    assert security.post(f"/account/sessions/{session.uuid}/end/")["Location"] == f"/administration/users/{user.uuid}/"
    assert not OpenSession.objects.filter(user=user).exists()


def test_a_lock_is_shown_and_lifted(security):
    a_user()
    for _ in range(5):
        Client().post("/sign-in/", {"login": "zhou", "password": "wrong"}, REMOTE_ADDR="10.0.0.9")
    page = shown(security, "/administration/lock-outs/")
    assert "zhou" in page
    assert "10.0.0.9" in page
    for target in ({"username": "zhou"}, {"address": "10.0.0.9"}):
        security.post("/administration/lock-outs/", target)
    assert "现在没有锁定" in shown(security, "/administration/lock-outs/")


# Emergency access ----------------------------------------------------------------------------------------------------
def test_the_glass_is_broken_and_the_access_reviewed(county, security):
    doctor, person = sign_in(Client(), User.objects.get(pk=county.alma.user_id)), uuid4()
    assert str(person) in shown(doctor, f"/emergency/?subject={person}&next=/somewhere/")
    form = {"subject": person, "reason": "抢救", "minutes": 30, "next": "/somewhere/"}
    short = doctor.post("/emergency/", form)
    assert short.status_code == 422
    assert "至少 10 个字" in short.content.decode()
    form["reason"] = "昏迷送来，需立即了解既往用药"
    assert doctor.post("/emergency/", form)["Location"] == "/somewhere/"
    access = EmergencyAccess.objects.get()
    audit.look("resident.emergency-viewed", by=county.alma, at=clock.now(), subject=person)
    url = f"/administration/emergencies/{access.uuid}/"
    assert "由安全管理员复核" in shown(doctor, url)
    assert doctor.post(url, {"verdict": "JUSTIFIED"}).status_code == 403
    assert "resident.emergency-viewed" in shown(security, url)
    assert "昏迷送来" in shown(security, "/administration/emergencies/")
    assert security.post(url, {"verdict": "UNJUSTIFIED"}).status_code == 422
    assert security.post(url, {"verdict": "UNJUSTIFIED", "remark": "与病情不符"}).status_code == 302
    assert "理由不成立" in shown(security, "/administration/emergencies/?state=reviewed")


def test_an_emergency_leads_nowhere_outside_and_is_ended_by_hand(county):
    doctor = sign_in(Client(), User.objects.get(pk=county.alma.user_id))
    form = {
        "subject": uuid4(),
        "reason": "昏迷送来，需立即了解既往用药",
        "minutes": 15,
        "next": "https://evil.example/",
    }
    to = doctor.post("/emergency/", form)["Location"]
    access = EmergencyAccess.objects.get()
    assert to == f"/administration/emergencies/{access.uuid}/"
    doctor.post(f"/emergency/{access.uuid}/close/")
    access.refresh_from_db()
    assert access.closed_at
    stranger = sign_in(Client(), User.objects.get(pk=county.cai.user_id))
    assert shown(stranger, to, 404)


# The trail -----------------------------------------------------------------------------------------------------------
def test_the_trail_is_filtered_and_says_how_the_chain_stands(auditor, county):
    person = uuid4()
    audit.look("resident.viewed", by=county.alma, at=clock.now(), subject=person)
    assert "还没有封存" in shown(auditor, "/administration/audit/")
    chain.seal(at=clock.now())
    today = clock.today().isoformat()
    for query in (
        f"subject={person}",
        "event=resident.viewed",
        "actor=alma",
        "actor=阿尔玛",
        f"day={today}",
        "outcome=ok",
    ):
        assert "resident.viewed" in shown(auditor, f"/administration/audit/?{query}"), query
    for query in (f"subject={uuid4()}", "event=visit", "actor=cai", "day=2020-01-01", "outcome=failed", "emergency=on"):
        assert "resident.viewed</span>" not in shown(auditor, f"/administration/audit/?{query}"), query
    assert AuditRecord.objects.filter(event="audit.read", subject_uuid=person).exists()


def test_everybody_sees_what_he_did_and_nobody_elses(county):
    mine, others = uuid4(), uuid4()
    audit.look("resident.viewed", by=county.alma, at=clock.now(), subject=mine)
    audit.look("resident.viewed", by=county.cai, at=clock.now(), subject=others)
    page = shown(sign_in(Client(), User.objects.get(pk=county.alma.user_id)), "/account/log/")
    assert str(mine) in page
    assert str(others) not in page


def test_the_export_opens_without_running_anything(auditor):
    by = county_actor = an_administrator("system", "evil", at=clock.now())
    User.objects.filter(pk=county_actor.user_id).update(name="=cmd|'/c calc'!A0")
    audit.record("test.written", by=by, at=clock.now(), reason='=HYPERLINK("http://x")')
    answer = auditor.get("/administration/audit/export/?event=test.")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    assert '\'=HYPERLINK("http://x")' in rows[1]
    assert AuditRecord.objects.filter(event="audit.exported").exists()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "'=1", "''=1", "'x", "x=1", ""]
)
def test_a_cell_is_safe_and_comes_back(text):
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert original_cell(safe_cell(text)) == text


@pytest.mark.parametrize("cursor", ["zzz", "WyJ4IiwxXQ", "W10", "WyJcdTAwMDAiLDFd", "WzEsMSwxXQ", "bnVsbA"])
@pytest.mark.parametrize("url", ["users", "tokens", "emergencies", "lock-outs"])
def test_a_made_up_cursor_is_refused_not_fatal(security, url, cursor):
    answer = security.get(f"/administration/{url}/?cursor={cursor}&q=%00x&role=%00&state=%00")
    assert answer.status_code in {200, 422}


def test_odd_addresses_do_not_break_the_lifting_of_locks(security):
    for target in ({"username": "a\x00b"}, {"address": "not an address"}, {"address": "10.0.0.1'--"}, {}):
        assert security.post("/administration/lock-outs/", target).status_code in {302, 422}
