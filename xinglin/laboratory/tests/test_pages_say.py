"""What the pages say before somebody decides: corrections, lost control, awaited tubes, and what a resident must do."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.factories.accounts import sign_in
from tests.factories.county import County, later
from tests.factories.labcontrol import a_loss, an_assay, an_instrument
from tests.factories.laboratory import (
    CRITICAL,
    ELECTROLYTES,
    collected,
    entered,
    li,
    luo,
    measured,
    released,
    sent,
    specimens_of,
)
from tests.factories.residents import a_resident
from xinglin.labcontrol.states import Status
from xinglin.laboratory import actions, catalogue, values, wording
from xinglin.laboratory.models import Shipment
from xinglin.laboratory.web.shipping import celsius_in
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


def shown(county: County, name: str, url_name: str, *args: object) -> str:
    client = sign_in(Client(), county.users[name])
    return client.get(reverse(f"laboratory:{url_name}", args=args)).content.decode()


def test_a_correction_before_release_shows_what_it_was_and_who_changed_it(county: County):
    order = entered(county, {"K": "6.90"})
    luo(county)
    actions.enter_results(request=order, measured=measured({"K": "4.00"}), by=li(county), at=later(130))

    assert "更正：6.90 → 4.00，李" in shown(county, "luo", "examine", order.uuid)


def test_a_resident_with_a_critical_value_is_told_to_seek_help_at_once(county: County):
    own = a_resident(county)
    critical, usual = (
        released(county, CRITICAL, resident=own),
        released(county, {**CRITICAL, "K": "5.60"}, resident=own),
    )
    user = county.user("wang", "resident", county.clinic, name="王小麦")
    user.resident_uuid = own.uuid
    user.save()

    page, other = (shown(county, "wang", "own_report", each.uuid) for each in (critical, usual))

    assert "请立即联系家庭医生或前往就近医院" in page
    assert "请咨询您的医生" not in page
    assert "请立即联系家庭医生" not in other
    assert "请咨询您的医生" in other


def test_a_box_arrives_with_the_last_of_its_specimens(county: County):
    order = sent(county, panels=["electrolytes", "cbc"])
    first, second = specimens_of(order)

    actions.receive_specimen(specimen=first, by=li(county), at=later(60))
    assert Shipment.objects.get().status == "ON_THE_WAY"
    actions.refuse_specimen(specimen=second, reason="CLOTTED", by=li(county), at=later(61))

    box = Shipment.objects.get()
    assert (box.status, box.arrived_at, box.arrived_by_name) == ("ARRIVED", later(61), "李")
    assert AuditRecord.objects.filter(event="shipment.arrived").count() == 1


def test_nothing_is_typed_for_a_tube_that_is_not_there(county: County):
    order = collected(county, panels=["electrolytes", "cbc"])
    serum, _edta = specimens_of(order)
    actions.receive_specimen(specimen=serum, by=li(county), at=later(60))

    page = shown(county, "li", "enter", order.uuid)

    fields = {part.split('"')[0]: part.split(">")[0] for part in page.split('id="id_')[1:]}
    assert "disabled" not in fields["K"]
    assert "disabled" in fields["HGB"]
    assert "标本还没有核收（已采集）" in page


def test_wide_digits_and_points_are_read():
    potassium = catalogue.analyte("K")

    assert values.read(potassium, "４。２").number == Decimal("4.20")
    assert values.read(potassium, "＜４．２").comparator == "<"
    assert [celsius_in(each) for each in ("４。５", "－２０", "5，5℃")] == [
        Decimal("4.5"), Decimal("-20"), Decimal("5.5"),
    ]  # fmt: skip


def test_lost_control_disables_the_release_and_leads_to_the_loss(county: County):
    order = entered(county)
    luo(county)
    loss = a_loss(county, status=Status.OPEN, assay=an_assay(county, analyte="k", instrument=an_instrument(county)))

    page = shown(county, "luo", "examine", order.uuid)

    assert reverse("labcontrol:loss", args=[loss.uuid]) in page
    button = page.split('value="all"')[0].rsplit("<button", 1)[1]
    assert "disabled" in button


@pytest.mark.parametrize(
    ("conclusion", "english"),
    [
        ("异常：钾 6.90↑↑，尿素 24.10↑", "Abnormal: Potassium 6.90↑↑, Urea 24.10↑"),
        (
            "有参考范围的项目未见异常；2项没有适用的参考范围，请结合临床",
            "Nothing abnormal among the items with a reference range; "
            "2 without a reference range: judge with the clinical picture",
        ),
        ("血钾危急，请立即复查心电图", "血钾危急，请立即复查心电图"),  # what a person wrote stands as he signed it
        ("异常：某项 6.90↑↑", "异常：某项 6.90↑↑"),
    ],
)
def test_a_conclusion_made_of_parts_is_said_in_the_language_of_who_reads(conclusion: str, english: str):
    assert wording.in_words(conclusion) == conclusion
    with translation.override("en"):
        assert wording.in_words(conclusion) == english


def test_a_resident_is_told_what_was_not_measured_and_why(county: County):
    own = a_resident(county)
    order = collected(county, resident=own, panels=["electrolytes", "cbc"])
    by_tube = {each.tube: each for each in specimens_of(order)}
    actions.receive_specimen(specimen=by_tube["serum"], by=li(county), at=later(60))
    actions.refuse_specimen(specimen=by_tube["edta"], reason="CLOTTED", by=li(county), at=later(60))
    actions.enter_results(request=order, measured=measured(ELECTROLYTES), by=li(county), at=later(100))
    actions.release_results(request=order, by=luo(county), at=later(110))
    user = county.user("wang", "resident", county.clinic, name="王小麦")
    user.resident_uuid = own.uuid
    user.save()
    client = sign_in(Client(), user)

    text = client.get(reverse("laboratory:own_report", args=[order.uuid])).content.decode()
    assert "没有检测" in text
    assert "血常规（五分类）：标本凝血，已拒收" in text
