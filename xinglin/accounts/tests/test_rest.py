"""REST operations of accounts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from tests.factories.accounts import (
    PASSWORD,
    a_grant,
    a_token,
    a_user,
    an_administrator,
    an_emergency,
    sign_in,
)
from tests.factories.county import NOW
from xinglin.accounts.models import ApiToken, Grant, User
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord, IdempotencyKey

pytestmark = pytest.mark.django_db


class Api:
    """A program with a token that carries everything its account may do."""

    def __init__(self, client, user: User, *permitted: str):
        self.client = client
        self.secret = a_token(user, *permitted, at=clock.now()).secret

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        return self.client.generic(
            method, f"/api/v1{path}", b"" if body is None else __import__("json").dumps(body, default=str),
            content_type="application/json", headers={"Authorization": f"Bearer {self.secret}", **headers},
        )  # fmt: skip


@pytest.fixture
def system(client):
    an_administrator("system", at=clock.now())
    return Api(client, User.objects.get(username="system"), "user:manage")


@pytest.fixture
def security(client):
    an_administrator("security", at=clock.now())
    user = User.objects.get(username="security")
    return Api(client, user, "grant:manage", "token:manage", "emergency:review")


@pytest.fixture
def auditor(client):
    an_administrator("audit", at=clock.now())
    return Api(client, User.objects.get(username="audit"), "audit:read")


def test_me_is_narrowed_to_the_scopes_of_the_token(system):
    found = system("GET", "/me").json()
    assert (found["kind"], found["permissions"]) == ("token", ["user:manage"])
    assert found["roles"] == [{"role": "system-administrator", "everywhere": True, "n_places": 0}]


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic x"])
def test_without_a_token_nothing_is_answered(client, header):
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_revoked_an_expired_and_a_closed_accounts_token_answer_401(system):
    assert system("GET", "/me").status_code == 200
    token = ApiToken.objects.get()
    for changes in (
        {"revoked_at": clock.now(), "revoked_by": 1},
        {"expires_at": clock.now() - timedelta(seconds=1), "created_at": NOW},
    ):
        ApiToken.objects.filter(pk=token.pk).update(**changes)
        assert system("GET", "/me").status_code == 401
        token.save()
    User.objects.filter(pk=token.user_id).update(is_active=False)
    assert system("GET", "/me").status_code == 401


def test_users_are_made_and_listed(system):
    made = system("POST", "/users", {"username": "zhou", "name": "周"})
    assert made.status_code == 201
    assert User.objects.get(username="zhou").check_password(made.json()["password"])
    assert not IdempotencyKey.objects.exists()
    assert system("POST", "/users", {"username": "zhou", "name": "周"}).json()["code"] == "username-taken"
    listed = system("GET", "/users?q=zh").json()
    assert [row["username"] for row in listed["rows"]] == ["zhou"]
    assert "password" not in listed["rows"][0]


def test_users_are_listed_by_the_unit_at_which_they_have_rights(system, county):
    assert county.alma
    assert county.tang

    at_clinic = system("GET", f"/users?facility={county.clinic.uuid}").json()

    assert [row["username"] for row in at_clinic["rows"]] == [county.users["alma"].username]
    assert system("GET", f"/users?facility={uuid4()}").status_code == 422


@pytest.mark.parametrize(
    "body",
    [{"username": "zhou"}, {"username": "zhou", "name": "周", "is_active": True},
     {"username": "z\x00hou", "name": "周"},
     {"username": "周敏", "name": "周"}, {"username": "zhou", "name": "周", "facility": str(uuid4())}],
)  # fmt: skip
def test_malformed_users_get_422(system, body):
    answer = system("POST", "/users", body)
    assert answer.status_code == 422
    assert answer.json()["fields"]


def test_rights_are_given_and_taken_by_the_security_administrator_only(security, system):
    user = a_user()
    body = {"user": user.uuid, "role": "village-doctor", "everywhere": True}
    assert system("POST", "/grants", body).status_code == 403
    made = security("POST", "/grants", body, **{"Idempotency-Key": "k1"})
    again = security("POST", "/grants", body, **{"Idempotency-Key": "k1"})
    assert made.status_code == 201
    assert made.json() == again.json()
    assert Grant.objects.filter(user=user).count() == 1
    url = f"/grants/{made.json()['uuid']}/revoke"
    assert system("POST", url).status_code == 404
    assert security("POST", url).json()["revoked_at"]
    assert security("POST", url).status_code == 409
    assert security("POST", "/grants", {**body, "valid_until": "2027-01-01T00:00:00"}).status_code == 422


def test_tokens_are_made_listed_and_ended(security):
    user = a_user()
    a_grant(user, at=clock.now())
    body = {
        "user": user.uuid,
        "label": "LIS",
        "scopes": ["resident:view"],
        "expires_at": clock.now() + timedelta(days=9),
    }
    made = security("POST", "/tokens", body)
    assert made.status_code == 201
    secret, uuid = made.json()["secret"], made.json()["uuid"]
    assert security("POST", "/tokens", body).status_code == 409
    assert security("POST", "/tokens", {**body, "label": "x", "scopes": ["no:such"]}).status_code == 422
    listed = security("GET", "/tokens").content.decode()
    assert uuid in listed
    assert secret not in listed
    assert security("POST", f"/tokens/{uuid}/revoke").status_code == 200
    assert security("POST", f"/tokens/{uuid4()}/revoke").status_code == 404


def test_emergencies_are_opened_in_person_and_reviewed_by_another(client, county, security):
    alma = User.objects.get(pk=county.alma.user_id)
    program = Api(client, alma, "emergency:open")
    body = {"subject": uuid4(), "reason": "昏迷送来，需立即了解既往用药"}
    assert program("POST", "/emergencies", body).status_code == 403
    assert program("POST", "/emergencies", {**body, "minutes": 61}).status_code == 422
    access = an_emergency(county.alma, uuid4(), at=clock.now())
    url = f"/emergencies/{access.uuid}/review"
    assert program("POST", url, {"verdict": "JUSTIFIED"}).status_code == 403
    assert security("POST", url, {"verdict": "FINE"}).status_code == 422
    assert security("POST", url, {"verdict": "JUSTIFIED"}).json()["verdict"] == "JUSTIFIED"
    assert security("POST", f"/emergencies/{uuid4()}/review", {"verdict": "JUSTIFIED"}).status_code == 404


def test_the_browsers_session_opens_an_emergency_with_csrf(county):
    from django.test import Client

    alma = User.objects.get(pk=county.alma.user_id)
    body = {"subject": str(uuid4()), "reason": "昏迷送来，需立即了解既往用药"}
    strict = sign_in(Client(enforce_csrf_checks=True), alma)
    assert strict.post("/api/v1/emergencies", body, content_type="application/json").status_code == 403
    assert sign_in(Client(), alma).post("/api/v1/emergencies", body, content_type="application/json").status_code == 201


def test_the_trail_is_read_by_the_audit_administrator_and_reading_is_recorded(auditor, security):
    person = uuid4()
    assert security("GET", "/audit").status_code == 403
    answer = auditor("GET", f"/audit?subject={person}")
    assert answer.status_code == 200
    assert AuditRecord.objects.filter(event="audit.read", subject_uuid=person).exists()
    rows = auditor("GET", f"/audit?subject={person}").json()["rows"]
    assert [row["event"] for row in rows] == ["audit.read"]
    assert auditor("GET", "/audit?event=audit").json()["rows"]
    assert auditor("GET", "/audit?day=1").status_code == 422
    assert auditor("GET", "/audit?cursor=zzz").status_code == 422


# Commands ------------------------------------------------------------------------------------------------------------
def test_the_first_administrator_is_made_on_the_command_line(capsys):
    call_command("user", "admin", "管理员", role="system-administrator")
    out = capsys.readouterr().out
    user = User.objects.get(username="admin")
    password = out.split("one-time password: ")[1].split()[0]
    assert user.check_password(password)
    assert user.must_change_password
    assert user.grants.get().everywhere
    with pytest.raises(CommandError, match="用户名"):
        call_command("user", "admin", "管理员")
    with pytest.raises(CommandError, match="no facility"):
        call_command("user", "admin2", "管理员", facility="X99")
    assert not User.objects.filter(username="admin2").exists()


def test_a_user_is_made_at_a_facility_on_the_command_line(county):
    call_command("user", "zhou", "周", role="village-doctor", facility="V01")
    grant = User.objects.get(username="zhou").grants.get()
    assert grant.facility_id == county.clinic.pk


def test_a_token_is_made_on_the_command_line(capsys, client):
    a_grant(a_user(password=PASSWORD), at=clock.now())
    call_command("token", "zhou", "LIS", "resident:view")
    secret = capsys.readouterr().out.strip()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()["name"] == "周"
    with pytest.raises(CommandError, match="audit:read"):
        call_command("token", "zhou", "other", "audit:read")
    with pytest.raises(CommandError, match="no account"):
        call_command("token", "nobody", "LIS", "resident:view")
