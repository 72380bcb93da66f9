"""Reading a table from Excel or CSV, whatever its headings are called and whichever way its Chinese is encoded."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from xinglin.platform.errors import InvalidInput, TooLarge, wrong

#: What a column may be called.
HEADINGS = {
    "code": (
        "code",
        "编码",
        "代码",
        "诊断编码",
        "诊断代码",
        "疾病编码",
        "疾病代码",
        "主要编码",
        "icd编码",
        "icd-10编码",
        "icd10编码",
        "icd码",
    ),
    "name": ("name", "名称", "诊断名称", "疾病名称", "诊断", "中文名称", "术语", "icd名称"),
    "system": ("system", "体系", "类别", "编码体系"),
    "initials": ("initials", "拼音码", "首字母", "拼音首字母", "助记码"),
    "rank": ("rank", "常用度", "排序"),
    "valid_from": ("valid_from", "启用日期", "生效日期"),
    "valid_until": ("valid_until", "停用日期", "失效日期"),
}
REQUIRED = ("code", "name")
ENCODINGS = ("utf-8-sig", "gb18030")
MAX_BYTES = 60_000_000
MAX_UNPACKED = 400_000_000
HEADING_ROWS = 10  # headings are looked for in so many rows: official tables begin with titles


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `number` as a spreadsheet counts it, `headings` what its columns are called there."""

    number: int
    values: dict[str, Any]
    headings: dict[str, str]

    def text(self, column: str) -> str:
        """A cell as text without blanks around it; empty where there is none."""
        value = self.values.get(column)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value.isoformat() if isinstance(value, date | datetime) else str(value).strip()

    def heading(self, column: str) -> str:
        """What the column is called in the file."""
        return self.headings.get(column, column)


def read_table(path: Path) -> Iterator[Row]:
    """Rows of a workbook's first sheet, or of a CSV file in UTF-8 or GB18030. Blank rows are passed over.

    :raises InvalidInput: the file is no table, or columns are missing
    :raises TooLarge: the file is larger than any table of diagnoses
    """
    if not path.is_file():
        raise wrong("file", _("找不到文件。"))
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(_("文件太大。"))
    lines = _workbook_lines(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv_lines(path)
    columns: dict[str, int] | None = None
    headings: dict[str, str] = {}
    for number, cells in lines:
        if columns is None:
            columns, headings = _columns(cells)
            if columns is None and number >= HEADING_ROWS:
                break
            continue
        if all(cell is None or str(cell).strip() == "" for cell in cells):
            continue
        yield Row(number, {name: cells[index] for name, index in columns.items() if index < len(cells)}, headings)
    if columns is None:
        raise InvalidInput(_("找不到“编码”和“名称”两列。"), fields={"file": _("请检查表头。")}, code="no-headings")


def _columns(cells: Sequence[Any]) -> tuple[dict[str, int] | None, dict[str, str]]:
    said = [str(cell).strip() if cell is not None else "" for cell in cells]
    columns: dict[str, int] = {}
    for name, words in HEADINGS.items():
        index = next((i for i, text in enumerate(said) if text.lower() in words), None)
        if index is not None:
            columns[name] = index
    if not all(name in columns for name in REQUIRED):
        return None, {}
    return columns, {name: said[index] for name, index in columns.items()}


def _workbook_lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise TooLarge(_("文件太大。"))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise InvalidInput(_("不是可以读取的Excel文件。"), fields={"file": _("请另存为.xlsx或.csv后再试。")}) from error
    try:
        yield from enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
    finally:
        book.close()


def _csv_lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    text = decode(path.read_bytes())
    first = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=first.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    except csv.Error as error:
        raise wrong("file", _("不是可以读取的CSV文件。")) from error


def decode(content: bytes) -> str:
    """Text of a file in UTF-8 (with or without a mark) or GB18030. :raises InvalidInput: it is neither"""
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(
        _("文件编码无法识别。"), fields={"file": _("请用UTF-8或GB18030编码保存。")}, code="unknown-encoding"
    )
