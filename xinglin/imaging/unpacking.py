"""Files that people upload: images, or archives of images. Each member is opened by itself and never by its name."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from xinglin.imaging.dicom import MAX_BYTES
from xinglin.imaging.dicom.limits import bad
from xinglin.platform.errors import InvalidInput

MOST_MEMBERS = 5_000
MOST_TOTAL = 4 * 1024 * 1024 * 1024
#: What an archive may grow to: images of one grey level shrink a lot, a bomb more.
MOST_GROWTH, FREE_BYTES = 100, 64 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_ENCRYPTED = 0x1
#: What the library raises of an archive that lies about itself: places before the beginning, streams that are none.
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    OSError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to take in: the name people know it by, and its content; or why it cannot be opened."""

    name: str
    content: Any = None
    error: InvalidInput | None = None


def pieces_of(file: Any) -> Iterator[Piece]:
    """The images in an uploaded file. An archive as a whole is refused by raising, a member by its own line.

    :raises InvalidInput: ``zip-…``: damaged, too many members, a bomb
    """
    head = file.read(4)
    file.seek(0)
    if head != _ZIP:
        yield Piece(shown(file.name), file)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive, file.size)
            for member in archive.infolist():
                if not member.filename.endswith("/"):
                    with _opened(archive, member) as piece:
                        yield piece
    except _DAMAGE as fault:
        raise bad("zip-damaged", _("压缩包已损坏或格式不受支持。")) from fault


def _check(archive: zipfile.ZipFile, size: int) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise bad("zip-too-many", _("压缩包里的文件太多（最多 {most} 个）。"), most=MOST_MEMBERS)
    total = sum(each.file_size for each in members)
    if total > MOST_TOTAL or total > max(FREE_BYTES, MOST_GROWTH * size):
        raise bad("zip-bomb", _("压缩包解开后过大，已拒绝。"))


@contextmanager
def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Piece]:
    name = shown(member.filename)
    if member.flag_bits & _ENCRYPTED:
        yield Piece(name, error=bad("zip-encrypted", _("文件有密码，无法打开。")))
        return
    if member.file_size > MAX_BYTES:
        yield Piece(name, error=bad("dicom-too-large", _("文件太大。")))
        return
    with archive.open(member) as content:
        yield _looked_at(name, _Member(content))


class _Member:
    """A member that tells of its damage as everything else here does, when it is read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        """Read on. :raises InvalidInput: the member is damaged"""
        try:
            return self._content.read(size)
        except _DAMAGE as fault:
            raise bad("zip-damaged", _("压缩包已损坏或格式不受支持。")) from fault

    def rewind(self) -> None:
        """To its beginning."""
        self._content.seek(0)


def _looked_at(name: str, content: _Member) -> Piece:
    try:
        head = content.read(4)
        content.rewind()
    except InvalidInput as error:
        return Piece(name, error=error)
    if head == _ZIP:
        return Piece(name, error=bad("zip-nested", _("压缩包里还有压缩包，请解开后再上传。")))
    return Piece(name, content)


def shown(name: str | None) -> str:
    """The last part of a name, without what turns the direction of writing or ends a line. For the eye only."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:80] or "—"
