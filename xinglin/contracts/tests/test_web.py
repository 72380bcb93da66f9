"""The pages of contracts: signed in a few taps, refused where they must be, no names to who may not see them."""

import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import browser_of, sign_in
from tests.factories.contracts import SHEET, a_team, an_agreement
from tests.factories.residents import a_resident
from xinglin.contracts import actions
from xinglin.contracts.models import Agreement, Rating
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.residents.actions import add_member, create_household
from xinglin.web.templatetags.xinglin import plain


def own(county, resident):
    user = county.user("own", "resident", None, name="王小麦", everywhere=True)
    user.resident_uuid = resident.uuid
    user.save()
    return sign_in(Client(), user)


def upload():
    file = io.BytesIO(SHEET)
    file.name = "sheet.pdf"
    return file


def test_first_contact_is_one_form_with_everything_filled_in(county, alma, now):
    resident = a_resident(county, at=now, born_on=date(1950, 1, 1))
    a_team(county, at=now)

    record = alma.get(reverse("residents:detail", args=[resident.uuid])).content.decode()
    page = alma.get(reverse("contracts:sign", args=[resident.uuid])).context["page"]
    given = {
        "packages": [each.slug for each in page.offers if each.chosen], "team": page.team, "years": page.year,
        "starts_on": page.starts_on.isoformat(), "consent": "paper", "signer_name": "王小麦", "scan": upload(),
        "check_up_on": (clock.today(now) + timedelta(days=9)).isoformat(),
    }  # fmt: skip
    answer = alma.post(reverse("contracts:sign", args=[resident.uuid]), given)

    agreement = Agreement.objects.get()
    assert reverse("contracts:sign", args=[resident.uuid]) in record
    assert given["packages"] == ["basic", "elderly"]
    assert answer.url == reverse("contracts:detail", args=[agreement.uuid])
    assert agreement.status == Status.ACTIVE
    shown = alma.get(reverse("residents:detail", args=[resident.uuid])).content.decode()
    assert "沙沟一队" in shown
    assert "签约家庭医生" in shown
    assert alma.get(reverse("contracts:sign", args=[resident.uuid])).url == answer.url
    assert b"".join(alma.get(reverse("contracts:scan", args=[agreement.uuid])).streaming_content) == SHEET


