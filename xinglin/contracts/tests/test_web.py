"""The pages of contracts: signed in a few taps, refused where they must be, no names to who may not see them."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.contracts import SHEET, a_team, an_agreement
from tests.factories.residents import a_resident
from xinglin.contracts import actions, statistics
from xinglin.contracts.models import Agreement, PayRun, PopulationBase, Rating, SupportNote, Team
from xinglin.contracts.states import Status
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.residents.actions import add_member, create_household
from xinglin.web.templatetags.xinglin import plain


def browser(county, who):
    getattr(county, who)
    return sign_in(Client(), county.users[who])


@pytest.fixture
def alma(county):
    """Alma's browser."""
    return browser(county, "alma")


@pytest.fixture
def tang(county):
    """Tang's browser."""
    return browser(county, "tang")


@pytest.fixture
def now():
    """This moment: pages read the clock."""
    return clock.now()


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
    promise, cai = agreement.promises.first(), browser(county, "cai")

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


def test_a_team_is_formed_and_changed_on_its_page(county, tang, now):
    form = {"kind": "FAMILY", "name": "新队", "facility": str(county.township.uuid), "phone": "0632-1234567"}
    answer = tang.post(reverse("contracts:form_team"), form)
    team = Team.objects.get(name="新队")

    def act(step, **given):
        return tang.post(reverse("contracts:change_team_of", args=[team.uuid, step]), given)

    act("member", username="tang", profession="general-practitioner", is_leader="on")
    fault = act("member", username="tang", profession="nurse")
    act("member", name="护师小林", profession="nurse")
    act("place", facility=str(county.clinic.uuid))
    act("pair", partner=str(county.hospital.uuid), subject="慢病")
    pairing = team.pairings.get()
    act(
        "support",
        pairing=str(pairing.uuid),
        kind="CLINIC",
        done_on=clock.today(now).isoformat(),
        what="坐诊半天",
        n_served="12",
    )
    nurse = team.members.get(profession="nurse")
    act("leave", member=str(nurse.uuid))
    shown = tang.get(reverse("contracts:team", args=[team.uuid])).content.decode()
    act("unpair", pairing=str(pairing.uuid))
    act("edit", name="新一队", phone="")
    act("end")

    team.refresh_from_db()
    assert answer.url == reverse("contracts:team", args=[team.uuid])
    assert fault.status_code == 409
    assert all(word in shown for word in ("坐诊半天", "东沟村卫生室", "护师小林", "无数据"))
    assert SupportNote.objects.get().n_served == 12
    assert (team.name, team.ended_on) == ("新一队", clock.today(now))
    assert (
        tang.post(reverse("contracts:form_team"), {**form, "facility": str(county.other_township.uuid)}).status_code
        == 422
    )


def test_a_team_with_residents_is_not_ended_and_a_village_doctor_manages_none(county, alma, tang, now):
    agreement = an_agreement(county, at=now)
    address = reverse("contracts:change_team_of", args=[agreement.team.uuid, "end"])

    assert tang.post(address).status_code == 409
    assert alma.post(address).status_code == 403
    assert alma.get(reverse("contracts:form_team")).status_code == 403


def test_the_overview_names_both_populations_and_says_no_data(county, now):
    an_agreement(county, at=now)
    mei = browser(county, "mei")
    before = mei.get(reverse("contracts:overview")).content.decode()
    actions.count_coverage(at=now)
    counted = mei.get(reverse("contracts:overview"))
    mei.post(
        reverse("contracts:population"),
        {
            "facility": str(county.township.uuid),
            "n_people": "4",
            "n_elderly": "",
            "as_of": clock.today(now).isoformat(),
            "source": "年鉴",
        },
    )
    after = mei.get(reverse("contracts:overview"))

    line = browser(county, "tang").get(reverse("contracts:overview")).context["page"]["lines"][0][0]
    assert "还没有统计过" in before
    assert counted.context["page"]["found"].total.of_living.value is None
    assert (line.name, line.registered.value, line.of_living.value) == ("沙沟镇卫生院", 1.0, 0.25)
    assert line.fulfilment.value is None
    told = after.context["page"]["lines"][0][0]
    assert (told.registered.is_left_out, told.of_living.is_left_out, told.fulfilment.is_left_out) == (True, True, False)
    assert "隐去" in after.content.decode()
    assert PopulationBase.objects.get().n_people == 4
    assert mei.get(reverse("contracts:people")).status_code == 403


