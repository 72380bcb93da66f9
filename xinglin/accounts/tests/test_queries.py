"""What may be read, and by whom; and the small things around a request."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tests.factories.accounts import (
    MAKER,
    a_grant,
    a_token,
    a_user,
    an_administrator,
    an_emergency,
    sign_in,
)
from tests.factories.county import NOW, later
from xinglin.accounts import actions, api, jobs, queries
from xinglin.accounts.addresses import address_of
from xinglin.accounts.data import Permission
from xinglin.accounts.models import Grant, OpenSession, User
from xinglin.accounts.roles import EXCLUSIVE, ROLES
from xinglin.accounts.titles import EVENT_TITLES, PERMISSION_TITLES
from xinglin.platform import audit
from xinglin.platform.errors import Conflict, NotSignedIn, NotVisible

pytestmark = pytest.mark.django_db


def test_administrators_see_the_accounts_of_their_places(county):
    local = county.actor(county.user("lu", "system-administrator", county.township))
    here, elsewhere = a_user(facility_id=county.township.pk), a_user("qian", facility_id=county.hospital.pk)
    assert queries.visible_user(local, here.uuid) == here
    for actor in (local, county.alma):
        with pytest.raises(NotVisible):
            queries.visible_user(actor, elsewhere.uuid)
    assert queries.visible_user(an_administrator("security"), elsewhere.uuid) == elsewhere


def test_tokens_and_grants_are_seen_by_their_holder_and_the_security_administrator(county):
    user = a_user(at=NOW)
    grant = a_grant(user)
    token = a_token(user, "resident:view").token
    assert queries.visible_token(queries.actor_of_user(user, at=NOW), token.uuid) == token
    security = an_administrator("security")
    assert queries.visible_token(security, token.uuid) == token
    assert queries.visible_grant(security, grant.uuid) == grant
    for stranger in (county.alma, an_administrator("system")):
        with pytest.raises(NotVisible):
            queries.visible_token(stranger, token.uuid)
        with pytest.raises(NotVisible):
            queries.visible_grant(stranger, grant.uuid)


def test_emergencies_wait_on_the_workbench_of_the_security_administrator(county):
    access = an_emergency(county.alma, uuid4())
    security = an_administrator("security")
    items = api.waiting_for(security, at=later(1))
    assert [item.url for item in items] == [f"/administration/emergencies/{access.uuid}/"]
    assert queries.emergencies_to_review(security).count() == 1
    assert api.waiting_for(county.alma, at=later(1)) == []
    actions.review_break_glass(access=access, verdict="JUSTIFIED", remark="", by=security, at=later(2))
    assert api.waiting_for(security, at=later(3)) == []


def test_a_scoped_reviewer_sees_the_emergencies_of_his_places(county):
    local = county.actor(county.user("an", "security-administrator", county.clinic))
    access, other = an_emergency(county.alma, uuid4()), an_emergency(county.cai, uuid4())
    assert list(queries.emergencies_visible_to(local)) == [access]
    with pytest.raises(NotVisible):
        queries.visible_emergency(local, other.uuid)


def test_a_persons_log_is_paged_by_the_latest_first(county):
    person = uuid4()
    for _ in range(3):
        audit.look("resident.viewed", by=county.alma, at=NOW, subject=person)
    audit.look("resident.viewed", by=county.alma, at=NOW, subject=uuid4())
    first = api.audit_of_subject(person, size=2)
    rest = api.audit_of_subject(person, size=2, cursor=first.next_cursor)
    ids = [row.pk for row in [*first.rows, *rest.rows]]
    assert len(ids) == 3
    assert ids == sorted(ids, reverse=True)


def test_a_view_is_for_known_people(rf, county):
    request = rf.get("/")
    request.htmx = False
    request.actor = county.alma
    assert api.signed_in(lambda request: "in")(request) == "in"
    request.actor = type(county.alma)(kind="anonymous")
    with pytest.raises(NotSignedIn):
        api.signed_in(lambda request: "in")(request)


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [(False, "203.0.113.9", "10.0.0.1"), (True, "203.0.113.9", "203.0.113.9"),
     (True, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
     (True, "", "10.0.0.1")],
)  # fmt: skip
def test_an_address_is_not_what_the_client_claims(rf, settings, behind_proxy, forwarded, expected):
    settings.BEHIND_PROXY = behind_proxy
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == expected


def test_what_is_left_of_ended_sessions_is_swept():
    kept, idle = a_user(), a_user("qian")
    sign_in(Client(), kept)
    sign_in(Client(), idle)
    row = OpenSession.objects.get(user=idle)
    OpenSession.objects.filter(pk=row.pk).update(seen_at=row.seen_at - timedelta(minutes=16))
    jobs.forget_ended_sessions(timestamp=0)
    assert list(OpenSession.objects.values_list("user_id", flat=True)) == [kept.pk]
    assert Session.objects.count() == 1


def test_every_permission_and_event_of_ours_has_words_and_every_role_a_purpose():
    from xinglin.accounts.events import Event

    assert set(PERMISSION_TITLES) == set(Permission)
    assert {str(event) for event in Event} <= set(EVENT_TITLES)
    assert set(ROLES) >= EXCLUSIVE
    for role in ROLES.values():
        assert role.permissions <= set(Permission)
        assert role.title
        assert role.holder
    held = frozenset().union(*(role.permissions for role in ROLES.values()))
    unheld = set(Permission) - held
    assert unheld <= {Permission.RESIDENT_EXPORT}, unheld


def test_no_administrator_sees_residents():
    for slug in EXCLUSIVE:
        domains = {permission.split(":")[0] for permission in ROLES[slug].permissions}
        assert domains <= {"user", "system", "grant", "token", "emergency", "audit", "network", "device", "exchange"}


@pytest.mark.django_db(transaction=True)
def test_two_hands_cannot_give_one_account_two_administrations_at_once():
    user = a_user(at=NOW)

    def give(role: str) -> str:
        try:
            actions.grant_role(user=user, role=role, everywhere=True, by=MAKER, at=NOW)
        except Conflict as error:
            return error.code
        finally:
            connection.close()
        return "given"

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(give, sorted(EXCLUSIVE)))
    assert answers == ["given", "roles-exclusive", "roles-exclusive"]
    assert Grant.objects.filter(user=User.objects.get(pk=user.pk)).count() == 1
