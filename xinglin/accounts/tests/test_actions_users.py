"""Accounts and passwords: one test for each way out."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories.accounts import MAKER, PASSWORD, a_grant, a_token, a_user, an_administrator, an_emergency
from tests.factories.county import NOW
from xinglin.accounts import actions, queries
from xinglin.accounts.models import ApiToken, EmergencyAccess, OpenSession, PasswordHistory, User
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent

pytestmark = pytest.mark.django_db


def an_open_session(user: User, key: str = "k" * 32) -> OpenSession:
    return OpenSession.objects.create(session_key=key, user=user, opened_at=NOW, seen_at=NOW)


def test_a_new_account_has_a_generated_password_and_no_right():
    admin = an_administrator("system")
    new = actions.create_user(username=" Zhou.Min ", name="周敏", by=admin, at=NOW)
    assert new.user.username == "zhou.min"
    assert new.user.must_change_password
    assert new.user.check_password(new.password)
    assert new.user.password.startswith("argon2$argon2id$")
    assert not queries.actor_of_user(new.user, at=NOW).grants
    row = AuditRecord.objects.get(event="account.created", object_key=str(new.user.uuid), actor_id=admin.user_id)
    assert new.password not in str(row.detail)
    assert OutboxEvent.objects.filter(event="account.created", object_uuid=new.user.uuid).exists()


@pytest.mark.parametrize("role", ["security", "audit"])
def test_other_administrators_make_no_accounts(role):
    with pytest.raises(NotPermitted):
        actions.create_user(username="zhou", name="周", by=an_administrator(role), at=NOW)


def test_a_scoped_system_administrator_makes_accounts_of_his_place_only(county):
    local = county.actor(county.user("lu", "system-administrator", county.township))
    assert actions.create_user(username="zhou", name="周", facility_id=county.township.pk, by=local, at=NOW).user.pk
    for elsewhere in (county.hospital.pk, None):
        with pytest.raises(NotPermitted):
            actions.create_user(username="qian", name="钱", facility_id=elsewhere, by=local, at=NOW)


@pytest.mark.parametrize(
    ("username", "name", "field"),
    [("z", "周", "username"), ("1zhou", "周", "username"), ("周敏", "周", "username"), ("zh ou", "周", "username"),
     ("a" * 41, "周", "username"), ("zhou", "", "name"), ("zhou", "周" * 41, "name"), ("zhou", "周\x00", "name")],
)  # fmt: skip
def test_malformed_names_are_refused_by_field(username, name, field):
    with pytest.raises(InvalidInput) as caught:
        actions.create_user(username=username, name=name, by=MAKER, at=NOW)
    assert field in caught.value.fields


def test_a_user_name_and_a_person_have_one_account_each():
    person = uuid4()
    actions.create_user(username="zhou", name="周", resident_uuid=person, by=MAKER, at=NOW)
    with pytest.raises(Conflict, match="用户名"):
        actions.create_user(username="ZHOU", name="周", by=MAKER, at=NOW)
    with pytest.raises(Conflict, match="已有账号"):
        actions.create_user(username="zhou2", name="周", resident_uuid=person, by=MAKER, at=NOW)


def test_people_cannot_choose_the_password_they_hand_over():
    with pytest.raises(NotPermitted):
        actions.create_user(username="zhou", name="周", password=PASSWORD, by=an_administrator("system"), at=NOW)


def test_closing_ends_sessions_tokens_and_emergencies():
    admin, user = an_administrator("system"), a_user(at=NOW)
    a_grant(user)
    token = a_token(user, "resident:view").token
    access = an_emergency(queries.actor_of_user(user, at=NOW), uuid4())
    an_open_session(user)
    actions.close_user(user=user, by=admin, at=NOW)
    assert not OpenSession.objects.filter(user=user).exists()
    assert ApiToken.objects.get(pk=token.pk).revoked_at == NOW
    assert EmergencyAccess.objects.get(pk=access.pk).closed_at == NOW
    user.refresh_from_db()
    assert not queries.actor_of_user(user, at=NOW).grants


def test_closing_is_refused_for_oneself_for_strangers_and_twice():
    admin, user = an_administrator("system"), a_user(at=NOW)
    with pytest.raises(NotPermitted):
        actions.close_user(user=User.objects.get(pk=admin.user_id), by=admin, at=NOW)
    with pytest.raises(NotPermitted):
        actions.close_user(user=user, by=an_administrator("security"), at=NOW)
    actions.close_user(user=user, by=admin, at=NOW)
    with pytest.raises(Conflict):
        actions.close_user(user=user, by=admin, at=NOW)


def test_reopening_gives_a_new_password_and_leaves_tokens_revoked():
    admin, user = an_administrator("system"), a_user(at=NOW)
    a_grant(user)
    token = a_token(user, "resident:view").token
    actions.close_user(user=user, by=admin, at=NOW)
    new = actions.reopen_user(user=user, by=admin, at=NOW)
    assert new.user.is_active
    assert new.user.must_change_password
    assert not new.user.check_password(PASSWORD)
    assert ApiToken.objects.get(pk=token.pk).revoked_at
    with pytest.raises(Conflict):
        actions.reopen_user(user=user, by=admin, at=NOW)


def test_a_reset_password_must_be_changed_and_ends_sessions():
    admin, user = an_administrator("system"), a_user(at=NOW)
    an_open_session(user)
    password = actions.set_password(user=user, must_change=False, by=admin, at=NOW)
    user.refresh_from_db()
    assert user.check_password(password)
    assert user.must_change_password
    assert not OpenSession.objects.filter(user=user).exists()
    with pytest.raises(NotPermitted):
        actions.set_password(user=User.objects.get(pk=admin.user_id), by=admin, at=NOW)


def test_changing_ones_own_password_keeps_this_session_and_ends_the_others():
    user = a_user(at=NOW)
    an_open_session(user, "this")
    an_open_session(user, "other")
    by = queries.actor_of_user(user, at=NOW)
    actions.change_password(user=user, old=PASSWORD, new="another-grove-77", by=by, at=NOW, session_key="this")
    user.refresh_from_db()
    assert user.check_password("another-grove-77")
    assert list(OpenSession.objects.filter(user=user).values_list("session_key", flat=True)) == ["this"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", "another-grove-77", "old"), (PASSWORD, "short7", "new"), (PASSWORD, "1234567890123", "new"),
     (PASSWORD, "password123", "new"), (PASSWORD, "zhou-minzhou", "new"), (PASSWORD, PASSWORD, "new")],
)  # fmt: skip
def test_a_wrong_old_or_weak_new_password_is_refused(old, new, field):
    user = a_user("zhou-min", name="周敏", at=NOW)
    by = queries.actor_of_user(user, at=NOW)
    with pytest.raises(InvalidInput) as caught:
        actions.change_password(user=user, old=old, new=new, by=by, at=NOW)
    assert list(caught.value.fields) == [field]


def test_nobody_changes_anothers_password():
    user, other = a_user(at=NOW), a_user("qian", at=NOW)
    with pytest.raises(NotPermitted):
        actions.change_password(
            user=user, old=PASSWORD, new="another-grove-77", by=queries.actor_of_user(other, at=NOW), at=NOW
        )


def test_only_the_latest_five_hashes_are_kept():
    user = a_user(at=NOW)
    by = queries.actor_of_user(user, at=NOW)
    old = PASSWORD
    for number in range(8):
        new = f"grove-number-{number}x"
        actions.change_password(user=user, old=old, new=new, by=by, at=NOW + timedelta(minutes=number))
        old = new
    assert PasswordHistory.objects.filter(user=user).count() <= 6
