"""Who may not know of a severe mental disorder does not learn it from contracts, by any door."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import a_token, sign_in
from tests.factories.contracts import AGREED, a_team, sheet
from tests.factories.county import NOW, later
from tests.factories.residents import a_resident
from xinglin.contracts import actions, api, contacting, documents, queries, secrecy
from xinglin.contracts.assigning import Wish
from xinglin.contracts.data import Wanted
from xinglin.contracts.models import Agreement, Distribution, GroupEntry
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.models import OutboxEvent

#: What would tell, in the words, codes and slugs of the definitions.
TELLING = ("精神", "mental")


@pytest.fixture
def assistant(county):
    """A doctor's assistant at Alma's clinic: signs contracts, may not know of secret diseases."""
    return county.actor(county.user("assistant", "doctor-assistant", county.clinic, name="小助"))


def told(text):
    return [word for word in TELLING if word in text]


def signed(county, *, at):
    resident = a_resident(county, name="赵某", conditions=["severe-mental-disorder"], at=at)
    found = actions.sign_now(
        resident=resident, team=a_team(county, at=at), facility_id=county.clinic.pk,
        wanted=Wanted(("basic", "mental-disorder"), clock.today(at)), given=AGREED, scan=sheet(), by=county.alma, at=at,
    )  # fmt: skip
    return queries.fresh(found)


def test_no_page_of_contracts_tells_it(county, assistant, now):
    agreement = signed(county, at=now)
    other = a_resident(county, name="钱某", conditions=["severe-mental-disorder"], at=now)
    promise = agreement.promises.filter(package__startswith="mental-disorder").first()
    actions.deliver_by_hand(promise=promise, done_on=clock.today(now), text="精神科随访", by=county.alma, at=now)
    browser = sign_in(Client(), county.users["assistant"])
    pages = {
        "sign": reverse("contracts:sign", args=[other.uuid]),
        "detail": reverse("contracts:detail", args=[agreement.uuid]),
        "list": reverse("contracts:list"),
        "people": reverse("contracts:people"),
        "unassigned": reverse("contracts:unassigned"),
        "team": reverse("contracts:team", args=[agreement.team.uuid]),
    }

    for name, url in pages.items():
        answer = browser.get(url)
        assert answer.status_code == 200, name
        text = answer.content.decode()
        assert told(text) == [], name
    for name in ("scan", "proof"):
        key = agreement.uuid if name == "scan" else promise.uuid
        assert browser.get(reverse(f"contracts:{name}", args=[key])).status_code == 403
    county.alma  # noqa: B018 — made before she signs in
    assert "精神" in sign_in(Client(), county.users["alma"]).get(pages["detail"]).content.decode()


def test_the_list_by_a_secret_group_is_empty_for_who_may_not_know(county, assistant, now):
    signed(county, at=now)
    known = county.alma

    def listed(actor):
        page = queries.agreement_page(
            actor, box="active", group="mental-disorder", places=secrecy.places_of(actor, "mental-disorder"), at=now
        )
        return len(page.rows)

    assert (listed(known), listed(assistant)) == (1, 0)


def test_the_interface_tells_neither_group_package_item_nor_proof(county, assistant, now):
    agreement = signed(county, at=now)
    promise = agreement.promises.filter(package__startswith="mental-disorder").first()
    actions.deliver_by_hand(promise=promise, done_on=clock.today(now), text="精神科随访", by=county.alma, at=now)
    secret = a_token(county.users["assistant"], "contract:view", at=now).secret
    api_ = Client(headers={"authorization": f"Bearer {secret}"})

    for path in ("/agreements", f"/agreements/{agreement.uuid}", "/agreements?group=mental-disorder"):
        answer = api_.get(f"/api/v1{path}")
        assert answer.status_code == 200, path
        assert told(answer.content.decode()) == [], path
    assert api_.get("/api/v1/agreements?group=mental-disorder").json()["items"] == []


def test_the_sheet_in_print_says_no_more_than_the_reader_may_know(county, assistant):
    agreement = signed(county, at=NOW)

    def words(reader):
        return str(documents.words_of(agreement, reader, at=NOW))

    assert told(words(assistant)) == []
    assert "重点管理" in words(assistant)
    assert "精神" in words(county.alma)


def test_nobody_enters_or_signs_what_he_may_not_know(county, assistant):
    resident = a_resident(county, conditions=["severe-mental-disorder"])
    team = a_team(county)

    with pytest.raises(InvalidInput) as group:
        actions.enter_group(
            resident=resident, group="mental-disorder", since=clock.today(NOW), until=None, evidence="证明", by=assistant,
            at=NOW,
        )  # fmt: skip
    said = set()
    for package in ("mental-disorder", "no-such-package"):
        with pytest.raises(InvalidInput) as wrong:
            actions.sign_now(
                resident=resident, team=team, facility_id=county.clinic.pk,
                wanted=Wanted(("basic", package), clock.today(NOW)), given=AGREED, scan=sheet(), by=assistant, at=NOW,
            )  # fmt: skip
        said.add(str(wrong.value.fields["packages"]))

    assert "group" in group.value.fields
    assert len(said) == 1  # the refusal does not tell that he is in the group
    assert not GroupEntry.objects.exists()
    assert not Agreement.objects.exists()


def test_renewed_by_an_assistant_the_secret_package_stays(county, assistant):
    begun = NOW - timedelta(days=350)
    agreement = signed(county, at=begun)

    renewed = actions.renew_agreement(
        agreement=agreement, packages=("basic",), years=1, given=AGREED, scan=sheet(), by=assistant, at=NOW
    )

    assert [each.partition("@")[0] for each in renewed.packages] == ["basic", "mental-disorder"]


def test_work_calls_trail_and_distributions_do_not_name_it(county, assistant):
    agreement = signed(county, at=NOW - timedelta(days=200))
    free = a_resident(county, name="孙某", conditions=["severe-mental-disorder"])
    actions.enter_group(
        resident=free,
        group="mental-disorder",
        since=clock.today(NOW),
        until=None,
        evidence="诊断证明",
        by=county.alma,
        at=NOW,
    )
    actions.distribute_by_rule(
        wish=Wish(condition="severe-mental-disorder"), keep="village",
        by=county.tang, at=later(1),
    )  # fmt: skip

    work = api.waiting_for(assistant, at=NOW)
    calls = contacting.due(assistant, [agreement.resident_id], clock.today(NOW) + timedelta(days=200))
    trail = OutboxEvent.objects.filter(event__in=["contract.group-entered", "contract.distributed"])

    assert work, "nothing waits: the test would show nothing"
    assert calls
    assert told(" ".join(f"{each.title} {each.detail}" for each in work)) == []
    assert told(" ".join(str(each.title) for each in calls)) == []
    assert told(str([each.detail for each in trail])) == []
    assert Distribution.objects.get().rule["condition"] == "confidential"
