"""A unit that was merged, beside its figures."""

from datetime import timedelta
from typing import Any

from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.network import merge
from tests.factories.residents import a_resident
from xinglin.indicators import behind, reports
from xinglin.indicators import figure as figures
from xinglin.indicators.api import visible_units
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.series import series
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Snapshot, Subscription
from xinglin.indicators.permissions import board_places
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


def a_head(county: Any) -> Any:
    """Of one township hospital, without the clinics."""
    return county.actor(county.user("head", "township-doctor", county.township, name="院长"))


def merged_with_visits(county: Any) -> Any:
    """Twelve visits at a unit that goes into the head's, which has eighteen of its own, and thirty at one that stays."""
    resident = a_resident(county)
    for facility, n_visits in ((county.other_township, 12), (county.township, 18), (county.hospital, 30)):
        for n in range(n_visits):
            a_visit_row(county, resident, facility=facility, at=NOW, number=f"{facility.code}-{n}")
    merge(county.other_township, county.township)
    version = extract(at=NOW).version
    assert version is not None
    return version


def test_the_head_of_the_unit_that_took_another_over_still_sees_his_own(county: Any) -> None:
    version, head = merged_with_visits(county), a_head(county)
    subscription = Subscription(slugs=["visits-by-tier"], level="facility")
    snapshot = Snapshot(period="2026-11", version=version)

    opened = figures.open_figure(head, slug="visits-by-tier", period="2026-11", level="facility", at=NOW)
    told = reports.contents(subscription, snapshot, head, at=NOW)

    assert visible_units(head, "facility", "2026-11") == {str(county.township.pk)}
    assert [(each.key, each.value.value) for each in opened.units] == [(str(county.township.pk), 30)]
    assert [name for name, _value in told.parts[0].units] == [county.township.name]


def test_a_unit_is_not_seen_by_who_sees_only_what_was_merged_into_it(county: Any) -> None:
    merged_with_visits(county)
    former = county.actor(county.user("former", "township-doctor", county.other_township))

    assert visible_units(former, "facility", "2026-11") == set()


def test_the_records_behind_a_figure_are_all_it_counts_also_of_a_unit_that_was_merged(county: Any) -> None:
    version, head = merged_with_visits(county), a_head(county)

    found = behind.records_behind(head, slug="visits-by-tier", period="2026-11", part="", after="", at=NOW)
    (counted,) = series(
        version, indicator("visits-by-tier"), [parse("2026-11")], facilities=board_places(head), at=NOW
    ).values()

    assert (counted.value, len(found.rows), found.n_elsewhere) == (30, 30, 0)


def test_of_people_treated_elsewhere_the_records_say_only_how_many_more_there_are(county: Any) -> None:
    resident = a_resident(county)  # of the clinic below the township hospital
    for n, facility in enumerate((county.clinic, county.township, county.hospital, county.hospital, county.tcm)):
        a_visit_row(county, resident, facility=facility, at=NOW, number=f"V{n}")
    extract(at=NOW)

    own = behind.records_behind(
        county.tang, slug="grassroots-share", period="2026-11", part="denominator", after="", at=NOW
    )
    whole = behind.records_behind(
        county.mei, slug="grassroots-share", period="2026-11", part="denominator", after="", at=NOW
    )
    client = sign_in(Client(), county.users["tang"])
    page = client.get("/board/grassroots-share/?period=2026-11&part=denominator").content.decode()

    assert (sorted(row["number"] for row in own.rows), own.n_elsewhere) == (["V0", "V1"], 3)
    assert (len(whole.rows), whole.n_elsewhere) == (5, 0)
    assert "另有3条发生在您看不到的机构" in page
