"""S10, session: new id at sign-in and at more rights, idle and absolute end, sign-out at the server, flags, limit."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.factories.accounts import MAKER, PASSWORD, a_grant, a_user, sign_in
from xinglin.accounts import actions
from xinglin.accounts.models import OpenSession
from xinglin.platform import clock

pytestmark = pytest.mark.django_db


def enter(client: Client | None = None, username: str = "zhou") -> Client:
    client = client or Client()
    assert client.post("/sign-in/", {"login": username, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def with_cookie(value: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = value
    return client


def age(**by: timedelta) -> None:
    row = OpenSession.objects.get()
    for field, span in by.items():
        setattr(row, field, getattr(row, field) - span)
    row.save()


def test_a_session_id_planted_before_the_sign_in_is_worth_nothing():
    a_user()
    victim = Client()
    session = victim.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    victim.cookies[settings.SESSION_COOKIE_NAME] = planted
    enter(victim)
    assert victim.session.session_key != planted
    assert is_in(victim)
    assert not is_in(with_cookie(planted))


def test_an_id_that_the_server_has_not_made_is_not_taken_over():
    a_user()
    client = with_cookie("a" * 32)
    enter(client)
    assert client.session.session_key != "a" * 32


@pytest.mark.parametrize("change", ["grant", "revoke", "password", "second factor", "close"])
def test_a_change_of_rights_ends_the_sessions(change):
    user, now = a_user(), clock.now()
    grant = a_grant(user, at=now)
    if change == "second factor":
        actions.set_up_second_factor(user=user, secret="JBSWY3DPEHPK3PXP", by=MAKER, at=now)
    client = sign_in(Client(), user)
    assert is_in(client)
    {
        "grant": lambda: a_grant(user, "technician", at=now),
        "revoke": lambda: actions.revoke_grant(grant=grant, by=MAKER, at=now),
        "password": lambda: actions.set_password(user=user, by=MAKER, at=now),
        "second factor": lambda: actions.reset_second_factor(user=user, by=MAKER, at=now),
        "close": lambda: actions.close_user(user=user, by=MAKER, at=now),
    }[change]()
    assert not is_in(client)
    assert not Session.objects.exists()


def test_changing_ones_password_renews_the_id_and_ends_the_other_sessions():
    a_user()
    here, elsewhere = enter(), enter()
    before = here.session.session_key
    wanted = {"old": PASSWORD, "new": "another-grove-77", "again": "another-grove-77"}
    assert here.post("/account/password/", wanted).status_code == 302
    assert here.session.session_key != before
    assert is_in(here)
    assert not is_in(with_cookie(before))
    assert not is_in(elsewhere)


def test_idle_for_a_quarter_of_an_hour_ends_it_and_use_renews_it():
    a_user()
    client = enter()
    age(seen_at=timedelta(minutes=14))
    assert is_in(client)
    age(seen_at=timedelta(minutes=14))
    assert is_in(client), "the first use has renewed it"
    age(seen_at=timedelta(minutes=15, seconds=1))
    assert not is_in(client)
    assert not OpenSession.objects.exists()


def test_after_twelve_hours_it_ends_in_any_case():
    a_user()
    client = enter()
    age(opened_at=timedelta(hours=11, minutes=59))
    assert is_in(client)
    age(opened_at=timedelta(minutes=2))
    assert not is_in(client)
    assert not Session.objects.exists()


def test_signing_out_ends_it_at_the_server():
    a_user()
    client = enter()
    stolen = client.session.session_key
    client.post("/sign-out/")
    assert not is_in(with_cookie(stolen))
    assert not Session.objects.filter(session_key=stolen).exists()


def test_a_fourth_session_ends_the_oldest():
    a_user()
    clients = [enter() for _ in range(4)]
    assert [is_in(client) for client in clients] == [False, True, True, True]


def test_a_session_is_ended_from_another_browser():
    a_user()
    here, there = enter(), enter()
    other = OpenSession.objects.get(session_key=there.session.session_key)
    page = here.get("/account/sessions/").content.decode()
    assert str(other.uuid) in page
    assert other.session_key not in page
    here.post(f"/account/sessions/{other.uuid}/end/")
    assert (is_in(here), is_in(there)) == (True, False)


def test_nobody_ends_a_strangers_session():
    a_user()
    a_user("qian")
    here, stranger = enter(), enter(username="qian")
    other = OpenSession.objects.get(session_key=here.session.session_key)
    assert stranger.post(f"/account/sessions/{other.uuid}/end/").status_code == 404
    assert is_in(here)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites():
    a_user()
    cookie = enter().cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == "", "it ends with the browser"


def test_under_tls_cookies_are_secure(tmp_path):
    """Settings as an installation has them, read by a process of their own."""
    import os
    import subprocess
    import sys

    asked = (
        "import json; from xinglin.project import settings as s; print(json.dumps([s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS]))"
    )
    environment = {key: value for key, value in os.environ.items() if key != "XINGLIN_TLS"}
    environment |= {"XINGLIN_KEYS": str(tmp_path), "DATABASE_URL": os.environ["DATABASE_URL"]}
    out = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[true, true, true, true, 31536000]"


def test_figures(capsys):
    """The limits as they stand."""
    limits = (settings.SESSION_IDLE, settings.SESSION_LIFETIME, settings.SESSIONS_PER_ACCOUNT)
    with capsys.disabled():
        print(f"\nS10 session: idle {limits[0]}, absolute {limits[1]}, at most {limits[2]} at a time")
    assert limits == (timedelta(minutes=15), timedelta(hours=12), 3)