def test_rates_of_few_people_are_left_out_two_at_a_time_for_who_may_not_open_the_agreements(county):
    def line(place: int, signed: int, people: int) -> statistics.Line:
        counts = dict.fromkeys(statistics.COUNTS, 0) | {"n_signed": signed, "n_people": people}
        return statistics.Line(place, str(place), counts, None, None, "", 1, 1, signed, frozenset({place}))

    lines = [line(1, 40, 90), line(2, 3, 50), line(3, 20, 60), line(4, 70, 70)]
    told = statistics.guarded(lines, county.mei)
    own = statistics.guarded([line(county.clinic.pk, 3, 50)], county.tang)

    assert [each.registered.is_left_out for each in told] == [False, True, True, False]
    assert told[1].residents_per_team is None
    assert (told[1].registered.value, told[1].key.is_left_out) == (None, False)
    assert not own[0].left_out


def test_key_groups_still_to_be_signed_are_listed_once(county, alma, now):
    old = a_resident(county, born_on=date(1940, 1, 1), conditions=["hypertension", "diabetes"], at=now)
    a_resident(county, at=now)
    an_agreement(county, resident=a_resident(county, born_on=date(1941, 1, 1), at=now), at=now)

    rows = alma.get(reverse("contracts:people")).context["page"]["rows"]

    assert [each["url"] for each in rows] == [reverse("contracts:sign", args=[old.uuid])]
    assert AuditRecord.objects.filter(event="contract.people-viewed", subject_uuid=old.uuid).exists()


def test_pay_is_shared_opened_exported_and_voided_on_pages(county, tang, now):
    begun = now - timedelta(days=100)
    agreement = an_agreement(county, at=begun)
    promise = agreement.promises.get(item="record-update")
    actions.deliver_by_hand(promise=promise, done_on=clock.today(begun), text="核对", by=county.alma, at=begun)
    since, until = clock.today(begun), clock.today(begun) + timedelta(days=60)
    given = {
        "facility": str(county.township.uuid),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "pool": "1000.01",
    }

    answer = tang.post(reverse("contracts:freeze"), given)
    run = PayRun.objects.get()
    line = run.lines.get()
    behind = [tang.get(reverse("contracts:behind", args=[line.uuid, what])) for what in ("heads", "key", "due", "done")]
    hidden = browser(county, "mei").get(reverse("contracts:behind", args=[line.uuid, "heads"]))
    book = openpyxl.load_workbook(io.BytesIO(tang.get(reverse("contracts:export", args=[run.uuid])).content))
    bad = tang.post(reverse("contracts:freeze"), {**given, "pool": "1.001"})
    shown = tang.get(reverse("contracts:run", args=[run.uuid])).content.decode()
    tang.post(reverse("contracts:void", args=[run.uuid]), {"reason": "资金池有误"})

    run.refresh_from_db()
    assert answer.url == reverse("contracts:run", args=[run.uuid])
    assert [len(each.context["page"]["rows"]) for each in behind] == [1, 0, 1, 1]
    assert hidden.context["page"]["rows"] == []
    assert "王小麦" not in hidden.content.decode()
    assert sum(row[4] for row in book["成员"].iter_rows(min_row=2, values_only=True)) == pytest.approx(1000.01)
    assert bad.status_code == 422
    assert "1,000.01" in shown
    assert run.void_reason == "资金池有误"
    assert browser(county, "cai").get(reverse("contracts:run", args=[run.uuid])).status_code == 404


def test_what_waits_stands_on_the_workbench(county, alma, now):
    ends = an_agreement(county, at=now - timedelta(days=350))
    late = an_agreement(county, at=now - timedelta(days=200))

    shown = alma.get("/").content.decode()

    assert reverse("contracts:detail", args=[late.uuid]) in shown
    assert reverse("contracts:detail", args=[ends.uuid]) in shown
