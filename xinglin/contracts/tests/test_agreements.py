"""Signing: once for each resident, whoever comes first; renewed, handed over, ended."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from tests.factories.contracts import AGREED, a_team, an_agreement, sheet
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from tests.racing import at_once
from xinglin.contracts import actions, jobs, queries
from xinglin.contracts.data import Wanted
from xinglin.contracts.models import Agreement, Promise, TeamChange
from xinglin.contracts.states import IN_FORCE, Status
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, StaleStatus
from xinglin.platform.models import OutboxEvent
from xinglin.residents.api import ConsentGiven
from xinglin.residents.models import Consent, RosterEntry

TODAY = clock.today(NOW)


def wanted(*packages, starts_on=TODAY, years=1, check_up_on=None):
    return Wanted(packages or ("basic",), starts_on, years, check_up_on)


def test_signing_writes_what_is_promised_and_keeps_consent_and_sheet(county):
    resident = a_resident(county, born_on=date(1955, 1, 1), conditions=["hypertension"])

    signed = actions.sign_now(
        resident=resident, team=a_team(county), facility_id=county.clinic.pk,
        wanted=wanted("basic", "elderly", "hypertension", check_up_on=TODAY + timedelta(days=20)), given=AGREED,
        scan=sheet(), by=county.alma, at=NOW,
    )  # fmt: skip

    assert (signed.status, signed.groups, signed.ends_on) == (
        Status.ACTIVE, ["elderly", "hypertension"], TODAY.replace(year=TODAY.year + 1) - timedelta(days=1),
    )  # fmt: skip
    assert signed.fees == {"insurance": 9000, "public-health": 15000, "self": 0}
    codes = list(signed.promises.values_list("item", flat=True))
    assert codes.count("yearly-check") == 1
    assert codes.count("pressure-follow-up") == 4
    assert signed.promises.get(item="yearly-check").booked_on == TODAY + timedelta(days=20)
    consent = Consent.objects.get(object_uuid=signed.uuid)
    assert (consent.kind, consent.agreed) == ("family-doctor", True)
    assert signed.scan is not None
    assert RosterEntry.objects.filter(resident=resident, facility=county.township, until__isnull=True).exists()
    assert OutboxEvent.objects.filter(event="contract.signed", subject_uuid=resident.uuid).count() == 1


def test_a_signature_drawn_on_the_screen_needs_no_sheet_and_paper_needs_one(county):
    draft = an_agreement(county, status=Status.DRAFT)

    with pytest.raises(InvalidInput) as paper:
        actions.sign_draft(agreement=draft, given=AGREED, scan=None, by=county.alma, at=NOW)
    unsigned = ConsentGiven(agreed=True, signer_name="王小麦")
    with pytest.raises(InvalidInput) as nothing:
        actions.sign_draft(agreement=draft, given=unsigned, by=county.alma, at=NOW)
    with pytest.raises(InvalidInput) as refused:
        actions.sign_draft(
            agreement=draft, given=ConsentGiven(agreed=False, signer_name="王小麦"), by=county.alma, at=NOW
        )

    assert "scan" in paper.value.fields
    assert "consent_signature" in nothing.value.fields
    assert "consent" in refused.value.fields
    assert not Promise.objects.exists()


def test_a_second_agreement_is_refused_and_names_the_team_to_who_may_know(county):
    resident = a_resident(county)
    an_agreement(county, resident=resident)
    other = a_team(county, "西沟队", facility=county.sibling)

    with pytest.raises(Conflict) as told:
        an_agreement(county, resident=resident, by=county.tang)
    with pytest.raises(Conflict) as untold:
        actions.sign_now(
            resident=resident, team=other, facility_id=county.sibling.pk, wanted=wanted(), given=AGREED, scan=sheet(),
            by=county.sib, at=NOW,
        )  # fmt: skip

    assert told.value.code == untold.value.code == "already-signed"
    assert "沙沟一队" in str(told.value)
    assert "沙沟" not in str(untold.value)


@pytest.mark.django_db(transaction=True)
def test_two_teams_that_sign_one_resident_at_the_same_second_make_one_agreement():
    county = County()
    resident = a_resident(county)
    teams = (a_team(county), a_team(county, "东沟二队", facility=county.clinic))
    actors = (county.tang, county.alma)
    drafts = [
        actions.draft_agreement(
            resident=resident, team=team, facility_id=county.clinic.pk, wanted=wanted(), by=actor, at=NOW
        )
        for team, actor in zip(teams, actors, strict=True)
    ]
    gate, results = threading.Barrier(2), {}

    def sign(index):
        try:
            gate.wait(10)
            given = ConsentGiven(agreed=True, signer_name="王小麦", on_paper=True)
            actions.sign_draft(
                agreement=queries.fresh(drafts[index]), given=given, scan=sheet(), by=actors[index], at=later(1)
            )
            results[index] = "signed"
        except (Conflict, StaleStatus) as error:
            results[index] = (error.code, str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    winner = next(index for index, said in results.items() if said == "signed")
    code, words = results[1 - winner]
    assert code == "already-signed"
    assert teams[winner].name in words
    assert Agreement.objects.filter(resident=resident, status=Status.ACTIVE).count() == 1
    assert Promise.objects.filter(agreement__team=teams[1 - winner]).count() == 0
    assert Consent.objects.filter(resident=resident, kind="family-doctor").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_who_signs_for_today_and_one_for_a_day_to_come_at_the_same_second_make_one_agreement():
    county = County()
    resident, actors = a_resident(county), (county.tang, county.alma)
    teams = (a_team(county), a_team(county, "东沟二队", facility=county.clinic))
    drafts = [
        actions.draft_agreement(
            resident=resident, team=team, facility_id=county.clinic.pk,
            wanted=wanted(starts_on=TODAY + timedelta(days=days)), by=actor, at=NOW,
        )
        for team, actor, days in zip(teams, actors, (0, 10), strict=True)
    ]  # fmt: skip

    def sign(n):
        return actions.sign_draft(
            agreement=queries.fresh(drafts[n]), given=AGREED, scan=sheet(), by=actors[n], at=later(1)
        )

    said = at_once(lambda: sign(0), lambda: sign(1))

    assert sorted(getattr(each, "code", "signed") for each in said) == ["already-signed", "signed"]
    assert Agreement.objects.filter(resident=resident, status__in=IN_FORCE).count() == 1


def test_who_does_not_sign_there_is_refused(county):
    resident = a_resident(county)
    given = {
        "resident": resident,
        "team": a_team(county),
        "facility_id": county.clinic.pk,
        "wanted": wanted(),
        "at": NOW,
    }

    with pytest.raises(NotPermitted):
        actions.draft_agreement(by=county.cai, **given)
    with pytest.raises(NotPermitted):
        actions.draft_agreement(by=county.bo, **given)


def test_a_team_signs_only_where_it_serves(county):
    elsewhere = a_team(county, "周营队", facility=county.other_township)

    with pytest.raises(Conflict) as refused:
        an_agreement(county, team=elsewhere)

    assert refused.value.code == "not-served-here"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"packages": ("child",)}, "packages"),
        ({"packages": ("none-such",)}, "packages"),
        ({"packages": ()}, "packages"),
        ({"years": 4}, "years"),
        ({"starts_on": TODAY + timedelta(days=100)}, "starts_on"),
        ({"check_up_on": TODAY}, "check_up_on"),
    ],
)
def test_what_cannot_be_agreed_on_is_refused_with_its_field(county, change, field):
    asked = Wanted(**{"packages": ("basic",), "starts_on": TODAY, "years": 1, **change})

    with pytest.raises(InvalidInput) as refused:
        actions.sign_now(
            resident=a_resident(county), team=a_team(county), facility_id=county.clinic.pk, wanted=asked, given=AGREED,
            scan=sheet(), by=county.alma, at=NOW,
        )  # fmt: skip

    assert field in refused.value.fields
    assert not Agreement.objects.exists()


def test_a_family_is_signed_all_or_none(county):
    family = [a_resident(county, name=name) for name in ("王大", "王二", "王三")]
    given = {"team": a_team(county), "facility_id": county.clinic.pk, "by": county.alma, "at": NOW}
    says = ConsentGiven(agreed=True, signer_name="王大", signer_relation="监护人", signature_png=_drawn())
    plan = {each.pk: wanted() for each in family}, {each.pk: says for each in family}

    signed = actions.sign_household(members=family[:2], wanted=plan[0], given=plan[1], **given)
    with pytest.raises(Conflict):
        actions.sign_household(members=family[1:], wanted=plan[0], given=plan[1], **given)

    assert [each.resident.name for each in signed] == ["王大", "王二"]
    assert Agreement.objects.count() == 2


def _drawn():
    import io

    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (200, 80), "white")
    ImageDraw.Draw(picture).line((10, 10, 180, 60), fill="black", width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_renewal_begins_the_day_after_and_the_old_one_ends_as_renewed(county):
    agreement = an_agreement(county)
    soon = NOW + timedelta(days=340)
    with pytest.raises(Conflict) as early:
        actions.renew_agreement(
            agreement=agreement, packages=("basic",), years=2, given=AGREED, scan=sheet(), by=county.alma, at=NOW
        )
    again = {"packages": ("basic",), "years": 2, "given": AGREED, "by": county.alma, "at": soon}

    coming = actions.renew_agreement(agreement=agreement, scan=sheet(), **again)
    with pytest.raises(Conflict):
        actions.renew_agreement(agreement=agreement, scan=sheet(), **again)
    done = actions.turn_day(by=jobs.BY, at=NOW + timedelta(days=367))

    agreement.refresh_from_db()
    coming.refresh_from_db()
    assert early.value.code == "too-early"
    assert coming.starts_on == agreement.ends_on + timedelta(days=1)
    assert (agreement.status, agreement.end_reason, agreement.ended_on) == (Status.ENDED, "renewed", agreement.ends_on)
    assert coming.status == Status.ACTIVE
    assert done == {"ended": 1, "begun": 1, "recalled": 0}


def test_a_term_runs_out_and_the_next_agreement_still_renews_it(county):
    resident = a_resident(county)
    first = an_agreement(county, resident=resident)
    after = NOW + timedelta(days=370)

    actions.turn_day(by=jobs.BY, at=after)
    second = an_agreement(county, resident=resident, at=after)

    first.refresh_from_db()
    assert (first.status, first.end_reason) == (Status.ENDED, "expired")
    assert second.renews == first


def test_renewal_is_recalled_once_thirty_days_before(county):
    agreement = an_agreement(county)
    early, due = agreement.ends_on - timedelta(days=31), agreement.ends_on - timedelta(days=30)

    counts = [actions.turn_day(by=jobs.BY, at=clock.start_of(day))["recalled"] for day in (early, due, due)]

    assert counts == [0, 1, 0]
    assert OutboxEvent.objects.filter(event="contract.renewal-due").count() == 1


def test_a_change_of_team_keeps_what_was_done_and_leaves_what_is_overdue(county):
    agreement = an_agreement(county, starts_on=TODAY - timedelta(days=20), packages=("basic",))
    record = agreement.promises.get(item="record-update")
    actions.deliver_by_hand(promise=record, done_on=TODAY, text="档案已核对", by=county.alma, at=NOW)
    other = a_team(county, "沙沟二队", places=(county.clinic,))

    changed = actions.change_team(agreement=agreement, team=other, reason="居民要求", by=county.alma, at=NOW)

    record.refresh_from_db()
    assert changed.team == other
    assert record.team.name == "沙沟一队"
    assert set(changed.promises.filter(done_on__isnull=True).values_list("team__name", flat=True)) == {"沙沟二队"}
    assert TeamChange.objects.get().former.name == "沙沟一队"
    with pytest.raises(Conflict):
        actions.change_team(agreement=changed, team=other, reason="再换", by=county.alma, at=NOW)


def test_an_end_says_why_and_what_was_not_due_is_not_owed(county):
    agreement = an_agreement(county)

    with pytest.raises(InvalidInput):
        actions.end_agreement(agreement=agreement, reason_code="expired", by=county.alma, at=NOW)
    actions.end_agreement(agreement=agreement, reason_code="request", words="外出务工", by=county.alma, at=NOW)

    agreement.refresh_from_db()
    assert (agreement.status, agreement.end_reason) == (Status.ENDED, "request")
    assert agreement.promises.filter(dropped_on__isnull=True).count() == 0
    with pytest.raises(Conflict):
        actions.end_agreement(agreement=agreement, reason_code="request", by=county.alma, at=NOW)


def test_a_stranger_sees_no_agreement_and_the_resident_his_own(county):
    agreement = an_agreement(county)

    with pytest.raises(NotVisible):
        queries.visible_agreement(county.cai, agreement.uuid)
    assert queries.visible_agreement(county.tang, agreement.uuid) == agreement
    own = county.user("own", "resident", None, everywhere=True)
    own.resident_uuid = agreement.resident.uuid
    own.save()
    assert queries.visible_agreement(county.actor(own), agreement.uuid) == agreement
