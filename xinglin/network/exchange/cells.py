"""What a cell of a column may hold: text ↔ value, with a reason where it cannot be read."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from xinglin.network import timetables
from xinglin.network.checking import CONTROL
from xinglin.platform.errors import InvalidInput

YES = frozenset({"是", "1", "Y", "YES", "TRUE", "T", "√", "有"})
NO = frozenset({"否", "0", "N", "NO", "FALSE", "F", "×", "无"})
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")


class Unreadable(ValueError):
    """A cell that cannot be read; the message is for people."""

    def __init__(self, reason: object) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, what it is called, how a cell is read and written. `refers`: a code of another row."""

    key: str
    label: object
    read: Callable[[str], Any]
    write: Callable[[Any], Any]
    required: bool = False
    refers: str = ""
    sample: str = ""

    def names(self) -> set[str]:
        """What the heading may say: the key, or the label in either language."""
        said = {self.key}
        for language in ("zh-hans", "en"):
            with translation.override(language):
                said.add(str(self.label))
        return {plain(each) for each in said}


def plain(text: str) -> str:
    """A heading without blanks, marks of required columns, width and case."""
    return re.sub(r"[\s*＊_]", "", unicodedata.normalize("NFKC", text)).lower()


def read_text(text: str) -> str:
    """Any text. :raises Unreadable: it holds control characters"""
    if CONTROL.search(text):
        raise Unreadable(_("含有不可见的控制字符。"))
    return text


def read_code(text: str) -> str:
    """A code: full-width letters and digits are taken for plain ones."""
    return read_text(unicodedata.normalize("NFKC", text))


def read_flag(text: str) -> bool | None:
    """是 or 否, or empty."""
    said = unicodedata.normalize("NFKC", text).upper()
    if not said:
        return None
    if said in YES or said in NO:
        return said in YES
    raise Unreadable(_("请填“是”或“否”。"))


def read_sure_flag(text: str) -> bool:
    """是 or 否; empty means 否."""
    return bool(read_flag(text))


def read_date(text: str) -> date | None:
    """A day as 2026-01-31, 2026/1/31, 2026年1月31日 or 20260131."""
    said = unicodedata.normalize("NFKC", text)
    if not said:
        return None
    found = _DATE.match(said) or _COMPACT_DATE.match(said)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Unreadable(_("日期无法识别，请写成2026-01-31。"))


def read_number(text: str) -> float | None:
    """A number with a decimal point."""
    said = unicodedata.normalize("NFKC", text)
    if not said:
        return None
    try:
        number = float(said)
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):
        raise Unreadable(_("不是数字。"))
    return number


def read_fen(text: str) -> int | None:
    """Yuan with at most two decimals, as fen."""
    said = unicodedata.normalize("NFKC", text).replace(",", "").replace("元", "")
    if not said:
        return None
    try:
        fen = Decimal(said) * 100
    except InvalidOperation:
        raise Unreadable(_("金额无法识别。")) from None
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) > 10**15:
        raise Unreadable(_("金额无法识别。"))
    return int(fen)


def read_timetable(text: str) -> list[dict[str, Any]]:
    """``周一 08:00-11:30；周四 14:00-17:00``."""
    try:
        return timetables.parse(unicodedata.normalize("NFKC", text))
    except InvalidInput as error:
        raise Unreadable(error.message) from error


def chooser(choices: Iterable[tuple[str, object]], *, empty: str = "") -> Callable[[str], str]:
    """A reader for a closed list: its values, or its words in either language."""
    words: dict[str, str] = {}
    for value, label in choices:
        words[plain(value)] = value
        for language in ("zh-hans", "en"):
            with translation.override(language):
                words[plain(str(label))] = value

    def read(text: str) -> str:
        if not text:
            return empty
        if plain(text) not in words:
            raise Unreadable(_("不在可选范围内。"))
        return words[plain(text)]

    return read


def write_text(value: Any) -> str:
    """A text as it is; nothing for None."""
    return "" if value is None else str(value)


def write_date(value: date | None) -> str:
    """2026-01-31."""
    return value.isoformat() if value else ""


def write_flag(value: bool | None) -> str:
    """是, 否 or nothing."""
    return "" if value is None else "是" if value else "否"


def write_fen(value: int | None) -> str:
    """Yuan with two decimals."""
    return "" if value is None else f"{value // 100}.{value % 100:02d}"


def write_choice(choices: Iterable[tuple[str, object]]) -> Callable[[Any], str]:
    """The Chinese word of a value: files read back whatever language the reader works in."""
    table = dict(choices)

    def write(value: Any) -> str:
        with translation.override("zh-hans"):
            return str(table.get(value, value or ""))

    return write
