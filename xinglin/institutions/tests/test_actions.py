"""Institutions, agreements, who lives there, and rounds: done, refused by right, refused by state, lost race."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW, County, later
from tests.factories.institutions import (
    a_care_agreement,
    a_home,
    a_stay,
    first_round,
    round_in,
    signed_sheet,
)
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from tests.racing import at_once
from xinglin.institutions import actions, api, jobs, queries, rules
from xinglin.institutions.data import InstitutionIn, Signing
from xinglin.institutions.models import CareAgreement, Round, Seen, Stay
from xinglin.institutions.states import InstitutionStatus, RoundStatus, Status
from xinglin.platform import clock, definitions
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.residents import actions as residents
from xinglin.residents.models import RosterEntry

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)


# Definitions ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("definition", definitions.load(rules.TOPIC), ids=lambda each: each.slug)
def test_each_worked_example_comes_to_its_plan(definition: Any) -> None:
    package = rules.parse(definition)
    examples = definition.examples

    for each in examples:
        due = [
            one
            for one in rules.plan(package, starts_on=each["starts_on"], ends_on=each["ends_on"])
            if one.item == each["item"]
        ]
        assert len(due) == each["n"]
        assert [due[0].opens_on, due[0].due_on] == each["first"]
        assert [due[-1].opens_on, due[-1].due_on] == each["last"]
        following = zip(due, due[1:], strict=False)
        assert all(first.due_on + timedelta(days=1) == second.opens_on for first, second in following)


# Institutions --------------------------------------------------------------------------------------------------------
def test_an_institution_is_written_down_once_in_its_place_and_its_telephone_is_encrypted(county: County) -> None:
    home = a_home(county)

    with pytest.raises(Conflict, match="同名"):
        a_home(county)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM institutions_institution WHERE id = %s", [home.pk])
        (kept,) = cursor.fetchone()

    assert home.phone == "13700001111"
    assert "13700001111" not in str(bytes(kept) if isinstance(kept, memoryview) else kept)
    assert a_home(county, by=county.cai, name="夕阳红养老院").keeper_id == county.cai.place


@pytest.mark.parametrize(
    ("said", "field"),
    [({"kind": "HOTEL"}, "kind"), ({"opened_on": TODAY + timedelta(days=1)}, "opened_on"), ({"phone": "abc"}, "phone"),
     ({"name": " "}, "name"), ({"beds": 900_000}, "beds")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(county: County, said: dict[str, Any], field: str) -> None:
    given = {
        "name": "和平养老院",
        "kind": "ELDERLY",
        "address": "南街",
        "responsible": "周",
        "opened_on": date(2020, 1, 1),
    }

    with pytest.raises(InvalidInput) as refused:
        actions.record_institution(
            content=InstitutionIn(**{**given, **said}), keeper_id=county.township.pk, by=county.tang, at=NOW
        )

    assert field in refused.value.fields


def test_who_signs_nothing_there_writes_nothing_down_and_another_township_sees_nothing(county: County) -> None:
    home = a_home(county)

    with pytest.raises(NotPermitted):
        a_home(county, name="另一家", by=county.bo)
    with pytest.raises(NotVisible):
        queries.visible_institution(county.cai, home.uuid)
    assert queries.visible_institution(county.mei, home.uuid) == home


def test_closing_ends_the_agreement_and_nobody_lives_there_any_more(county: County) -> None:
    agreement = a_care_agreement(county)
    stay = a_stay(county, agreement.institution)

    with pytest.raises(NotPermitted):
        actions.close_institution(institution=agreement.institution, reason="停业", by=county.alma, at=later(5))
    closed = actions.close_institution(institution=agreement.institution, reason="停业", by=county.mei, at=later(5))

    agreement.refresh_from_db()
    stay.refresh_from_db()
    assert (closed.status, closed.closed_on) == (InstitutionStatus.CLOSED, TODAY)
    assert (agreement.status, agreement.end_reason) == (Status.ENDED, "closed")
    assert stay.until == TODAY
    assert not Round.objects.filter(status=RoundStatus.PLANNED, due_on__gt=TODAY).exists()
    with pytest.raises(Conflict):
        a_care_agreement(county, closed, at=later(6))


# Who lives there -----------------------------------------------------------------------------------------------------
def test_a_resident_lives_in_one_institution_and_the_serving_unit_sees_him_as_long(county: County) -> None:
    agreement = a_care_agreement(county, a_home(county, by=county.cai), by=county.cai)
    stranger = a_resident(county)  # of Alma's village: Cai's clinic has nothing to do with him
    actions.move_in(institution=agreement.institution, resident=stranger, since=TODAY, by=county.cai, at=NOW)

    def seen() -> int:
        return len(queries.stays_of(county.cai, agreement.institution, on=TODAY)[0])

    assert seen() == 1
    with pytest.raises(Conflict, match="夕阳红"):
        a_stay(county, a_home(county, name="和平养老院"), resident=stranger)
    stay = Stay.objects.get(resident=stranger)
    actions.move_out(stay=stay, until=TODAY, by=county.cai, at=later(10))
    entry = RosterEntry.objects.get(resident=stranger, facility_id=county.cai.place)
    assert entry.until == later(10)
    with pytest.raises(Conflict):
        actions.move_out(stay=stay, until=TODAY, by=county.cai, at=later(11))
    assert queries.stays_of(county.cai, agreement.institution, on=TODAY) == ([], 1)


def test_who_dies_lives_there_no_more(county: County) -> None:
    stay = a_stay(county, a_home(county))
    residents.mark_deceased(resident=stay.resident, died_on=TODAY, by=county.alma, at=later(5))

    jobs.person_left(event_uuid="", object_uuid=str(stay.resident.uuid))

    stay.refresh_from_db()
    assert stay.until is not None


# Agreements ----------------------------------------------------------------------------------------------------------
def test_signing_keeps_the_sheet_and_plans_every_round_of_the_term(county: County) -> None:
    agreement = a_care_agreement(county)

    assert (agreement.status, agreement.unit) == (Status.ACTIVE, "FACILITY")
    assert agreement.scan is not None
    assert agreement.rounds.filter(item="round").count() == 24
    assert agreement.rounds.filter(item="check-up").count() == 1
    assert [each.became for each in agreement.status_changes.all()] == [Status.DRAFT, Status.ACTIVE]


def test_one_facility_and_one_team_may_be_signed_with_an_institution_and_no_second_of_a_kind(county: County) -> None:
    first = a_care_agreement(county)
    with_team = a_care_agreement(county, first.institution, team=a_team(county))

    with pytest.raises(Conflict, match="已与") as refused:
        a_care_agreement(county, first.institution, by=county.alma)

    assert with_team.unit == "TEAM"
    assert refused.value.code == "already-signed"
    assert CareAgreement.objects.filter(status=Status.ACTIVE).count() == 2


def test_without_a_sheet_or_a_name_nothing_is_signed(county: County) -> None:
    draft = actions.draft_agreement(
        institution=a_home(county), facility_id=county.township.pk, package="elderly-home", starts_on=TODAY, years=1,
        by=county.tang, at=NOW,
    )  # fmt: skip

    for signing in (Signing("孙桂英", "院长", None), Signing(" ", "", signed_sheet().scan)):
        with pytest.raises(InvalidInput):
            actions.sign_agreement(agreement=draft, signing=signing, by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):  # a school's package is not for a home
        actions.draft_agreement(
            institution=draft.institution, facility_id=county.township.pk, package="school", starts_on=TODAY, years=1,
            by=county.tang, at=NOW,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        actions.sign_agreement(agreement=draft, signing=signed_sheet(), by=county.cai, at=NOW)
    actions.discard_agreement(agreement=draft, by=county.tang, at=later(5))
    with pytest.raises(Conflict):
        actions.sign_agreement(agreement=draft, signing=signed_sheet(), by=county.tang, at=later(6))


def test_the_next_term_begins_the_day_after_and_the_former_ends_as_renewed(county: County) -> None:
    begun = later(days=-330)
    agreement = a_care_agreement(county, a_home(county, at=begun), at=begun)
    a_stay(county, agreement.institution)

    coming = actions.renew_agreement(
        agreement=agreement, package="elderly-home", years=1, signing=signed_sheet(), by=county.tang, at=NOW
    )
    with pytest.raises(Conflict, match="续签"):
        actions.renew_agreement(
            agreement=agreement, package="elderly-home", years=1, signing=signed_sheet(), by=county.tang, at=NOW
        )
    turned = actions.turn_day(by=jobs.BY, at=later(days=36))

    agreement.refresh_from_db()
    coming.refresh_from_db()
    assert coming.starts_on == agreement.ends_on + timedelta(days=1)
    assert (agreement.status, agreement.end_reason) == (Status.ENDED, "renewed")
    assert coming.status == Status.ACTIVE
    assert turned == {"ended": 1, "begun": 1}
    assert actions.turn_day(by=jobs.BY, at=later(days=36)) == {"ended": 0, "begun": 0}


@pytest.mark.django_db(transaction=True)
def test_one_signed_for_today_and_one_for_a_day_to_come_at_the_same_second_make_one_agreement() -> None:
    county = County()
    home = a_home(county)
    drafts = [
        actions.draft_agreement(
            institution=home, facility_id=county.township.pk, package="elderly-home",
            starts_on=TODAY + timedelta(days=days), years=1, by=county.tang, at=NOW,
        )
        for days in (0, 10)
    ]  # fmt: skip
    said = at_once(
        *(
            lambda each=each: actions.sign_agreement(
                agreement=each, signing=signed_sheet(), by=county.tang, at=later(1)
            )
            for each in drafts
        )
    )

    assert sorted(getattr(each, "code", "signed") for each in said) == ["already-signed", "signed"]
    assert CareAgreement.objects.filter(status__in=(Status.SIGNED, Status.ACTIVE)).count() == 1


def test_more_terms_than_are_read_at_a_time_end_and_begin_on_one_day(county: County) -> None:
    begun = later(days=-330)
    homes = [a_home(county, f"夕阳红养老院{n}号", at=begun) for n in range(3)]
    ending = [a_care_agreement(county, each, at=begun) for each in homes]
    for each in reversed(ending):
        actions.renew_agreement(
            agreement=each, package="elderly-home", years=1, signing=signed_sheet(), by=county.tang, at=NOW
        )

    assert actions.turn_day(by=jobs.BY, at=later(days=36), limit=1) == {"ended": 3, "begun": 3}


def test_too_early_to_renew_and_an_ended_one_owes_no_more_rounds(county: County) -> None:
    agreement = a_care_agreement(county)

    with pytest.raises(Conflict, match="还不到"):
        actions.renew_agreement(
            agreement=agreement, package="elderly-home", years=1, signing=signed_sheet(), by=county.tang, at=NOW
        )
    actions.end_agreement(agreement=agreement, reason_code="request", by=county.tang, at=later(5))

    assert set(agreement.rounds.values_list("status", flat=True)) == {RoundStatus.DROPPED}
    with pytest.raises(Conflict):
        actions.record_round(round=first_round(agreement), content=round_in(), by=county.tang, at=later(6))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_one_home_at_the_same_second_one_wins(county: County) -> None:
    home = a_home(county)
    drafts = [
        actions.draft_agreement(
            institution=home,
            facility_id=actor.place,
            package="elderly-home",
            starts_on=TODAY,
            years=1,
            by=actor,
            at=NOW,
        )
        for actor in (county.tang, county.alma)
        if actor.place is not None
    ]
    said: list[str] = []
    ready = threading.Barrier(2)

    def sign(draft: CareAgreement, by: Any) -> None:
        ready.wait(10)
        try:
            actions.sign_agreement(agreement=draft, signing=signed_sheet(), by=by, at=later(1))
            said.append("signed")
        except Conflict as error:
            said.append(error.code)
        finally:
            connection.close()

    pairs = zip(drafts, (county.tang, county.alma), strict=True)
    threads = [threading.Thread(target=sign, args=pair) for pair in pairs]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    assert sorted(said) == ["already-signed", "signed"]
    assert CareAgreement.objects.filter(status=Status.ACTIVE).count() == 1


# Rounds --------------------------------------------------------------------------------------------------------------
def test_a_round_proves_a_home_visit_for_those_who_were_seen_and_for_nobody_else(county: County) -> None:
    team = a_team(county)
    agreement = a_care_agreement(county)
    seen, other = (
        a_stay(county, agreement.institution, resident=a_resident(county, name=name)) for name in ("周一", "周二")
    )
    signed = [an_agreement(county, resident=each.resident, team=team) for each in (seen, other)]

    done = actions.record_round(round=first_round(agreement), content=round_in(seen), by=county.tang, at=later(30))

    assert (done.status, done.came) == (RoundStatus.DONE, ["汤医生", "护士小林"])
    proved = [list(each.promises.filter(done_on__isnull=False)) for each in signed]
    assert [each.proof_kind for each in proved[0]] == ["institutions.round"]
    assert proved[1] == []
    assert Seen.objects.get().words == "平稳"


def test_a_visit_of_that_day_proves_itself_and_the_round_proves_nothing_beside_it(county: County) -> None:
    agreement = a_care_agreement(county)
    early, late = (
        a_stay(county, agreement.institution, resident=a_resident(county, name=name)) for name in ("周一", "周二")
    )
    signed = {each.pk: an_agreement(county, resident=each.resident, team=a_team(county)) for each in (early, late)}
    before = a_visit(resident=early.resident, by=county.tang, at=later(10))

    actions.record_round(round=first_round(agreement), content=round_in(early, late), by=county.tang, at=later(30))
    after = a_visit(resident=late.resident, by=county.tang, at=later(40))
    assert signed[late.pk].promises.filter(proof_kind="institutions.round").exists()
    jobs.link_visit(event_uuid="", object_uuid=str(after.uuid))
    jobs.link_visit(event_uuid="", object_uuid=str(after.uuid))

    linked = dict(Seen.objects.values_list("stay_id", "visit_id"))
    assert linked == {early.pk: before.pk, late.pk: after.pk}
    for each in signed.values():
        assert not each.promises.filter(proof_kind="institutions.round").exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [({"came": (" ",)}, "came"), ({"findings": ""}, "findings"), ({"signer_name": ""}, "signer_name"),
     ({"signature_png": None}, "signature"), ({"came_at": later(60)}, "came_at"),
     ({"came_at": later(days=-1)}, "came_at"), ({"seen": {}}, "seen")],
)  # fmt: skip
def test_a_round_says_who_came_what_was_found_and_who_signed(county: County, said: dict[str, Any], field: str) -> None:
    agreement = a_care_agreement(county)
    stay = a_stay(county, agreement.institution)

    with pytest.raises(InvalidInput) as refused:
        actions.record_round(round=first_round(agreement), content=round_in(stay, **said), by=county.tang, at=later(30))

    assert field in refused.value.fields
    assert first_round(agreement).status == RoundStatus.PLANNED


def test_who_lives_elsewhere_was_not_seen_there(county: County) -> None:
    agreement = a_care_agreement(county)
    stay = a_stay(county, a_home(county, name="和平养老院"))

    with pytest.raises(InvalidInput, match="不住在"):
        actions.record_round(round=first_round(agreement), content=round_in(stay), by=county.tang, at=later(30))


def test_a_missed_round_shows_to_the_manager_and_in_the_work_list_and_may_be_made_up(county: County) -> None:
    begun = later(days=-20)
    agreement = a_care_agreement(county, a_home(county, at=begun), at=begun)

    counts = queries.box_counts(county.mei, at=NOW)
    waiting = api.waiting_for(county.tang, at=NOW)

    assert counts["missed"] == 1
    assert len(waiting) == 2  # the missed one first; what is due in months waits elsewhere
    assert waiting[0].risk < waiting[1].risk  # the smaller, the more urgent
    assert api.waiting_for(county.cai, at=NOW) == []
    made_up = actions.record_round(round=first_round(agreement), content=round_in(), by=county.tang, at=NOW)
    assert made_up.status == RoundStatus.DONE
    assert queries.box_counts(county.mei, at=NOW)["missed"] == 0
    with pytest.raises(Conflict):
        actions.record_round(round=first_round(agreement), content=round_in(), by=county.tang, at=later(5))


def test_a_round_whose_days_have_not_begun_and_one_of_another_unit_are_refused(county: County) -> None:
    agreement = a_care_agreement(county)
    second = Round.objects.get(agreement=agreement, item="round", n=2)

    with pytest.raises(Conflict, match="起才可以做"):
        actions.record_round(round=second, content=round_in(), by=county.tang, at=later(5))
    with pytest.raises(NotPermitted):
        actions.record_round(round=first_round(agreement), content=round_in(), by=county.cai, at=later(5))
