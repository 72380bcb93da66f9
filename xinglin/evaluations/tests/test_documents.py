"""Papers: the same content as PDF, Word and Excel; amounts in capitals."""

import io

import pytest
from django.test import Client
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.evaluations import Assessment
from tests.factories.network import merge
from xinglin.evaluations import actions, sharing
from xinglin.evaluations.documents import fund_paper, notice_paper, sheet_paper
from xinglin.evaluations.documents.contents import period_words
from xinglin.evaluations.documents.forms import pdf_of, sheets_of
from xinglin.evaluations.documents.word import word_of
from xinglin.evaluations.rules.capitals import capital_amount
from xinglin.indicators.models import SnapshotFigure


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (105, "壹元零伍分"), (500, "伍元整"), (1_00_00, "壹佰元整"),
        (1_005_00, "壹仟零伍元整"), (10_0000_02, "壹拾万元零贰分"), (1_0001_00, "壹万零壹元整"), (1_0000_0001_30, "壹亿零壹元叁角整"),
        (100_000_001, "壹佰万元零壹分"), (3205_0040_12, "叁仟贰佰零伍万零肆拾元壹角贰分"),
    ],
)  # fmt: skip
def test_amounts_in_capitals(fen, words):
    assert capital_amount(fen) == words


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_two_amounts_are_never_written_alike(one, two):
    assert (capital_amount(one) == capital_amount(two)) == (one == two)


@pytest.mark.parametrize(
    ("period", "words"),
    [("2026-Q3", "2026年第三季度"), ("2026-06-YTD", "2026年上半年"), ("2026", "2026年度"), ("2026-09", "2026年9月")],
)
def test_periods_as_papers_write_them(period, words):
    assert period_words(period) == words


def texts(content: bytes) -> str:
    file = Document(io.BytesIO(content))
    cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in file.paragraphs), *cells])


@pytest.mark.django_db
def test_a_notice_in_its_three_forms(county):
    notice = Assessment(county).published().now().publications.get()
    paper = notice_paper(notice)
    assert paper.title == "关于2026年第三季度乡级机构季度考核情况的通报"
    assert pdf_of(paper).startswith(b"%PDF-")
    word = texts(word_of(paper))
    for wanted in (
        "薛卫健〔2026〕31号",
        "各成员单位：",
        "沙沟镇卫生院",
        "86.41",
        "薛城区医共体管理办公室",
        "2026年11月20日",
    ):
        assert wanted in word
    rows = list(load_workbook(io.BytesIO(sheets_of(paper))).worksheets[0].values)
    assert rows[0][0] == paper.title
    assert rows[1][0] == "薛卫健〔2026〕31号"
    at = rows.index(("名次", "单位", "得分", "备注"))
    assert rows[at + 1][:3] == ("1", "沙沟镇卫生院", 86.41)
    assert "quarterly-check" not in word
    assert "年11月1日版" in word


@pytest.mark.django_db
def test_a_unit_that_was_merged_says_so_in_the_ranking_and_on_its_paper(county):
    assessment = Assessment(county).told()
    merge(county.other_township, county.township)
    assessment.confirm_and_publish()
    notice = assessment.now().publications.get()
    page = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), county.users["mei"]).get(
        f"/evaluations/rounds/{assessment.round.uuid}/ranking/"
    )

    assert [each.get("merged_on") for each in notice.lines if each["name"] == "周营镇卫生院"] == ["2026-11-20"]
    assert [row[3] for row in notice_paper(notice).tables[0].rows if row[1] == "周营镇卫生院"] == [
        "2026-11-20并入沙沟镇卫生院"
    ]
    assert "merged into 沙沟镇卫生院 on 2026-11-20" in page.content.decode()


@pytest.mark.django_db
def test_a_sheet_shows_figures_with_their_parts_and_who_decided(county):
    assessment = Assessment(county).told()
    item = assessment.item(county.township, "A1")
    appeal = actions.raise_appeal(item=item, wanted=900, reason="漏计", by=county.tang, at=NOW)
    actions.decide_appeal(appeal=appeal, uphold=True, points=900, answer="补计履约", by=assessment.gao, at=NOW)
    paper = sheet_paper(assessment.sheet(county.township), at=NOW)
    (row,) = [each for table in paper.tables for each in table.rows if each[0] == "A1"]
    assert row[2] == "75% 90 / 120"
    assert "申诉成立：补计履约" in row[-1]
    assert "单位负责人（签字）" in texts(word_of(paper))
    assert pdf_of(paper).startswith(b"%PDF-")


@pytest.mark.django_db
def test_a_table_of_a_distribution_adds_up_and_is_signed(county):
    assessment = Assessment(county).closed()
    cells = {"370403101": {"v": 50.0, "n": 1, "d": 30_000}, "370403102": {"v": 50.0, "n": 1, "d": 18_000}}
    SnapshotFigure.objects.create(
        snapshot=assessment.round.snapshot, slug="p01-contract-coverage", level="township", cells=cells
    )
    made = actions.draft_fund(
        slug="public-health", of_round=assessment.now(), given={"amount": 100_000_001}, by=county.mei, at=NOW
    )
    paper = fund_paper(made, sharing.lines_visible_to(county.mei, made), at=NOW)
    summed = paper.tables[0].rows[-1]
    assert summed[1] == "合计"
    assert sum(summed[2:4]) == summed[4]
    assert f"{summed[4]:.2f}" == "1000000.01"
    assert "壹佰万元零壹分" in paper.text[0]
    word = texts(word_of(paper))
    assert "财务负责人（签字）" in word
    assert "得分率0.8641" in word
    assert pdf_of(paper).startswith(b"%PDF-")
