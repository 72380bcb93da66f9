"""Diagnosis tables: the starter one, and official ones from Excel and CSV, clean and dirty."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.factories.county import NOW
from tests.factories.visits import a_term
from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.platform.models import AuditRecord
from xinglin.visits import loading, queries, tables
from xinglin.visits.events import Event
from xinglin.visits.models import DiagnosisTerm
from xinglin.visits.pinyin import initials_of

pytestmark = pytest.mark.django_db
GOOD = "诊断编码,诊断名称,启用日期\nI10.x00x002,原发性高血压,2020-01-01\nE11.900,2型糖尿病,\n"


def a_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A CSV file."""
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def a_workbook(folder: Path, *rows: list[Any]) -> Path:
    """A workbook with one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def taken(path: Path, **options: Any) -> loading.Report:
    """Import as ICD-10."""
    return loading.import_terms(path, **{"system": "ICD-10", "source": "国临版2.0", "at": NOW, **options})


def test_the_starter_table_loads_once_and_leaves_what_a_county_imported() -> None:
    a_term("I10.x00", "特发性(原发性)高血压", source="国临版2.0")

    first, second = loading.load_starter_terms(), loading.load_starter_terms()

    assert first > 400
    assert second == 0
    assert DiagnosisTerm.objects.get(code="I10.x00").name == "特发性(原发性)高血压"
    assert DiagnosisTerm.objects.filter(system="TCM").count() >= 40


def test_every_code_of_the_starter_table_is_written_as_a_code() -> None:
    loading.load_starter_terms()

    for term in DiagnosisTerm.objects.all():
        assert loading.CODE_SHAPES[term.system].fullmatch(term.code), term.code
        assert term.initials


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    report = taken(a_csv(tmp_path, GOOD, encoding))

    assert (report.saved, report.n_rows, report.n_new, report.errors) == (True, 2, 2, [])
    term = DiagnosisTerm.objects.get(code="I10.x00x002")
    assert (term.name, term.initials, term.source, term.valid_from) == (
        "原发性高血压",
        "yfxgxy",
        "国临版2.0",
        date(2020, 1, 1),
    )
    assert AuditRecord.objects.get(event=Event.TERMS_IMPORTED).detail["new"] == 2


def test_a_workbook_with_a_title_above_its_headings(tmp_path: Path) -> None:
    path = a_workbook(
        tmp_path,
        ["疾病分类与代码国家临床版2.0"],
        [None, None, None],
        ["序号", "主要编码", "疾病名称", "停用日期"],
        [1, "J06.900", "急性上呼吸道感染", None],
        [2, "J06.901", "上呼吸道感染", datetime(2030, 1, 1)],
        [None, None, None, None],
    )

    report = taken(path)

    assert (report.saved, report.n_rows, report.errors) == (True, 2, [])
    assert DiagnosisTerm.objects.get(code="J06.901").valid_until == date(2030, 1, 1)


def test_a_dirty_table_saves_nothing_and_names_every_fault(tmp_path: Path) -> None:
    path = a_workbook(
        tmp_path,
        ["编码", "名称", "启用日期", "停用日期", "常用度", "体系"],
        ["I10.x00", "高血压", None, None, None, None],
        ["I10.x00", "高血压（重复）", None, None, None, None],
        ["高血压", "编码写成了名称", None, None, None, None],
        ["E11.900", None, None, None, None, None],
        [None, "没有编码", None, None, None, None],
        ["J00.x00", "感冒", "去年", None, None, None],
        ["J01.900", "鼻窦炎", "2024-01-01", "2023-01-01", None, None],
        ["J02.900", "咽炎", None, None, "很常见", None],
        ["J03.900", "扁桃体炎", None, None, None, "兽医"],
        ["J04.000", "锟斤拷�", None, None, None, None],
    )

    report = taken(path)

    assert not report.saved
    assert DiagnosisTerm.objects.count() == 0
    assert [(error.row, error.column) for error in report.errors] == [
        (3, "编码"), (4, "编码"), (5, "名称"), (6, "编码"), (7, "启用日期"), (8, "停用日期"),
        (9, "常用度"), (10, "体系"), (11, "名称"),
    ]  # fmt: skip
    assert "第2行" in str(report.errors[0].message)


def test_a_dry_run_counts_and_saves_nothing(tmp_path: Path) -> None:
    a_term("E11.900", "糖尿病2型")

    report = taken(a_csv(tmp_path, GOOD), dry_run=True)

    assert (report.saved, report.n_new, report.n_changed) == (False, 1, 1)
    assert DiagnosisTerm.objects.get().name == "糖尿病2型"


def test_a_second_edition_changes_names_keeps_rank_and_may_retire_the_starter(tmp_path: Path) -> None:
    loading.load_starter_terms()
    rank = DiagnosisTerm.objects.get(code="E11.900").rank

    report = taken(a_csv(tmp_path, GOOD.replace("2型糖尿病", "2型糖尿病(新)")), retire_starter=True)

    term = DiagnosisTerm.objects.get(code="E11.900")
    assert (term.name, term.rank, report.n_changed) == ("2型糖尿病(新)", rank, 1)
    assert report.n_retired > 300
    assert DiagnosisTerm.objects.get(code="J06.900").valid_until == NOW.date()
    assert [each.code for each in queries.search_terms("上呼吸道", on=NOW.date())] == []


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\xff\xfe\x00\x00\x81\x20", "unknown-encoding"), (b"a,b\n1,2\n", "no-headings"), (b"", "no-headings")],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    with pytest.raises(InvalidInput) as refusal:
        taken(path)

    assert refusal.value.code == code


def test_a_broken_or_missing_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    with pytest.raises(InvalidInput):
        taken(path)
    path.write_bytes(b"PK\x03\x04 not a workbook")

    with pytest.raises(InvalidInput):
        taken(path)


def test_a_workbook_that_unpacks_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1000)

    with pytest.raises(TooLarge):
        taken(a_workbook(tmp_path, ["编码", "名称"], ["I10.x00", "高血压"]))


def test_an_empty_table_is_a_fault(tmp_path: Path) -> None:
    report = taken(a_csv(tmp_path, "编码,名称\n"))

    assert not report.saved
    assert len(report.errors) == 1


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("diagnoses", "load", skip_checks=True)
    call_command("diagnoses", "import", str(a_csv(tmp_path, GOOD)), skip_checks=True)
    said = capsys.readouterr().out

    assert "new terms" in said
    assert "2 rows: 1 new, 1 changed" in said
    with pytest.raises(CommandError, match="1 faults, nothing was saved"):
        call_command("diagnoses", "import", str(a_csv(tmp_path, "编码,名称\nXX,高血压\n")), skip_checks=True)


@pytest.mark.parametrize(
    ("name", "letters"), [("2型糖尿病", "2xtnb"), ("急性胃肠炎", "jxwcy"), ("急性上呼吸道感染", "jxshxdgr")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials_of(name) == letters


def test_search_puts_the_closest_and_commonest_first() -> None:
    loading.load_starter_terms()
    today = NOW.date()

    assert queries.search_terms("高血压", on=today)[0].code == "I10.x00"
    assert queries.search_terms("tnb", on=today)[0].code in {"E14.900", "E11.900"}
    assert queries.search_terms("j06", on=today)[0].code == "J06.900"
    assert queries.search_terms("眩晕", on=today, system="TCM")[0].name == "眩晕病"
    assert queries.search_terms("", on=today)[0].code == "J06.900"
    assert queries.search_terms("%", on=today) == []
