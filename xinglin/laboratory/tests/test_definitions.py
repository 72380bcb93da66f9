"""Each worked example of the definitions is computed, and what they name exists."""

from datetime import date
from typing import Any

import pytest

from xinglin.laboratory import ages, catalogue, judging, values
from xinglin.platform.definitions import load
from xinglin.platform.errors import InvalidInput

ON = date(2026, 11, 20)
EXAMPLES = [(each.slug, example) for each in load("lab-analytes") for example in each.examples]
CRITICAL = [example for each in load("critical-values") if each.content["kind"] == "LAB" for example in each.examples]


def born(age: str) -> date:
    """A day on which somebody reaches `age` on `ON`."""
    number, unit = int(age[:-1]), age[-1]
    if unit == "d":
        return date.fromordinal(ON.toordinal() - number)
    months = ON.year * 12 + ON.month - 1 - (number if unit == "m" else 12 * number)
    return date(months // 12, months % 12 + 1, ON.day)


@pytest.mark.parametrize(
    ("slug", "example"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else each["analyte"]
)
def test_a_worked_example_of_an_item_comes_out(slug: str, example: dict[str, Any]):
    analyte = catalogue.analytes()[example["analyte"]]
    value = values.read(analyte, example["value"], example["unit"])

    judged = judging.judge(analyte, value, sex=example["sex"], born_on=born(example["age"]), on=ON)

    assert judged.flag == example["flag"]


@pytest.mark.parametrize("example", CRITICAL, ids=lambda each: f"{each['analyte']} {each['value']} {each['age']}")
def test_a_worked_example_of_a_critical_value_comes_out(example: dict[str, Any]):
    analyte = catalogue.analytes()[example["analyte"]]
    value = values.read(analyte, str(example["value"]), example["unit"])

    code, _is_high = judging.critical_of(analyte, value, born_on=born(example["age"]), on=ON)

    assert code == example["critical"]


def test_everything_a_definition_names_exists():
    known, tubes = catalogue.analytes(), catalogue.tubes()
    assert len(known) > 60

    for panel in catalogue.panels(on=ON).values():
        assert panel.tube in tubes
        assert set(panel.analytes) <= set(known), panel.code
    for limit in catalogue.critical_limits(on=ON):
        for code in limit.analytes:
            assert values.factor(known[code], limit.unit)
    measured = {code for panel in catalogue.panels(on=ON).values() for code in panel.analytes}
    assert set(known) - measured == set(), "an item that nobody can order"


def test_ranges_of_one_item_do_not_overlap_and_bounds_lie_inside_what_is_possible():
    for analyte in catalogue.analytes().values():
        for sex in "12":
            for years in (0, 1, 3, 7, 15, 17, 30, 55, 70):
                fitting = [
                    row for row in analyte.ranges
                    if row.get("sex", sex) == sex
                    and ages.is_within(born(f"{years}y"), ON, since=row.get("from", ""), until=row.get("until", ""))
                ]  # fmt: skip
                assert len(fitting) <= 1, (analyte.code, sex, years)
        if analyte.auto and analyte.plausible:
            assert analyte.plausible[0] <= analyte.auto[0] <= analyte.auto[1] <= analyte.plausible[1], analyte.code


def test_a_critical_value_is_never_inside_the_bounds_of_release():
    for limit in catalogue.critical_limits(on=ON):
        for code in limit.analytes:
            auto = catalogue.analytes()[code].auto
            assert auto is not None
            times = float(values.factor(catalogue.analytes()[code], limit.unit))
            if limit.at_most is not None:
                assert limit.at_most * times < auto[0], limit.code
            if limit.at_least is not None:
                assert limit.at_least * times > auto[1], limit.code


@pytest.mark.parametrize(
    ("code", "given", "unit", "why"),
    [
        ("K", "abc", "", "value"),
        ("K", "", "", "value"),
        ("K", "4.2", "mg/dL", "unit-unknown"),
        ("K", "420", "", "implausible"),
        ("K", "1" * 40, "", "value"),
        ("K", "nan", "", "value"),
        ("K", "4.2\x00", "", "value"),
        ("HBSAG", "可能", "", "value"),
    ],
)
def test_what_is_no_value_is_refused_and_says_why(code: str, given: str, unit: str, why: str):
    with pytest.raises(InvalidInput) as refused:
        values.read(catalogue.analytes()[code], given, unit)

    assert refused.value.code == why
    assert code in refused.value.fields


def test_values_are_read_as_people_and_machines_write_them():
    known = catalogue.analytes()

    assert values.read(known["K"], "４．２").text == "4.20"
    assert values.read(known["CRP"], "<0.5").text == "<0.5"
    assert values.read(known["HGB"], "13.4", "g/dl").text == "134"
    assert values.read(known["U-PRO"], "++").text == "2+"
    assert values.read(known["U-PRO"], "阴性").text == "-"
    assert values.read(known["HBSAG"], "NEG").text == "阴性"


def test_ages_are_counted_by_the_calendar():
    assert ages.reached_on(date(2008, 2, 29), "18y") == date(2026, 2, 28)
    assert ages.reached_on(date(2026, 8, 31), "6m") == date(2027, 2, 28)
    assert ages.reached_on(date(2026, 10, 30), "28d") == date(2026, 11, 27)
    with pytest.raises(ValueError, match="28d"):
        ages.reached_on(date(2026, 1, 1), "18")
