"""The pages of who leads contracts: teams, rates, residents still to be signed, and pay."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse

from tests.factories.accounts import browser_of
from tests.factories.contracts import an_agreement
from tests.factories.residents import a_resident
from xinglin.contracts import actions, statistics
from xinglin.contracts.models import PayRun, PopulationBase, SupportNote, Team
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord


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
    mei = browser_of(county, "mei")
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

    line = browser_of(county, "tang").get(reverse("contracts:overview")).context["page"]["lines"][0][0]
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
    hidden = browser_of(county, "mei").get(reverse("contracts:behind", args=[line.uuid, "heads"]))
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
    assert browser_of(county, "cai").get(reverse("contracts:run", args=[run.uuid])).status_code == 404
