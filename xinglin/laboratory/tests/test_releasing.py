"""What is released, by the rules and by people, and what is held back."""

from decimal import Decimal
from functools import partial

import pytest

from tests.factories.county import County, later
from tests.factories.diagnostics import a_request
from tests.factories.laboratory import (
    CRITICAL,
    ELECTROLYTES,
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
from xinglin.laboratory import actions, checks, queries
from xinglin.laboratory.api import register_release_check, unregister_release_check
from xinglin.laboratory.data import Hold
from xinglin.laboratory.models import Release, Result
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, InvalidInput

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


# Release ---------------------------------------------------------------------------------------------------------------
def test_results_that_keep_every_rule_are_released_by_the_rules(county: County):
    order = received(county)

    by_lis(order, ELECTROLYTES)

    order.refresh_from_db()
    release = Release.objects.get()
    assert order.status == "FINAL"
    assert release.rule_set.startswith("auto-verification@")
    assert release.released_by is None
    assert release.released_by_name.startswith("自动审核")
    report = order.reports.get()
    assert report.author_name.startswith("自动审核")
    assert not report.is_abnormal
    assert "钾 4.20 mmol/L （3.5–5.3）" in report.findings or "钾 4.20 mmol/L（3.5–5.3）" in report.findings


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"K": "6.80"}, {("K", "critical"), ("K", "bounds")}),
        ({"K": "6.30"}, {("K", "bounds")}),
    ],
)
def test_what_breaks_a_rule_waits_with_its_reason(county: County, change: dict[str, str], why: set):
    order = received(county)

    by_lis(order, {**ELECTROLYTES, **change})

    order.refresh_from_db()
    assert order.status == "PERFORMED"
    specimens = list(order.specimens.select_related("shipment"))
    found = checks.reasons_for_review(order, queries.newest_results(order), specimens, at=later(120))
    assert {(each.analyte, each.code) for each in found} == why
    assert queries.review_queue(luo(county)) == [order]
    assert queries.review_queue(county.bo) == []


def test_a_jump_from_the_last_released_result_waits(county: County):
    resident = a_resident(county)
    released(county, resident=resident)
    order = received(county, resident=resident, at=later(days=2))

    by_lis(order, {**ELECTROLYTES, "K": "5.30"}, at=later(120, days=2))

    row = Result.objects.get(request=order, analyte="K")
    assert (row.change, row.delta_failed, row.previous.text) == (Decimal("1.10"), True, "4.20")
    order.refresh_from_db()
    assert order.status == "PERFORMED"


def test_a_warm_box_and_a_late_specimen_wait(county: County):
    warm = sent(county, celsius="30")
    (specimen,) = specimens_of(warm)
    actions.receive_specimen(specimen=specimen, by=li(county), at=later(60 * 9))
    by_lis(warm, ELECTROLYTES, at=later(600))

    found = checks.reasons_for_review(
        warm, queries.newest_results(warm), list(warm.specimens.select_related("shipment")), at=later(600)
    )
    assert {each.code for each in found} == {"cold-chain", "late"}


def test_quality_control_forbids_release_by_rules_and_by_people(county: County):
    asked = []

    def control(centre, instrument, item, at):
        asked.append((centre.code, instrument, item))
        return Hold("out-of-control", "钾 1-3s 失控") if item == "K" else None

    register_release_check(control)
    try:
        order = received(county)
        by_lis(order, ELECTROLYTES)
        order.refresh_from_db()
        assert order.status == "PERFORMED"
        with pytest.raises(Conflict, match="失控") as refused:
            actions.release_results(request=order, by=luo(county), at=later(130))
        assert refused.value.code == "release-blocked"
    finally:
        unregister_release_check(control)
    assert ("LAB01", "", "K") in asked
    actions.release_results(request=order, by=luo(county), at=later(140))


def test_nobody_releases_a_critical_value_silently(county: County):
    order = entered(county, CRITICAL)
    with pytest.raises(InvalidInput) as refused:
        actions.release_results(request=order, by=luo(county), at=later(130))
    assert refused.value.code == "critical-not-confirmed"
    assert order.reports.count() == 0

    actions.release_results(request=order, confirmed=["lab-k-high"], by=luo(county), at=later(130))

    critical = order.critical_values.get()
    assert (critical.code, critical.status, critical.due_at) == ("lab-k-high", "NOTIFIED", later(140))
    done = diagnostics.acknowledge_critical(
        critical=critical, read_back="王小麦血钾过高", by=county.alma, at=later(133)
    )
    assert done.status == "CONFIRMED"
    diagnostics.handle_critical(critical=critical, handling="心电监护，静推葡萄糖酸钙", by=county.alma, at=later(136))
    assert diagnostics.close_critical(critical=critical, by=luo(county), at=later(150)).status == "CLOSED"


def test_who_entered_a_critical_value_alone_says_how_it_was_checked(county: County):
    order = received(county)
    doctor = luo(county)
    actions.enter_results(request=order, measured=measured(CRITICAL), by=doctor, at=later(120))
    with pytest.raises(InvalidInput) as refused:
        actions.release_results(request=order, confirmed=["lab-k-high"], by=doctor, at=later(125))
    assert refused.value.code == "single-handed"

    actions.release_results(
        request=order, confirmed=["lab-k-high"], remark="夜间单人，已复测一次", by=doctor, at=later(126)
    )
    assert Release.objects.get().remark == "夜间单人，已复测一次"


