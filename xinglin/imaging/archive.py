"""The one door to the bytes of an instance: here on disk, or fetched from the outside archive and compared.

What comes back counts only if its dataset is byte for byte the one that was taken in (`Instance.digest`), in the same
transfer syntax. The file's own head may differ: an archive may write it anew (PS3.10 section 7.1).
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xinglin.imaging import outside
from xinglin.imaging.data import Trouble
from xinglin.imaging.dicom import read_header
from xinglin.imaging.models import Instance
from xinglin.imaging.outside import OutsideError, Target
from xinglin.platform import files
from xinglin.platform.errors import InvalidInput, Unavailable

#: After a silence readers are told at once, instead of each waiting for its own.
PAUSE_SECONDS = 10.0
_silent_until: dict[Target, float] = {}


def path_to(instance: Instance) -> Path:
    """Where the bytes of an instance lie on this machine, brought back from the outside archive if need be.

    :raises Unavailable: they are gone or cut; ``archive-unavailable``: they are in the archive, which cannot be read now
    """
    here = files.path_of(instance.file.sha256)
    if instance.archived_at is None or _is_whole(here, instance.file.size):
        files.open_file(instance.file).close()
        return here
    kept = _folder() / instance.digest[:2] / instance.digest
    with suppress(FileNotFoundError):
        os.utime(kept)  # used last, leaves last
        return kept
    draft = _from_outside(instance)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(kept)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Unavailable(_("文件存储暂时不可用，请稍后再试。"), code="store-unavailable") from error
    _make_room(kept)
    return kept


def open_instance(instance: Instance) -> BinaryIO:
    """Open the bytes of an instance. :raises Unavailable: see `path_to`"""
    return path_to(instance).open("rb")


def hand_over(instance: Instance, to: Target) -> None:
    """Send an instance to the archive, read it back and compare.

    :raises OutsideError: it is not there, or not the same
    """
    if not files.check(instance.file):  # what rotted here must not become what is kept there
        raise OutsideError(Trouble.LOCAL)
    try:
        content = files.open_file(instance.file)
    except Unavailable as error:
        raise OutsideError(Trouble.LOCAL, error.code) from error
    with content:
        outside.send(to, content, size=instance.file.size)
    see(instance, to)


def see(instance: Instance, to: Target) -> None:
    """Have the archive show an instance. :raises OutsideError: it does not, or shows something else"""
    _same(instance, to).unlink(missing_ok=True)


def fetched(instance: Instance, to: Target) -> Path:
    """What the archive shows of an instance, compared, as a draft; the caller keeps or unlinks it.

    :raises OutsideError: it does not show it, or shows something else
    """
    return _same(instance, to)


def _same(instance: Instance, to: Target) -> Path:
    draft = outside.fetch(to, instance)
    try:
        header = read_header(draft)
        if header.digest != instance.digest:
            raise OutsideError(Trouble.DIFFERS, "digest")
        if header.transfer_syntax != instance.transfer_syntax:
            raise OutsideError(Trouble.DIFFERS, header.transfer_syntax)
    except InvalidInput as error:
        draft.unlink(missing_ok=True)
        raise OutsideError(Trouble.DIFFERS, error.code) from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _from_outside(instance: Instance) -> Path:
    to = outside.target()
    try:
        if to is None or time.monotonic() < _silent_until.get(to, 0):
            raise OutsideError(Trouble.UNREACHABLE)
        return _same(instance, to)
    except OutsideError as error:
        if to is not None and error.detail and error.trouble == Trouble.UNREACHABLE:
            _silent_until[to] = time.monotonic() + PAUSE_SECONDS
        raise Unavailable(
            _("这份影像在外部影像存档中，现在无法读取，请稍后再试。"), code="archive-unavailable"
        ) from error


def _folder() -> Path:
    return Path(settings.FILES_DIR) / "fetched"


def _is_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _make_room(newest: Path) -> None:
    """Take away what was used longest ago until the rest fits; never the one that has just come."""
    found = sorted(_fetched(), reverse=True)
    room = settings.DICOMWEB_CACHE_MB * 1_048_576
    for _used_at, size, path in found:
        room -= size
        if room < 0 and path != newest:
            path.unlink(missing_ok=True)


def _fetched() -> Iterator[tuple[int, int, Path]]:
    for path in _folder().glob("*/*"):
        with suppress(FileNotFoundError):
            known = path.stat()
            yield known.st_mtime_ns, known.st_size, path
