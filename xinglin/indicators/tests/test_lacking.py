"""What did not come is not nothing: months of returns that were due, and settlements of elsewhere."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.translation import override

from tests.factories.county import NOW, a_facility
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.examples import filled, memory
from xinglin.indicators.engine.figures import compute
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.returned import lacking
from xinglin.indicators.engine.series import carry_over
from xinglin.indicators.engine.source import Tables
from xinglin.indicators.engine.values import Value, Why, as_cell, of_cell
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Figure, Revision
from xinglin.indicators.tests.test_returns import HEAD, a_line, settlements, taken, value
from xinglin.indicators.web.words import reason
from xinglin.network.models import Equipment, Facility

QUARTER = ("2026-07", "2026-08", "2026-09")


def test_a_quarter_of_which_a_return_did_not_come_has_no_data_and_names_the_months(county: Any) -> None:
    for n, month in enumerate(QUARTER[:2]):
        taken(
            county,
            settlements(a_line(f"A{n}", on=f"{month}-05"), a_line(f"B{n}", on=f"{month}-05", code="", place="县外")),
            month=month,
        )

    found = value("m08-in-county-fund", "2026-Q3")
    whole = value("m08-in-county-fund", "2026-08")

    assert found == Value(why=Why.NO_FACTS, missing="settlements", lacking=("2026-09",)) == of_cell(as_cell(found))
    assert whole.value == 50
    with override("zh-hans"):
        assert reason(found) == "“医保结算（含异地）”2026-09没有上报，或上报不全"
    with override("en"):
        assert reason(found) == "The return “Fund settlements” of 2026-09 did not come, or is not whole"

    taken(county, HEAD.encode(), month="2026-09")  # nothing to tell

    assert value("m08-in-county-fund", "2026-Q3").value == 50


def test_a_quarter_of_which_one_month_came_without_settlements_of_elsewhere_is_not_told(county: Any) -> None:
    for n, month in enumerate(QUARTER):
        lines = [a_line(f"A{n}", on=f"{month}-05")]
        lines += [a_line(f"B{n}", on=f"{month}-05", code="", place="县外")] if n else []
        taken(county, settlements(*lines), month=month)

    found = value("m08-in-county-fund", "2026-Q3")

    assert found == Value(why=Why.NO_FACTS, missing="settlements", lacking=("2026-07",))
    assert value("m08-in-county-fund", "2026-07") == Value(why=Why.NO_FACTS, missing="settlements")
    assert value("m08-in-county-fund", "2026-09").value == 50


def test_income_is_held_against_that_of_the_lead_hospital_and_of_no_other_unit_of_the_county(county: Any) -> None:
    head = "编号,年末日期,机构编码,机构层级,平均人数,收入合计（元）"
    other = a_facility("H77", "区中医医院", "SPECIALIST_HOSPITAL", "COUNTY", county.division)
    lines = [
        f"I1,2025-12-31,{county.hospital.code},县级,10,1000000",
        f"I2,2025-12-31,{other.code},县级,90,900000",
        f"I3,2025-12-31,{county.township.code},乡级,10,800000",
    ]
    taken(county, "\n".join([head, *lines]).encode(), month="2025-12", kind="staff_income")

    assert round(value("m06-income-ratio", "2025").value, 4) == 0.8


def test_a_month_that_is_not_due_yet_is_not_lacking_and_a_yearly_return_is_due_of_december_only() -> None:
    period = parse("2026-11-YTD")
    done = [each for each in period.months if each < "2026-10"]

    assert lacking("settlements", done, period, on=parse("2026-11").first) == ()
    assert lacking("settlements", done, period, on=parse("2026-11").last) == ("2026-10",)
    assert lacking("settlements", done, period, on=None) == ("2026-10", "2026-11")
    assert lacking("staff_income", [], parse("2025"), on=None) == ("2025-12",)
    assert lacking("visits", [], period, on=None) == ()


def test_a_figure_that_was_known_is_not_taken_over_when_a_return_came_due_meanwhile(county: Any) -> None:
    taken(
        county,
        settlements(a_line("A", on="2026-09-05"), a_line("B", on="2026-09-05", code="", place="县外")),
        month="2026-09",
    )
    day = parse("2026-10").last + timedelta(days=20)  # the last on which that of October is in time
    period, wanted = parse("2026-10-YTD"), [indicator("mean-stay"), indicator("visits-by-tier")]
    kept = []
    for at in (
        NOW.replace(day=day.day, month=day.month),
        NOW.replace(day=day.day, month=day.month) + timedelta(days=1),
    ):
        version = extract(at=at).version
        assert version is not None
        kept.append(version)
    board.figures(kept[0], period, wanted=wanted, at=NOW)

    carry_over(kept[0], kept[1])

    taken_over = Figure.objects.filter(version=kept[1]).values_list("definition", flat=True)
    assert list(taken_over) == [wanted[1].key]


def test_without_settlements_of_elsewhere_what_stays_in_the_county_is_not_known(county: Any) -> None:
    taken(county, settlements(a_line("A"), a_line("B")))

    for slug in ("m08-in-county-fund", "m11-in-county-admissions", "v01-in-county-visits", "v02-out-rate"):
        assert value(slug) == Value(why=Why.NO_FACTS, missing="settlements"), slug
    assert value("m10a-inpatient-cost").value == 100

    taken(county, settlements(a_line("A"), a_line("B", code="", place="县外")))

    assert value("m11-in-county-admissions").value == 50
    assert (
        board.figures(
            extract(at=NOW).version, parse("2026-10"), level="county", wanted=[indicator("v02-out-rate")], at=NOW
        )["v02-out-rate"][WHOLE].value
        == 50
    )


def test_what_was_due_on_the_last_day_or_after_it_and_never_answered_is_in_its_period() -> None:
    period = parse("2026-12")
    due = [
        datetime(2026, 12, 31, 6, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    ]  # 14:30, 7:30 of the next day
    facts = filled({"critical_values": [{"status": "NOTIFIED", "at": each, "due_at": each} for each in due]}, period)
    facts["critical_values"][1]["at"] = datetime(2026, 12, 31, 15, 30)
    wanted = indicator("critical-in-time")

    def denominator(today: date) -> float | None:
        found = compute([wanted], Tables(memory(facts)), period, ref=today, places={"county": Places()})
        return found[wanted.slug]["county"][WHOLE].denominator

    assert [denominator(date(2026, 12, 31)), denominator(date(2027, 1, 1)), denominator(date(2027, 1, 2))] == [0, 1, 2]


def test_what_a_closed_or_suspended_unit_has_is_in_no_coverage_and_before_it_closed_it_is(county: Any) -> None:
    clinics = [county.clinic, county.other_clinic]
    for clinic in clinics:
        Equipment.objects.create(facility=clinic, kind="ECG", state="IN_USE", code=f"E{clinic.pk}", name="心电图机")
    county.clinic.status, county.clinic.closed_on = "CLOSED", date(2026, 11, 5)
    county.clinic.save()
    n_open = Facility.objects.filter(kind="VILLAGE_CLINIC", status="OPEN").count()

    before, after = value("m05c-ecg-coverage", "2026-10"), value("m05c-ecg-coverage", "2026-11")

    assert (before.numerator, before.denominator) == (2, n_open + 1)
    assert (after.numerator, after.denominator) == (1, n_open)
    county.other_clinic.status = "SUSPENDED"
    county.other_clinic.save()
    assert value("m05c-ecg-coverage", "2026-11").numerator == 0


def test_a_return_of_postings_that_changes_is_a_revision(county: Any) -> None:
    head = "编号,开始日期,身份证号,派驻机构编码,派驻机构层级,职称级别,类别"
    line = f"P1,2026-03-01,370403198001010001,{county.township.code},乡级,中级,"
    taken(county, f"{head}\n{line}派驻".encode(), kind="postings", month="2026-03")
    extract(at=NOW)
    taken(county, f"{head}\n{line}巡诊".encode(), kind="postings", month="2026-03")
    extract(at=NOW + timedelta(minutes=10))

    assert [(each.table, each.month) for each in Revision.objects.all()] == [("postings", "2026-03")]
