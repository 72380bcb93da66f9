"""What is not kept is computed by the worker, once, and never while somebody waits."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from tests.racing import at_once
from xinglin.indicators import behind, jobs, permissions, queries, readiness
from xinglin.indicators.definitions.reading import LEVELS, indicator, indicators
from xinglin.indicators.engine import asking, board
from xinglin.indicators.engine.board import Spot
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.values import as_cell
from xinglin.indicators.facts import extraction
from xinglin.indicators.facts.extraction import extract, files_of, latest_version
from xinglin.indicators.models import FactVersion, Figure, Reach, Revision, Snapshot
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.platform import clock
from xinglin.platform.waiting import somebody_waits

MONTH = parse("2026-11")


@pytest.fixture(autouse=True)
def a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Nobody takes up what is asked for."""
    asked: list[dict[str, Any]] = []
    for place in (asking, behind):
        monkeypatch.setattr(place, "defer_once", lambda name, **given: asked.append({"name": name, **given}))
    return asked


def some_visits(county: Any) -> FactVersion:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW, number="V1")
    a_visit_row(county, resident, facility=county.hospital, at=NOW - timedelta(days=30), number="V2")
    version = extract(at=NOW).version
    assert version is not None
    return version


def test_all_levels_in_one_pass_are_the_same_as_level_by_level(county: Any) -> None:
    version = some_visits(county)
    wanted = [each for each in indicators() if not each.growth_of]
    reach = Spot.at("county", [county.clinic.pk, county.township.pk])

    together = board.fresh_at(version, wanted, MONTH, [*(Spot(level) for level in LEVELS), reach])

    for level in LEVELS:
        assert together[Spot(level)] == board.fresh(version, wanted, MONTH, level=level)
    assert together[reach] == board.fresh(version, wanted, MONTH, level="county", facilities=reach.facilities)


def test_a_page_that_is_not_kept_says_so_and_asks_once_and_computes_nothing(
    county: Any, no_worker: list[dict[str, Any]], django_assert_max_num_queries: Any
) -> None:
    assert county.mei
    some_visits(county)
    client = sign_in(Client(), county.users["mei"])

    first = client.get("/board/?period=2026-11")
    said = first.content.decode()

    assert first.status_code == 202
    assert "这些数字正在计算" in said
    assert 'http-equiv="refresh"' in said
    assert not Figure.objects.exists()
    (job,) = no_worker
    assert (job["spot"], job["periods"]) == ("county:", ["2026-11", "2026-10"])
    assert client.get("/board/?period=2026-11").status_code == 202
    assert len({each["lock"] for each in no_worker}) == 1  # the second is the same job, which the queue refuses

    jobs.keep_asked(**{key: job[key] for key in ("version", "spot", "periods", "slugs")})

    assert client.get("/board/?period=2026-11").status_code == 200
    english = client.get("/board/figures/visits-by-tier/?period=2026-11", headers={"Accept-Language": "en"})
    assert english.status_code == 202
    assert "These figures are being computed" in english.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/board/export/", "/board/figures/visits-by-tier/", "/board/figures/visits-by-tier/export/",
        "/board/figures/visits-by-tier/trend.chart", "/board/flow/", "/board/flow/export/", "/board/flow/flow.chart", "/board/wall/",
        "/board/visits-by-tier/?part=numerator",
    ],
)  # fmt: skip
def test_no_page_of_the_board_computes(county: Any, no_worker: list[dict[str, Any]], path: str) -> None:
    assert county.mei
    some_visits(county)

    answer = sign_in(Client(), county.users["mei"]).get(path)

    assert (answer.status_code, answer["Retry-After"]) == (202, "2")
    assert no_worker
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["board", "board/visits-by-tier", "board/visits-by-tier/units", "board/visits-by-tier/records", "patient-flow"],
)
def test_programs_are_told_to_ask_again_and_the_log_tells_of_no_fault(
    county: Any, no_worker: list[dict[str, Any]], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert county.mei
    some_visits(county)

    answer = sign_in(Client(), county.users["mei"]).get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "being-computed", "2")
    assert no_worker
    assert not [each for each in caplog.records if each.levelno > logging.INFO]


def test_one_answer_is_of_one_extraction_though_another_becomes_ready_meanwhile(county: Any) -> None:
    version = some_visits(county)
    assert jobs.warm(version, at=NOW, months=1)
    with somebody_waits():
        shown = queries.latest_extraction()
        a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V9")
        extract(at=NOW + timedelta(minutes=10))
        FactVersion.objects.update(kept_at=NOW)
        again = queries.latest_extraction()

    assert shown == again
    assert queries.latest_extraction() != shown


