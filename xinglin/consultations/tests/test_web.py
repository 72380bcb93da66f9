"""The pages of each side: one way through, and the refusals, as a browser without script would meet them."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.factories.accounts import sign_in
from tests.factories.consultations import a_case, an_expert, desk_of, outside_expert, with_times
from tests.factories.county import later
from tests.factories.diagnostics import a_request
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.consultations import actions, queries
from xinglin.consultations.models import Case, Expert, Fee, Station
from xinglin.consultations.states import Status
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord

S = Status


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Actions and pages of a test happen at the same time of day as its factories."""
    monkeypatch.setattr(clock.timezone, "now", lambda: later(5))


def as_user(county, actor):
    return sign_in(Client(), next(user for user in county.users.values() if user.pk == actor.user_id))


def get(county, actor, name, *args, **query):
    return as_user(county, actor).get(reverse(f"consultations:{name}", args=args), query)


def do(county, actor, case, verb, **data):
    query = data.pop("query", "")
    return as_user(county, actor).post(reverse("consultations:act", args=[case.uuid, verb]) + query, data)


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


def test_the_form_names_what_it_offers_and_chooses_nothing_that_is_not_there_yet(county):
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.alma)
    done = a_request(county, status="FINAL", resident=resident)
    waiting = a_request(county, resident=resident, at=later(1))
    page = get(county, county.alma, "request", visit.uuid).context["page"]
    offers = dict(page.offers)

    assert offers[f"REQUEST:{done.uuid}"].startswith("心电图")
    assert "2026-11-20" in offers[f"REQUEST:{done.uuid}"]
    assert done.number not in offers[f"REQUEST:{done.uuid}"]
    assert f"REQUEST:{done.uuid}" in page.packed
    assert f"REQUEST:{waiting.uuid}" in offers
    assert f"REQUEST:{waiting.uuid}" not in page.packed
    assert page.consent == ""


def test_the_form_is_filled_in_from_the_visit_and_sends_the_case(county):
    expert = an_expert(county)
    resident = a_resident(county)
    visit = a_visit(resident=resident, by=county.alma, complaint="胸闷1天")
    ecg = a_request(county, status="FINAL", resident=resident)
    page = get(county, county.alma, "request", visit.uuid).context["page"]
    assert page.values["reason"] == "胸闷1天"
    assert "150/92" in page.values["summary"]
    assert f"REQUEST:{ecg.uuid}" in page.packed

    sent = {
        "kind": "IMMEDIATE", "centre": page.centre, "specialty": "cardiology", "experts": [str(expert.uuid)],
        "reason": page.values["reason"], "aim": "是否需要转诊", "summary": page.values["summary"], "items": page.packed,
        "note_title": "外院肌钙蛋白", "note": "cTnI 0.02", "consent": "paper", "signer_name": "王小麦",
    }  # fmt: skip
    without = as_user(county, county.alma).post(page.action_url, sent | {"consent": ""})
    assert without.status_code == 422
    assert "书面同意" in without.content.decode()
    answer = as_user(county, county.alma).post(page.action_url, sent)

    case = Case.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("consultations:case", args=[case.uuid])
    assert {each.kind for each in case.items.all()} == {"VISIT", "REQUEST", "RECORD", "NOTE"}
    assert case.invitations.get().expert == expert
    assert case.consent.kind == "consultation"


def test_a_booked_form_offers_the_free_slots_of_the_expert_chosen(county):
    expert = with_times(county, an_expert(county))
    visit = a_visit(resident=a_resident(county), by=county.alma)
    query = {"kind": "BOOKED", "specialty": "cardiology", "experts": str(expert.uuid)}

    answer = as_user(county, county.alma).get(
        reverse("consultations:request", args=[visit.uuid]), query, headers={"HX-Request": "true"}
    )

    assert "专家可约的时间" in answer.content.decode()
    assert len(answer.context["page"].slots) == 12


def test_who_may_not_ask_is_refused_and_who_does_not_know_the_resident_finds_nothing(county):
    visit = a_visit(resident=a_resident(county), by=county.alma)

    assert get(county, county.cai, "request", visit.uuid).status_code == 404
    assert get(county, county.du, "request", visit.uuid).status_code in {403, 404}


@pytest.mark.parametrize("status", [S.REQUESTED, S.ACCEPTED, S.SCHEDULED, S.IN_SESSION, S.OPINION_GIVEN, S.CLOSED,
                                    S.DECLINED, S.WITHDRAWN])  # fmt: skip