def test_a_part_is_released_first_and_the_rest_follows(county: County):
    order = received(county, panels=["electrolytes", "crp"])
    actions.enter_results(request=order, measured=measured(CRITICAL), by=li(county), at=later(100))
    with pytest.raises(Conflict, match="C反应蛋白"):
        actions.release_results(request=order, confirmed=["lab-k-high"], by=luo(county), at=later(105))
    actions.release_results(request=order, confirmed=["lab-k-high"], partial=True, by=luo(county), at=later(106))
    order.refresh_from_db()
    assert order.status == "PRELIMINARY"
    with pytest.raises(Conflict) as again:
        actions.release_results(request=order, confirmed=["lab-k-high"], partial=True, by=luo(county), at=later(107))
    assert again.value.code == "nothing-new"

    actions.enter_results(request=order, measured=measured({"CRP": "3.2"}), by=li(county), at=later(120))
    actions.release_results(request=order, confirmed=["lab-k-high"], by=luo(county), at=later(121))

    order.refresh_from_db()
    assert order.status == "FINAL"
    assert order.critical_values.count() == 1
    assert order.reported_at == later(106)


def test_what_becomes_known_is_released_part_by_part_and_each_part_stands_in_the_trail(county: County):
    order = received(county, panels=["electrolytes", "crp", "glucose-fasting"])
    release = partial(actions.release_results, request=order, by=luo(county))
    actions.enter_results(request=order, measured=measured(ELECTROLYTES), by=li(county), at=later(100))
    release(partial=True, at=later(106))

    actions.enter_results(request=order, measured=measured({"CRP": "3.2"}), by=li(county), at=later(110))
    release(partial=True, at=later(111))  # the glucose is not there yet
    order.refresh_from_db()
    assert (order.status, order.reported_at) == ("PRELIMINARY", later(106))

    actions.enter_results(request=order, measured=measured({"GLUF": "5.0"}), by=li(county), at=later(1500))
    release(at=later(1501))

    order.refresh_from_db()
    assert order.status == "FINAL"
    stages = [(each.version, each.stage) for each in order.reports.order_by("version")]
    assert stages == [(1, "PRELIMINARY"), (2, "PRELIMINARY"), (3, "FINAL")]
    first, second, last = (each.findings for each in order.reports.order_by("version"))
    assert "C反应蛋白" not in first
    assert "C反应蛋白" in second
    assert "其余项目待报" in second
    assert "空腹血糖" in last
    assert "其余项目待报" not in last
    steps = list(order.status_changes.values_list("was", "became"))
    assert steps[-3:] == [("CLAIMED", "PRELIMINARY"), ("PRELIMINARY", "PRELIMINARY"), ("PRELIMINARY", "FINAL")]
    assert [each.rows.count() for each in Release.objects.order_by("released_at")] == [4, 5, 6]


def test_a_value_corrected_between_two_parts_ends_its_critical_clock_and_starts_none_anew(county: County):
    order = received(county, panels=["electrolytes", "crp"])
    release = partial(actions.release_results, request=order, by=luo(county))
    actions.enter_results(request=order, measured=measured(CRITICAL), by=li(county), at=later(100))
    release(confirmed=["lab-k-high"], partial=True, at=later(106))
    assert order.critical_values.get().status == "NOTIFIED"

    corrected = measured({"K": "4.20"})
    actions.enter_results(request=order, measured=corrected, reason="标本溶血，复查", by=li(county), at=later(110))
    release(partial=True, at=later(111))

    assert order.critical_values.get().status == "SUPERSEDED"
    assert [each.text for each in queries.standing_results(order) if each.analyte == "K"] == ["4.20"]


def test_only_the_laboratory_reports_in_parts(county: County):
    request = a_request(county, status="PRELIMINARY")
    said = {"findings": "窦性心律", "conclusion": "窦性心律", "by": county.bo, "at": later(60)}
    with pytest.raises(Conflict):
        diagnostics.continue_preliminary(request=request, **said)
    with pytest.raises(Conflict):
        diagnostics.write_preliminary(request=request, **said)


def test_a_released_result_is_corrected_by_a_new_version_and_an_amended_report(county: County):
    order = released(county, CRITICAL)
    with pytest.raises(InvalidInput) as refused:
        actions.enter_results(request=order, measured=measured({"K": "4.30"}), by=li(county), at=later(200))
    assert refused.value.code == "reason-wanted"
    with pytest.raises(Conflict, match="没有新的结果"):
        actions.release_results(request=order, confirmed=["lab-k-high"], by=luo(county), at=later(201))

    actions.enter_results(
        request=order, measured=measured({"K": "4.30"}), reason="原标本溶血，重采复测", by=li(county), at=later(202)
    )
    order.refresh_from_db()
    assert order.status == "FINAL"
    assert queries.review_queue(luo(county)) == [order]
    actions.release_results(request=order, by=luo(county), at=later(210))

    order.refresh_from_db()
    assert order.status == "AMENDED"
    report = order.reports.latest("version")
    assert (report.version, report.amend_reason) == (2, "原标本溶血，重采复测")
    assert order.critical_values.get().status == "SUPERSEDED"
    assert queries.review_queue(luo(county)) == []
    assert [each.text for each in queries.trend([order.resident_id], "K")] == ["4.30"]


def test_a_hand_entered_order_waits_for_a_person(county: County):
    order = entered(county)
    assert order.status == "PERFORMED"

    actions.release_results(request=order, by=luo(county), at=later(130))

    order.refresh_from_db()
    assert order.status == "FINAL"
    assert Release.objects.get().released_by_name == "罗"
