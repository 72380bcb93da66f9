"""Funds and rounds of one consortium, seen from another: what is not of one's units is not there."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import a_grant, a_token, sign_in
from tests.factories.county import NOW, a_division, a_facility
from tests.factories.evaluations import PERIOD, Assessment, frozen
from tests.factories.figures import PatientClient
from xinglin.accounts.data import Permission as P
from xinglin.evaluations import actions, queries, sharing
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.api import waiting_for
from xinglin.evaluations.documents import fund_paper
from xinglin.evaluations.models import Distribution, Round, Sheet
from xinglin.evaluations.states import FundStatus
from xinglin.indicators.models import SnapshotFigure
from xinglin.network.models import Consortium, Facility, Membership
from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, NotPermitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("then")]
RESIDENTS = {
    "370403101": {"v": 50.0, "n": 15_000, "d": 30_000}, "370403102": {"v": 50.0, "n": 9_000, "d": 18_000},
    "370403103": {"v": 50.0, "n": 10_000, "d": 20_000},
}  # fmt: skip
PEOPLE = {
    "370403101": {"v": 1200.0, "n": 1200},
    "370403102": {"v": 800.0, "n": 800},
    "370403103": {"v": 900.0, "n": 900},
}
NUMBERS = {"document_number": "薛财社〔2026〕12号", "issued_by": "区财政局"}
WHY = {"reason": "重新测算"}


class Two:
    """The consortium of the small county with its closed round, and a second one beside it, whose manager is `bei`."""

    def __init__(self, county: Any) -> None:
        self.county = county
        self.hospital = a_facility("H03", "城北医院", "COUNTY_HOSPITAL", "COUNTY", county.division)
        division = a_division("370403103", "常庄镇", "TOWNSHIP", county.division)
        self.township = a_facility("T03", "常庄镇卫生院", "TOWNSHIP_HOSPITAL", "TOWNSHIP", division, self.hospital)
        self.clinic = a_facility("V09", "北庄村卫生室", "VILLAGE_CLINIC", "VILLAGE", division, self.township)
        other = Consortium.objects.create(
            code="C02", name="城北医共体", division=county.division, valid_from=NOW.date()
        )
        for facility, role in ((self.hospital, "LEAD"), (self.township, "MEMBER")):
            Membership.objects.create(consortium=other, facility=facility, role=role, valid_from="2026-01-05")
        members = [county.tcm.pk, county.township.pk, county.other_township.pk]
        Facility.objects.filter(pk__in=members).update(manager=county.hospital)
        self.assessment = self._closed([county.township, county.other_township])

    def _closed(self, units: list[Facility]) -> Assessment:
        """Only these are in the round."""
        names = {each.pk for each in units}
        kept = Facility.objects.filter(kind="TOWNSHIP_HOSPITAL").exclude(pk__in=names)
        kept.update(status="SUSPENDED")
        made = Assessment(self.county).closed()
        kept.update(status="OPEN")
        clinics = (self.county.clinic, self.county.sibling, self.county.other_clinic, self.clinic)
        at_clinics = {str(each.pk): {"v": 100.0, "n": 100} for each in clinics}
        for slug, level, cells in (
            ("p01-contract-coverage", "township", RESIDENTS), ("p16b-managed-persons", "township", PEOPLE),
            ("p16b-managed-persons", "facility", at_clinics),
        ):  # fmt: skip
            SnapshotFigure.objects.create(snapshot=made.round.snapshot, slug=slug, level=level, cells=cells)
        return made

    def manager(self, username: str, at: Facility, name: str) -> Actor:
        """A manager of one hospital and what is below it."""
        return self.county.actor(self.county.user(username, "consortium-manager", at, name=name, subordinates=True))

    @property
    def bei(self) -> Actor:
        """Manager of the second consortium."""
        return self.manager("bei", self.hospital, "北")

    def fund(self, status: str = FundStatus.DRAFT, slug: str = "public-health") -> Distribution:
        """A distribution of the first consortium."""
        county, found = self.county, self.assessment.now()
        made = actions.draft_fund(slug=slug, of_round=found, given={"amount": 100_000}, by=county.mei, at=NOW)
        steps = [FundStatus.DRAFT, FundStatus.SUBMITTED, FundStatus.APPROVED, FundStatus.PUBLISHED].index(status)
        if steps > 0:
            actions.submit_fund(distribution=made, by=county.mei, at=NOW)
        if steps > 1:
            actions.approve_fund(distribution=made, by=self.assessment.gao, at=NOW)
        if steps > 2:
            actions.publish_fund(distribution=made, **NUMBERS, by=county.mei, at=NOW)
        made.refresh_from_db()
        return made


@pytest.fixture
def two(county):
    return Two(county)


#: Each verb, the state it is for, what is sent with it.
VERBS = [
    ("submit", FundStatus.DRAFT, {}), ("approve", FundStatus.SUBMITTED, {}), ("send-back", FundStatus.SUBMITTED, WHY),
    ("drop", FundStatus.APPROVED, WHY), ("publish", FundStatus.APPROVED, NUMBERS),
]  # fmt: skip


def test_funds_of_another_consortium_are_not_there_on_any_page(two):
    funds = {status: two.fund(status) for status in (FundStatus.DRAFT, FundStatus.SUBMITTED, FundStatus.APPROVED)}
    told = two.fund(FundStatus.PUBLISHED)
    bei = two.bei
    client = sign_in(PatientClient(), two.county.users["bei"])

    home = client.get("/evaluations/funds/").content.decode()
    assert not any(each.number in home for each in (*funds.values(), told))
    assert two.assessment.round.number not in home
    assert (sharing.closed_rounds(bei), sharing.to_approve(bei), waiting_for(bei, at=NOW)) == ([], [], [])
    for found in (*funds.values(), told):
        address = f"/evaluations/funds/{found.uuid}/"
        assert client.get(address).status_code == 404
        assert client.get(f"{address}fund.pdf").status_code == 404
    for verb, status, body in VERBS:
        assert client.post(f"/evaluations/funds/{funds[status].uuid}/{verb}/", body).status_code == 404, verb
    said = {"fund": "public-health", "round": str(two.assessment.round.uuid), "amount": "1000"}
    assert client.post("/evaluations/funds/draft/", said).status_code == 404
    assert {each.pk: each.status for each in Distribution.objects.all()} == {
        each.pk: each.status for each in (*funds.values(), told)
    }


def test_funds_of_another_consortium_are_not_there_for_a_program(two):
    funds = {status: two.fund(status) for status in (FundStatus.DRAFT, FundStatus.SUBMITTED, FundStatus.APPROVED)}
    assert two.bei
    held = (P.EVALUATION_MANAGE, P.FUND_MANAGE, P.FUND_APPROVE)
    client = Client(headers={"Authorization": f"Bearer {a_token(two.county.users['bei'], *held).secret}"})

    def post(address, body):
        return client.post(f"/api/v1/evaluations/distributions{address}", body, content_type="application/json")

    assert client.get("/api/v1/evaluations/distributions").json()["items"] == []
    for each in funds.values():
        assert client.get(f"/api/v1/evaluations/distributions/{each.uuid}").status_code == 404
        assert client.get(f"/api/v1/evaluations/distributions/{each.uuid}/file").status_code == 404
        assert post(f"/{each.uuid}/simulate", {"least": 60}).status_code == 404
    for verb, status, body in VERBS:
        assert post(f"/{funds[status].uuid}/{verb}", body).status_code == 404, verb
    said = {"fund": "public-health", "round": str(two.assessment.round.uuid), "amount": 1000}
    assert post("", said).status_code == 404
    assert {each.status for each in Distribution.objects.all()} == set(funds)


def test_no_action_takes_somebody_who_does_not_hold_the_right_at_every_unit(two):
    here = two.manager("sha", two.county.township, "沙")  # one of the two units of the round
    for by in (two.bei, here):
        for verb, status, body in VERBS:
            action = {
                "submit": actions.submit_fund, "approve": actions.approve_fund, "send-back": actions.send_back_fund,
                "drop": actions.drop_fund, "publish": actions.publish_fund,
            }[verb]  # fmt: skip
            with pytest.raises(NotPermitted) as refused:
                action(distribution=two.fund(status), **body, by=by, at=NOW)
            assert refused.value.code == "wrong-place"
        with pytest.raises(NotPermitted):
            actions.draft_fund(
                slug="public-health", of_round=two.assessment.now(), given={"amount": 100}, by=by, at=NOW
            )
    assert list(sharing.distributions_visible_to(here)) == []


def test_managers_of_all_of_its_units_work_a_fund_out_and_approve_it(two):
    county = two.county
    first, second = (two.manager(name, county.hospital, name) for name in ("ren", "min"))
    assert sharing.closed_rounds(first) == [two.assessment.now()]

    made = actions.draft_fund(
        slug="public-health", of_round=two.assessment.now(), given={"amount": 100_000}, by=first, at=NOW
    )
    actions.submit_fund(distribution=made, by=first, at=NOW)
    assert sharing.to_approve(second) == [made]
    actions.approve_fund(distribution=made, by=second, at=NOW)
    actions.publish_fund(distribution=made, **NUMBERS, by=first, at=NOW)

    found = sharing.visible_distribution(second, made.uuid)
    assert len(sharing.lines_visible_to(second, found)) == 4


def test_a_fund_that_reaches_beyond_the_units_of_who_works_it_out_is_not_made(two):
    county = two.county
    Facility.objects.filter(pk=county.tcm.pk).update(manager=None)  # in the consortium, and nobody's below the hospital
    ren = two.manager("ren", county.hospital, "任")

    with pytest.raises(NotPermitted) as refused:
        actions.draft_fund(
            slug="surplus-retained", of_round=two.assessment.now(), given={"budget": 10**7, "spent": 9 * 10**6}, by=ren,
            at=NOW,
        )  # fmt: skip

    assert refused.value.code == "wrong-place"
    assert not Distribution.objects.exists()


# Who gets something ----------------------------------------------------------------------------------------------------
def units_of(made, part):
    return {each.name for each in made.lines.filter(part=part)}


def test_a_fund_is_shared_among_the_units_of_its_round_and_what_they_manage(two):
    made = two.fund(slug="performance-pay")
    assert units_of(made, "basic") == {"沙沟镇卫生院", "周营镇卫生院"}

    surplus = actions.draft_fund(
        slug="surplus-retained", of_round=two.assessment.now(), given={"budget": 10**7, "spent": 9 * 10**6},
        by=two.county.mei, at=NOW,
    )  # fmt: skip
    assert units_of(surplus, "county") == {"县人民医院", "县中医院"}  # not judged by the plan: of the same consortium
    assert units_of(surplus, "township") == {"沙沟镇卫生院", "周营镇卫生院"}
    assert units_of(surplus, "village") == {"东沟村卫生室", "西沟村卫生室", "南营村卫生室"}


def test_a_unit_that_could_have_been_judged_and_was_not_gets_nothing_nor_do_its_clinics(two):
    county = two.county
    Sheet.objects.filter(facility=county.other_township).update(
        facility=two.township
    )  # as if the round had been over these
    Membership.objects.filter(facility=county.other_township).update(facility=two.township)

    made = actions.draft_fund(
        slug="surplus-retained", of_round=two.assessment.now(), given={"budget": 10**7, "spent": 9 * 10**6},
        by=county.mei, at=NOW,
    )  # fmt: skip

    assert units_of(made, "township") == {"沙沟镇卫生院", "常庄镇卫生院"}
    assert units_of(made, "village") == {"东沟村卫生室", "西沟村卫生室", "北庄村卫生室"}


def test_without_consortia_a_round_is_about_the_county(two):
    Membership.objects.all().delete()
    surplus = actions.draft_fund(
        slug="surplus-retained", of_round=two.assessment.now(), given={"budget": 10**7, "spent": 9 * 10**6},
        by=two.county.mei, at=NOW,
    )  # fmt: skip
    assert units_of(surplus, "county") == {"县人民医院", "县中医院", "城北医院"}
    assert units_of(surplus, "township") == {"沙沟镇卫生院", "周营镇卫生院"}


def test_two_clinics_of_one_name_each_have_their_own_line_and_the_table_adds_up(two):
    county = two.county
    Facility.objects.filter(pk__in=[county.clinic.pk, county.other_clinic.pk]).update(name="新村卫生室", short_name="")
    made = actions.draft_fund(
        slug="surplus-retained", of_round=two.assessment.now(), given={"budget": 10**7, "spent": 9 * 10**6},
        by=county.mei, at=NOW,
    )  # fmt: skip
    lines = sharing.lines_visible_to(county.mei, made)

    *rows, summed = fund_paper(made, lines, at=NOW).tables[0].rows
    page = sign_in(PatientClient(), county.users["mei"]).get(f"/evaluations/funds/{made.uuid}/")

    assert [row[1] for row in rows].count("新村卫生室") == 2
    assert round(sum(row[-2] for row in rows) * 100) == round(summed[-2] * 100) == made.pool_fen
    assert [name for name, _yuan in page.context["page"]["units"]].count("新村卫生室") == 2
    assert sharing.gaps_of(lines).n == len({each.facility_id for each in lines})


def test_a_round_over_units_some_of_which_cannot_be_judged_is_not_opened_over_the_others(two):
    wanted = [two.township.pk, two.county.township.pk, two.county.clinic.pk]
    asked = Asked("quarterly-check", PERIOD, frozen().uuid, wanted)
    n_rounds = Round.objects.count()

    for by, names in ((two.bei, "东沟村卫生室、沙沟镇卫生院"), (two.county.mei, "东沟村卫生室")):
        with pytest.raises(Conflict, match=names) as refused:
            actions.open_round(asked=asked, by=by, at=NOW)
        assert refused.value.code == "not-these-units"
    assert Round.objects.count() == n_rounds


# One round, one correction ---------------------------------------------------------------------------------------------
def test_a_fund_of_one_round_does_not_replace_that_of_another(two):
    told = two.fund(FundStatus.PUBLISHED)
    Round.objects.filter(pk=two.assessment.round.pk).update(period="2026-Q2")
    later = two._closed([two.county.township, two.county.other_township])

    with pytest.raises(Conflict) as refused:
        actions.draft_fund(
            slug="public-health", of_round=later.now(), given={"amount": 5}, replaces=told, reason="更正", by=two.county.mei,
            at=NOW,
        )  # fmt: skip

    assert refused.value.code == "another-round"
    client = sign_in(PatientClient(), two.county.users["mei"])
    said = {
        "fund": "public-health", "round": str(later.round.uuid), "amount": "5", "replaces": str(told.uuid), "reason": "更正",
    }  # fmt: skip
    answer = client.post("/evaluations/funds/draft/", said)
    english = client.post("/evaluations/funds/draft/", said, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert "更正的须是按同一次考核分配的资金。" in answer.content.decode()
    assert "What replaces a fund is shared by the same round." in english.content.decode()
    told.refresh_from_db()
    assert told.status == FundStatus.PUBLISHED


# Points before they are told ---------------------------------------------------------------------------------------------
def test_an_office_elsewhere_does_not_tell_a_unit_its_reviewed_points(county):
    assessment = Assessment(county).checked()
    both = county.user("tang", "township-doctor", county.township, name="唐")
    a_grant(both, "bureau-officer", facility_id=county.other_clinic.pk)
    tang = county.actor(both)
    found, own = assessment.now(), assessment.sheet(county.township)

    assert queries.office_sheets(tang) is not None
    assert not queries.is_told(tang, found, own)
    assert queries.is_told(county.mei, found, own)
    assert queries.known_points(tang, found) == []
