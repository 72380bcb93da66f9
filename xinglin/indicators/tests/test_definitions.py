"""Definitions: each worked example on DuckDB and on plain Python; what must be refused, with its place."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from xinglin.indicators.checks import definitions_hold
from xinglin.indicators.definitions.reading import check, indicator, indicators
from xinglin.indicators.engine.computing import WHOLE, Places
from xinglin.indicators.engine.examples import filled, memory
from xinglin.indicators.engine.figures import compute
from xinglin.indicators.engine.mortality import chance
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.source import Tables
from xinglin.indicators.engine.values import Value
from xinglin.indicators.tests import oracle
from xinglin.indicators.web import words
from xinglin.platform.definitions import Definition, DefinitionError

EXAMPLES = [
    pytest.param(each, example, id=f"{each.slug}-{number}")
    for each in indicators()
    for number, example in enumerate(each.definition.examples)
]


def test_every_definition_has_an_example_or_is_the_growth_of_one() -> None:
    assert [each.slug for each in indicators() if not each.definition.examples and not each.growth_of] == []


def test_at_least_sixty_are_shipped_and_the_fourteen_of_2024_among_them() -> None:
    codes = {str(each.content.get("code", ""))[:3] for each in indicators()}

    assert len(indicators()) >= 60
    assert {f"M{n:02}" for n in range(1, 15)} <= codes


@pytest.mark.parametrize(("indicator", "example"), EXAMPLES)
def test_example_on_duckdb_and_on_plain_python(indicator: Any, example: dict[str, Any]) -> None:
    period = parse(example.get("period", "2026-11"))
    facts = filled(example.get("facts", {}), period)
    wanted = None if example["value"] == "no data" else example["value"]

    found = compute([indicator], Tables(memory(facts)), period, ref=period.last, places={"county": Places()})
    value = found[indicator.slug]["county"][WHOLE]
    plain, top, bottom, groups = oracle.figure(indicator, facts, period, period.last)

    assert value.value == pytest.approx(wanted) if wanted is not None else value.value is None
    assert plain == pytest.approx(wanted) if wanted is not None else plain is None
    assert dict(value.groups) == groups == example.get("groups", {})
    if "why" in example:
        assert value.why == example["why"]
    for part, have in (("numerator", top), ("denominator", bottom)):
        if part in example:
            assert getattr(value, part) == pytest.approx(example[part])
            assert have == pytest.approx(example[part])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"numerator": "count(weather)"}, "numerator: column 1: unknown table 'weather'"),
        ({"numerator": "count(visits, colour == 'red')"}, "numerator: column 15: visits has no column 'colour'"),
        ({"numerator": "guess(visits)"}, "numerator: column 1: unknown measure 'guess'"),
        ({"numerator": "count(visits, tier == 3)"}, "a text cannot be compared with a number"),
        ({"numerator": "count(visits, tier)"}, "a condition is yes or no"),
        ({"numerator": "count(visits, at <= ref)"}, "a moment cannot be compared with a day"),
        ({"numerator": "count(visits, tier in [1])"}, "the list holds texts written out"),
        ({"numerator": "count(visits, tier.upper() == 'X')"}, "is not understood"),
        ({"numerator": "count(visits, __import__('os'))"}, "unknown function '__import__'"),
        ({"numerator": "count(visits.during)"}, "visits is a table of events"),
        ({"numerator": "sum(visits, tier)"}, "sum needs a number"),
        ({"numerator": "persons(equipment)"}, "equipment has no persons"),
        ({"numerator": "count(visits, lastly(enrolments, True, True))"}, "enrolments has no order of time"),
        ({"numerator": "count(visits"}, "not an expression"),
        ({"numerator": "count(visits) / 0"}, "divides by zero"),
        ({"denominator": "0"}, "denominator: column 1: divides by zero"),
        ({"denominator": "3 - 3"}, "divides by zero"),
        ({"denominator": "count(visits) - count(visits)"}, "divides by zero: both sides are the same"),
        ({"denominator": "0 * count(visits)"}, "divides by zero"),
        ({"group_by": "colour"}, "group_by: visits has no column 'colour'"),
        ({"levels": ["village"]}, "levels: 'village'"),
        ({"base": "everybody"}, "base: 'everybody'"),
        ({"formula": "x"}, "formula: unknown key"),
        ({"per": 0}, "per: is not 0"),
        ({"numerator": "count(facilities.home)"}, "facilities does not say where a person is managed"),
        ({"numerator": "persons_of_days(postings, share, 183)"}, "days are counted of postings.during"),
        ({"numerator": "persons_of_days(postings.during, share, 0)"}, "a whole number above 0"),
        ({"numerator": "count(visits, exists(visits.home))"}, "asks all his rows"),
        (
            {"numerator": "count(visits, tier != 'COUNTY')", "denominator": "count(visits)"},
            "levels: the share is 0 or 100 % in every facility",
        ),
        (
            {
                "numerator": "count(visits, is_tcm and tier == 'COUNTY')",
                "denominator": "count(visits)",
                "levels": ["township"],
            },
            "levels: no township has rows of count(visits",
        ),
        (
            {
                "numerator": "sum(settlements, fund_fen, place == 'IN_COUNTY' and tier in ['TOWNSHIP', 'VILLAGE'])",
                "denominator": "sum(settlements, fund_fen, place == 'IN_COUNTY')",
                "levels": ["township", "county"],
            },
            "levels: the share is 0 or 100 % in every township",
        ),
        ({"numerator": "count(deaths, age >= age_from)"}, "age bands need a method"),
    ],
)
def test_a_definition_that_cannot_be_computed_is_refused_with_the_place(change: dict[str, Any], words: str) -> None:
    good = next(each.definition for each in indicators() if each.slug == "visits-by-tier")
    fields = {name: getattr(good, name) for name in good.__dataclass_fields__}
    content = {name: value for name, value in good.content.items() if name != "group_by" or "levels:" not in words}
    bad = Definition(**{**fields, "content": {**content, **change}})

    with pytest.raises(DefinitionError) as refused:
        check(bad)

    assert words in str(refused.value)
    assert str(refused.value).startswith("visits-by-tier: ")


@pytest.mark.parametrize(
    "change",
    [
        {"numerator": "count(visits.home, tier != 'COUNTY')", "denominator": "count(visits.home)"},
        {
            "numerator": "count(visits, tier != 'COUNTY')",
            "denominator": "count(visits)",
            "levels": ["consortium", "county"],
        },
        {"numerator": "count(requests, tier == 'VILLAGE')", "denominator": "count(requests)", "levels": ["township"]},
        {"numerator": "count(visits, tier != 'COUNTY')", "denominator": "count(residents)"},
    ],
)
def test_a_share_of_tiers_is_let_through_where_units_differ(change: dict[str, Any]) -> None:
    good = next(each.definition for each in indicators() if each.slug == "visits-signed")
    fields = {name: getattr(good, name) for name in good.__dataclass_fields__}

    assert check(Definition(**{**fields, "content": {**good.content, **change}})).levels


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        ([0.002] * 8, 7.688),
        ([0.0002, 0.0004, 0.0008, 0.0015, 0.0028, 0.0050, 0.0085, 0.0140], 15.298),
    ],
)
def test_early_death_by_the_method_of_the_who(rates: list[float], wanted: float) -> None:
    found = chance([each * 100_000 for each in rates], [100_000.0] * 8)

    assert found == pytest.approx(wanted, abs=0.0005)


@pytest.mark.parametrize(
    ("text", "first", "last", "before", "year_before"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30), "2026-10", "2025-11"),
        ("2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2025-01"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2025-Q4", "2025-Q1"),
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2025"),
        ("2026-02-YTD", date(2026, 1, 1), date(2026, 2, 28), "2025-02-YTD", "2025-02-YTD"),
    ],
)
def test_periods_know_their_days_and_what_they_are_compared_with(
    text: str, first: date, last: date, before: str, year_before: str
) -> None:
    period = parse(text)

    assert (period.first, period.last) == (first, last)
    assert (period.before.text, period.year_before.text) == (before, year_before)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-11", "2026-11-ytd", "2026-11\n", "２０２６"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        parse(text)


def test_every_source_is_told_in_both_languages() -> None:
    for each in indicators():
        assert not each.definition.cited.isascii(), each.slug
        with override("en"):
            assert not re.search(r"[\u4e00-\u9fff]", each.definition.cited), each.slug


def test_money_is_read_in_yuan_though_it_is_kept_in_fen() -> None:
    told = {
        slug: words.both_parts(Value(0, *parts), indicator(slug))
        for slug, parts in {
            "m10a-inpatient-cost": (8_580_000, 15), "m06-income-ratio": (8_586_956.52, 11_500_000), "m07-grassroots-visits": (376, 475),
        }.items()
    }  # fmt: skip

    assert told == {
        "m10a-inpatient-cost": "85,800.00 元 / 15", "m06-income-ratio": "85,869.57 元 / 115,000.00 元",
        "m07-grassroots-visits": "376 / 475",
    }  # fmt: skip


def test_a_file_is_checked_with_its_examples_before_it_takes_effect(tmp_path: Path, settings: Any) -> None:
    text = (settings.DEFINITIONS_DIR / "indicators" / "m07-grassroots-visits.toml").read_text(encoding="utf-8")
    changes = {
        "good": ("", ""), "unknown": ("count(visits, status != 'VOIDED')", "count(visits, colour == 'red')"),
        "zero": ("denominator = \"count(visits, status != 'VOIDED')\"", 'denominator = "0"'), "wrong": ("value = 50.0", "value = 99"),
        "column": ('tier = "VILLAGE"', 'colour = "red"'),
    }  # fmt: skip
    told = io.StringIO()
    for name, (old, new) in changes.items():
        (tmp_path / f"{name}.toml").write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")

    with pytest.raises(CommandError, match="^1 fault$"):
        call_command("indicators", "check", str(tmp_path / "zero.toml"), stdout=io.StringIO())
    with pytest.raises(CommandError, match="^4 faults$"):
        call_command("indicators", "check", *(str(tmp_path / f"{name}.toml") for name in changes), stdout=told)

    assert told.getvalue().splitlines() == [
        "good.toml: good; examples: 1",
        "unknown.toml: m07-grassroots-visits: denominator: column 15: visits has no column 'colour'",
        "zero.toml: m07-grassroots-visits: denominator: column 1: divides by zero",
        "wrong.toml: m07-grassroots-visits: example 1: value is 99, computed 50",
        "column.toml: m07-grassroots-visits: example 1: visits has no column 'colour'",
    ]


def test_a_county_s_own_definition_that_is_broken_is_told_before_the_service_starts(
    tmp_path: Path, settings: Any
) -> None:
    assert definitions_hold(None) == []
    text = (settings.DEFINITIONS_DIR / "indicators" / "m07-grassroots-visits.toml").read_text(encoding="utf-8")
    (tmp_path / "indicators").mkdir()
    bad = text.replace("count(visits, status != 'VOIDED')", "count(weather)")
    (tmp_path / "indicators" / "own.toml").write_text(bad, encoding="utf-8")
    settings.COUNTY_DEFINITIONS_DIR = tmp_path

    (problem,) = definitions_hold(None)

    assert "m07-grassroots-visits: denominator: column 1: unknown table 'weather'" in problem.msg
