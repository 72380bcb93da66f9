"""From the order to the report: what is done, refused by right, refused by state, and never half-kept."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from tests.factories.county import County, later
from tests.factories.laboratory import (
    ELECTROLYTES,
    a_laboratory,
    an_order,
    collected,
    entered,
    li,
    luo,
    measured,
    received,
    released,
    sent,
    specimens_of,
)
from tests.factories.residents import a_resident
from xinglin.diagnostics import actions as diagnostics
from xinglin.laboratory import actions, queries
from xinglin.laboratory.models import Result, Shipment, Specimen
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db
LIS = system_actor("LIS")


def by_lis(order, values: dict[str, str], *, at=None, **fields):
    return actions.take_results(
        request=order,
        measured=measured(values),
        source="ORU",
        source_key="lis 1",
        by=LIS,
        at=at or later(120),
        **fields,
    )


# Order and specimens ---------------------------------------------------------------------------------------------------
def test_panels_of_one_tube_share_a_container_in_the_order_of_draw(county: County):
    order = an_order(county, panels=["cbc", "liver", "electrolytes", "coagulation", "hba1c", "urinalysis"])

    specimens = specimens_of(order)

    assert order.number.startswith("J")
    assert [each.tube for each in specimens] == ["citrate", "serum", "edta", "urine"]
    assert specimens[1].panels == ["liver", "electrolytes"]
    assert specimens[2].panels == ["cbc", "hba1c"]
    assert len({each.barcode for each in specimens}) == 4


def test_who_may_not_ask_or_does_not_know_the_person_orders_nothing(county: County):
    resident = a_resident(county)
    with pytest.raises(NotPermitted):
        an_order(county, resident=resident, by=county.bo)
    with pytest.raises(NotVisible):
        an_order(county, resident=resident, by=county.cai, from_facility_id=county.other_clinic.pk)
    with pytest.raises(InvalidInput):
        an_order(county, resident=resident, panels=["ct-head"])

    assert Specimen.objects.count() == 0


def test_a_specimen_is_collected_once_and_within_a_day(county: County):
    order = an_order(county)
    (specimen,) = specimens_of(order)
    with pytest.raises(NotPermitted):
        actions.collect_specimen(specimen=specimen, by=county.cai, at=later(1))
    with pytest.raises(InvalidInput):
        actions.collect_specimen(specimen=specimen, collected_at=later(-5), by=county.alma, at=later(1))

    actions.collect_specimen(specimen=specimen, remark="空腹", by=county.alma, at=later(1))

    order.refresh_from_db()
    assert order.status == "IN_PROGRESS"
    with pytest.raises(Conflict):
        actions.collect_specimen(specimen=specimen, by=county.alma, at=later(2))


def test_nothing_of_a_cancelled_order_is_collected(county: County):
    order = an_order(county)
    diagnostics.cancel_request(request=order, by=county.alma, at=later(1))
    (specimen,) = specimens_of(order)

    with pytest.raises(Conflict):
        actions.collect_specimen(specimen=specimen, by=county.alma, at=later(2))
    assert queries.to_collect(county.alma) == []


# On the way ------------------------------------------------------------------------------------------------------------
def test_a_box_keeps_its_temperatures_and_says_when_it_was_too_warm(county: County):
    order = sent(county, panels=["coagulation", "electrolytes"], celsius="18.0")
    shipment = Shipment.objects.get()
    assert (shipment.low, shipment.high) == (Decimal("15.0"), Decimal("25.0"))
    assert not shipment.is_breached

    actions.note_temperature(
        shipment=shipment, celsius=Decimal("31.4"), read_at=later(30), way="LOGGER", by=county.alma, at=later(31)
    )
    actions.note_temperature(
        shipment=shipment, celsius=Decimal("31.4"), read_at=later(30), way="LOGGER", by=county.alma, at=later(32)
    )
    with pytest.raises(InvalidInput):
        actions.note_temperature(shipment=shipment, celsius=Decimal("300"), by=county.alma, at=later(33))
    arrived = actions.arrive_shipment(shipment=shipment, celsius=Decimal("20"), by=li(county), at=later(50))

    assert arrived.is_breached
    assert [str(each.celsius) for each in shipment.readings.order_by("read_at")] == ["18.0", "31.4", "20.0"]
    assert AuditRecord.objects.filter(event="shipment.temperature-breached").count() == 1
    with pytest.raises(Conflict):
        actions.arrive_shipment(shipment=shipment, celsius=Decimal("20"), by=li(county), at=later(51))
    assert specimens_of(order)[0].status == "HANDED_OVER"


def test_a_box_holds_what_is_collected_at_one_unit_only(county: County):
    waiting = specimens_of(an_order(county))
    taken = specimens_of(collected(county))

    def send(specimens, by=county.alma):
        return actions.hand_over(specimens=specimens, courier_name="赵", celsius=Decimal(6), by=by, at=later(10))

    with pytest.raises(Conflict, match="还没有确认采集"):
        send(waiting + taken)
    with pytest.raises(InvalidInput):
        send([])
    with pytest.raises(NotPermitted):
        send(taken, by=county.cai)
    assert Shipment.objects.count() == 0

    send(taken)
    with pytest.raises(Conflict, match="已经送出"):
        send(taken)


# At the centre ---------------------------------------------------------------------------------------------------------
def test_the_promise_runs_from_receipt_and_is_that_of_the_slowest_panel(county: County):
    order = received(county, panels=["electrolytes", "liver"], priority="URGENT")

    assert order.status == "PERFORMED"
    assert order.performed_at == later(60)
    assert order.due_at == later(60) + timedelta(minutes=60)


def test_only_the_centre_receives_and_only_once(county: County):
    order = sent(county)
    (specimen,) = specimens_of(order)
    for stranger in (county.alma, county.bo, county.tang):
        with pytest.raises(NotPermitted):
            actions.receive_specimen(specimen=specimen, by=stranger, at=later(60))

    actions.receive_specimen(specimen=specimen, by=li(county), at=later(60))

    with pytest.raises(Conflict):
        actions.receive_specimen(specimen=specimen, by=li(county), at=later(61))
    with pytest.raises(Conflict):
        actions.refuse_specimen(specimen=specimen, reason="CLOTTED", by=li(county), at=later(61))


def test_when_all_is_refused_the_order_goes_back_and_can_be_repeated(county: County):
    order = sent(county)
    (specimen,) = specimens_of(order)
    with pytest.raises(InvalidInput):
        actions.refuse_specimen(specimen=specimen, reason="OTHER", by=li(county), at=later(60))
    with pytest.raises(InvalidInput):
        actions.refuse_specimen(specimen=specimen, reason="UGLY", by=li(county), at=later(60))

    actions.refuse_specimen(specimen=specimen, reason="HAEMOLYSED", remark="重度", by=li(county), at=later(60))

    order.refresh_from_db()
    assert order.status == "REJECTED"
    change = order.status_changes.last()
    assert (change.reason_code, change.reason) == ("HAEMOLYSED", "重度")
    again = an_order(county, resident=order.resident, repeats=order, at=later(70))
    assert again.repeats == order


def test_when_one_of_two_is_refused_the_report_says_what_was_not_measured(county: County):
    order = sent(county, panels=["electrolytes", "cbc"])
    serum, edta = specimens_of(order)
    actions.receive_specimen(specimen=serum, by=li(county), at=later(60))
    actions.refuse_specimen(specimen=edta, reason="CLOTTED", by=li(county), at=later(60))
    with pytest.raises(InvalidInput, match="已被拒收"):
        actions.enter_results(request=order, measured=measured({"HGB": "120"}), by=li(county), at=later(90))

    by_lis(order, ELECTROLYTES)
    release = actions.release_results(request=order, by=luo(county), at=later(130))

    assert "未检：血常规（五分类）（标本凝血，已拒收）" in release.report.findings
    assert {"analyte": "", "code": "refused-specimen"} in release.reasons


# Results ---------------------------------------------------------------------------------------------------------------
def test_results_are_judged_by_sex_and_age_at_collection(county: County):
    girl = a_resident(county, name="王小花", sex="2", born_on=date(2023, 3, 1))
    order = received(county, panels=["cbc"], resident=girl)
    actions.enter_results(request=order, measured=measured({"HGB": "115", "RBC": "4.5"}), by=li(county), at=later(100))

    hgb, rbc = (Result.objects.get(analyte=code) for code in ("HGB", "RBC"))

    assert (hgb.flag, hgb.low, hgb.high) == ("N", 112, 149)
    assert (rbc.flag, rbc.range_known) == ("?", False)


def test_one_wrong_value_keeps_all_out_and_every_one_is_told(county: County):
    order = received(county)
    with pytest.raises(InvalidInput) as refused:
        actions.enter_results(
            request=order, measured=measured({"K": "abc", "NA": "140", "CL": "999", "HGB": "120"}), by=li(county),
            at=later(90),
        )  # fmt: skip

    assert set(refused.value.fields) == {"K", "CL", "HGB"}
    assert Result.objects.count() == 0


def test_who_does_not_work_there_enters_and_releases_nothing(county: County):
    order = entered(county)
    for stranger in (county.alma, county.bo):
        with pytest.raises(NotPermitted):
            actions.enter_results(request=order, measured=measured({"K": "4"}), by=stranger, at=later(130))
    for stranger in (county.alma, county.bo, li(county)):
        with pytest.raises(NotPermitted):
            actions.release_results(request=order, by=stranger, at=later(130))


def test_nothing_is_entered_before_a_specimen_is_there(county: County):
    with pytest.raises(Conflict, match="还没有核收"):
        actions.enter_results(request=sent(county), measured=measured(ELECTROLYTES), by=li(county), at=later(90))


def test_the_same_again_is_once_and_another_value_is_a_version(county: County):
    order = entered(county)
    again = actions.enter_results(request=order, measured=measured(ELECTROLYTES), by=li(county), at=later(125))
    other = actions.enter_results(request=order, measured=measured({"K": "4.5"}), by=li(county), at=later(126))

    assert again == []
    assert [(each.version, each.reason) for each in other] == [(2, "发布前更正")]
    assert Result.objects.filter(analyte="K").count() == 2


def test_a_result_cannot_be_changed_even_by_the_service(county: County):
    entered(county)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Result.objects.filter(analyte="K").update(text="4.00")
    facts = {
        field.attname: getattr(Result.objects.get(analyte="K"), field.attname) for field in Result._meta.local_fields
    }
    again = Result(**{name: value for name, value in facts.items() if name not in {"id", "uuid"}} | {"version": 2})
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


# Keeping ---------------------------------------------------------------------------------------------------------------
def test_a_specimen_is_kept_for_its_time_and_not_disposed_of_before(county: County):
    order = released(county)
    (specimen,) = specimens_of(order)
    technician = li(county)
    with pytest.raises(InvalidInput):
        actions.store_specimen(specimen=specimen, position=" ", by=technician, at=later(160))
    actions.store_specimen(specimen=specimen, position="2号冰箱 A3-17", by=technician, at=later(160))
    specimen.refresh_from_db()
    assert specimen.keep_until == date(2026, 11, 27)
    with pytest.raises(Conflict) as refused:
        actions.dispose_specimen(specimen=specimen, by=technician, at=later(days=6))
    assert refused.value.code == "kept-longer"
    assert queries.to_dispose(technician, on=date(2026, 11, 26)) == []

    actions.dispose_specimen(specimen=specimen, by=technician, at=later(days=7))

    specimen.refresh_from_db()
    assert specimen.status == "DISPOSED"
    assert [each.became for each in specimen.status_changes.all()] == [
        "LABELLED", "COLLECTED", "HANDED_OVER", "RECEIVED", "STORED", "DISPOSED",
    ]  # fmt: skip


def test_images_and_laboratory_do_not_mix(county: County):
    an_order(county)
    assert a_laboratory(county).kind == "LAB"
    from xinglin.diagnostics import queries as common

    assert list(common.open_imaging_requests(li(county))) == []
    assert common.worklist(county.bo) == []
    assert list(common.centres_read_by(county.bo)) == []
    assert [each.code for each in common.centres_read_by(luo(county))] == ["LAB01"]
