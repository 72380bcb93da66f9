"""What the board shows: whose figures, as of when, opened to their records."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.figures import PatientClient
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from xinglin.indicators import behind, queries
from xinglin.indicators import figure as figures
from xinglin.indicators.definitions.reading import _indicators, indicator
from xinglin.indicators.engine.values import Value, Why
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.models import Figure
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web.words import UNITS
from xinglin.platform.definitions import DefinitionError
from xinglin.platform.errors import InvalidInput, NotPermitted, NotVisible


def shown(board: queries.Board, slug: str) -> Value:
    return next(each.now for each in board.figures if each.indicator.slug == slug)


def test_without_an_extraction_everything_is_no_data(county: Any) -> None:
    board = queries.board_for(county.mei, period="2026-11", at=NOW)

    assert board.extracted_at is None
    assert all(each.now.value is None for each in board.figures)


def test_the_board_moves_only_with_the_extraction_and_opens_to_its_records(county: Any) -> None:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="V2")

    first = shown(queries.board_for(county.mei, period="2026-11", at=NOW), "visits-by-tier")
    extract(at=NOW + timedelta(minutes=10))
    second = shown(queries.board_for(county.mei, period="2026-11", at=NOW), "visits-by-tier")
    found = behind.records_behind(county.mei, slug="visits-by-tier", period="2026-11", part="COUNTY", after="", at=NOW)

    assert (first.value, second.value) == (1, 2)
    assert dict(second.groups) == {"COUNTY": 1, "VILLAGE": 1}
    assert [row["number"] for row in found.rows] == ["V2"]


def test_a_figure_of_programmes_opens_to_the_enrolments_it_counts(county: Any) -> None:
    enrolment = an_enrolment(county, at=NOW - timedelta(days=30))
    a_programme_visit(county, enrolment, at=NOW - timedelta(hours=1))
    extract(at=NOW)
    client = sign_in(PatientClient(), county.users[county.tang and "tang"])

    for slug in ("p16b-managed-persons", "programme-visits-by-channel"):
        answer = client.get(f"/board/{slug}/?period=2026-11")
        assert answer.status_code == 200, slug
        assert answer.context["rows"], slug
        assert answer.context["rows"][0].number in {"慢病在管", "慢病随访"}
        opened = client.get(answer.context["rows"][0].url, follow=True)
        assert enrolment.resident.name in opened.content.decode()


def test_a_figure_is_computed_once_for_a_version_then_read(county: Any, django_assert_max_num_queries: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    first = queries.board_for(county.mei, period="2026-11", at=NOW)
    n_kept = Figure.objects.count()

    with django_assert_max_num_queries(12):
        again = queries.board_for(county.mei, period="2026-11", at=NOW)

    assert Figure.objects.count() == n_kept
    assert [each.now for each in again.figures] == [each.now for each in first.figures]


def test_a_township_sees_its_own_figures_only(county: Any) -> None:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    a_visit_row(county, resident, facility=county.hospital, at=NOW, number="V2")
    extract(at=NOW)

    board = queries.board_for(county.tang, period="2026-11", at=NOW)
    opened = figures.open_figure(county.tang, slug="grassroots-share", period="2026-11", level="facility", at=NOW)

    assert dict(shown(board, "visits-by-tier").groups) == {"VILLAGE": 1}
    assert county.hospital.short_name not in {each.name for each in opened.units} or not county.hospital.short_name
    assert str(county.hospital.pk) not in {each.key for each in opened.units}
    assert str(county.clinic.pk) in {each.key for each in opened.units}


def test_a_village_doctor_has_no_board(county: Any) -> None:
    for ask in (
        lambda: queries.board_for(county.alma, period="2026-11", at=NOW),
        lambda: figures.open_figure(county.alma, slug="grassroots-share", period="2026-11", at=NOW),
        lambda: behind.records_behind(
            county.alma, slug="grassroots-share", period="2026-11", part="", after="", at=NOW
        ),
    ):
        with pytest.raises(NotPermitted):
            ask()


@pytest.mark.parametrize("period", ["2026-13", "x", "2026-Q9"])
def test_what_is_no_period_is_refused(county: Any, period: str) -> None:
    with pytest.raises(InvalidInput):
        queries.board_for(county.mei, period=period, at=NOW)


def test_an_unknown_figure_or_group_is_refused(county: Any) -> None:
    with pytest.raises(NotVisible):
        figures.open_figure(county.mei, slug="no-such", period="2026-11", at=NOW)
    with pytest.raises(InvalidInput):
        queries.board_for(county.mei, period="2026-11", group="no-such", at=NOW)


def test_the_fourteen_say_what_they_miss(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)

    board = queries.board_for(county.mei, period="2026-11", group="national-2024", at=NOW)
    by_code = {str(each.indicator.content["code"]): each.now for each in board.figures}

    assert (by_code["M07"].value, by_code["M07"].numerator, by_code["M07"].denominator) == (100, 1, 1)
    assert by_code["M08"] == Value(why=Why.NO_FACTS, missing="settlements")
    assert by_code["M03(2)"].value == 0  # three clinics, none connected: a true zero
    assert by_code["M10(2)"].value is None
    assert len({code[:3] for code in by_code}) == 14


def test_the_pages_open_from_the_board_to_a_record(county: Any) -> None:
    visit = a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    assert county.mei
    client = sign_in(PatientClient(), county.users["mei"])

    board = client.get("/board/?period=2026-11&group=national-2024").content.decode()
    opened = client.get("/board/figures/grassroots-share/?period=2026-11").content.decode()
    behind = client.get("/board/grassroots-share/?period=2026-11&part=numerator").content.decode()
    workbook = client.get("/board/figures/grassroots-share/export/?period=2026-11")
    table = client.get("/board/figures/grassroots-share/export/?period=2026-11&format=csv").content.decode("utf-8-sig")

    assert "M14" in board
    assert "/board/figures/m07-grassroots-visits/?period=2026-11" in board
    assert "100.0" in opened
    assert "/board/grassroots-share/?period=2026-11&amp;part=numerator" in opened
    assert "V1" in behind
    assert str(visit.uuid) in behind or "href" in behind
    assert workbook.content[:2] == b"PK"
    assert "grassroots-share@2026-11-01" in table


def test_who_holds_the_right_at_every_facility_reads_of_the_county_and_of_nothing_less(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    said = "只统计您权限范围内的机构"
    user = county.user("gao", "bureau-officer", county.bureau, name="高", everywhere=True)
    officer, part = (sign_in(PatientClient(), each) for each in (user, county.users[county.tang and "tang"]))

    for address in ("/board/", "/board/flow/", "/board/figures/grassroots-share/"):
        assert said not in officer.get(f"{address}?period=2026-11").content.decode(), address
    assert said in part.get("/board/?period=2026-11").content.decode()


def test_a_figure_leads_to_the_one_that_looks_alike(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    client = sign_in(PatientClient(), county.users[county.mei and "mei"])

    for slug, other in (("m07-grassroots-visits", "grassroots-share"), ("grassroots-share", "m07-grassroots-visits")):
        page = client.get(f"/board/figures/{slug}/?period=2026-11").content.decode()
        assert f'href="/board/figures/{other}/?period=2026-11"' in page
    with pytest.raises(DefinitionError, match="see_also: there is no indicator 'nothing'"):
        _indicators((replace(indicator("m07-grassroots-visits").definition, content=_seeing("nothing")),))


def _seeing(slug: str) -> dict[str, Any]:
    return {**indicator("m07-grassroots-visits").content, "see_also": [slug]}


def test_visits_and_referrals_are_called_so_in_english() -> None:
    with override("en"):
        assert (str(UNITS["visits"]), str(UNITS["referrals"])) == ("visits", "referrals")
    assert str(UNITS["visits"]) == str(UNITS["referrals"]) == "人次"


def test_a_published_table_leaves_small_cells_out(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)

    opened = figures.open_figure(county.mei, slug="grassroots-share", period="2026-11", level="facility", at=NOW)
    whole, units = figures.for_publication(opened, at=NOW)
    told = {each.key: each.value for each in units}

    assert told[str(county.clinic.pk)].why is Why.SMALL
    assert whole.why is Why.SMALL
    assert next(each for each in opened.units if each.key == str(county.clinic.pk)).is_small


def test_the_board_is_kept_as_a_table_without_figures_of_few_people(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    assert county.mei
    client = sign_in(PatientClient(), county.users["mei"])

    table = client.get("/board/export/?period=2026-11&format=csv").content.decode("utf-8-sig")
    workbook = client.get("/board/export/?period=2026-11&group=national-2024").content

    line = next(each for each in table.splitlines() if each.startswith("诊疗人次（按层级）"))
    assert line.startswith("诊疗人次（按层级）,,人次,,,,人数太少，不予公布")
    assert workbook[:2] == b"PK"
