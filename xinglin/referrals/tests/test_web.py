"""The pages of both sides: one happy path and the refusals, as a browser without script would meet them."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.referrals import a_down_referral, a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status
from xinglin.visits.api import Vitals


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Actions and pages of a test happen at the same time of day as its factories."""
    from tests.factories.county import later

    monkeypatch.setattr(clock.timezone, "now", lambda: later(5))


def page_as(client, county, actor, name, *args, **query):
    """A GET by one of the cast."""
    user = next(user for user in county.users.values() if user.pk == actor.user_id)
    return sign_in(Client(), user).get(reverse(f"referrals:{name}", args=args), query)


def post_as(client, county, actor, name, *args, **data):
    """A POST by one of the cast."""
    user = next(user for user in county.users.values() if user.pk == actor.user_id)
    return sign_in(Client(), user).post(reverse(f"referrals:{name}", args=args), data)


def an_emergency_visit(county):
    return a_visit(
        resident=a_resident(county), by=county.alma, vitals=Vitals(systolic=186, diastolic=112, confirmed_unusual=True),
        complaint="胸闷1天",
    )  # fmt: skip


def test_the_form_suggests_the_emergency_channel_and_is_filled_in(client, county):
    visit = an_emergency_visit(county)

    answer = page_as(client, county, county.alma, "send", visit.uuid)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "符合紧急上转指征" in text
    assert answer.context["page"].channel == "emergency"
    assert answer.context["page"].target == str(county.hospital.uuid)
    assert answer.context["page"].values["impression"] == "高血压"
    assert "186/112" in answer.context["page"].values["summary"]


def sending(page, **changes):
    """What a browser posts when nothing is changed but the consent."""
    data = {
        "channel": page.channel,
        "to_facility": page.target,
        "criteria": page.chosen,
        "attachments": page.attached,
        "consent": "paper",
        "signer_relation": "本人",
        "signature": "",
        **{
            name: page.values[name]
            for name in ("reason_code", "impression", "impression_code", "summary", "treatment", "signer_name")
        },
    }
    return data | changes


def test_a_village_doctor_sends_an_emergency_without_changing_anything(client, county):
    visit = an_emergency_visit(county)
    page = page_as(client, county, county.alma, "send", visit.uuid).context["page"]

    answer = post_as(client, county, county.alma, "send", visit.uuid, **sending(page))

    referral = Referral.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("referrals:detail", args=[referral.uuid])
    assert (referral.status, referral.channel, referral.to_facility) == ("SUBMITTED", "emergency", county.hospital)
    assert referral.consent.agreed
    assert referral.attachments == [{"kind": "visit", "uuid": str(visit.uuid)}]


def test_treat_first_sign_later_is_possible_by_the_emergency_channel_only(client, county):
    visit = an_emergency_visit(county)
    page = page_as(client, county, county.alma, "send", visit.uuid).context["page"]
    later_on = sending(page, consent="later", consent_waived="患者意识不清，家属未到")

    refused = post_as(client, county, county.alma, "send", visit.uuid, **(later_on | {"channel": "ordinary"}))
    sent = post_as(client, county, county.alma, "send", visit.uuid, **later_on)

    assert refused.status_code == 422
    assert "只有急诊绿色通道" in refused.content.decode()
    assert sent.status_code == 302
    assert Referral.objects.get().consent_waived == "患者意识不清，家属未到"


def test_the_ground_is_written_not_given(client, county):
    visit = an_emergency_visit(county)
    answer = page_as(client, county, county.alma, "send", visit.uuid)

    refused = post_as(
        client, county, county.alma, "send", visit.uuid, **sending(answer.context["page"], consent="later")
    )

    assert 'name="consent_waived" type="text" value=""' in answer.content.decode()
    assert refused.status_code == 422
    assert "consent_waived" in refused.context["page"].fields
    assert 'value="later" checked' in refused.content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "已提交急诊转诊 {number}，等待县人民医院接收。"),
        ({"consent": "refused"}, "已记录患者不同意转诊，{number} 未发出。"),
        (
            {"consent": "later", "consent_waived": "患者昏迷"},
            "已提交急诊转诊 {number}，等待县人民医院接收；知情同意未签，请尽快补签。",
        ),
        ({"draft": "1"}, "草稿 {number} 已保存，尚未发出。"),
        ({"channel": "ordinary"}, "已提交转诊 {number}，等待县人民医院接收。"),
    ],
)
def test_what_became_of_it_is_said(county, change, said):
    visit = an_emergency_visit(county)
    alma = sign_in(Client(), county.users["alma"])
    address = reverse("referrals:send", args=[visit.uuid])
    page = alma.get(address).context["page"]

    shown = alma.post(address, sending(page, **change), follow=True)

    assert said.format(number=Referral.objects.get().number) in [str(each) for each in shown.context["messages"]]


