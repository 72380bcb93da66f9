"""Pages and REST: the order form, decisions, the report, marks, one's own results."""

import io
import json
from datetime import date, timedelta
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import a_token, a_user, sign_in
from tests.factories.county import START
from tests.factories.imaging import an_imaging_centre, an_imaging_request
from tests.factories.recognition import a_decision, a_result, newest_report
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.accounts.models import Grant
from xinglin.diagnostics.api import Request
from xinglin.diagnostics.catalogue import implied_criticals
from xinglin.platform import clock
from xinglin.platform.models import AuditRecord
from xinglin.recognition import jobs
from xinglin.recognition.models import Decision, Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def tang(county) -> Client:
    assert county.tang
    return sign_in(Client(), county.users["tang"])


@pytest.fixture
def mei(county) -> Client:
    assert county.mei
    return sign_in(Client(), county.users["mei"])


def a_form(county, resident, now, **fields):
    visit = a_visit(resident=resident, by=county.tang, at=now)
    data = {
        "items": ["ct-head"], "question": "头痛3天", "priority": "ROUTINE",
        "centre": str(an_imaging_centre(county).uuid), "idempotency_key": str(uuid4()), **fields,
    }  # fmt: skip
    return visit, reverse("diagnostics:imaging_request", args=[visit.uuid]), data


# The order form ------------------------------------------------------------------------------------------------------
def test_what_is_known_is_shown_while_the_order_is_written(county, tang, now) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident, at=now)
    _visit, url, data = a_form(county, resident, now)

    body = tang.post(url + "?op=look", data, headers={"HX-Request": "true"}).content.decode()

    assert "已有可互认的结果" in body
    assert "头颅CT平扫未见明显异常。" in body
    assert f"adopt:{newest_report(result).uuid}" in body
    assert "急诊，全部重做" not in body
    assert Offer.objects.get().shown_to == county.tang.user_id
    assert AuditRecord.objects.filter(event="recognition.offered", subject_uuid=resident.uuid).exists()


def test_nothing_known_shows_nothing(county, tang, now) -> None:
    _visit, url, data = a_form(county, a_resident(county), now)

    body = tang.post(url + "?op=look", data, headers={"HX-Request": "true"}).content.decode()

    assert "互认" not in body


def test_an_order_without_an_answer_comes_back_with_what_is_known(county, tang, now) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, at=now)
    _visit, url, data = a_form(county, resident, now)

    answer = tang.post(url, data)

    assert answer.status_code == 422
    body = answer.content.decode()
    assert "请逐项选择采用，或写明重做的原因" in body
    assert "采用此结果" in body
    assert "report=" not in body
    assert Request.objects.count() == 1


def test_a_result_is_taken_over_and_stands_on_the_visit_and_its_summary(county, tang, now) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident, at=now)
    visit, url, data = a_form(county, resident, now)

    answer = tang.post(url, data | {"known-ct-head": f"adopt:{newest_report(result).uuid}"})

    assert answer.headers["Location"] == reverse("visits:detail", args=[visit.uuid])
    assert Request.objects.count() == 1
    decision = Decision.objects.get()
    shown = tang.get(reverse("visits:detail", args=[visit.uuid])).content.decode()
    assert "采用的互认结果" in shown
    assert reverse("recognition:decision", args=[decision.uuid]) in shown
    assert "头颅CT平扫未见明显异常。" in shown
    from xinglin.visits.api import visit_summary

    visit.refresh_from_db()
    assert "互认结果：头颅CT平扫" in visit_summary(visit)
    timeline = tang.get(reverse("residents:detail", args=[resident.uuid])).content.decode()
    assert "采用互认结果：头颅CT平扫" in timeline


def test_an_order_is_done_again_with_a_reason_and_comes_back_without_one(county, tang, now) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, at=now)
    _visit, url, data = a_form(county, resident, now)

    without = tang.post(url, data | {"known-ct-head": "repeat"})
    wordless = tang.post(url, data | {"known-ct-head": "repeat", "why-ct-head": "07", "idempotency_key": str(uuid4())})
    done = tang.post(
        url,
        data
        | {
            "known-ct-head": "repeat", "why-ct-head": "07", "say-ct-head": "外伤后意识变化",
            "idempotency_key": str(uuid4()),
        },
    )  # fmt: skip

    assert (without.status_code, wordless.status_code, done.status_code) == (422, 422, 302)
    assert "这个原因需要文字说明" in wordless.content.decode()
    assert "checked" in wordless.content.decode()
    assert Decision.objects.get().reason == "外伤后意识变化"


