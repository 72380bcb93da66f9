"""The pages: who may see them, what they say, and that one form is one deed."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County
from tests.factories.laboratory import (
    CRITICAL,
    a_laboratory,
    an_order,
    collected,
    entered,
    li,
    luo,
    received,
    released,
    sent,
    specimens_of,
)
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.laboratory.models import Shipment, Specimen
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(county: County) -> dict[str, Client]:
    """A signed-in browser of each person."""
    li(county), luo(county)
    for name in ("alma", "cai", "bo", "tang"):
        getattr(county, name)
    return {name: sign_in(Client(), county.users[name]) for name in ("alma", "cai", "bo", "tang", "li", "luo")}


def at(name: str, *args: Any) -> str:
    return reverse(f"laboratory:{name}", args=args)


def key(client: Client, url: str) -> dict[str, str]:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', client.get(url).content.decode())
    assert found
    return {"idempotency_key": found[1]}


def test_a_village_doctor_orders_from_a_visit_and_prints_the_labels(county: County, people: dict[str, Client]):
    a_laboratory(county)
    visit = a_visit(resident=a_resident(county), by=county.alma)
    url = at("order_visit", visit.uuid)
    shown = people["alma"].get(url).content.decode()
    assert "紫帽管" in shown
    assert "空腹8小时以上" in shown
    data = {
        "panels": ["cbc", "electrolytes"], "question": "乏力3天", "priority": "URGENT",
        "centre": str(a_laboratory(county).uuid), **key(people["alma"], url),
    }  # fmt: skip

    wrong = people["alma"].post(url, {**data, "panels": [], "idempotency_key": "k2"})
    first = people["alma"].post(url, data)
    again = people["alma"].post(url, data)

    assert wrong.status_code == 422
    assert "请选择检查项目" in wrong.content.decode()
    assert first.url == again.url
    assert Specimen.objects.count() == 2
    labels = people["alma"].get(first.url + "labels.pdf")
    assert labels.content[:5] == b"%PDF-"
    assert AuditRecord.objects.filter(event="laboratory.labels-printed", subject_uuid=visit.resident.uuid).exists()
    assert people["cai"].get(first.url).status_code == 404


def test_scanning_confirms_the_collection_and_a_wrong_barcode_is_told(county: County, people: dict[str, Client]):
    order = an_order(county)
    (specimen,) = specimens_of(order)
    alma, url = people["alma"], at("collect")
    assert specimen.barcode in alma.get(url).content.decode()

    unknown = alma.post(url, {"barcode": "S000000-00000", "idempotency_key": "u"})
    confirmed = alma.post(url, {"barcode": specimen.barcode.lower(), **key(alma, url)})

    assert unknown.status_code == 404
    assert "没有找到" in unknown.content.decode()
    assert confirmed.status_code == 302
    shown = alma.get(url).content.decode()
    assert f"已采集：{order.resident.name} " in shown  # whose it was
    assert "没有待采集的标本" in shown
    assert at("undo_collection", specimen.barcode) in shown
    assert people["cai"].get(url).content.decode().count(specimen.barcode) == 0
    assert people["bo"].get(url).status_code == 403


def test_a_box_is_packed_watched_and_received(county: County, people: dict[str, Client]):
    order = collected(county, panels=["electrolytes", "cbc"])
    codes = [each.barcode for each in specimens_of(order)]
    alma, url = people["alma"], at("hand_over")
    data = {"barcodes": codes[:1], "more": codes[1], "courier_name": "赵", "celsius": "kalt", **key(alma, url)}

    cold = alma.post(url, data)
    done = alma.post(url, {**data, "celsius": "5.5", "idempotency_key": "box"})

    assert cold.status_code == 422
    assert "例如 4.5" in cold.content.decode()
    shipment = Shipment.objects.get()
    assert done.url == at("shipment", shipment.uuid)
    assert shipment.specimens.count() == 2
    assert alma.get(at("manifest", shipment.uuid)).content[:5] == b"%PDF-"
    people["li"].post(at("temperature", shipment.uuid), {"celsius": "29", "idempotency_key": "t"})
    assert "运送温度超限" in alma.get(done.url).content.decode()
    assert people["cai"].get(done.url).status_code == 404
    people["li"].post(at("arrive", shipment.uuid), {"celsius": "12", "idempotency_key": "a"})

    scanned = people["li"].get(f"{at('receive')}?barcode={codes[0]}").content.decode()
    assert "相符，核收" in scanned
    assert order.resident.name in scanned
    people["li"].post(at("take_in", codes[0]), {"idempotency_key": "r"})
    blank = people["li"].post(at("refuse", codes[1]), {"idempotency_key": "x1"})
    people["li"].post(at("refuse", codes[1]), {"reason": "CLOTTED", "idempotency_key": "x2"})

    assert blank.status_code == 422
    assert {each.barcode: each.status for each in Specimen.objects.all()} == {
        codes[0]: "RECEIVED", codes[1]: "REFUSED",
    }  # fmt: skip
    assert "没有这个条码" in people["li"].get(f"{at('receive')}?barcode=S9").content.decode()
    assert people["alma"].get(at("receive")).status_code == 403


def test_results_are_typed_reviewed_and_released(county: County, people: dict[str, Client]):
    order = received(county)
    bench = people["li"].get(at("bench")).content.decode()
    assert order.number in bench
    assert "0 / 4" in bench
    url = at("enter", order.uuid)
    typed = {f"value-{code}": value for code, value in CRITICAL.items()}

    wrong = people["li"].post(url, {**typed, "value-NA": "abc", "idempotency_key": "w"})
    done = people["li"].post(url, {**typed, **key(people["li"], url)})

    assert wrong.status_code == 422
    assert "结果应为数字" in wrong.content.decode()
    assert 'value="6.80"' in wrong.content.decode()
    assert done.url == at("bench")
    queue = people["luo"].get(at("review")).content.decode()
    assert "危急值，须复核后发布" in queue
    page = people["luo"].get(at("examine", order.uuid)).content.decode()
    assert "血钾过高" in page
    assert "手工录入，须人工审核" in page
    silent = people["luo"].post(at("release", order.uuid), {"op": "all", "idempotency_key": "s"})
    assert silent.status_code == 422
    out = people["luo"].post(
        at("release", order.uuid), {"op": "all", "confirmed": "lab-k-high", "idempotency_key": "o"}
    )
    assert out.status_code == 302
    for stranger in ("alma", "bo", "li"):
        assert people[stranger].get(at("examine", order.uuid)).status_code == 403
    assert people["cai"].get(at("examine", order.uuid)).status_code == 404


def test_the_sender_sees_report_critical_value_and_trend_and_prints(county: County, people: dict[str, Client]):
    resident = a_resident(county)
    released(county, resident=resident, at=NOW)
    order = released(county, CRITICAL, resident=resident)
    alma = people["alma"]

    redirected = alma.get(reverse("diagnostics:detail", args=[order.uuid]))
    page = alma.get(at("order", order.uuid)).content.decode()
    trend = alma.get(at("trend", order.uuid, "K")).content.decode()
    printed = alma.get(at("report_pdf", order.uuid))

    assert redirected.url == at("order", order.uuid)
    assert "立即确认" in page
    assert "↑↑" in page
    assert "6.80" in page
    assert "生成条码" in page
    assert "4.20" in trend
    assert "6.80" in trend
    assert printed.content[:5] == b"%PDF-"
    assert people["tang"].get(at("order", order.uuid)).status_code == 200
    assert people["cai"].get(at("trend", order.uuid, "K")).status_code == 404


def test_nothing_unreleased_is_shown_to_the_sender(county: County, people: dict[str, Client]):
    order = entered(county, CRITICAL)

    page = people["alma"].get(at("order", order.uuid)).content.decode()

    assert "6.80" not in page
    assert people["alma"].get(at("report_pdf", order.uuid)).status_code == 409
    assert "6.80" not in people["alma"].get(at("trend", order.uuid, "K")).content.decode()


def test_specimens_are_stored_and_what_is_due_is_listed(county: County, people: dict[str, Client]):
    order = released(county)
    (specimen,) = specimens_of(order)
    assert specimen.barcode in people["li"].get(at("retention") + "?show=store").content.decode()

    people["li"].post(at("store", specimen.barcode), {"position": "2号冰箱 A3", "idempotency_key": "p"})

    kept = people["li"].get(at("retention") + "?show=kept").content.decode()
    assert "2号冰箱 A3" in kept
    early = people["li"].post(at("dispose", specimen.barcode), {"idempotency_key": "d"})
    assert early.status_code in {302, 409}
    assert people["luo"].get(at("turnaround")).status_code == 200
    assert people["li"].get(at("turnaround")).status_code == 403


def test_a_resident_sees_his_own_reports_and_no_other(county: County, people: dict[str, Client]):
    own, other = a_resident(county), a_resident(county, name="李四")
    order = released(county, CRITICAL, resident=own)
    strange = released(county, resident=other)
    waiting = entered(county, resident=own)
    user = county.user("wang", "resident", county.clinic, name="王小麦")
    user.resident_uuid = own.uuid
    user.save()
    wang = sign_in(Client(), user)

    listed = wang.get(at("mine")).content.decode()
    page = wang.get(at("own_report", order.uuid)).content.decode()

    assert "电解质" in listed
    assert "6.80" in page
    assert "请立即联系家庭医生" in page
    assert wang.get(at("own_report", strange.uuid)).status_code == 404
    assert wang.get(at("own_report", waiting.uuid)).status_code == 404
    assert "6.80" in wang.get(at("own_trend", "K")).content.decode()
    assert wang.get(at("own_trend", "HGB")).status_code == 404
    assert people["alma"].get(at("mine")).status_code == 403


def test_lists_make_as_many_queries_for_many_as_for_one(
    county: County, people: dict[str, Client], django_assert_max_num_queries: Any
):
    for number in range(3):
        resident = a_resident(county, name="王" + "甲乙丙丁戊己"[number])
        collected(county, resident=resident)
        sent(county, resident=resident)
        an_order(county, resident=resident)
        entered(county, CRITICAL, resident=resident)
    for name, url in (
        ("alma", at("collect")), ("alma", at("hand_over")), ("li", at("receive")), ("li", at("bench")),
        ("luo", at("review")),
    ):  # fmt: skip
        with django_assert_max_num_queries(32):
            assert people[name].get(url).status_code == 200


def test_what_no_column_can_hold_is_answered_not_broken(people: dict[str, Client]):
    scanned = people["li"].get("/laboratory/receive/", {"barcode": "S1\x00"})
    period = people["luo"].get("/laboratory/turnaround/", {"days": "²"})

    assert (scanned.status_code, period.status_code) == (422, 200)
