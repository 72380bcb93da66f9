"""Walk a DICOM file before the parser sees it: every length must fit, and no count may grow beyond a bound.

The parser builds one object for each element and item it meets, and reads on silently where a file was cut. Both are
found here, on the raw bytes, with the offset of the fault. The bytes may be a memory map: values are skipped, not read.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from mmap import mmap

from django.utils.translation import gettext_lazy as _
from pydicom.datadict import dictionary_VR
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from xinglin.diagnostics.ecg.limits import bad

PREAMBLE, MAGIC = 128, b"DICM"
UNDEFINED = 0xFFFFFFFF
MAX_ELEMENTS, MAX_DEPTH = 100_000, 12
MAX_VALUE = 65_536  # of a text or number; waveforms and other bulk data may be longer
_LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_BULK_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"UN"})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_TRANSFER_SYNTAX, _PIXELS = 0x00020010, 0x7FE00010


@dataclass(frozen=True, slots=True)
class Structure:
    """What the walk found: where the dataset starts; `pixel_bytes`, None without pixel data; fragments of compressed pixels."""

    syntax: str
    starts_at: int
    pixel_bytes: int | None
    n_fragments: int


def check_structure(data: bytes | mmap, *, compressed: Collection[str] = ()) -> Structure:
    """Check the whole file. `compressed`: transfer syntaxes with fragments of pixels that are taken, too.

    :raises InvalidInput: ``ecg-truncated``, ``ecg-damaged`` or ``ecg-compressed``
    """
    meta = _Walk(data, explicit=True, order="<")
    start, syntax = meta.file_meta(PREAMBLE + len(MAGIC))
    if syntax in {ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian, *compressed}:
        body = _Walk(
            data, explicit=syntax != ImplicitVRLittleEndian, order=">" if syntax == ExplicitVRBigEndian else "<"
        )
        body.fragments_allowed = syntax in compressed
        body.elements(start, len(data), depth=0)
        return Structure(syntax, start, body.pixel_bytes, body.n_fragments)
    if not syntax:
        raise bad("ecg-damaged", _("DICOM 文件头缺少传输语法。"), place="(0002,0010)")
    named = "Deflated" if syntax == DeflatedExplicitVRLittleEndian else syntax
    raise bad(
        "ecg-compressed",
        _("不支持的 DICOM 传输语法（{syntax}），请导出为未压缩格式。"),
        place="(0002,0010)",
        syntax=named,
    )


@dataclass(slots=True)
class _Header:
    tag: int
    vr: bytes  # b"" in implicit encoding
    length: int
    value_at: int


class _Walk:
    """One pass over elements in one encoding, counting what it meets."""

    def __init__(self, data: bytes | mmap, *, explicit: bool, order: str) -> None:
        self.data, self.explicit, self.order = data, explicit, order
        self.n_elements = self.n_fragments = 0
        self.pixel_bytes: int | None = None
        self.fragments_allowed = False
        self.padding_at = _end_without_padding(data)

    def file_meta(self, at: int) -> tuple[int, str]:
        """Walk group 0002; where the dataset starts, and the transfer syntax."""
        syntax = ""
        while at + 8 <= len(self.data) and self.data[at : at + 2] == b"\x02\x00":
            header = self._header(at, len(self.data))
            self._check_value(header, len(self.data))
            at = header.value_at + header.length
            if header.tag == _TRANSFER_SYNTAX:
                syntax = self.data[header.value_at : at].rstrip(b"\0 ").decode("ascii", "replace")[:64]
        return at, syntax

    def elements(self, at: int, end: int, *, depth: int, until: int | None = None) -> int:
        """Walk elements up to `end`, or to the delimiter `until`; where they end."""
        if depth > MAX_DEPTH:
            raise bad("ecg-damaged", _("DICOM 序列嵌套过深（字节 {at}）。"), place=f"@{at}", at=at)
        while at < end:
            if at >= self.padding_at:
                return end  # some devices pad the file with zeros
            header = self._header(at, end)
            if header.tag == until:
                return header.value_at
            at = self._value(header, end, depth)
        if until is not None:
            raise self._cut(at)
        return at

    def _value(self, header: _Header, end: int, depth: int) -> int:
        if header.tag == _PIXELS and depth == 0 and header.length == UNDEFINED and self.fragments_allowed:
            return self._fragments(header.value_at, end)
        nested = self._is_sequence(header)
        if header.length == UNDEFINED:
            if not nested:
                raise bad(
                    "ecg-damaged",
                    _("DICOM 元素 {tag} 的长度无效。"),
                    place=_spelled(header.tag),
                    tag=_spelled(header.tag),
                )
            return self._items(header.value_at, end, depth, until=_SEQUENCE_END)
        self._check_value(header, end)
        after = header.value_at + header.length
        if nested:
            self._items(header.value_at, after, depth, until=None)
        elif header.tag == _PIXELS and depth == 0:
            self.pixel_bytes = header.length
        return after

    def _fragments(self, at: int, end: int) -> int:
        """Walk the table of offsets and the fragments of compressed pixels; where they end."""
        self.pixel_bytes, n_items = 0, 0
        while at < end:
            header = self._header(at, end)
            if header.tag == _SEQUENCE_END:
                self.n_fragments = max(n_items - 1, 0)
                return header.value_at
            if header.tag != _ITEM or header.length == UNDEFINED:
                raise bad("ecg-damaged", _("DICOM 序列在字节 {at} 处损坏。"), place=f"@{at}", at=at)
            self._fits(header, end)
            at, n_items = header.value_at + header.length, n_items + 1
            self.pixel_bytes += header.length if n_items > 1 else 0
        raise self._cut(at)

    def _items(self, at: int, end: int, depth: int, *, until: int | None) -> int:
        while at < end:
            header = self._header(at, end)
            if until is not None and header.tag == until:
                return header.value_at
            if header.tag != _ITEM:
                raise bad("ecg-damaged", _("DICOM 序列在字节 {at} 处损坏。"), place=f"@{at}", at=at)
            if header.length == UNDEFINED:
                at = self.elements(header.value_at, end, depth=depth + 1, until=_ITEM_END)
            else:
                self._fits(header, end)
                at = self.elements(header.value_at, header.value_at + header.length, depth=depth + 1)
        if until is not None:
            raise self._cut(at)
        return at

    def _header(self, at: int, end: int) -> _Header:
        self.n_elements += 1
        if self.n_elements > MAX_ELEMENTS:
            raise bad("ecg-damaged", _("DICOM 文件的元素过多（超过 {most} 个）。"), most=MAX_ELEMENTS)
        if at + 8 > end:
            raise self._cut(at)
        group, element = struct.unpack_from(self.order + "HH", self.data, at)
        tag = group << 16 | element
        if group == 0xFFFE or not self.explicit:
            return _Header(tag, b"", struct.unpack_from(self.order + "I", self.data, at + 4)[0], at + 8)
        vr = self.data[at + 4 : at + 6]
        if not (vr.isalpha() and vr.isupper()):
            raise bad("ecg-damaged", _("DICOM 文件在字节 {at} 处损坏。"), place=f"@{at}", at=at)
        if vr not in _LONG_VRS:
            return _Header(tag, vr, struct.unpack_from(self.order + "H", self.data, at + 6)[0], at + 8)
        if at + 12 > end:
            raise self._cut(at)
        return _Header(tag, vr, struct.unpack_from(self.order + "I", self.data, at + 8)[0], at + 12)

    def _is_sequence(self, header: _Header) -> bool:
        if header.vr:
            return header.vr == b"SQ"
        if header.length == UNDEFINED:
            return True
        return _dictionary_vr(header.tag) == b"SQ"

    def _check_value(self, header: _Header, end: int) -> None:
        self._fits(header, end)
        vr = header.vr or _dictionary_vr(header.tag)
        if header.length > MAX_VALUE and vr != b"SQ" and vr not in _BULK_VRS:
            tag = _spelled(header.tag)
            raise bad("ecg-damaged", _("DICOM 元素 {tag} 过长（{n} 字节）。"), place=tag, tag=tag, n=header.length)

    def _fits(self, header: _Header, end: int) -> None:
        if header.length <= end - header.value_at:
            return
        tag = _spelled(header.tag)
        if end < len(self.data):
            raise bad("ecg-damaged", _("DICOM 元素 {tag} 声明的长度超出其所在的序列。"), place=tag, tag=tag)
        raise bad(
            "ecg-truncated", _("文件不完整：元素 {tag} 声明 {n} 字节，文件中只剩 {left} 字节。请重新导出或重新上传。"),
            place=tag, tag=tag, n=header.length, left=max(end - header.value_at, 0),
        )  # fmt: skip

    def _cut(self, at: int) -> Exception:
        return bad("ecg-truncated", _("文件不完整：在字节 {at} 处中断。请重新导出或重新上传。"), place=f"@{at}", at=at)


def _end_without_padding(data: bytes | mmap) -> int:
    """Where the zeros at the end of the file begin."""
    end = len(data)
    while end and not (tail := data[max(0, end - 4096) : end].rstrip(b"\0")):
        end -= min(end, 4096)
    return max(0, end - 4096) + len(tail) if end else 0


def _dictionary_vr(tag: int) -> bytes:
    try:
        return dictionary_VR(tag)[:2].encode()  # "OB or OW" counts as OB
    except KeyError:
        return b"UN"


def _spelled(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
