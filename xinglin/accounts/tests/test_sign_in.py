"""The sign-in pages, as a browser meets them."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import PASSWORD, a_grant, a_user, sign_in, with_second_factor
from xinglin.accounts.models import OpenSession
from xinglin.accounts.queries import actor_of_user
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


def code_of(secret: str, *, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def enter(client: Client, username: str = "zhou", password: str = PASSWORD, **extra: str):
    return client.post("/sign-in/", {"login": username, "password": password, **extra})


def test_sign_in_and_out(client):
    a_user()
    assert "用户名" in client.get("/sign-in/").content.decode()
    answer = enter(client, " Zhou ", next="/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert "周" in client.get("/account/").content.decode()
    assert AuditRecord.objects.filter(event="account.signed-in", actor_name="周").exists()
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert not OpenSession.objects.filter(session_key=key).exists()
    assert client.get("/account/")["Location"].startswith("/sign-in/?next=/account/")


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client, to):
    a_user()
    assert enter(client, next=to)["Location"] == "/"


def test_a_wrong_password_an_absent_and_a_closed_account_get_one_answer(client):
    a_user()
    closed = a_user("qian")
    closed.is_active = False
    closed.save()
    answers = [enter(client, *who) for who in (("zhou", "wrong"), ("nobody", PASSWORD), ("qian", PASSWORD))]
    bodies = {re.sub(r'value="[^"]*"|name="csrf[^>]*>', "", answer.content.decode()) for answer in answers}
    assert {answer.status_code for answer in answers} == {200}
    assert len(bodies) == 1
    assert "用户名或密码不正确" in bodies.pop()


def test_an_account_with_a_second_factor_is_asked_for_a_code(client):
    secret = with_second_factor(a_user())
    assert enter(client)["Location"] == "/sign-in/code/"
    assert client.get("/account/").status_code == 302
    assert "两步验证" in client.get("/sign-in/code/").content.decode()
    assert "验证码不正确" in client.post("/sign-in/code/", {"code": "000000"}).content.decode()
    assert client.post("/sign-in/code/", {"code": code_of(secret)})["Location"] == "/"
    assert client.get("/account/").status_code == 200


def test_a_code_is_taken_once():
    secret = with_second_factor(a_user())
    code = code_of(secret)
    first, second = Client(), Client()
    enter(first)
    enter(second)
    assert first.post("/sign-in/code/", {"code": code}).status_code == 302
    assert second.post("/sign-in/code/", {"code": code}).status_code == 200
    assert second.post("/sign-in/code/", {"code": code_of(secret, steps=1)}).status_code == 302


def test_a_recovery_code_is_taken_once(client):
    user = a_user()
    with_second_factor(user)
    recovery = user.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()[0]
    enter(client)
    assert client.post("/sign-in/code/", {"code": recovery}).status_code == 302
    client.post("/sign-out/")
    enter(client)
    assert client.post("/sign-in/code/", {"code": recovery}).status_code == 200


def test_a_password_given_by_others_must_be_changed_first(client):
    user = a_user()
    a_grant(user, at=clock.now())
    user.must_change_password = True
    user.save()
    enter(client)
    for url in ("/account/", "/emergency/"):
        assert client.get(url)["Location"] == "/account/password/"
    page = client.post("/account/password/", {"old": PASSWORD, "new": "another-grove-77", "again": "another-grove-78"})
    assert page.status_code == 422
    assert "不一致" in page.content.decode()
    wanted = {"old": PASSWORD, "new": "another-grove-77", "again": "another-grove-77"}
    assert client.post("/account/password/", wanted).status_code == 302
    assert client.get("/emergency/").status_code == 200


def test_while_a_gate_is_shut_the_account_has_no_right_anywhere(client, rf):
    from xinglin.accounts.middleware import ActorMiddleware

    user = a_user()
    a_grant(user, "system-administrator", at=clock.now())
    sign_in(client, user, second_factor=False)
    request = rf.get("/")
    request.session, request.user = client.session, user
    ActorMiddleware(lambda request: None)(request)
    assert request.gate == "second-factor"
    assert actor_of_user(user, at=clock.now()).permissions
    assert not request.actor.permissions
    assert client.get("/administration/users/")["Location"] == "/account/second-factor/on/"


def test_setting_up_a_second_factor_opens_the_gate_and_renews_the_session(client):
    user = a_user()
    a_grant(user, "system-administrator", at=clock.now())
    enter(client)
    before = client.session.session_key
    assert client.get("/")["Location"] == "/account/second-factor/on/"
    page = client.get("/account/second-factor/on/").content.decode()
    assert "data:image/svg+xml;base64," in page
    secret = client.session["mfa.totp.secret"]
    assert "验证码不正确" in client.post("/account/second-factor/on/", {"code": "1"}).content.decode()
    answer = client.post("/account/second-factor/on/", {"code": code_of(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert client.session.session_key != before
    assert len(re.findall(r'<li class="code">\d+</li>', client.get(answer["Location"]).content.decode())) == 10
    assert client.get("/administration/users/").status_code == 200


def test_who_must_have_a_second_factor_cannot_switch_it_off(client):
    user = a_user()
    a_grant(user, "audit-administrator", at=clock.now())
    secret = with_second_factor(user)
    enter(client)
    client.post("/sign-in/code/", {"code": code_of(secret)})
    assert "不能停用" in client.get("/account/second-factor/off/").content.decode()
    client.post("/account/second-factor/off/")
    assert user.authenticator_set.filter(type="totp").exists()


def test_others_may_switch_it_off_and_make_new_recovery_codes(client):
    user = a_user()
    secret = with_second_factor(user)
    enter(client)
    client.post("/sign-in/code/", {"code": code_of(secret)})
    before = user.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()
    assert client.get("/account/second-factor/codes/new/").status_code == 200
    client.post("/account/second-factor/codes/new/")
    assert user.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes() != before
    assert client.get("/account/second-factor/").status_code == 200
    client.post("/account/second-factor/off/")
    assert not user.authenticator_set.exists()
    assert AuditRecord.objects.filter(event="account.second-factor-removed", actor_id=user.pk).exists()


def test_after_some_minutes_the_password_is_asked_again(client):
    secret = with_second_factor(a_user())
    enter(client)
    client.post("/sign-in/code/", {"code": code_of(secret)})
    session = client.session
    session["account_authentication_methods"] = [
        {**each, "at": each["at"] - 400} for each in session["account_authentication_methods"]
    ]
    session.save()
    asked = client.get("/account/second-factor/codes/")
    assert asked["Location"].startswith("/sign-in/again/")
    assert client.get("/sign-in/again/code/").status_code == 200
    assert "密码不正确" in client.post(asked["Location"], {"password": "wrong"}).content.decode()
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/account/second-factor/codes/"
    assert client.get("/account/second-factor/codes/").status_code == 200


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reset_password", "account_set_password"])
def test_nobody_signs_up_or_resets_alone(name):
    from django.urls import NoReverseMatch

    with pytest.raises(NoReverseMatch):
        reverse(name)
