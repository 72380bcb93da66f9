"""Grants, tokens, emergency access, locks: one test for each way out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator

from tests.factories.accounts import (
    MAKER,
    a_grant,
    a_token,
    a_user,
    an_administrator,
    an_emergency,
    with_second_factor,
)
from tests.factories.county import NOW, later
from xinglin.accounts import actions, queries
from xinglin.accounts.models import EmergencyAccess, Grant, OpenSession, User
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent

pytestmark = pytest.mark.django_db


def signed_in_elsewhere(user: User) -> None:
    OpenSession.objects.create(session_key=uuid4().hex, user=user, opened_at=NOW, seen_at=NOW)


# Grants --------------------------------------------------------------------------------------------------------------
def test_a_grant_holds_in_its_period_and_ends_the_sessions(county):
    user = a_user(at=NOW)
    signed_in_elsewhere(user)
    actions.grant_role(
        user=user, role="village-doctor", facility_id=county.clinic.pk, valid_from=later(60), valid_until=later(120),
        by=an_administrator("security"), at=NOW,
    )  # fmt: skip
    assert not OpenSession.objects.filter(user=user).exists()
    held = [
        bool(queries.actor_of_user(user, at=later(m)).may("visit:record", at=county.clinic.pk))
        for m in (59, 60, 119, 120)
    ]
    assert held == [False, True, True, False]
    assert not queries.actor_of_user(user, at=later(60)).may("visit:record", at=county.sibling.pk)


def test_only_the_security_administrator_grants_and_never_to_himself():
    user = a_user(at=NOW)
    for role in ("system", "audit"):
        with pytest.raises(NotPermitted):
            actions.grant_role(user=user, role="village-doctor", everywhere=True, by=an_administrator(role), at=NOW)
    security = an_administrator("security")
    with pytest.raises(NotPermitted) as caught:
        actions.grant_role(
            user=User.objects.get(pk=security.user_id), role="resident", everywhere=True, by=security, at=NOW
        )
    assert caught.value.code == "oneself"


def test_a_scoped_security_administrator_grants_at_his_place_only(county):
    local = county.actor(county.user("an", "security-administrator", county.township))
    user = a_user(at=NOW)
    assert actions.grant_role(user=user, role="technician", facility_id=county.township.pk, by=local, at=NOW).pk
    for place in ({"facility_id": county.hospital.pk}, {"everywhere": True}, {"division_code": "370403"}):
        with pytest.raises(NotPermitted):
            actions.grant_role(user=user, role="technician", by=local, at=NOW, **place)


@pytest.mark.parametrize(
    ("first", "second"),
    [("system-administrator", "security-administrator"), ("security-administrator", "audit-administrator"),
     ("audit-administrator", "system-administrator"), ("village-doctor", "audit-administrator"),
     ("security-administrator", "township-doctor")],
)  # fmt: skip
def test_administrators_are_kept_apart_also_in_the_future(first, second):
    user = a_user(at=NOW)
    actions.grant_role(user=user, role=first, everywhere=True, valid_from=later(days=30), by=MAKER, at=NOW)
    with pytest.raises(Conflict) as caught:
        actions.grant_role(user=user, role=second, everywhere=True, by=MAKER, at=NOW)
    assert caught.value.code == "roles-exclusive"


def test_an_administrator_may_see_his_own_record_and_change_office_after_the_end():
    user = a_user(at=NOW)
    grant = a_grant(user, "system-administrator")
    a_grant(user, "resident")
    actions.revoke_grant(grant=grant, by=MAKER, at=NOW)
    assert a_grant(user, "audit-administrator").pk


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"role": "emperor", "everywhere": True}, "role"), ({}, "place"),
     ({"everywhere": True, "division_code": "3704"}, "place"),
     ({"division_code": "37x"}, "division_code"),
     ({"division_code": "370403", "with_subordinates": True}, "with_subordinates"),
     ({"everywhere": True, "valid_until": later(-1)}, "valid_until"),
     ({"everywhere": True, "valid_from": later(60), "valid_until": later(30)}, "valid_until"),
     ({"everywhere": True, "valid_from": later(days=-32)}, "valid_from")],
)  # fmt: skip
def test_impossible_grants_are_refused_by_field(fields, field):
    with pytest.raises(InvalidInput) as caught:
        actions.grant_role(user=a_user(at=NOW), by=MAKER, at=NOW, **{"role": "village-doctor", **fields})
    assert field in caught.value.fields


def test_the_same_grant_twice_and_a_grant_to_a_closed_account_are_refused():
    user = a_user(at=NOW)
    a_grant(user)
    with pytest.raises(Conflict, match="已有同样的授权"):
        a_grant(user)
    actions.close_user(user=user, by=MAKER, at=NOW)
    with pytest.raises(Conflict):
        a_grant(user, "technician")


def test_revoking_ends_the_right_and_the_sessions_at_once():
    security, user = an_administrator("security"), a_user(at=NOW)
    grant = a_grant(user)
    signed_in_elsewhere(user)
    actions.revoke_grant(grant=grant, by=security, at=later(5))
    assert not queries.actor_of_user(user, at=later(5)).may("visit:record")
    assert not OpenSession.objects.filter(user=user).exists()
    assert AuditRecord.objects.filter(
        event="grant.revoked", object_key=str(grant.uuid), actor_id=security.user_id
    ).exists()
    with pytest.raises(Conflict):
        actions.revoke_grant(grant=grant, by=security, at=later(6))


def test_an_administrator_cannot_revoke_his_own_grant():
    security = an_administrator("security")
    with pytest.raises(NotPermitted):
        actions.revoke_grant(grant=Grant.objects.get(user_id=security.user_id), by=security, at=NOW)


# Tokens --------------------------------------------------------------------------------------------------------------
def test_a_token_acts_within_its_scopes_until_it_expires():
    security, user = an_administrator("security"), a_user(at=NOW)
    a_grant(user)
    new = actions.create_token(
        user=user, label="检验系统", permitted=["resident:view"], expires_at=later(days=1), by=security, at=NOW
    )
    digest = bytes(new.token.digest)
    assert new.secret.encode() not in digest
    actor = queries.actor_of_token(digest, at=NOW)
    assert actor.may("resident:view")
    assert actor.may("visit:record").code == "token-scope"
    assert queries.actor_of_token(digest, at=later(days=1)) is None
    announced = OutboxEvent.objects.get(event="token.created")
    assert new.secret not in str(announced.detail)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"label": " "}, "label"), ({"permitted": []}, "scopes"), ({"permitted": ["audit:read"]}, "scopes"),
     ({"expires_at": NOW}, "expires_at"), ({"expires_at": later(days=367)}, "expires_at")],
)  # fmt: skip
def test_impossible_tokens_are_refused_by_field(fields, field):
    user = a_user(at=NOW)
    a_grant(user)
    wanted = {"label": "x", "permitted": ["resident:view"], "expires_at": later(days=1), **fields}
    with pytest.raises(InvalidInput) as caught:
        actions.create_token(user=user, by=MAKER, at=NOW, **wanted)
    assert field in caught.value.fields


def test_tokens_are_made_by_the_security_administrator_and_never_for_himself():
    user = a_user(at=NOW)
    a_grant(user)
    security = an_administrator("security")
    for by, owner in ((an_administrator("system"), user), (security, User.objects.get(pk=security.user_id))):
        with pytest.raises(NotPermitted):
            actions.create_token(
                user=owner, label="x", permitted=["network:view"], expires_at=later(days=1), by=by, at=NOW
            )


def test_a_repeated_request_makes_no_second_token():
    user = a_user(at=NOW)
    a_grant(user)
    first = a_token(user, "resident:view").token
    with pytest.raises(Conflict, match="同名令牌"):
        a_token(user, "resident:view")
    actions.revoke_token(token=first, by=MAKER, at=NOW)
    assert a_token(user, "resident:view").token.pk != first.pk


def test_a_token_is_ended_by_its_holder_or_the_security_administrator():
    user, other = a_user(at=NOW), a_user("qian", at=NOW)
    a_grant(user)
    token = a_token(user, "resident:view").token
    with pytest.raises(NotPermitted):
        actions.revoke_token(token=token, by=queries.actor_of_user(other, at=NOW), at=NOW)
    actions.revoke_token(token=token, by=queries.actor_of_user(user, at=NOW), at=NOW)
    assert queries.actor_of_token(bytes(token.digest), at=NOW) is None
    with pytest.raises(Conflict):
        actions.revoke_token(token=token, by=an_administrator("security"), at=NOW)


# Emergency access ----------------------------------------------------------------------------------------------------
def test_break_glass_opens_for_one_person_and_ends_by_itself(county):
    person = uuid4()
    access = an_emergency(county.alma, person, minutes=30)
    assert queries.open_emergency(county.alma, person, at=later(29)) == access
    assert queries.open_emergency(county.alma, person, at=later(30)) is None
    assert queries.open_emergency(county.alma, uuid4(), at=NOW) is None
    assert queries.open_emergency(county.cai, person, at=NOW) is None
    row = AuditRecord.objects.get(event="emergency.opened")
    assert (row.subject_uuid, row.reason) == (person, access.reason)
    assert OutboxEvent.objects.filter(event="emergency.opened", subject_uuid=person).exists()


@pytest.mark.parametrize(
    ("reason", "minutes", "field"),
    [("抢救", 30, "reason"), ("救 " * 4 + "          ", 30, "reason"), ("长" * 501, 30, "reason"),
     ("昏迷送来，需立即了解用药", 0, "minutes"), ("昏迷送来，需立即了解用药", 61, "minutes")],
)  # fmt: skip
def test_break_glass_wants_a_reason_and_a_short_time(county, reason, minutes, field):
    with pytest.raises(InvalidInput) as caught:
        actions.open_break_glass(subject_uuid=uuid4(), reason=reason, minutes=minutes, by=county.alma, at=NOW)
    assert field in caught.value.fields


def test_break_glass_is_for_clinicians_in_person(county):
    a_token(User.objects.get(pk=county.alma.user_id), "emergency:open")
    program = queries.actor_of_token(bytes(county.users["alma"].tokens.get().digest), at=NOW)
    for actor in (county.mei, county.bo, an_administrator("security"), program):
        with pytest.raises(NotPermitted):
            an_emergency(actor, uuid4())


def test_break_glass_is_not_opened_twice_and_ends_early_by_its_opener_only(county):
    person = uuid4()
    access = an_emergency(county.alma, person)
    with pytest.raises(Conflict):
        an_emergency(county.alma, person)
    with pytest.raises(NotPermitted):
        actions.close_break_glass(access=access, by=county.cai, at=later(1))
    actions.close_break_glass(access=access, by=county.alma, at=later(1))
    assert queries.open_emergency(county.alma, person, at=later(1)) is None
    with pytest.raises(Conflict):
        actions.close_break_glass(access=access, by=county.alma, at=later(2))
    assert an_emergency(county.alma, person, at=later(3)).pk


def test_a_review_is_by_the_security_administrator_once_and_never_of_ones_own(county):
    access = an_emergency(county.alma, uuid4())
    review = {"access": access, "verdict": "JUSTIFIED", "remark": "", "at": later(5)}
    for by in (county.alma, county.tang, an_administrator("system"), an_administrator("audit")):
        with pytest.raises(NotPermitted):
            actions.review_break_glass(by=by, **review)
    security = an_administrator("security")
    done = actions.review_break_glass(by=security, **review)
    assert (done.reviewed_by, done.verdict, done.closed_at) == (security.user_id, "JUSTIFIED", later(5))
    with pytest.raises(Conflict):
        actions.review_break_glass(by=security, **review)


def test_nobody_reviews_his_own_access_even_with_the_right(county):
    access = an_emergency(county.alma, uuid4())
    both = county.actor(county.users["alma"])
    extra = an_administrator("security").grants
    own = type(both)(kind="user", user_id=both.user_id, name=both.name, grants=both.grants + extra)
    with pytest.raises(NotPermitted) as caught:
        actions.review_break_glass(access=access, verdict="JUSTIFIED", remark="", by=own, at=NOW)
    assert caught.value.code == "oneself"


@pytest.mark.parametrize(
    ("verdict", "remark", "field"),
    [("", "", "verdict"), ("UNJUSTIFIED", " ", "remark"), ("JUSTIFIED", "长" * 501, "remark")],
)
def test_a_review_wants_a_verdict_and_words_against(county, verdict, remark, field):
    access = an_emergency(county.alma, uuid4())
    with pytest.raises(InvalidInput) as caught:
        actions.review_break_glass(
            access=access, verdict=verdict, remark=remark, by=an_administrator("security"), at=NOW
        )
    assert field in caught.value.fields
    assert EmergencyAccess.objects.get(pk=access.pk).reviewed_at is None


# Second factor, sessions, locks --------------------------------------------------------------------------------------
def test_a_second_factor_is_kept_encrypted_and_set_up_once():
    user = a_user(at=NOW)
    secret = with_second_factor(user)
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored
    with pytest.raises(Conflict):
        with_second_factor(user)
    with pytest.raises(NotPermitted):
        actions.set_up_second_factor(user=user, secret=secret, by=an_administrator("security"), at=NOW)


def test_a_lost_second_factor_is_reset_by_the_security_administrator():
    user, security = a_user(at=NOW), an_administrator("security")
    with pytest.raises(Conflict):
        actions.reset_second_factor(user=user, by=security, at=NOW)
    with_second_factor(user)
    with pytest.raises(NotPermitted):
        actions.reset_second_factor(user=user, by=an_administrator("system"), at=NOW)
    signed_in_elsewhere(user)
    actions.reset_second_factor(user=user, by=security, at=NOW)
    assert not Authenticator.objects.filter(user=user).exists()
    assert not OpenSession.objects.filter(user=user).exists()


def test_a_session_is_ended_by_its_owner_or_the_security_administrator(county):
    user = county.users.get("alma") or county.user("alma", "village-doctor", county.clinic)
    for by in (county.actor(user), an_administrator("security")):
        signed_in_elsewhere(user)
        session = OpenSession.objects.get(user=user)
        with pytest.raises(NotPermitted):
            actions.end_session(session=session, by=county.cai, at=NOW)
        actions.end_session(session=session, by=by, at=NOW)
        assert not OpenSession.objects.filter(user=user).exists()


def test_unlocking_takes_the_security_administrator_and_one_target():
    with pytest.raises(NotPermitted):
        actions.unlock(username="zhou", by=an_administrator("system"), at=NOW)
    security = an_administrator("security")
    for target in ({}, {"username": "zhou", "address": "10.0.0.1"}):
        with pytest.raises(InvalidInput):
            actions.unlock(by=security, at=NOW, **target)
    assert actions.unlock(username="zhou", by=security, at=NOW) == 0
    assert AuditRecord.objects.filter(event="account.unlocked", actor_id=security.user_id).exists()


def test_a_year_is_the_longest_life_of_a_token():
    user = a_user(at=NOW)
    a_grant(user)
    assert a_token(user, "resident:view", days=365).token.expires_at == NOW + timedelta(days=365)
