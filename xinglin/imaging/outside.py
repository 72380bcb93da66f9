"""The outside archive spoken to by DICOMweb (PS3.18): an instance is sent (STOW-RS) and read back (WADO-RS).

Blocks go from disk to the network and back; an instance of 1 GB takes no more memory than a small one.
"""

import base64
import http.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from xinglin.imaging.data import Trouble
from xinglin.imaging.dicom import MAX_BYTES
from xinglin.imaging.models import Instance
from xinglin.imaging.multipart import parts_of
from xinglin.platform.errors import InvalidInput, TooLarge

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 30.0
_CHUNK = 1 << 16
#: As it is stored: no archive needs to recompress anything for us.
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


class OutsideError(Exception):
    """The archive did not do what was asked; `trouble` says what, `detail` what it answered."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble, detail)
        self.trouble, self.detail = trouble, detail


@dataclass(frozen=True, slots=True)
class Target:
    """Where the archive is, and how we prove who we are."""

    scheme: str
    host: str
    port: int
    path: str
    head: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """For people; without the account."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path}"


def target() -> Target | None:
    """The archive of the settings; None: images stay on disk.

    :raises ImproperlyConfigured: the address is none, or carries an account
    """
    return _target(settings.DICOMWEB_ARCHIVE, settings.DICOMWEB_USER, settings.DICOMWEB_PASSWORD)


@lru_cache(maxsize=4)
def _target(address: str, user: str, password: str) -> Target | None:
    if not address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured("XINGLIN_DICOMWEB_ARCHIVE is not an address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ImproperlyConfigured("XINGLIN_DICOMWEB_ARCHIVE is not an address like http://127.0.0.1:8042/dicom-web")
    if parts.username or parts.password:
        raise ImproperlyConfigured("the account belongs into XINGLIN_DICOMWEB_USER and XINGLIN_DICOMWEB_PASSWORD")
    head = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
    default = 443 if parts.scheme == "https" else 80
    return Target(parts.scheme, parts.hostname, port or default, parts.path.rstrip("/"), head)


@register()
def address_is_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The start-up check of the settings."""
    try:
        target()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="xinglin.E020")]
    return []


def send(to: Target, content: BinaryIO, *, size: int) -> None:
    """Store one instance there. Whether it is kept as it was sent, only reading it back tells.

    :raises OutsideError: it did not answer, or did not take it
    """
    # A long one: some servers look for it inside the pixels, too.
    boundary = uuid4().hex
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    tail = f"\r\n--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield head
        while block := content.read(_CHUNK):
            yield block
        yield tail

    heads = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
        "Content-Length": str(len(head) + size + len(tail)), "Accept": "application/dicom+json",
    }  # fmt: skip
    with _asked(to, "POST", "/studies", body=body(), heads=heads):
        pass


def fetch(to: Target, instance: Instance) -> Path:
    """One instance as a draft beside the store; the caller moves or unlinks it.

    :raises OutsideError: it did not answer, has no such instance, or the answer was cut
    """
    of = instance.series
    path = f"/studies/{of.study.study_uid}/series/{of.series_uid}/instances/{instance.sop_uid}"
    with _asked(to, "GET", path, heads={"Accept": _AS_STORED}) as answer:
        try:
            found = next(parts_of(answer, max_bytes=MAX_BYTES), None)
        except (InvalidInput, TooLarge) as error:
            raise OutsideError(Trouble.CUT, error.code) from error
    if found is None:
        raise OutsideError(Trouble.NOT_THERE)
    return found


def greet(to: Target) -> None:
    """Ask for a list of one study. :raises OutsideError: the archive does not answer as one"""
    with _asked(to, "GET", "/studies?limit=1", heads={"Accept": "application/dicom+json"}):
        pass


@contextmanager
def _asked(
    to: Target, method: str, path: str, *, heads: dict[str, str], body: Any = None
) -> Iterator[http.client.HTTPResponse]:
    secure = to.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
        to.host, to.port, timeout=CONNECT_SECONDS
    )
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        # Who refuses may hang up before the body has gone out; the answer is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                method, to.path + path, body=body, headers=heads | ({"Authorization": to.head} if to.head else {})
            )
        answer = connection.getresponse()
        _check(answer.status, method)
        yield answer
    except (OSError, http.client.HTTPException) as error:
        raise OutsideError(Trouble.UNREACHABLE, type(error).__name__) from error
    finally:
        connection.close()


def _check(status: int, method: str) -> None:
    if status in {401, 403}:
        raise OutsideError(Trouble.DENIED, str(status))
    if status >= http.client.INTERNAL_SERVER_ERROR:
        raise OutsideError(Trouble.UNREACHABLE, str(status))
    if not 200 <= status < 300:  # noqa: PLR2004 - success (RFC 9110)
        raise OutsideError(Trouble.NOT_TAKEN if method == "POST" else Trouble.NOT_THERE, str(status))