def test_an_emergency_is_ordered_again_in_one_tap(county, tang, now) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, at=now)
    _visit, url, data = a_form(county, resident, now, priority="EMERGENCY")

    body = tang.post(url + "?op=look", data, headers={"HX-Request": "true"}).content.decode()
    assert "急诊，全部重做" in body
    assert tang.post(url, data | {"repeat-all": "04"}).status_code == 302
    assert Decision.objects.get().reason_code == "04"


# Reports and decisions -----------------------------------------------------------------------------------------------
def test_a_report_that_was_shown_is_read_and_the_look_recorded(county, tang, now) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident, at=now)
    url = reverse("recognition:source", args=[newest_report(result).uuid])
    assert tang.get(url).status_code == 404
    _visit, form, data = a_form(county, resident, now)
    tang.post(form + "?op=look", data, headers={"HX-Request": "true"})

    body = tang.get(url).content.decode()

    assert "脑实质密度均匀" in body
    look = AuditRecord.objects.get(event="recognition.source-viewed")
    assert (look.subject_uuid, look.detail["why"]) == (resident.uuid, "recognition")
    assert county.cai
    assert sign_in(Client(), county.users["cai"]).get(url).status_code == 404


def test_a_decision_is_read_at_its_unit_and_nowhere_else(county, tang, now) -> None:
    decision = a_decision(county, at=now)
    url = reverse("recognition:decision", args=[decision.uuid])

    body = tang.get(url).content.decode()

    assert "采用的结果" in body
    assert decision.resident.name in body
    assert county.cai
    assert sign_in(Client(), county.users["cai"]).get(url).status_code == 404


def test_who_took_a_result_over_is_told_when_it_is_amended(county, tang, now) -> None:
    from xinglin.diagnostics import actions as diagnostics
    from xinglin.notifications.models import Message
    from xinglin.platform.models import OutboxEvent

    decision = a_decision(county, at=now)
    diagnostics.amend_report(
        request=decision.source,
        findings="左额叶小片低密度影。",
        conclusion="左额叶腔隙性梗死。",
        reason="复核后更正",
        by=county.bo,
        at=now,
    )
    event = OutboxEvent.objects.get(event="report.amended")
    for _twice in range(2):
        jobs.tell_of_amendment(event_uuid=str(event.uuid), object_uuid=str(decision.source.uuid))

    message = Message.objects.get(kind=jobs.KIND)
    assert (message.user_id, message.object_uuid) == (county.tang.user_id, decision.uuid)
    body = tang.get(reverse("recognition:decision", args=[decision.uuid])).content.decode()
    assert "这份报告此后已更正" in body
    assert "左额叶腔隙性梗死" in body


# Figures -------------------------------------------------------------------------------------------------------------
def test_the_report_counts_what_was_taken_over_and_what_was_saved(county, mei, now) -> None:
    a_decision(county, at=now)
    a_decision(county, reason="01", resident=a_resident(county, name="李四"), at=now)
    a_decision(county, reason="98", resident=a_resident(county, name="赵六"), at=now)

    body = mei.get(reverse("recognition:report")).content.decode()

    assert "50%" in body or "50.0%" in body
    assert "180" in body
    assert "沙沟镇卫生院" in body
    by_reason = mei.get(reverse("recognition:report") + "?by=reason").content.decode()
    assert "01 病情变化" in by_reason
    assert mei.get(reverse("recognition:report") + "?by=nonsense").status_code == 404
    assert mei.get(reverse("recognition:report") + "?since=2026-13-40").status_code == 422


def test_figures_open_to_records_without_the_names_of_those_the_reader_does_not_treat(county, mei, tang, now) -> None:
    decision = a_decision(county, at=now)
    url = reverse("recognition:decisions") + f"?outcome=RECOGNISED&facility={county.township.pk}&item=ct-head"

    for_manager, for_doctor = (each.get(url).content.decode() for each in (mei, tang))

    assert "头颅CT平扫" in for_manager
    assert decision.resident.name not in for_manager
    assert decision.resident.name in for_doctor
    assert decision.resident.name not in mei.get(reverse("recognition:decision", args=[decision.uuid])).content.decode()


def test_the_report_goes_out_as_a_workbook(county, mei, now) -> None:
    a_decision(county, at=now)

    answer = mei.get(reverse("recognition:report_workbook"))

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert len(book.worksheets) == 5
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][:2] == ("沙沟镇卫生院", 1)
    assert rows[-1][-1] == 180


def test_the_list_takes_as_many_queries_for_many_rows(county, tang, now, django_assert_max_num_queries) -> None:
    a_decision(county, at=now)
    url = reverse("recognition:decisions")
    tang.get(url)
    with django_assert_max_num_queries(30) as few:
        tang.get(url)
    for name in ("李四", "赵六"):
        a_decision(county, resident=a_resident(county, name=name), at=now)
    with django_assert_max_num_queries(len(few)):
        tang.get(url)


