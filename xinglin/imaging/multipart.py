"""``multipart/related`` bodies, read as they come: a part goes to disk, never to memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from xinglin.platform import files
from xinglin.platform.errors import TooLarge, wrong

_CHUNK = 1 << 16
MOST_HEAD = 8_192
MOST_PARTS = 5_000
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.I)


class _Heads(Protocol):
    def get(self, name: str, default: str) -> str: ...


class Message(Protocol):
    """A request that comes to us, or an answer to one of ours."""

    @property
    def headers(self) -> _Heads: ...

    def read(self, n_bytes: int, /) -> bytes: ...


def parts_of(request: Message, *, max_bytes: int) -> Iterator[Path]:
    """Each part as a draft beside the store; the caller takes or unlinks it.

    :raises InvalidInput: no boundary, or the body ends before its last boundary
    :raises TooLarge: a part beyond `max_bytes`, or too many
    """
    found = _BOUNDARY.search(request.headers.get("Content-Type", ""))
    if found is None:
        raise wrong("Content-Type", _("请求不是有效的 multipart/related。"))
    marker = b"\r\n--" + (found[1] or found[2]).encode()
    body = _Body(request)
    body.buffer = b"\r\n"  # so that the first boundary is found as the others are
    for _preamble in body.until(marker):
        pass
    for n_parts in range(MOST_PARTS + 1):
        if body.take(2) == b"--":
            return
        body.head()
        if n_parts == MOST_PARTS:
            raise TooLarge(_("一次上传的文件太多。"), code="too-many-parts")
        yield _draft(body, marker, max_bytes)


def _draft(body: "_Body", marker: bytes, max_bytes: int) -> Path:
    path, size = files.new_draft(), 0
    try:
        with path.open("wb") as file:
            for block in body.until(marker):
                size += len(block)
                if size > max_bytes:
                    raise TooLarge(_("文件太大：最多 %(mb)s MB。") % {"mb": max_bytes // 1_048_576})
                file.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


class _Body:
    """A window over the body."""

    def __init__(self, request: Message) -> None:
        self.request, self.buffer = request, b""

    def fill(self) -> None:
        """Read on. :raises InvalidInput: the body has ended"""
        block = self.request.read(_CHUNK)
        if not block:
            raise wrong("body", _("上传的内容不完整。"), code="truncated-body")
        self.buffer += block

    def until(self, marker: bytes) -> Iterator[bytes]:
        """Blocks up to the marker, which is consumed."""
        while (at := self.buffer.find(marker)) < 0:
            safe = len(self.buffer) - len(marker)
            if safe > 0:
                yield self.buffer[:safe]
                self.buffer = self.buffer[safe:]
            self.fill()
        yield self.buffer[:at]
        self.buffer = self.buffer[at + len(marker) :]

    def take(self, n_bytes: int) -> bytes:
        """Exactly so many bytes."""
        while len(self.buffer) < n_bytes:
            self.fill()
        taken, self.buffer = self.buffer[:n_bytes], self.buffer[n_bytes:]
        return taken

    def head(self) -> None:
        """Skip the header lines of a part; their ends decide nothing, the content does."""
        while (at := self.buffer.find(b"\r\n\r\n")) < 0:
            if len(self.buffer) > MOST_HEAD:
                raise wrong("body", _("请求不是有效的 multipart/related。"))
            self.fill()
        self.buffer = self.buffer[at + 4 :]


def written(parts: list[tuple[str, bytes]], *, kind: str) -> tuple[bytes, str]:
    """A ``multipart/related`` answer and its content type. Parts are (content type, content)."""
    boundary = uuid4().hex
    body: list[Any] = []
    for content_type, content in parts:
        body += [f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode(), content, b"\r\n"]
    body.append(f"--{boundary}--\r\n".encode())
    return b"".join(body), f'multipart/related; type="{kind}"; boundary={boundary}'
