"""Files outside the database: written to disk and synced before their row, known by content, typed by content.

A file lies at ``FILES_DIR/ab/cd/<sha256>``. Names given by people never become paths. The same content is stored once.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput, TooLarge, Unavailable
from xinglin.platform.models import StoredFile

#: What can be read in chunks: an open file, or what somebody uploads.
Content = BinaryIO | UploadedFile  # type: ignore[type-arg]

_CHUNK = 1 << 16
_SNIFF = 1 << 12

#: Recognised by their first bytes; order matters.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (128, b"DICM", "application/dicom"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"II+\x00", "image/tiff"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"<?xml", "application/xml"),
    (0, b"\xef\xbb\xbf<?xml", "application/xml"),
)


def media_type_of(head: bytes) -> str:
    """The media type told by the first bytes of a file; ``application/octet-stream`` if none is known."""
    for offset, signature, media_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return media_type
    return "application/octet-stream"


def store(content: Content, *, at: datetime, max_bytes: int, accept: Iterable[str] | None = None) -> StoredFile:
    """Write `content` to the store and return its row (the existing one when the same content is there already).

    :raises TooLarge: more than `max_bytes`; nothing is kept
    :raises InvalidInput: the content is not of a type in `accept`
    :raises Unavailable: the disk refused; nothing is kept
    """
    declared = getattr(content, "size", None)
    if declared is not None and declared > max_bytes:
        raise _too_large(max_bytes)
    folder = settings.FILES_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkstemp(dir=folder, prefix="incoming-")[1])
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    try:
        sha256, size, head = _write(content, draft, max_bytes)
        media_type = media_type_of(head)
        if accept is not None and media_type not in set(accept):
            raise InvalidInput(
                _("不接受这种文件：内容是 %(type)s。") % {"type": media_type},
                fields={"file": media_type},
                code="file-type",
            )
        path = path_of(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    finally:
        draft.unlink(missing_ok=True)
    row, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "stored_at": at}
    )
    return row


def draft(content: Content, *, max_bytes: int) -> Path:
    """Write `content` beside the store, not yet kept: the caller looks at it, then calls `keep` or unlinks it.

    :raises TooLarge: more than `max_bytes`
    :raises Unavailable: the disk refused
    """
    path = new_draft()
    try:
        size = 0
        with path.open("wb") as file:
            while block := content.read(_CHUNK):
                size += len(block)
                if size > max_bytes:
                    raise _too_large(max_bytes)
                file.write(block)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def new_draft() -> Path:
    """An empty file beside the store, on the same disk. :raises Unavailable: the disk refused"""
    try:
        settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=settings.FILES_DIR, prefix="incoming-")
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    os.close(handle)
    return Path(name)


def keep(path: Path, *, at: datetime) -> StoredFile:
    """Sync a draft and move it to its place in the store. The row is made but not saved: the action writes it with its
    own, as the same content may be there already (``ON CONFLICT (sha256)``).

    :raises Unavailable: the disk refused
    """
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFF)
            digest, size = hashlib.sha256(head), len(head)
            while block := file.read(_CHUNK):
                digest.update(block)
                size += len(block)
            os.fsync(file.fileno())
        sha256 = digest.hexdigest()
        place = path_of(sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
        _sync_folder(place.parent)
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    return StoredFile(sha256=sha256, size=size, media_type=media_type_of(head), stored_at=at)


def open_file(row: StoredFile) -> BinaryIO:
    """Open a stored file, checking its length (its digest is checked by `check`).

    :raises Unavailable: the file is gone or was cut
    """
    path = path_of(row.sha256)
    try:
        if path.stat().st_size != row.size:
            raise Unavailable(_("存储的文件不完整，请联系系统管理员。"), code="file-damaged")
        return path.open("rb")
    except OSError as error:
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error


def check(row: StoredFile) -> bool:
    """Whether the bytes on disk are still those of the row."""
    digest = hashlib.sha256()
    try:
        with path_of(row.sha256).open("rb") as file:
            while block := file.read(_CHUNK):
                digest.update(block)
    except OSError:
        return False
    return digest.hexdigest() == row.sha256


def path_of(sha256: str) -> Path:
    """Where a file lies."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def _write(content: Content, draft: Path, max_bytes: int) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    with draft.open("wb") as file:
        while block := content.read(_CHUNK):
            size += len(block)
            if size > max_bytes:
                raise _too_large(max_bytes)
            if len(head) < _SNIFF:
                head += block[: _SNIFF - len(head)]
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size, head


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(_("文件太大：最多 %(mb)s MB。") % {"mb": max_bytes // 1_048_576})
