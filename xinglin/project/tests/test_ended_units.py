"""At a unit that was merged or closed nothing new begins; what is open there is finished, and everything is read."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from django.utils import translation

from tests.factories.accounts import a_token
from tests.factories.county import NOW, later
from tests.factories.followups import REACHED, a_followup
from tests.factories.network import MAKER, TODAY
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.accounts.models import User
from xinglin.accounts.queries import actor_of_token, actor_of_user
from xinglin.checkups import permissions as checkups
from xinglin.consultations import permissions as consultations
from xinglin.contracts import permissions as contracts
from xinglin.diagnostics import permissions as diagnostics
from xinglin.followups import actions as followups
from xinglin.followups import permissions as followup_rights
from xinglin.followups.models import FollowUpTask
from xinglin.institutions import permissions as institutions
from xinglin.network import actions as network
from xinglin.platform.actors import Actor
from xinglin.platform.decisions import Decision
from xinglin.platform.errors import DomainError
from xinglin.pocket import permissions as pocket
from xinglin.points import permissions as points
from xinglin.programmes import permissions as programmes
from xinglin.readings import permissions as readings
from xinglin.referrals import permissions as referrals
from xinglin.residents import permissions as residents
from xinglin.visits import permissions as visits
from xinglin.visits.actions import sign_visit, void_visit
from xinglin.visits.states import Status
from xinglin.workbench.web.pages import Home

BEGINNING: dict[str, Callable[[Actor, int], Decision]] = {
    "registering a resident": lambda by, at: residents.may_register(by, facility_id=at),
    "a visit": visits.may_record,
    "an agreement": contracts.may_sign_at,
    "an agreement of an institution": institutions.may_agree_for,
    "an institution": institutions.may_record,
    "a screening, an enrolment": programmes.may_begin,
    "a follow-up": followup_rights.may_plan,
    "a request": lambda by, at: diagnostics.may_place(by, at, kind="ECG"),
    "a referral": lambda by, at: referrals.may_send(by, from_facility_id=at, direction="UP"),
    "a consultation": lambda by, at: consultations.may_request(by, from_facility_id=at),
    "a telephone": lambda by, at: pocket.may_register(by),
    "a behaviour": points.may_keep,
    "a device": readings.may_register,
}


def merged(county: Any) -> Actor:
    """Alma, who keeps her post at 东沟 clinic after it went into 西沟 clinic."""
    alma: Actor = county.alma
    network.merge_facility_into(
        facility=county.clinic, successor=county.sibling, on=TODAY, reason="整合", by=MAKER, at=NOW
    )
    return _again(alma)


def _again(actor: Actor) -> Actor:
    return actor_of_user(User.objects.get(pk=actor.user_id), at=NOW)


@pytest.mark.parametrize("what", BEGINNING)
def test_nothing_begins_at_a_merged_unit_and_the_refusal_names_its_successor(county: Any, what: str) -> None:
    before = BEGINNING[what](county.alma, county.clinic.pk)
    after = BEGINNING[what](merged(county), county.clinic.pk)

    assert before
    assert (after.allowed, after.code, after.by_state) == (False, "unit-ended", True)
    assert county.sibling.name in str(after.reason)


def test_whoever_reaches_it_from_above_or_by_its_region_begins_nothing_there_either(county: Any) -> None:
    above = county.actor(county.user("yu", "township-doctor", county.township, subordinates=True))
    merged(county)

    assert followup_rights.may_plan(_again(above), county.clinic.pk).code == "unit-ended"
    assert followup_rights.may_plan(_again(above), county.sibling.pk)
    by_region = county.user("xu", "township-doctor", county.township)
    by_region.grants.update(facility=None, division_code=county.village_division.code[:9])
    assert followup_rights.may_plan(actor_of_user(by_region, at=NOW), county.clinic.pk).code == "unit-ended"


def test_a_program_of_the_merged_unit_begins_nothing(county: Any) -> None:
    token = a_token(User.objects.get(pk=county.alma.user_id), "referral:send")
    merged(county)

    program = actor_of_token(sha256(token.secret.encode()).digest(), at=NOW)
    assert program is not None
    assert referrals.may_send(program, from_facility_id=county.clinic.pk, direction="UP").code == "unit-ended"


def test_the_first_page_of_who_works_at_a_merged_unit_only_offers_no_beginning(county: Any) -> None:
    before = Home.build(county.alma, at=NOW)
    after = Home.build(merged(county), at=NOW)

    assert "residents:register" in {each.url_name for each in before.shortcuts}
    assert "residents:register" not in {each.url_name for each in after.shortcuts}
    assert after.shortcuts


def test_a_closed_unit_has_no_successor_to_name(county: Any) -> None:
    network.close_facility(facility=county.clinic, on=TODAY, reason="撤销", by=MAKER, at=NOW)

    with translation.override("en"):
        refusal = followup_rights.may_plan(_again(county.alma), county.clinic.pk)
        assert str(refusal.reason).startswith("This unit has been closed")


def test_what_is_open_at_a_merged_unit_is_finished(county: Any) -> None:
    task = a_followup(county)
    alma = merged(county)

    followups.complete_followup(task=FollowUpTask.objects.get(pk=task.pk), outcome=REACHED, by=alma, at=NOW)

    assert FollowUpTask.objects.get(pk=task.pk).status == "DONE"


def test_a_visit_of_before_is_written_down_signed_and_put_right_at_a_merged_unit(county: Any) -> None:
    before, resident = later(days=-3), a_resident(county)
    unsigned = a_visit(resident=resident, by=county.alma, at=before, status=Status.OPEN)
    alma = merged(county)

    assert visits.may_void(alma, unsigned)
    assert sign_visit(visit=unsigned, by=alma, at=NOW).status == Status.SIGNED
    late = a_visit(resident=resident, facility_id=county.clinic.pk, by=alma, started_at=before)
    void_visit(visit=late, reason="写错", by=alma, at=NOW)
    assert (late.facility_id, late.started_at) == (county.clinic.pk, before)
    assert visits.may_correct(alma, late)


def test_a_visit_of_after_the_merger_is_refused_there_however_late_it_is_typed(county: Any) -> None:
    resident = a_resident(county)
    alma = merged(county)

    with pytest.raises(DomainError) as today:
        a_visit(resident=resident, facility_id=county.clinic.pk, by=alma)
    with pytest.raises(DomainError) as since:
        a_visit(resident=resident, facility_id=county.clinic.pk, by=alma, at=later(days=3), started_at=later(days=1))

    assert [each.value.code for each in (today, since)] == ["unit-ended", "facility-not-open"]
    assert TODAY.isoformat() in str(since.value)


def test_a_session_of_check_ups_is_opened_at_the_successor(county: Any) -> None:
    above = county.actor(county.user("yu", "township-doctor", county.township, subordinates=True))
    assert checkups.may_open(above, county.clinic.pk)
    merged(county)

    assert checkups.may_open(_again(above), county.clinic.pk).code == "unit-ended"
    assert checkups.may_open(_again(above), county.sibling.pk)


def test_asking_costs_no_statement(county: Any, django_assert_num_queries: Any) -> None:
    alma = merged(county)

    with django_assert_num_queries(0):
        for _row in range(5):
            followup_rights.may_plan(alma, county.clinic.pk)