def test_a_reader_of_some_places_waits_once_then_the_worker_knows_them(
    county: Any, no_worker: list[dict[str, Any]]
) -> None:
    version = some_visits(county)
    places = permissions.board_places(county.tang) or ()
    needs = readiness.needs_of_board(county.tang, period="2026-11", group=queries.DAILY)

    assert readiness.waiting_for(county.tang, needs, at=NOW) is not None
    assert Reach.objects.get().facilities == sorted(places)
    jobs.warm(version, at=NOW, months=1)

    assert readiness.waiting_for(county.tang, needs, at=NOW) is None
    Reach.objects.update(read_at=NOW - timedelta(days=2))
    readiness.waiting_for(county.tang, needs, at=NOW)
    assert Reach.objects.get().read_at == NOW


def test_pages_show_the_version_before_until_the_new_one_is_kept(county: Any) -> None:
    former = some_visits(county)
    assert jobs.warm(former, at=NOW, months=1)
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V3")
    newer = extract(at=NOW + timedelta(minutes=10)).version
    assert newer is not None

    shown = queries.latest_extraction()
    outdated = jobs.warm(former, at=NOW, months=1)
    kept = jobs.warm(newer, at=NOW, months=1)
    then = queries.latest_extraction()

    assert shown is not None
    assert then is not None
    assert (shown.version, outdated, kept, then.version) == (former, False, True, newer)


