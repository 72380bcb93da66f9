"""At the sending unit: what could not be taken does not block its order, and a wrong scan is taken back."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.laboratory import ELECTROLYTES, an_order, collected, li, luo, measured, sent, specimens_of
from xinglin.laboratory import actions, queries
from xinglin.laboratory.models import Specimen
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


def missed(specimen: Specimen, by, *, remark: str = "静脉塌陷，两次未成功", minutes: int = 6) -> Specimen:
    return actions.note_not_collected(specimen=specimen, remark=remark, by=by, at=later(minutes))


def test_an_order_is_reported_without_the_tube_that_could_not_be_collected(county: County):
    order = an_order(county, panels=["electrolytes", "cbc"])
    serum, edta = specimens_of(order)
    actions.collect_specimen(specimen=serum, by=county.alma, at=later(5))

    missed(edta, county.alma)

    actions.receive_specimen(specimen=serum, by=li(county), at=later(60))
    actions.enter_results(request=order, measured=measured(ELECTROLYTES), by=li(county), at=later(120))
    release = actions.release_results(request=order, by=luo(county), at=later(150))
    order.refresh_from_db()
    edta.refresh_from_db()
    assert (order.status, release.is_partial) == ("FINAL", False)
    assert (edta.status, edta.refusal, edta.collected_at) == ("REFUSED", "NOT_COLLECTED", None)
    assert "标本未能采集" in release.report.findings
    assert "拒收" not in release.report.findings
    assert AuditRecord.objects.filter(event="specimen.not-collected", subject_uuid=order.resident.uuid).exists()
    with pytest.raises(Conflict):
        actions.dispose_specimen(specimen=edta, by=li(county), at=later(days=3))


def test_an_order_whose_only_tube_could_not_be_collected_goes_back_to_the_sender(county: County):
    order = an_order(county)
    (specimen,) = specimens_of(order)
    with pytest.raises(NotPermitted):
        missed(specimen, county.cai)
    with pytest.raises(InvalidInput):
        missed(specimen, county.alma, remark=" ")

    missed(specimen, county.alma)

    order.refresh_from_db()
    assert order.status == "REJECTED"
    assert queries.to_collect(county.alma) == []
    with pytest.raises(Conflict):
        actions.collect_specimen(specimen=specimen, by=county.alma, at=later(7))


def test_the_centre_does_not_say_that_something_was_not_collected(county: County):
    order = collected(county)
    (specimen,) = specimens_of(order)

    with pytest.raises(InvalidInput):
        actions.refuse_specimen(specimen=specimen, reason="NOT_COLLECTED", remark="没有来", by=li(county), at=later(30))
    with pytest.raises(Conflict):
        missed(specimen, county.alma)


def test_a_wrong_scan_is_taken_back_until_it_is_handed_over(county: County):
    order = collected(county)
    (specimen,) = specimens_of(order)
    with pytest.raises(InvalidInput):
        actions.undo_collection(specimen=specimen, reason=" ", by=county.alma, at=later(6))
    with pytest.raises(NotPermitted):
        actions.undo_collection(specimen=specimen, reason="扫错了人", by=county.cai, at=later(6))

    actions.undo_collection(specimen=specimen, reason="扫错了人", by=county.alma, at=later(6))

    order.refresh_from_db()
    specimen.refresh_from_db()
    assert (specimen.status, specimen.collected_at, order.status) == ("LABELLED", None, "REQUESTED")
    assert specimen.status_changes.last().reason == "扫错了人"
    assert AuditRecord.objects.filter(event="specimen.collection-undone").exists()
    actions.collect_specimen(specimen=specimen, by=county.alma, at=later(8))
    (away,) = specimens_of(sent(county, resident=order.resident))
    with pytest.raises(Conflict):
        actions.undo_collection(specimen=away, reason="扫错了人", by=county.alma, at=later(12))


def test_the_page_offers_both_and_says_what_is_missing(county: County):
    first, second = an_order(county), an_order(county, panels=["cbc"])
    (one,), (two,) = specimens_of(first), specimens_of(second)
    county.alma  # noqa: B018 - his account
    alma = sign_in(Client(), county.users["alma"])

    def post(name: str, barcode: str, key: str, **data: str):
        return alma.post(reverse(f"laboratory:{name}", args=[barcode]), {**data, "idempotency_key": key})

    blank = post("missed", one.barcode, "a")
    done = post("missed", one.barcode, "b", remark="拒绝抽血")
    post("confirm", two.barcode, "c")
    undone = post("undo_collection", two.barcode, "d", reason="扫错")

    assert (blank.status_code, done.status_code, undone.status_code) == (422, 302, 302)
    assert {each.barcode: each.status for each in Specimen.objects.all()} == {
        one.barcode: "REFUSED", two.barcode: "LABELLED",
    }  # fmt: skip
    assert "标本未能采集，可以重新申请" in alma.get(reverse("laboratory:order", args=[first.uuid])).content.decode()
    assert "撤销采集" in alma.get(reverse("laboratory:order", args=[second.uuid])).content.decode()
