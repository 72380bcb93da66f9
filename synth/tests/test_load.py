"""Loading: through COPY into the real tables, with every constraint in force, once."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Max

from synth import load as loading
from synth.accounts import CAST, actor_with_role, token_for, user_with_role
from synth.county import Plan
from synth.load import NotEmpty, load
from synth.progress import Progress
from xinglin.accounts.queries import actor_of_token
from xinglin.network.models import Facility
from xinglin.referrals.models import Referral
from xinglin.referrals.states import TRANSITIONS
from xinglin.residents import identity
from xinglin.residents.models import Resident, RosterEntry
from xinglin.visits.models import Diagnosis, Visit

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def quiet() -> Progress:
    return Progress(lambda line: None)


def definitions_of_tables() -> list[tuple[Any, ...]]:
    """Every index and constraint of the schema, as the database describes it, but for casts and brackets: those of a
    condition are written otherwise after one round through its own words.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
            "AND contype <> 'n' ORDER BY 1, 2"
        )
        return [(name, re.sub(r"::(character varying|text)(\[\])?|[()]", "", text)) for name, text in cursor.fetchall()]


@pytest.fixture
def loaded(loader_url: str, plan_of: Callable[..., Plan]) -> Plan:
    plan = plan_of(2_000, visits=3)
    load(plan, url=loader_url, tenant=settings.TENANT, progress=quiet())
    return plan


def test_a_small_county_loads_and_hangs_together(loaded: Plan) -> None:
    assert Resident.objects.count() == 2_000
    assert Visit.objects.count() == 6_000
    # Each active resident stands on the roster of the managing clinic and of its township unit.
    managed = RosterEntry.objects.filter(basis="MANAGED").values("resident").annotate(n=Count("id"))
    assert {row["n"] for row in managed} == {2}
    assert len(managed) == 2_000
    # Whoever treated somebody has him on the roster, copied names included.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM visits_visit v WHERE NOT EXISTS (SELECT 1 FROM residents_rosterentry r "
            "WHERE r.resident_id = v.resident_id AND r.facility_id = v.facility_id AND r.served_at IS NOT NULL)"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT count(*) FROM residents_rosterentry e JOIN residents_resident r ON r.id = e.resident_id "
            "WHERE (e.name, e.initials, e.pinyin) <> (r.name, r.initials, r.pinyin)"
        )
        assert cursor.fetchone() == (0,)
    assert Diagnosis.objects.filter(is_primary=True).count() == 6_000
    assert Facility.objects.filter(kind="VILLAGE_CLINIC").count() == len(loaded.of_kind("VILLAGE_CLINIC"))


def test_personal_numbers_are_sealed_and_can_be_found(loaded: Plan) -> None:
    resident = Resident.objects.filter(id_kind="RESIDENT_ID", phone__isnull=False)[0]
    assert re.fullmatch(r"\d{17}[\dX]", resident.id_number)
    assert bytes(resident.identity_index) == identity.identity_index("RESIDENT_ID", resident.id_number)
    assert bytes(resident.phone_index) == identity.phone_index(resident.phone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM residents_resident WHERE id = %s", [resident.pk])
        assert resident.id_number.encode() not in bytes(cursor.fetchone()[0])


def test_referrals_went_legal_ways_and_stand_where_their_trail_ends(loaded: Plan) -> None:
    referrals = Referral.objects.prefetch_related("status_changes")
    assert referrals
    for referral in referrals:
        trail = [change.became for change in referral.status_changes.all()]
        assert trail[0] == "DRAFT"
        assert trail[-1] == referral.status
        for was, became in zip(trail, trail[1:], strict=False):
            assert became in TRANSITIONS[was], (was, became)
        assert (referral.due_at is None) == (
            referral.status in {"RETURNED", "CLOSED", "REJECTED", "WITHDRAWN", "NO_SHOW"}
        )


def test_what_is_made_afterwards_gets_free_numbers(loaded: Plan) -> None:
    highest = Resident.objects.aggregate(top=Max("id"))["top"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('residents_resident', 'id')), nextval('platform_number_seq')"
        )
        next_id, next_number = cursor.fetchone()
    assert next_id > highest
    assert next_number > 2 * loaded.n_residents + 2 * loaded.n_visits


def test_a_second_load_is_refused(loaded: Plan, loader_url: str) -> None:
    with pytest.raises(NotEmpty, match="already holds a county"):
        load(loaded, url=loader_url, tenant=settings.TENANT, progress=quiet())
    assert Resident.objects.count() == 2_000


def test_everybody_of_the_cast_can_act(loaded: Plan) -> None:
    for role in CAST:
        assert actor_with_role(role, at=NOW).roles == {role}
    doctor = actor_with_role("village-doctor", at=NOW)
    clinics = doctor.places_where("resident:view")
    assert clinics == {user_with_role("village-doctor").facility_id}
    assert RosterEntry.objects.filter(facility_id__in=clinics).exists()
    own = actor_with_role("resident", at=NOW).self_uuid
    assert Resident.objects.filter(uuid=own).exists()


def test_a_program_can_act_for_a_village_doctor(loaded: Plan) -> None:
    secret = token_for(user_with_role("village-doctor"), at=NOW)
    again = token_for(user_with_role("village-doctor"), at=NOW)
    assert actor_of_token(hashlib.sha256(secret.encode()).digest(), at=NOW) is None
    actor = actor_of_token(hashlib.sha256(again.encode()).digest(), at=NOW)
    assert actor
    assert actor.roles == {"village-doctor"}


def test_a_large_load_puts_every_index_and_reference_back(
    loader_url: str, plan_of: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = definitions_of_tables()
    monkeypatch.setattr(loading, "LARGE", 2_000)
    loaded = load(plan_of(2_000, visits=2), url=loader_url, tenant=settings.TENANT, progress=quiet())
    assert loaded.rows["visits_visit"] == 4_000 == Visit.objects.count()
    assert definitions_of_tables() == before


def test_a_load_that_breaks_off_leaves_nothing_behind(
    loader_url: str, plan_of: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = definitions_of_tables()
    monkeypatch.setattr(loading, "LARGE", 2_000)

    def broken(*args: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(loading, "_set_sequences", broken)
    with pytest.raises(RuntimeError, match="power"):
        load(plan_of(2_000, visits=2), url=loader_url, tenant=settings.TENANT, progress=quiet())
    assert Resident.objects.count() == Facility.objects.count() == 0
    assert definitions_of_tables() == before


def test_the_command_says_what_is_wrong() -> None:
    with pytest.raises(CommandError, match="between 2,000"):
        call_command("synth", residents=10)
    with pytest.raises(CommandError, match="no county"):
        call_command("synth", residents=2_000, county="999999")


def test_agreements_of_part_of_the_county_hang_together(loaded: Plan) -> None:
    from xinglin.contracts.models import Agreement, Promise, Team

    signed = Agreement.objects.count()
    assert 0 < signed < Resident.objects.count() * 0.7
    assert Team.objects.count() == len(loaded.of_kind("TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE"))
    assert Agreement.objects.exclude(consent__kind="family-doctor").count() == 0
    assert Agreement.objects.exclude(resident__status="ACTIVE").count() == 0
    done = Promise.objects.filter(done_on__isnull=False)
    assert 0 < done.count() < Promise.objects.count()
    assert not done.filter(done_on__gt=loaded.until).exists()