def test_a_refusal_comes_back_with_what_was_written(county, alma, now):
    resident = a_resident(county, at=now)
    team = a_team(county, at=now)

    answer = alma.post(
        reverse("contracts:sign", args=[resident.uuid]),
        {"packages": ["basic"], "team": team.uuid, "years": "1", "starts_on": clock.today(now).isoformat(), "consent": "agreed",
         "signer_name": "王小麦之女"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "王小麦之女" in answer.content.decode()
    assert not Agreement.objects.exists()


def test_a_prepared_agreement_is_printed_and_signed_later(county, alma, now):
    resident = a_resident(county, at=now)
    team = a_team(county, at=now)
    given = {
        "packages": ["basic"],
        "team": team.uuid,
        "years": "1",
        "starts_on": clock.today(now).isoformat(),
        "draft": "1",
    }

    alma.post(reverse("contracts:sign", args=[resident.uuid]), given)
    draft = Agreement.objects.get()
    printed = alma.get(reverse("contracts:print", args=[draft.uuid]))
    signed = alma.post(
        reverse("contracts:sign_prepared", args=[draft.uuid]),
        {"consent": "paper", "signer_name": "王小麦", "scan": upload()},
    )

    draft.refresh_from_db()
    assert printed.content.startswith(b"%PDF")
    assert signed.status_code == 302
    assert draft.status == Status.ACTIVE


def test_a_draft_can_be_thrown_away(county, alma, now):
    draft = an_agreement(county, status=Status.DRAFT, at=now)

    alma.post(reverse("contracts:discard", args=[draft.uuid]))

    draft.refresh_from_db()
    assert draft.status == Status.DISCARDED


def test_a_family_is_signed_on_one_page(county, alma, now):
    from xinglin.contracts.tests.test_agreements import _drawn

    head, child = a_resident(county, at=now), a_resident(county, name="王苗", born_on=date(2023, 1, 1), at=now)
    household = create_household(head=head, by=county.alma, at=now)
    add_member(household=household, resident=child, relation="20", by=county.alma, at=now)
    team = a_team(county, at=now)
    address = reverse("contracts:household", args=[household.uuid])
    import base64

    shown = alma.get(address).content.decode()
    answer = alma.post(
        address,
        {"members": [str(head.uuid), str(child.uuid)], "team": team.uuid, "consent": "agreed", "signer_name": "王小麦",
         "signature": "data:image/png;base64," + base64.b64encode(_drawn()).decode()},
    )  # fmt: skip

    assert "王苗" in shown
    assert answer.status_code == 302
    packages = {each.resident.name: each.packages for each in Agreement.objects.select_related("resident")}
    assert packages == {"王小麦": ["basic@2024-01-01"], "王苗": ["basic@2024-01-01", "child@2024-01-01"]}
    assert "全家都已签约" in alma.get(address).content.decode()


@pytest.mark.parametrize("box", ["active", "renewal", "overdue", "draft", "ended"])
def test_queries_of_the_list_do_not_grow_with_its_rows(county, alma, now, box):
    status = {"draft": Status.DRAFT, "ended": Status.ENDED}.get(box, Status.ACTIVE)
    begun = now - timedelta(days={"renewal": 350, "overdue": 200}.get(box, 0))
    counted = []
    for n_more in (1, 3):
        for _each in range(n_more):
            an_agreement(county, status=status, at=begun)
        alma.get(reverse("contracts:list"), {"box": box})
        with CaptureQueriesContext(connection) as queries:
            answer = alma.get(reverse("contracts:list"), {"box": box})
        counted.append(len(queries))
    assert len(answer.context["page"]["rows"]) == 4
    assert counted[0] == counted[1]


def test_the_list_is_filtered_by_group_and_an_unknown_box_is_refused(county, alma, now):
    an_agreement(county, at=now)
    an_agreement(county, resident=a_resident(county, at=now, conditions=["diabetes"]), at=now)

    rows = alma.get(reverse("contracts:list"), {"group": "diabetes"}).context["page"]["rows"]

    assert [len(each["groups"]) for each in rows] == [1]
    assert alma.get(reverse("contracts:list"), {"box": "made-up"}).status_code == 422


def test_a_stranger_gets_404_everywhere(county, now):
    agreement = an_agreement(county, at=now)
    promise, cai = agreement.promises.first(), browser_of(county, "cai")

    for name, key in (("detail", agreement), ("print", agreement), ("scan", agreement), ("team", agreement.team)):
        assert cai.get(reverse(f"contracts:{name}", args=[key.uuid])).status_code == 404, name
    for name, key in (("end", agreement), ("change_team", agreement), ("deliver", promise), ("book", promise)):
        assert cai.post(reverse(f"contracts:{name}", args=[key.uuid]), {}).status_code == 404, name
    assert cai.get(reverse("contracts:sign", args=[agreement.resident.uuid])).status_code == 404


def test_delivering_booking_changing_and_ending_from_the_page(county, alma, now):
    agreement = an_agreement(county, resident=a_resident(county, at=now, conditions=["hypertension"]), at=now,
                             packages=("basic", "hypertension"))  # fmt: skip
    other = a_team(county, "沙沟二队", places=(county.clinic,), at=now)
    today = clock.today(now).isoformat()
    promise, check = agreement.promises.get(item="record-update"), agreement.promises.get(item="yearly-check")

    alma.post(reverse("contracts:deliver", args=[promise.uuid]), {"done_on": today, "text": "核对", "proof": upload()})
    alma.post(reverse("contracts:book", args=[check.uuid]), {"booked_on": today})
    fault = alma.post(reverse("contracts:end", args=[agreement.uuid]), {"reason_code": "none-such"})
    alma.post(reverse("contracts:change_team", args=[agreement.uuid]), {"team": str(other.uuid), "reason": "居民要求"})
    alma.post(
        reverse("contracts:enter_group", args=[agreement.uuid]),
        {"group": "disabled", "since": today, "until": "", "evidence": "残疾证 3704"},
    )
    shown = alma.get(reverse("contracts:detail", args=[agreement.uuid])).content.decode()
    alma.post(reverse("contracts:take_back", args=[promise.uuid]), {"reason": "登记错"})
    alma.post(reverse("contracts:end", args=[agreement.uuid]), {"reason_code": "request"})

    agreement.refresh_from_db()
    check.refresh_from_db()
    assert fault.status_code == 422
    assert all(word in shown for word in ("沙沟二队", "残疾证", "核对"))
    assert (agreement.status, agreement.groups) == (Status.ENDED, ["disabled", "hypertension"])
    assert check.booked_on.isoformat() == today


def test_the_resident_reads_his_team_and_rates(county, now):
    agreement = an_agreement(county, at=now)
    promise = agreement.promises.get(item="record-update")
    actions.deliver_by_hand(promise=promise, done_on=clock.today(now), text="核对", by=county.alma, at=now)
    me = own(county, agreement.resident)

    first = me.get(reverse("contracts:own")).content.decode()
    me.post(reverse("contracts:rate", args=[agreement.uuid]), {"score": "5", "promise": str(promise.uuid)})
    twice = me.post(reverse("contracts:rate", args=[agreement.uuid]), {"score": "1", "promise": str(promise.uuid)})

    assert all(word in first for word in ("沙沟一队", "基础服务包", "健康档案建立与更新"))
    assert Rating.objects.get().score == 5
    assert twice.status_code == 409
    assert me.get(reverse("contracts:print", args=[agreement.uuid])).content.startswith(b"%PDF")
    assert me.get(reverse("contracts:list")).status_code == 403
    assert "我的家庭医生" in me.get(reverse("residents:own")).content.decode()


def test_an_agreement_that_ended_early_is_shown_until_the_day_it_ended(county, now):
    agreement = an_agreement(county, at=now)
    actions.end_agreement(agreement=agreement, reason_code="request", by=county.alma, at=now)

    shown = own(county, agreement.resident).get(reverse("contracts:own")).content.decode()

    agreement.refresh_from_db()
    assert plain(agreement.ended_on) in shown
    assert plain(agreement.ends_on) not in shown


def test_who_is_not_signed_reads_how_to(county, now):
    me = own(county, a_resident(county, at=now))

    assert "还没有签约家庭医生" in me.get(reverse("contracts:own")).content.decode()


def test_what_waits_stands_on_the_workbench(county, alma, now):
    ends = an_agreement(county, at=now - timedelta(days=350))
    late = an_agreement(county, at=now - timedelta(days=200))

    shown = alma.get("/").content.decode()

    assert reverse("contracts:detail", args=[late.uuid]) in shown
    assert reverse("contracts:detail", args=[ends.uuid]) in shown
