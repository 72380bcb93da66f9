"""Returns from outside: taken whole or not at all, counted once, replaced, in last year's layout; and figures published."""

import ast
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.residents import a_resident
from xinglin.indicators import keeping, queries
from xinglin.indicators.actions import publish_figures, take_return
from xinglin.indicators.definitions.language import measures
from xinglin.indicators.definitions.reading import indicator, indicators
from xinglin.indicators.engine import board
from xinglin.indicators.engine.computing import WHOLE
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.snapshots import differences
from xinglin.indicators.engine.values import Value, Why, as_cell
from xinglin.indicators.facts.extraction import extract, files_of, latest_version
from xinglin.indicators.facts.layouts import layout, layouts
from xinglin.indicators.facts.pseudonyms import pseudonym
from xinglin.indicators.figure import open_figure
from xinglin.indicators.models import ReturnBatch, ReturnRow, Snapshot, SnapshotFigure
from xinglin.indicators.tests.test_facts import a_visit_row, rows
from xinglin.indicators.web.words import IMPLAUSIBLE, implausible
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.facts import tables

HEAD = "结算编号,结算日期,身份证号,机构编码,就医地点,机构层级,类别,险种,总费用（元）,基金支付（元）"


def settlements(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def a_line(key: str, *, on: str = "2026-10-05", code: str = "H01", place: str = "县内", fund: str = "60") -> str:
    return f"{key},{on},,{code},{place},县级,住院,居民,100.00,{fund}"


def taken(
    county: Any, content: bytes, *, month: str = "2026-10", kind: str = "settlements", at: Any = NOW
) -> ReturnBatch:
    """A return, in the place of the one that stands for the month."""
    stands = keeping.standing(kind, month)
    return take_return(
        kind=kind, month=month, content=content, file_name="r.csv", replaces=str(stands.uuid) if stands else "",
        by=county.mei, at=at,
    )  # fmt: skip


def value(slug: str, period: str = "2026-10") -> Value:
    run = extract(at=NOW)
    assert run.version is not None
    return board.figures(run.version, parse(period), wanted=[indicator(slug)], at=NOW)[slug][WHOLE]


def test_a_return_becomes_facts_and_the_figure_that_waited_for_them_is_known(county: Any) -> None:
    assert value("m08-in-county-fund") == Value(why=Why.NO_FACTS, missing="settlements")

    taken(county, settlements(a_line("A1"), a_line("A2", code="", place="县外", fund="20")))
    found = value("m08-in-county-fund")

    assert (found.value, found.numerator, found.denominator) == (75, 6000, 8000)


def test_somebody_on_record_is_matched_by_number_and_nobody_else_is_named(county: Any) -> None:
    resident = a_resident(county)
    number = str(resident.id_number)
    line = f"A1,2026-10-05,{number},H01,县内,县级,住院,居民,100,60"
    taken(county, settlements(line, line.replace("A1", "A2").replace(number, "370403199001011234")))
    extract(at=NOW)

    people = [row["person"] for row in rows("settlements")]

    assert people[0] == pseudonym(resident.pk)
    assert len(set(people)) == 2
    assert number not in str(list(ReturnRow.objects.values()))


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        (a_line("A1", on="2026-09-05"), "2.结算日期", "不在统计月份"),
        (a_line("A1", on="2026-13-05"), "2.结算日期", "读不懂"),
        (a_line("A1", fund="六十"), "2.基金支付（元）", "读不懂"),
        (a_line("A1", fund="1.005"), "2.基金支付（元）", "读不懂"),
        (a_line("A1", fund="NaN"), "2.基金支付（元）", "读不懂"),
        (a_line("A1", place="国外"), "2.就医地点", "读不懂"),
        (a_line("A1", code="X99"), "2.机构编码", "没有编码为"),
        (a_line("", on="2026-10-05"), "2.结算编号", "必填"),
        ("\n".join([a_line("A1"), a_line("A1")]), "3.结算编号", "与第2行编号相同"),
    ],
)
def test_every_fault_is_told_with_its_place_and_nothing_is_taken(
    county: Any, line: str, place: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(county, settlements(line, a_line("B9")))

    assert words in str(refused.value.fields[place])
    assert not ReturnBatch.objects.exists()
    assert not ReturnRow.objects.exists()


def test_the_headings_of_last_year_are_known_and_what_they_lack_is_said(county: Any) -> None:
    old = HEAD.replace("结算编号", "结算单号").replace("总费用（元）", "总费用").replace("基金支付（元）", "统筹支付")

    assert taken(county, settlements(a_line("A1"), head=old)).n_rows == 1
    with pytest.raises(InvalidInput, match="以往年度的版式，缺少：险种"):
        taken(county, settlements(head=old.replace(",险种", "")))
    with pytest.raises(InvalidInput, match="不认识的列：备注"):
        taken(county, settlements(head=HEAD + ",备注"))


def test_a_heading_nobody_knows_is_named_beside_the_one_that_is_missing_and_what_it_may_mean_is_asked(
    county: Any,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(county, settlements(head=HEAD.replace("险种", "保险种类") + ",备注"))
    with override("en"), pytest.raises(InvalidInput) as in_english:
        taken(county, settlements(head=HEAD.replace("险种", "Insured")))

    assert str(refused.value.fields["1"]) == "缺少列：险种。不认识的列：保险种类（是不是“险种”？）、备注。"
    assert (
        str(in_english.value.fields["1"])
        == "Columns missing: Insurance. Unknown columns: Insured (did you mean “Insurance”?)."
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_empty_table_of_either_language_is_taken_as_it_is(county: Any, language: str) -> None:
    assert county.mei
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE=language), county.users["mei"])

    for kind in (each.kind for each in layouts()):
        empty = client.get(f"/board/returns/{kind}.xlsx").content
        heads, how = (list(each.values) for each in openpyxl.load_workbook(io.BytesIO(empty)))
        month = "2026-12" if kind == "staff_income" else "2026-10"
        words = "".join(str(cell) for row in [*heads, *how] for cell in row if cell)

        assert taken(county, empty, month=month, kind=kind).n_rows == 0
        assert [str(each).rstrip("*") for each in heads[0]] == [row[0] for row in how[1:]]
        assert words.isascii() is (language == "en"), words


def test_a_table_filled_in_in_english_says_the_same_and_its_faults_are_told_by_its_own_headings(county: Any) -> None:
    head = "settlement number*,Settlement date,Facility code,Place of care,Facility tier,Kind,Insurance,Total cost (yuan),Paid by the fund（yuan）"
    line = "A1,2026-10-05,H01,In the county,county,Inpatient,RESIDENT,100,60"

    with override("en"), pytest.raises(InvalidInput) as refused:
        taken(county, settlements(line, line.replace("A1", "A2").replace("In the county", "Abroad"), head=head))
    taken(county, settlements(line, head=head))

    assert refused.value.fields == {
        "3.Place of care": "“Abroad” cannot be read. Write: one of In the county, Outside, Pharmacy."
    }
    english = ReturnRow.objects.get().content
    taken(county, settlements(a_line("A1", fund="60")))
    assert ReturnRow.objects.get().content == english


def test_items_of_statistical_returns_are_those_that_indicators_ask_for(county: Any) -> None:
    (items,) = (each.choices for each in layout("returns").columns if each.name == "item")
    trees = [each for one in indicators() for each in (one.numerator, one.denominator) if each is not None]
    asked = {
        node.value for tree in trees for one in measures(tree) if one.rows.table == "returns" and one.rows.where
        for node in ast.walk(one.rows.where) if isinstance(node, ast.Constant)
    }  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        taken(county, "编号,统计日期,机构编码,项目,数值\nR1,2026-10-31,H01,body-membres,9".encode(), kind="returns")

    assert set(items.values()) == asked
    assert "领导班子成员数" in str(refused.value.fields["2.项目"])


def test_a_settlement_counts_once_and_a_later_return_of_the_month_replaces(county: Any) -> None:
    taken(county, settlements(a_line("A1"), a_line("A2")))
    again = settlements(a_line("A1", on="2026-09-05"), a_line("B1", on="2026-09-05"), a_line("A2", on="2026-09-05"))
    with pytest.raises(InvalidInput) as refused:
        taken(county, again, month="2026-09")
    assert sorted(refused.value.fields) == ["2.结算编号", "4.结算编号"]
    assert "已在 2026-10 的上报中（第2行），不能重复计算：内容不同" in str(refused.value.fields["2.结算编号"])

    taken(county, settlements(a_line("A1"), a_line("A2"), a_line("A3")), at=NOW + timedelta(hours=1))
    extract(at=NOW)

    assert len(rows("settlements")) == 3
    assert ReturnBatch.objects.filter(replaced_by__isnull=True).count() == 1
    assert ReturnBatch.objects.count() == 2


def test_a_month_may_be_sent_again_and_again(county: Any) -> None:
    for n in range(1, 5):
        lines = [a_line(f"A{k}") for k in range(n)]
        taken(county, settlements(*lines), at=NOW + timedelta(hours=n))

    assert [each.n_rows for each in ReturnBatch.objects.filter(replaced_by__isnull=True)] == [4]
    assert ReturnRow.objects.count() == 4
    before = ReturnBatch.objects.exclude(replaced_by__isnull=True).order_by("id")
    assert [each.replaced_by.n_rows for each in before] == [2, 3, 4]


def test_a_settlement_corrected_in_a_later_month_is_counted_once_and_what_it_said_is_kept(county: Any) -> None:
    taken(county, settlements(a_line("A1"), a_line("A2")))
    head = HEAD + ",更正"
    again = settlements(f"{a_line('A1')},", head=head)
    with pytest.raises(InvalidInput) as told:
        taken(county, again, month="2026-11")
    assert "不在统计月份" in str(told.value.fields["2.结算日期"])
    with pytest.raises(InvalidInput) as same:
        taken_elsewhere(county, again)
    assert "内容相同" in str(same.value.fields["2.结算编号"])
    with pytest.raises(InvalidInput) as nothing:
        taken(county, settlements(f"{a_line('Z9')},是", head=head), month="2026-11")
    assert "没有可更正的记录" in str(nothing.value.fields["2.结算编号"])

    corrected = settlements(f"{a_line('A1', fund='20')},是", head=head)
    taken(county, corrected, month="2026-11")
    found = value("m09-grassroots-fund")
    taken(county, corrected, month="2026-11", at=NOW + timedelta(hours=1))
    row = ReturnRow.objects.get(key="A1")

    assert found.denominator == 8000
    assert value("m09-grassroots-fund") == found
    assert (row.batch.month, row.former["month"], row.former["content"]["fund_fen"]) == ("2026-11", "2026-10", 6000)
    assert ReturnRow.objects.count() == 2


def taken_elsewhere(county: Any, content: bytes) -> ReturnBatch:
    """The same month, sent by a facility for itself."""
    return take_return(
        kind="settlements", month="2026-10", content=content, file_name="r.csv", facility_id=county.hospital.pk, by=county.mei,
        at=NOW,
    )  # fmt: skip


def test_nothing_to_report_is_a_true_zero_and_silence_is_not(county: Any) -> None:
    births = "编号,出生日期,活产\n" + "\n".join(f"B{n},2026-10-0{n},是" for n in range(1, 4))
    taken(county, births.encode(), kind="births")
    assert value("p38-maternal-mortality").why is Why.NO_FACTS

    taken(county, "编号,死亡日期,年龄,根本死因,四类慢病".encode(), kind="deaths")
    found = value("p38-maternal-mortality")

    assert (found.value, found.numerator, found.denominator) == (0, 0, 3)


def test_who_may_not_sends_nothing_and_an_unknown_kind_is_none(county: Any) -> None:
    for actor in (county.tang, county.alma):
        with pytest.raises(NotPermitted):
            take_return(kind="settlements", month="2026-10", content=settlements(), file_name="r.csv", by=actor, at=NOW)
        with pytest.raises(NotPermitted):
            publish_figures(title="x", period="2026-10", by=actor, at=NOW)
    with pytest.raises(NotVisible):
        taken(county, settlements(), kind="weather")
    with pytest.raises(InvalidInput):
        taken(county, settlements(), month="2026")


def test_every_layout_is_whole_and_the_calendar_tells_late_and_missing(county: Any) -> None:
    taken(county, settlements(a_line("A1")))
    taken(county, settlements(a_line("S1", on="2026-09-05")), month="2026-09")
    found = {
        row.layout.kind: {due.month: due.state for due in row.months}
        for row in keeping.calendar(["2026-11", "2026-10", "2026-09"], today=date(2026, 11, 20))
    }

    assert len(layouts()) == 11
    assert found["settlements"] == {"2026-11": "WAITING", "2026-10": "TAKEN", "2026-09": "LATE"}
    assert found["staff_income"]["2026-10"] == "NONE"  # due once a year, of December
    assert found["complaints"] == {"2026-11": "WAITING", "2026-10": "MISSING", "2026-09": "MISSING"}


@pytest.mark.thorough
def test_what_was_published_is_computed_again_to_the_digit_after_everything_changed(county: Any) -> None:
    resident = a_resident(county)
    a_visit_row(county, resident, facility=county.clinic, at=NOW - timedelta(days=60), number="V1")
    extract(at=NOW)
    snapshot = publish_figures(title="三季度通报", period="2026-09", by=county.mei, at=NOW)

    for n in range(8):  # late rows, and more versions than are kept
        a_visit_row(county, resident, facility=county.hospital, at=NOW - timedelta(days=60), number=f"L{n}")
        extract(at=NOW + timedelta(minutes=n))
    opened = open_figure(county.mei, slug="grassroots-share", period="2026-09", at=NOW)

    assert files_of(snapshot.version, "visits")
    assert differences(snapshot) == []
    assert (opened.now.numerator, opened.now.denominator) == (1, 9)
    assert (opened.published[0].value.value, opened.published[0].is_revised) == (100, True)
    assert (opened.revisions[0].rows_before, opened.revisions[0].rows_after) == (8, 9)
    with pytest.raises(Conflict):
        publish_figures(title="三季度通报", period="2026-09", by=county.mei, at=NOW)


def test_a_published_figure_that_a_late_row_changed_is_marked_wherever_it_stands(county: Any) -> None:
    assert county.mei
    resident, september = a_resident(county), NOW - timedelta(days=60)
    a_visit_row(county, resident, facility=county.clinic, at=september, number="V1")
    then = value("grassroots-share", "2026-09")
    snapshot = Snapshot.objects.create(
        title="九月", period="2026-09", version=latest_version(), frozen_at=NOW, frozen_by_name="梅", definitions={}
    )
    SnapshotFigure.objects.create(
        snapshot=snapshot, slug="grassroots-share", level="county", cells={WHOLE: as_cell(then)}
    )
    client = sign_in(Client(), county.users["mei"])
    queries.board_for(county.mei, period="2026-09", at=NOW)
    before = [client.get(each).content.decode() for each in ("/board/?period=2026-09", "/board/returns/?month=2026-09")]

    a_visit_row(county, resident, facility=county.hospital, at=september, number="late")
    extract(at=NOW + timedelta(minutes=10))
    queries.board_for(county.mei, period="2026-09", at=NOW)
    board_then, kept_then = (
        client.get(each).content.decode() for each in ("/board/?period=2026-09", "/board/returns/?month=2026-09")
    )

    assert not any("发布后有修订" in each for each in before)
    assert "与发布时相同" in before[1]
    assert "发布后有修订" in board_then
    assert "发布时 100" in board_then
    assert "1 项指标现在不同" in kept_then


@pytest.mark.thorough
def test_a_published_figure_that_was_tampered_with_is_found(county: Any) -> None:
    a_visit_row(county, a_resident(county), facility=county.clinic, at=NOW, number="V1")
    extract(at=NOW)
    snapshot = publish_figures(title="月报", period="2026-11", by=county.mei, at=NOW)
    SnapshotFigure.objects.filter(slug="grassroots-share", level="county").update(
        cells={WHOLE: {"v": 99.0, "n": 1, "d": 1}}
    )

    assert differences(snapshot) == ["grassroots-share county all"]


def test_the_page_takes_a_return_shows_faults_and_publishes(county: Any) -> None:
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    def send(content: bytes) -> Any:
        file = SimpleUploadedFile("r.csv", content)
        return client.post("/board/returns/send/", {"kind": "settlements", "month": "2026-10", "file": file})

    faulty = send(settlements(a_line("A1", fund="六十")))
    good = send(settlements(a_line("A1")))
    extract(at=NOW)
    typed = {"title": "十月", "period": "2026-10"}
    asked, published = (client.post("/board/returns/publish/", typed) for _time in range(2))
    shown = client.get("/board/returns/?month=2026-10").content.decode()

    assert (faulty.status_code, good.status_code, asked.status_code, published.status_code) == (422, 302, 503, 302)
    assert "读不懂" in faulty.content.decode()
    assert "十月" in shown
    assert "settlements" in shown
    assert client.get("/board/returns/settlements.xlsx").content[:2] == b"PK"
    assert client.get("/board/returns/?month=2026").status_code == 422
    assert queries.latest_extraction() is not None


def test_every_check_of_rows_is_told_in_both_languages() -> None:
    meanings = {each.meaning for table in tables().values() for each in table.checks}

    assert meanings <= IMPLAUSIBLE.keys()
    for meaning in meanings:
        assert not implausible(meaning).isascii()
        with override("en"):
            assert implausible(meaning) == meaning


def test_a_program_sends_a_return_once_and_is_told_each_fault(county: Any) -> None:
    assert county.mei
    client = sign_in(Client(), county.users["mei"])

    def send(content: bytes, key: str) -> Any:
        said = {"kind": "settlements", "month": "2026-10", "file": SimpleUploadedFile("r.csv", content)}
        return client.post("/api/v1/returns", said, headers={"Idempotency-Key": key})

    faulty = send(settlements(a_line("A1"), a_line("A1")), "k1")
    first, again = (send(settlements(a_line("A1")), "k2") for _time in range(2))

    assert faulty.status_code == 422
    assert list(faulty.json()["fields"]) == ["3.结算编号"]
    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["n_rows"], ReturnBatch.objects.count()) == (1, 1)