def test_a_second_referral_of_the_visit_is_warned_of_and_confirmed(client, county):
    visit = an_emergency_visit(county)
    page = page_as(client, county, county.alma, "send", visit.uuid).context["page"]
    post_as(client, county, county.alma, "send", visit.uuid, **sending(page))
    first = Referral.objects.get()
    again = sending(page, to_facility=str(county.tcm.uuid))

    shown = page_as(client, county, county.alma, "send", visit.uuid).content.decode()
    refused = post_as(client, county, county.alma, "send", visit.uuid, **again)
    sent = post_as(client, county, county.alma, "send", visit.uuid, **again, acknowledged_open="on")

    assert reverse("referrals:detail", args=[first.uuid]) in shown
    assert 'name="acknowledged_open"' in shown
    assert (refused.status_code, sent.status_code) == (409, 302)


def test_the_specialists_forms_assert_nothing_for_him(client, county):
    arrived = a_referral(county, status=Status.ARRIVED)
    in_care, discharged = a_referral(county, status=Status.IN_CARE), a_referral(county, status=Status.DISCHARGED)

    admitting = page_as(client, county, county.sun, "detail", arrived.uuid).content.decode()
    discharging = page_as(client, county, county.sun, "detail", in_care.uuid).content.decode()
    returning = page_as(client, county, county.sun, "return", discharged.uuid).context["page"]

    assert '<option value="">请选择科室</option>' in admitting
    assert " selected" not in admitting.partition('name="department"')[2].partition("</select>")[0]
    assert 'name="diagnosis" type="text" value=""' in discharging
    assert "转出机构的初步印象：高血压3级 很高危" in discharging
    assert returning.chosen == []
    assert returning.values["impression"] == discharged.discharge_diagnosis


def test_a_form_with_a_fault_comes_back_with_what_was_written(client, county):
    visit = an_emergency_visit(county)
    page = page_as(client, county, county.alma, "send", visit.uuid).context["page"]

    answer = post_as(
        client, county, county.alma, "send", visit.uuid, **sending(page, reason_code="other", impression="心绞痛？")
    )

    assert answer.status_code == 422
    assert "心绞痛？" in answer.content.decode()
    assert not Referral.objects.exists()


def test_a_draft_is_sent_from_its_own_page(client, county):
    visit = an_emergency_visit(county)
    page = page_as(client, county, county.alma, "send", visit.uuid).context["page"]
    post_as(client, county, county.alma, "send", visit.uuid, **sending(page, draft="1"))
    draft = Referral.objects.get()

    shown = page_as(client, county, county.alma, "complete", draft.uuid)
    answer = post_as(client, county, county.alma, "complete", draft.uuid, **sending(page))

    draft.refresh_from_db()
    assert shown.status_code == 200
    assert answer.status_code == 302
    assert draft.status == Status.SUBMITTED


def test_the_desk_lists_by_deadline_and_accepts_with_one_form(client, county):
    referral = a_referral(county, channel="emergency")
    listed = page_as(client, county, county.du, "desk")

    answer = post_as(
        client,
        county,
        county.du,
        "act",
        referral.uuid,
        "accept",
        hold_kind="BED",
        hold_text="心内科 12床",
        hold_until="",
        back="desk",
    )

    referral.refresh_from_db()
    assert "王小麦" in listed.content.decode()
    assert answer.url == reverse("referrals:desk")
    assert (referral.status, referral.hold_text) == ("ACCEPTED", "心内科 12床")


def test_who_treats_comes_to_those_who_have_arrived(client, county):
    a_referral(county, status=Status.ARRIVED)

    answer = page_as(client, county, county.sun, "desk")

    assert answer.context["page"].box == "arrived"
    assert "王小麦" in answer.content.decode()
    assert any(item["url"] == reverse("referrals:desk") for group in answer.context["nav"] for item in group["items"])


def test_a_lost_race_shows_how_it_stands_now(client, county):
    referral = a_referral(county, status=Status.ACCEPTED)

    answer = post_as(client, county, county.du, "act", referral.uuid, "accept", hold_kind="BED")

    assert answer.status_code == 409
    assert "床位已留" in answer.content.decode()


