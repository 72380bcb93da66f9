"""A unit that was merged, beside its figures."""

from datetime import timedelta
from typing import Any

from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.residents import a_resident
from xinglin.indicators import figure as figures
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web import charts
from xinglin.indicators.web.figures import FigurePage
from xinglin.indicators.web.lines import table_of


def test_a_unit_that_was_merged_says_so_beside_its_figure_in_the_table_the_workbook_and_the_picture(
    county: Any,
) -> None:
    resident = a_resident(county)
    for n in range(12):
        a_visit_row(county, resident, facility=county.other_township, at=NOW - timedelta(days=33), number=f"V{n}")
    merge(county.other_township, county.township)
    extract(at=NOW)

    opened = figures.open_figure(county.mei, slug="visits-signed", period="2026-10", level="facility", at=NOW)
    page = FigurePage.build(opened)
    name, said = county.other_township.name, f"2026-11-20并入{county.township.name}"
    _headings, rows = table_of(opened, at=NOW)

    assert [each.note.split(" · ")[0] for each in [*page.units.lines, *page.units.silent] if each.name == name] == [
        said
    ]
    assert [row[5].split("；")[0] for row in rows if row[0] == name] == [said]
    silent = [row[1] is None for row in rows[1:]]
    assert silent == sorted(silent)
    assert [row[0] for row in rows[1:] if row[1] is None] == sorted(row[0] for row in rows[1:] if row[1] is None)
    assert charts.mergers_words(opened) == f"{name} {said}"
    assert said in charts.ranking_chart(opened)