def test_the_page_of_a_case_draws_in_each_state_for_each_side(county, status):
    case = a_case(county, status=status)

    for actor in (county.alma, county.sun, desk_of(county)):
        expected = 404 if actor is county.sun and status in {S.DECLINED, S.WITHDRAWN} else 200
        assert get(county, actor, "case", case.uuid).status_code == expected
    for actor in (county.cai, county.bo, outside_expert(county)):
        assert get(county, actor, "case", case.uuid).status_code == 404


def test_before_he_accepts_the_expert_sees_the_question_but_neither_name_nor_pack(county):
    case = a_case(county)
    item = case.items.get(kind="VISIT")
    before = get(county, county.sun, "case", case.uuid).content.decode()
    assert case.aim in before
    assert "王小麦" not in before
    assert get(county, county.sun, "item", case.uuid, item.uuid).status_code == 404

    assert do(county, county.sun, case, "accept").status_code == 302

    after = get(county, county.sun, "case", case.uuid).content.decode()
    assert "王小麦" in after
    assert get(county, county.sun, "item", case.uuid, item.uuid).status_code == 200


def test_the_desk_reads_neither_name_nor_pack(county):
    case = a_case(county, status=S.OPINION_GIVEN)
    dai = desk_of(county)

    text = get(county, dai, "case", case.uuid).content.decode()

    assert "王小麦" not in text
    assert "稳定型心绞痛" not in text
    for item in case.items.all():
        assert get(county, dai, "item", case.uuid, item.uuid).status_code == 404
    assert get(county, dai, "opinion_pdf", case.uuid).status_code == 404
    assert "王小麦" not in get(county, dai, "desk", box="answered").content.decode()


def test_each_part_opens_inside_the_case_and_each_look_is_kept_for_the_resident(county):
    wu = outside_expert(county)
    case = a_case(county, experts=[an_expert(county, wu)])
    do(county, wu, case, "accept")
    for item in case.items.all():
        answer = get(county, wu, "item", case.uuid, item.uuid)
        assert answer.status_code == 200, item.kind

    looks = AuditRecord.objects.filter(event="consultation.item-opened", actor_id=wu.user_id)
    assert {each.subject_uuid for each in looks} == {case.resident.uuid}
    assert len(looks) == 3
    ecg = case.items.get(kind="REQUEST")
    page = get(county, wu, "item", case.uuid, ecg.uuid).content.decode()
    assert "正常心电图" in page
    trace = reverse("diagnostics:trace_json", args=[ecg.object_uuid])
    assert trace in page
    assert as_user(county, wu).get(trace).status_code == 200
    stranger = county.actor(county.user("zheng", "consulting-expert", county.hospital, name="郑"))
    assert as_user(county, stranger).get(trace).status_code == 404


def test_the_look_is_read_by_the_resident_in_words(county):
    case = a_case(county, status=S.ACCEPTED)
    get(county, county.sun, "item", case.uuid, case.items.get(kind="VISIT").uuid)

    from xinglin.residents import lookups

    assert "查阅会诊资料" in [str(each.what) for each in lookups.lookups_of([case.resident.uuid]).rows]


def test_an_expert_answers_no_with_a_reason_and_the_page_says_where_he_goes_on(county):
    case = a_case(county)
    refused = do(county, county.sun, case, "decline", reason_code="other")
    assert refused.status_code == 422
    assert "必" in refused.content.decode() or "填写" in refused.content.decode()

    answer = do(county, county.sun, case, "decline", reason_code="busy")

    assert answer["Location"] == reverse("consultations:expert")
    assert "正在手术" in get(county, county.alma, "case", case.uuid).content.decode()


def test_the_desk_invites_schedules_and_sets_the_link(county):
    case = a_case(county, experts=[])
    dai = desk_of(county)
    assert do(county, dai, case, "invite", expert=str(an_expert(county).uuid)).status_code == 302
    do(county, county.sun, case, "accept")

    answer = do(county, dai, case, "schedule", other_time="2026-11-21T15:00", video_url="https://meet.example.cn/1")

    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.video_url) == (S.SCHEDULED, "https://meet.example.cn/1")
    assert "https://meet.example.cn/1" in get(county, county.alma, "case", case.uuid).content.decode()
    assert do(county, dai, case, "video", video_url="http://plain").status_code == 422


