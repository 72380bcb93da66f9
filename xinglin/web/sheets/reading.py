"""Reading a table: Excel (.xlsx) or CSV, in UTF-8 with or without a mark or GB18030, within fixed bounds.

A workbook is an archive: its unpacked size is looked at before anything is unpacked, so that a small file cannot fill
the memory. The rows counted are those the file really has; what it says about its own size is not believed.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.exceptions import InvalidFileException

from xinglin.platform.errors import InvalidInput, TooLarge
from xinglin.web.sheets.escaping import unescape

MAX_BYTES = 12_000_000
MAX_UNPACKED = 60_000_000
MAX_RATIO = 200  # unpacked to packed, of one entry; a table of text reaches 20
MAX_ENTRIES = 500
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 2_000
ENCODINGS = ("utf-8-sig", "gb18030")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; `number` as a spreadsheet counts it."""

    number: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


def read_lines(content: bytes) -> Iterator[Line]:
    """Lines of the first sheet or of a CSV text, cells as trimmed text; blank lines are passed over.

    :raises InvalidInput: the file is no table, or a cell is too long
    :raises TooLarge: too many bytes (packed or unpacked), rows or columns
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(_("文件太大：最多 %(mb)d MB。") % {"mb": MAX_BYTES // 1_000_000})
    if not content.strip():
        raise _no_table(_("文件是空的。"))
    if content.startswith(_OLD_EXCEL):
        raise _no_table(_("不支持旧版.xls，请另存为.xlsx或.csv后再试。"))
    lines = _workbook(content) if content.startswith(b"PK") else _csv(content)
    n_rows = 0
    for number, cells in lines:
        line = Line(number, [_text(cell) for cell in cells])
        if line.is_blank:
            if number > 2 * MAX_ROWS:
                raise _too_many_rows()
            continue
        n_rows += 1
        if n_rows > MAX_ROWS + 1:
            raise _too_many_rows()
        if len(line.cells) > MAX_COLUMNS and any(line.cells[MAX_COLUMNS:]):
            raise TooLarge(_("列太多：最多 %(n)d 列。") % {"n": MAX_COLUMNS}, code="too-many-columns")
        if any(len(cell) > MAX_CELL for cell in line.cells):
            raise InvalidInput(
                _("第%(row)d行有单元格过长，最多%(n)d字。") % {"row": number, "n": MAX_CELL},
                fields={f"{number}": _("单元格过长。")},
            )
        yield line


def _too_many_rows() -> TooLarge:
    return TooLarge(_("行太多：一次最多 %(n)d 行，请分几次导入。") % {"n": MAX_ROWS}, code="too-many-rows")


def _no_table(reason: object) -> InvalidInput:
    return InvalidInput(reason, fields={"file": reason}, code="no-table")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return unescape(str(cell)).strip()


def _workbook(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_bomb(archive.infolist())
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except _UNREADABLE as error:
        raise _no_table(_("不是可以读取的Excel文件，请另存为.xlsx或.csv后再试。")) from error
    try:
        if not book.worksheets:
            raise _no_table(_("文件里没有工作表。"))
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may say it is a million columns wide
        yield from enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1)
    except _UNREADABLE as error:
        raise _no_table(_("Excel文件已损坏，请重新保存后再试。")) from error
    finally:
        book.close()


_UNREADABLE = (
    zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException, KeyError, ValueError, TypeError,
    IndexError, AttributeError, OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip


def _refuse_bomb(entries: Iterable[zipfile.ZipInfo]) -> None:
    """Before anything is unpacked: how much would it be? `zipfile` unpacks no more than an entry declares."""
    entries = list(entries)
    packed_wrong = any(
        each.file_size > 1_000_000 and each.file_size > MAX_RATIO * max(each.compress_size, 1) for each in entries
    )
    if len(entries) > MAX_ENTRIES or sum(each.file_size for each in entries) > MAX_UNPACKED or packed_wrong:
        raise TooLarge(_("文件解压后过大，已拒绝。"), code="archive-bomb")


def _csv(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    text = decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        # A cell may hold line breaks: rows are counted as a spreadsheet shows them, not lines of the file.
        yield from enumerate(reader, start=1)
    except csv.Error as error:
        raise _no_table(_("不是可以读取的CSV文件。")) from error


def decode(content: bytes) -> str:
    """Text of a file in UTF-8 (with or without a mark) or GB18030.

    :raises InvalidInput: it is neither, or not a text at all
    """
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise _no_table(_("文件编码无法识别，请用UTF-8或GB18030编码保存。"))