def test_the_whole_way_by_pages(client, county):
    referral = a_referral(county, channel="emergency")
    steps = [
        (county.du, "accept", {"hold_kind": "BED", "hold_text": "心内科 12床"}),
        (county.du, "arrive", {}),
        (county.sun, "admit", {"department": "心血管内科", "bed": "12床"}),
        (county.sun, "discharge", {"diagnosis": "高血压3级", "results": "冠脉CTA：轻度狭窄"}),
    ]
    for who, verb, data in steps:
        assert post_as(client, county, who, "act", referral.uuid, verb, **data).status_code == 302
    form = page_as(client, county, county.sun, "return", referral.uuid).context["page"]
    down_data = {
        "to_facility": str(county.township.uuid),
        "to_department": "REHA",
        "criteria": form.chosen,
        "reason_code": "rehabilitation",
        "impression": form.values["impression"],
        "plan": "规律服药，2周后复诊",
        "followup_days": "14",
    }
    answer = post_as(client, county, county.sun, "return", referral.uuid, **down_data)
    down = Referral.objects.get(direction="DOWN")
    assert answer.url == reverse("referrals:detail", args=[down.uuid])
    assert post_as(client, county, county.tang, "act", down.uuid, "receive-back").status_code == 302

    referral.refresh_from_db()
    assert referral.status == Status.CLOSED
    assert FollowUpTask.objects.filter(facility=county.clinic).get().due_on.isoformat() == "2026-12-04"
    seen_by_alma = page_as(client, county, county.alma, "detail", down.uuid)
    assert "规律服药" in seen_by_alma.content.decode()


@pytest.mark.parametrize(
    "status", [Status.SUBMITTED, Status.SENT_BACK, Status.ACCEPTED, Status.DISCHARGED, Status.CLOSED, Status.EXPIRED]
)
def test_both_sides_read_the_same_page(client, county, status):
    referral = a_referral(county, status=status)

    for actor in (county.alma, county.du, county.sun):
        answer = page_as(client, county, actor, "detail", referral.uuid)
        assert answer.status_code == 200
        assert referral.number in answer.content.decode()


def test_an_unrelated_hospital_gets_404_everywhere(client, county):
    referral = a_referral(county)
    stranger = county.user("stranger", "referral-desk", county.tcm)
    signed = sign_in(client, stranger)

    for name, args in (
        ("detail", [referral.uuid]),
        ("slip_pdf", [referral.uuid]),
        ("complete", [referral.uuid]),
        ("return", [referral.uuid]),
    ):
        assert signed.get(reverse(f"referrals:{name}", args=args)).status_code == 404
    assert (
        signed.post(reverse("referrals:act", args=[referral.uuid, "accept"]), {"hold_kind": "BED"}).status_code == 404
    )
    assert referral.number not in signed.get(reverse("referrals:desk")).content.decode()


def test_the_sender_follows_the_state_in_his_list(client, county):
    referral = a_referral(county, status=Status.IN_CARE)

    answer = page_as(client, county, county.alma, "sent")

    steps = answer.context["page"].rows[0].steps
    assert [step.state for step in steps] == ["done", "done", "done", "done", "current", "todo", "todo", "todo"]
    assert referral.number


def test_a_button_without_the_right_is_shown_with_its_reason(client, county):
    referral = a_referral(county, status=Status.ARRIVED)
    county.du  # noqa: B018 - the desk has an account
    nurse = county.user("nurse", "public-health-worker", county.hospital)

    text = sign_in(client, nurse).get(reverse("referrals:detail", args=[referral.uuid])).content.decode()

    assert "您的角色没有这项权限" in text


def test_figures_count_by_channel_and_pair(client, county):
    a_referral(county, channel="emergency")
    a_referral(county, status=Status.REJECTED)
    a_down_referral(county, status=Status.RECEIVED_BACK)
    mei = sign_in(client, county.user("mei", "consortium-manager", county.hospital, name="梅", everywhere=True))

    page = mei.get(reverse("referrals:counts"), {"since": "2026-11-01", "until": "2026-11-30"}).context["page"]

    figures = {(row["direction"], row["channel"]): row["count"] for row in page.rows}
    assert page.total == 4
    assert figures["上转", "急诊绿色通道"].n_sent == 1
    assert (figures["上转", "普通上转"].n_sent, figures["上转", "普通上转"].n_arrived) == (2, 1)
    assert figures["下转", "下转康复"].n_received_back == 1


@pytest.mark.parametrize(("name", "box"), [("desk", "new"), ("sent", "open")])
def test_queries_of_a_list_do_not_grow_with_its_rows(client, county, django_assert_num_queries, name, box):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    actor = county.du if name == "desk" else county.alma
    user = next(user for user in county.users.values() if user.pk == actor.user_id)
    signed = sign_in(client, user)
    address = reverse(f"referrals:{name}")
    counted = []
    for n_more in (2, 5):
        for _each in range(n_more):
            a_referral(county)
        signed.get(address, {"box": box})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            signed.get(address, {"box": box})
        counted.append(len(queries))

    assert counted[0] == counted[1]