def test_files_are_shown_to_the_sides_and_to_nobody_else(county):
    case = a_case(county, status=S.ACCEPTED)
    file = SimpleUploadedFile("化验单.png", a_picture(), content_type="image/png")
    assert do(county, county.alma, case, "message", text="请看化验单", file=file).status_code == 302
    message = case.messages.get()

    for actor, status in ((county.sun, 200), (county.alma, 200), (county.cai, 404), (desk_of(county), 404)):
        assert get(county, actor, "message_file", case.uuid, message.uuid).status_code == status
    exe = SimpleUploadedFile("a.png", b"MZ" + b"\0" * 100, content_type="image/png")
    assert do(county, county.sun, case, "message", text="", file=exe).status_code == 422
    added = SimpleUploadedFile("ct.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    assert do(county, county.alma, case, "file", title="外院CT报告", file=added).status_code == 302
    item = case.items.get(title="外院CT报告")
    assert get(county, county.sun, "item_file", case.uuid, item.uuid).status_code == 200
    assert get(county, desk_of(county), "item_file", case.uuid, item.uuid).status_code == 404


def test_an_opinion_is_written_printed_rated_and_the_case_closed(county):
    case = a_case(county, status=S.ACCEPTED)
    refused = do(county, county.sun, case, "opinion", findings="已阅", diagnosis="", advice="留观")
    assert refused.status_code == 422
    assert "留观" in refused.content.decode(), "what was typed comes back"
    said = {"findings": "已阅心电图", "diagnosis": "稳定型心绞痛", "advice": "留观2小时"}
    assert do(county, county.sun, case, "opinion", **said).status_code == 302

    page = get(county, county.alma, "case", case.uuid)
    assert "诊疗方案由邀请单位的经治医师" in page.content.decode()
    pdf = get(county, county.alma, "opinion_pdf", case.uuid)
    assert pdf.content[:5] == b"%PDF-"
    expert = str(Expert.objects.get().uuid)
    assert do(county, county.alma, case, "rate", side="INVITER", expert=expert, score="5").status_code == 302
    assert do(county, county.alma, case, "close", outcome="留观，按意见用药", end_reading="on").status_code == 302
    item = case.items.first()
    assert get(county, county.sun, "item", case.uuid, item.uuid).status_code == 404


def test_a_correction_of_the_opinion_is_made_on_the_page(county):
    case = a_case(county, status=S.OPINION_GIVEN)
    (first,) = queries.standing_opinions(case)
    said = {"findings": "复阅", "diagnosis": "不稳定型心绞痛", "advice": "立即转诊", "query": f"?opinion={first.uuid}"}

    assert do(county, county.sun, case, "amend", amend_reason="", **said).status_code == 422
    assert do(county, county.sun, case, "amend", amend_reason="补充结果", **said).status_code == 302

    text = get(county, county.alma, "case", case.uuid).content.decode()
    assert "不稳定型心绞痛" in text
    assert "已被更正" in text


def test_fees_are_settled_or_waived_on_their_page(county):
    case = a_case(county, status=S.OPINION_GIVEN)
    fee, dai = Fee.objects.get(case=case), desk_of(county)
    assert "150.00" in get(county, dai, "fees").content.decode()
    assert get(county, county.alma, "fees").status_code == 403
    waive = reverse("consultations:waive", args=[fee.uuid])
    assert as_user(county, dai).post(waive, {"reason": ""}).status_code == 422
    assert as_user(county, county.alma).post(waive, {"reason": "低保"}).status_code == 404

    assert (
        as_user(county, dai).post(reverse("consultations:settle", args=[fee.uuid]), {"reference": "SJ-88"}).status_code
        == 302
    )

    assert "SJ-88" in get(county, dai, "fees", box="done").content.decode()


def test_the_directory_lists_experts_and_the_desk_keeps_it(county):
    dai = desk_of(county)
    outside_expert(county)
    entry = {
        "username": "outside",
        "title": "CHIEF",
        "specialty": "oncology",
        "outside_hospital": "省肿瘤医院",
        "is_native": "on",
    }
    url = reverse("consultations:experts")
    assert as_user(county, dai).post(url, entry | {"username": "alma"}).status_code == 422
    assert as_user(county, county.alma).post(url, entry).status_code == 403

    assert as_user(county, dai).post(url, entry).status_code == 302

    assert "省肿瘤医院" in get(county, county.alma, "experts", specialty="oncology").content.decode()
    assert "省肿瘤医院" not in get(county, county.alma, "experts", specialty="tcm").content.decode()
    assert get(county, county.mei, "experts").status_code == 403


def test_a_station_has_its_agreement_timetable_and_what_was_held(county):
    dai, expert = desk_of(county), an_expert(county)
    client, at = as_user(county, dai), reverse("consultations:expert_detail", args=[expert.uuid])
    station = {
        "name": "孙主任名医工作站", "facility": str(county.township.uuid), "agreed_on": "2026-01-01",
        "agreed_until": "2027-01-01", "purpose": "每周坐诊、带教",
    }  # fmt: skip
    opening = reverse("consultations:open_station", args=[expert.uuid])
    assert client.post(opening, station | {"agreed_until": "2025-01-01"}).status_code == 422
    assert client.post(opening, station).status_code == 302
    made = Station.objects.get()
    week = {"weekday": ["2", ""], "begins": ["08:00", ""], "ends": ["11:30", ""], "minutes": ["30", "30"],
            "station": [str(made.uuid), ""]}  # fmt: skip
    times = reverse("consultations:times", args=[expert.uuid])
    assert client.post(times, week | {"ends": ["07:00", ""]}).status_code == 422
    assert client.post(times, week).status_code == 302
    session = {"kind": "CLINIC", "held_on": "2026-11-18", "n_people": "23", "note": ""}
    holding = reverse("consultations:record_session", args=[made.uuid])
    assert client.post(holding, session).status_code == 302
    assert client.post(holding, session).status_code == 409
    assert client.post(holding, session | {"held_on": "2027-05-01"}).status_code == 422

    text = client.get(at).content.decode()
    assert "08:00–11:30" in text
    assert "门诊坐诊" in text


def test_statistics_count_and_go_to_a_workbook(county):
    a_case(county, status=S.CLOSED)
    a_case(county, status=S.DECLINED)
    assert get(county, county.alma, "statistics").status_code == 403

    page = get(county, county.mei, "statistics", since="2026-11-01", until="2026-12-01").context["page"]
    total = page["figures"].total
    assert (total.n_asked, total.n_accepted, total.n_given, total.n_ended) == (2, 1, 1, 1)
    assert (total.answer_minutes, total.opinion_minutes) == (1.0, 1.0)
    (expert,) = page["figures"].by_expert
    assert (expert.name, expert.n_asked, expert.n_accepted) == ("孙", 1, 1) or expert.n_asked == 1
    book = get(county, county.mei, "export", since="2026-11-01", until="2026-12-01")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert [cell.value for cell in sheet[2]][1] == 2
    assert get(county, county.mei, "statistics", since="2026-12-01", until="2026-11-01").status_code == 422
    for first, end in (
        ("0001-01-01", "0001-01-01"),
        ("", "0001-01-01"),
        ("9999-12-31", ""),
        ("0001-01-01", "9999-12-31"),
    ):
        assert get(county, county.mei, "statistics", since=first, until=end).status_code == 422, (first, end)


def test_a_list_asks_the_same_number_of_queries_with_many_rows(county, django_assert_max_num_queries):
    for _each in range(3):
        a_case(county, pack=())

    with django_assert_max_num_queries(6):
        pages = [queries.sent(county.alma).rows, queries.desk(desk_of(county)).rows, queries.invited(county.sun).rows]
        assert [len(each) for each in pages] == [3, 3, 3]
        [str(one.expert) for each in pages[0] for one in each.invitations.all()]


def test_the_workbench_tells_each_side_what_waits(county):
    from xinglin.consultations.api import waiting_for

    asked, unasked = a_case(county), a_case(county, experts=[])
    given = a_case(county, status=S.OPINION_GIVEN)

    assert [each.url for each in waiting_for(county.sun, at=later(5))] == [
        reverse("consultations:case", args=[asked.uuid])
    ]
    assert [each.url for each in waiting_for(desk_of(county), at=later(5))] == [
        reverse("consultations:case", args=[unasked.uuid])
    ]
    assert [each.url for each in waiting_for(county.alma, at=later(5))] == [
        reverse("consultations:case", args=[given.uuid])
    ]


def test_an_expert_that_steps_down_on_the_page_leaves_the_case(county):
    case = a_case(county, status=S.ACCEPTED)

    answer = do(county, county.sun, case, "step-down", reason_code="busy")

    assert answer["Location"] == reverse("consultations:expert")
    assert get(county, county.sun, "case", case.uuid).status_code == 404
    assert actions.invite_expert(case=case, expert=an_expert(county), by=county.alma, at=later(9))