def test_a_job_that_waited_keeps_the_version_that_came_meanwhile(county: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for the first version, it waits; the second does not queue it again; a third comes while it runs."""
    asked: list[Any] = []
    monkeypatch.setattr(jobs, "defer_once", lambda name, *, lock, **arguments: asked.append((name, arguments)))
    some_visits(county)
    keep = jobs.warm
    n_versions = 0

    def interrupted(version: FactVersion, *, at: datetime) -> bool:
        nonlocal n_versions
        n_versions += 1
        if n_versions == 1:
            a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V4")
            jobs.bring_up_to_date(at=NOW + timedelta(minutes=20))
        return keep(version, at=at, months=1)

    monkeypatch.setattr(jobs, "warm", interrupted)
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V3")
    jobs.bring_up_to_date(at=NOW + timedelta(minutes=10))
    jobs.warm_newest()

    assert asked == [("indicators.warm", {})] * 2
    assert n_versions == 2
    shown, newest = queries.latest_extraction(), latest_version()
    assert shown is not None
    assert shown.version == newest


def test_the_version_that_is_shown_stays_however_many_follow(county: Any) -> None:
    shown = some_visits(county)
    jobs.warm(shown, at=NOW, months=1)
    for n in range(7):
        a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number=f"W{n}")
        extract(at=NOW + timedelta(minutes=n))

    assert FactVersion.objects.filter(pk=shown.pk).exists()
    assert all(extraction.folder("visits").joinpath(each).exists() for each in files_of(shown, "visits"))


def test_what_the_worker_keeps_is_all_that_pages_open_with(county: Any, no_worker: list[dict[str, Any]]) -> None:
    assert county.mei
    version = some_visits(county)
    jobs.warm(version, at=NOW)
    client = sign_in(Client(), county.users["mei"])

    for path in (
        "", "?group=national-2024", "?period=2026-10", "?period=2026-Q4", "?period=2026", "flow/", "flow/?kind=INPATIENT",
        "wall/", "figures/m07-grassroots-visits/", "figures/m07-grassroots-visits/?level=facility&view=funnel",
        "figures/p10-hypertension-managed/?view=map",
    ):  # fmt: skip
        assert client.get(f"/board/{path}").status_code == 200, path
    assert no_worker == []


@pytest.mark.django_db(transaction=True)
def test_two_who_need_the_same_at_once_have_it_computed_once(county: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    version = some_visits(county)
    n_computed = []
    real = board.fresh_at

    def counted(*given: Any) -> Any:
        n_computed.append(threading.current_thread().name)
        return real(*given)

    monkeypatch.setattr(board, "fresh_at", counted)
    wanted = [indicator("visits-by-tier")]
    found = at_once(*[lambda: board.keep(version, MONTH, spots=[Spot()], wanted=wanted, at=NOW)] * 2)

    assert len(n_computed) == 1
    assert found[0] == found[1]


def test_a_month_in_another_layout_is_written_anew_and_is_no_revision(
    county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = a_resident(county)
    for n in range(3):
        a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=90), number=f"V{n}")
    monkeypatch.setattr(extraction, "GROUP_ROWS", 1)
    monkeypatch.setattr(extraction, "_LAYOUT", 1)
    monkeypatch.setattr("xinglin.indicators.facts.copying.BLOCK", 256)
    old = extract(at=NOW).version
    assert old is not None
    (small,) = files_of(old, "visits")
    n_small = pq.ParquetFile(small).num_row_groups
    monkeypatch.undo()

    new = extract(at=NOW + timedelta(minutes=1)).version
    assert new is not None
    (file,) = files_of(new, "visits")

    assert n_small > 1
    assert pq.ParquetFile(file).num_row_groups == 1
    assert pq.read_table(file) == pq.read_table(small)
    assert latest_version() == new != old
    assert not Revision.objects.exists()


def test_records_behind_a_figure_are_found_by_the_worker_ten_pages_at_a_time(
    county: Any, worker_at_hand: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "PAGE", 2)
    monkeypatch.setattr(behind, "AT_ONCE", 2)
    resident = a_resident(county)
    for n in range(7):
        a_visit_row(county, resident, facility=county.clinic, at=NOW, number=f"V{n}")
    extract(at=NOW)
    assert county.mei
    client = sign_in(Client(), county.users["mei"])
    address, told, after = "/api/v1/board/visits-by-tier/records?period=2026-11", [], ""

    for _page in range(4):
        answer = client.get(f"{address}&after={after}")
        if answer.status_code == 503:
            answer = client.get(f"{address}&after={after}")
        told += [each["number"] for each in answer.json()["records"]]
        after = answer.json()["next_after"]

    assert sorted(told) == [f"V{n}" for n in range(7)]
    assert not after
    assert [each["after"] != "" for each in worker_at_hand] == [False, True]


@pytest.mark.parametrize("after", ["x", "1 OR 1=1", "01890000-0000-7000-8000-00000000000"])
def test_a_page_of_records_after_nothing_is_refused(county: Any, after: str) -> None:
    assert county.mei
    some_visits(county)

    answer = sign_in(Client(), county.users["mei"]).get(
        "/api/v1/board/visits-by-tier/records", {"period": "2026-11", "after": after}
    )

    assert answer.status_code == 422


def test_publishing_a_period_nobody_opened_is_asked_of_the_worker_and_what_was_typed_stays(
    county: Any, no_worker: list[dict[str, Any]]
) -> None:
    assert county.mei
    some_visits(county)
    client, typed = sign_in(Client(), county.users["mei"]), {"title": "九月通报", "period": "2026-09"}

    first = client.post("/board/returns/publish/", typed)

    assert first.status_code == 503
    assert "正在计算" in first.content.decode()
    assert 'value="九月通报"' in first.content.decode()
    assert not Snapshot.objects.exists()
    (job,) = no_worker
    assert sorted(each.split(":")[0] for each in job["spot"].split()) == sorted(LEVELS)  # one pass
    assert set(job["periods"]) == {"2026-09", "2025-09"}

    jobs.keep_asked(**{key: job[key] for key in ("version", "spot", "periods", "slugs")})

    assert client.post("/board/returns/publish/", typed).status_code == 302
    assert Snapshot.objects.get().title == "九月通报"


def test_what_is_counted_by_month_for_many_periods_is_what_each_period_comes_to_by_itself(county: Any) -> None:
    resident = a_resident(county)
    for n in range(40):
        place = (county.clinic, county.township, county.hospital)[n % 3]
        a_visit_row(county, resident, facility=place, at=NOW - timedelta(days=11 * n), number=f"V{n}")
    version = extract(at=NOW).version
    assert version is not None

    assert jobs.warm(version, at=NOW, months=14)

    wanted = [each for each in indicators() if not each.growth_of]
    for period in [*jobs.opened_with(MONTH), *MONTH.months_back(14)]:
        for level in LEVELS if period in jobs.opened_with(MONTH) else ["county"]:
            rows = Figure.objects.filter(version=version, period=period.text, level=level, places="")
            kept = {row.definition: row.cells for row in rows}
            fresh = board.fresh(version, wanted, period, level=level)
            for each in wanted:
                assert kept[each.key] == {unit: as_cell(value) for unit, value in fresh[each.slug].items()}, each.slug