# Oneself -------------------------------------------------------------------------------------------------------------
def test_a_resident_sees_what_was_taken_over_and_why_something_is_done_again(county, now) -> None:
    resident = a_resident(county)
    a_decision(county, resident=resident, at=now)
    user = a_user("wang", resident_uuid=resident.uuid)
    Grant.objects.create(user=user, role="resident", everywhere=True, valid_from=START, granted_at=START)
    own = sign_in(Client(), user)

    body = own.get(reverse("recognition:own")).content.decode()

    assert "没有重复收费" in body
    assert AuditRecord.objects.filter(event="recognition.own-viewed", subject_uuid=resident.uuid).exists()


# REST ----------------------------------------------------------------------------------------------------------------
def test_a_program_is_told_what_is_known_and_answers(county, now) -> None:
    resident = a_resident(county)
    result = a_result(county, resident=resident, at=now)
    assert county.tang
    user = county.users["tang"]
    secret = a_token(user, *county.tang.permissions, at=now).secret
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(path, body):
        return client.post("/api/v1" + path, json.dumps(body, default=str), content_type="application/json")

    an_imaging_centre(county)
    order = {
        "resident": resident.uuid, "facility": county.township.uuid, "items": ["ct-head"], "question": "头痛3天",
    }  # fmt: skip
    refused = post("/imaging-requests", order)
    assert (refused.status_code, refused.json()["code"]) == (422, "recognisable-result")
    assert AuditRecord.objects.filter(event="recognition.offered", subject_uuid=resident.uuid).exists()
    offers = post(
        "/recognition/offers",
        {"resident": resident.uuid, "facility": county.township.uuid, "kind": "IMAGING", "items": ["ct-head"]},
    ).json()["items"]
    assert offers[0]["report"] == str(newest_report(result).uuid)
    done = post("/imaging-requests", order | {"answers": [{"item": "ct-head", "report": offers[0]["report"]}]})
    assert (done.status_code, done.json()) == (201, {"settled": ["ct-head"]})
    decision = client.get("/api/v1/recognition/decisions").json()["items"][0]
    assert (decision["outcome"], decision["fen_saved"], decision["name"]) == ("RECOGNISED", 18000, resident.name)


def test_near_misses_are_told_on_demand(county, now) -> None:
    resident = a_resident(county)
    a_result(county, resident=resident, at=now, days=32.9)
    assert county.tang
    secret = a_token(county.users["tang"], *county.tang.permissions, at=now).secret
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {"resident": resident.uuid, "facility": county.township.uuid, "kind": "IMAGING", "items": ["ct-head"]}

    plain, told = (
        client.post(
            "/api/v1/recognition/offers",
            json.dumps(body | {"misses": misses}, default=str),
            content_type="application/json",
        ).json()["items"]
        for misses in (False, True)
    )

    assert plain == []
    assert told[0]["why"] == ["超过互认时限3天（时限30天）"]
    assert told[0]["conclusion"] == ""


def test_days_of_the_report_are_the_countys() -> None:
    from xinglin.recognition.periods import period

    today = date(2026, 11, 20)
    assert period("", "", today=today) == (today - timedelta(days=29), today + timedelta(days=1))
    assert clock.start_of(today).isoformat() == "2026-11-20T00:00:00+08:00"


# What stands for nothing, and must be known all the same -------------------------------------------------------------
def test_a_recent_critical_result_is_told_to_who_orders_the_same(county, tang, now) -> None:
    resident, codes = a_resident(county), ["ct-head-haemorrhage"]
    critical = {
        "findings": "右侧基底节区高密度影。", "conclusion": "右侧基底节区脑出血。", "codes": codes, "is_abnormal": True,
        "criticals": [each.code for each in implied_criticals("IMAGING", codes, on=clock.today(now))],
    }  # fmt: skip
    a_result(county, resident=resident, at=now, report=critical)
    _visit, url, data = a_form(county, resident, now)

    body = tang.post(url + "?op=look", data, headers={"HX-Request": "true"}).content.decode()

    assert "近期有危急结果" in body
    assert "右侧基底节区脑出血。" in body


def test_what_a_colleague_has_asked_for_is_told(county, tang, now) -> None:
    resident = a_resident(county)
    waiting = an_imaging_request(county, resident=resident, items=("ct-head",))
    _visit, url, data = a_form(county, resident, now)

    body = tang.post(url + "?op=look", data, headers={"HX-Request": "true"}).content.decode()

    assert "同样的项目已经申请，还没有报告" in body
    assert waiting.number in body
