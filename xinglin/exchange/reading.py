"""The fields of a message, read with the library under bounds of our own.

The library makes an object for every part: a few microseconds each, but 120 s and 2 GB for ten megabytes of separators
(ADR 0015). So parts are counted first, and escape sequences that ask for endless repetition are refused.
"""

import re
from datetime import date, datetime
from typing import Any

import hl7
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.exchange import faults
from xinglin.exchange.envelope import text_of
from xinglin.exchange.faults import Fault

#: Parts (fields, components, repetitions) a message may have: 0.3 s to read.
MAX_PARTS = 50_000
_REPEATED = re.compile(r"\.\w{2}\s*\+?\d{3,}")
_PATH = re.compile(r"([A-Z][A-Z0-9]{2})-(\d{1,3})(?:\.(\d{1,2}))?")


class Segment:
    """One segment of a message; what is absent is empty."""

    def __init__(self, fields: Any) -> None:
        self._fields = fields

    @property
    def name(self) -> str:
        """``OBX``, ``OBR`` …"""
        return str(self._fields[0])

    def value(self, number: int, component: int = 1) -> str:
        """One value of the first repetition of a field. :raises Fault: an escape sequence that is none"""
        try:
            found = self._fields.extract_field(1, number, 1, component, 1)
        except IndexError:
            return ""
        except ValueError as error:
            raise Fault("escape", _("转义序列无效。"), f"{self.name}-{number}.{component}") from error
        return str(found).replace("\r", " ").strip()


class Message:
    """A message by its fields. A path is ``PID-5`` or ``PID-5.1``; what is absent is empty."""

    def __init__(self, raw: bytes, encoding: str) -> None:
        """:raises Fault: it cannot be read"""
        try:
            text = text_of(raw, encoding)
        except UnicodeDecodeError as error:
            raise Fault(
                "encoding", _("内容不是 %(encoding)s 编码。"), "MSH-18", values={"encoding": encoding}
            ) from error
        if sum(text.count(each) for each in set(text[3:8])) > MAX_PARTS:
            raise Fault("too-many-parts", _("消息的字段太多，无法处理（最多 %(n)d 个）。"), values={"n": MAX_PARTS})
        if _REPEATED.search(text) and any(_REPEATED.match(each) for each in text.split(text[6])):
            raise Fault("escape", _("转义序列要求重复太多次。"))
        try:
            self._message = hl7.parse(text)
        except (hl7.HL7Exception, ValueError, IndexError, AssertionError) as error:
            raise Fault("unreadable", _("消息无法解析。"), hl7_code=faults.DATA_TYPE) from error

    def has(self, segment: str) -> bool:
        """Whether the segment stands in the message."""
        return any(str(each[0]) == segment for each in self._message)

    def segments(self) -> list[Segment]:
        """Every segment in its order: for messages in which they stand in groups."""
        return [Segment(each) for each in self._message]

    def value(self, path: str, repetition: int = 1) -> str:
        """One value of the first segment of that name: its first component and subcomponent unless the path says."""
        segment, number, component = _parts(path)
        return self._leaf(segment, number, repetition, component or 1)

    def components(self, path: str) -> list[list[str]]:
        """Every repetition of a field, each as its components (their first subcomponents)."""
        segment, number, _component = _parts(path)
        found = []
        for repetition in range(1, self._n_repetitions(segment, number) + 1):
            width = self._width(segment, number, repetition)
            found.append([self._leaf(segment, number, repetition, each) for each in range(1, width + 1)])
        return found

    def _first(self, segment: str) -> list[object]:
        return next((each for each in self._message if str(each[0]) == segment), [])

    def _n_repetitions(self, segment: str, number: int) -> int:
        fields = self._first(segment)
        return len(fields[number]) if number < len(fields) else 0  # type: ignore[arg-type]

    def _width(self, segment: str, number: int, repetition: int) -> int:
        part = self._first(segment)[number][repetition - 1]  # type: ignore[index]
        return 1 if isinstance(part, str) else len(part)

    def _leaf(self, segment: str, number: int, repetition: int, component: int) -> str:
        fields = self._first(segment)
        if not fields:
            return ""
        try:
            found = fields.extract_field(1, number, repetition, component, 1)  # type: ignore[attr-defined]
        except IndexError:
            return ""
        except ValueError as error:
            raise Fault("escape", _("转义序列无效。"), f"{segment}-{number}.{component}") from error
        return str(found).replace("\r", " ").strip()


def day_in(text: str, path: str) -> date:
    """The day of a time stamp. :raises Fault: it is none"""
    digits = text[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError as error:
        raise Fault("date", _("日期无法识别，应为 YYYYMMDD。"), path) from error


def moment_in(text: str, path: str) -> datetime:
    """The moment of a time stamp, to the minute at least; without an offset in the county's time.

    :raises Fault: it is none
    """
    digits, sign, offset = text, "", ""
    for mark in "+-":
        if mark in text:
            digits, sign, offset = text.partition(mark)
            break
    digits = digits.split(".")[0]
    try:
        found = datetime.strptime(digits.ljust(14, "0")[:14], "%Y%m%d%H%M%S")
        if len(digits) < len("YYYYMMDDHHMM"):
            raise ValueError(digits)
        return (
            datetime.fromisoformat(f"{found:%Y-%m-%dT%H:%M:%S}{sign}{offset[:2]}:{offset[2:4]}")
            if sign
            else timezone.make_aware(found)
        )
    except ValueError as error:
        raise Fault("date", _("时间无法识别，应为 YYYYMMDDHHMM。"), path) from error


def _parts(path: str) -> tuple[str, int, int]:
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f"no path of a field: {path}")
    return match[1], int(match[2]), int(match[3] or 0)
