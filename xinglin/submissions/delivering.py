"""A data-value set sent to a DHIS2, and its import summary read row by row.

Sending the same set twice changes nothing there (values are created or updated); what was accepted is not sent again.
"""

import base64
import http.client
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from xinglin.platform.errors import InvalidInput
from xinglin.submissions.data import Answer, Conflict, Outcome

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0
MAX_ANSWER = 4_000_000
MOST_CONFLICTS = 500
_COUNTS = ("imported", "updated", "ignored", "deleted")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a DHIS2 is, and the account there."""

    scheme: str
    host: str
    port: int
    path: str
    head: str = field(default="", repr=False)


def server_of(address: str, username: str = "", secret: str = "") -> Server:
    """From what was configured. :raises InvalidInput: no address, one with an account in it, or one that is not encrypted"""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError as error:
        raise _no_address() from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise _no_address()
    if parts.username or parts.password:
        raise InvalidInput(_("账号和密码请填在各自的栏目里。"), fields={"address": _("地址里不要写账号。")})
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise InvalidInput(_("只能通过https发送。"), fields={"address": _("请填https地址。")})
    head = "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode() if username else ""
    default = 443 if parts.scheme == "https" else 80
    return Server(parts.scheme, parts.hostname, port or default, parts.path.rstrip("/"), head)


def _no_address() -> InvalidInput:
    return InvalidInput(_("不是可用的地址。"), fields={"address": _("例如 https://dhis2.example.org")})


def send(to: Server, path: str, content: bytes, *, media_type: str) -> Answer:
    """Send a set and read what the server says of it. Nothing is raised: what went wrong is the answer."""
    try:
        status, body = _asked(to, path, content, media_type)
    except (OSError, http.client.HTTPException) as error:
        return Answer(Outcome.UNREACHABLE, words=type(error).__name__)
    if status in {401, 403}:
        return Answer(Outcome.DENIED, status)
    if status in {429, 502, 503, 504}:
        return Answer(Outcome.UNREACHABLE, status)
    return read_summary(status, body)


def _asked(to: Server, path: str, content: bytes, media_type: str) -> tuple[int, bytes]:
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    connection = kind(to.host, to.port, timeout=CONNECT_SECONDS)
    heads = {"Content-Type": media_type, "Accept": "application/json"}
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_SECONDS)
        with suppress(BrokenPipeError, ConnectionResetError):  # who refuses may hang up early; its answer is there
            connection.request("POST", to.path + path, content, heads | ({"Authorization": to.head} if to.head else {}))
        answer = connection.getresponse()
        return answer.status, answer.read(MAX_ANSWER)
    finally:
        connection.close()


def read_summary(status: int, body: bytes) -> Answer:
    """The import summary, as servers before and since 2.38 write it."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Answer(Outcome.NOT_UNDERSTOOD, status, words=body[:200].decode("utf-8", "replace").replace("\x00", ""))
    summary = said["response"] if isinstance(said.get("response"), dict) else said
    counts = summary.get("importCount")
    if not isinstance(counts, dict):
        return Answer(Outcome.NOT_UNDERSTOOD, status, words=_text(said.get("message") or summary.get("description")))
    told = {each: counts[each] if isinstance(counts.get(each), int) else 0 for each in _COUNTS}
    conflicts = tuple(_conflicts(summary.get("conflicts")))
    words = _text(summary.get("description") or said.get("message"))
    is_whole = summary.get("status") in {"SUCCESS", "OK"} and not told["ignored"] and not conflicts and status < 300  # noqa: PLR2004
    return Answer(Outcome.ACCEPTED if is_whole else Outcome.CONFLICTS, status, told, conflicts, words)


def _conflicts(said: Any) -> Sequence[Conflict]:
    """Each refused row; where a conflict is about several, one for each."""
    found: list[Conflict] = []
    for each in said if isinstance(said, list) else ():
        if not isinstance(each, dict):
            continue
        name, words, code = _text(each.get("object")), _text(each.get("value")), _text(each.get("errorCode"))
        for row in _rows(each, name):
            found.append(Conflict(row, name, words, code))
    return found[:MOST_CONFLICTS]


def _rows(conflict: dict[str, Any], name: str) -> list[int]:
    """Rows as people count them. Old servers write the place into the name of the object: ``dataValueSet.dataValues[3]``."""
    indexes = conflict.get("indexes")
    if isinstance(indexes, list):
        rows = [each + 1 for each in indexes if isinstance(each, int) and each >= 0]
        if rows:
            return rows
    placed = _INDEX.search(name)
    return [int(placed.group(1)[:9]) + 1] if placed else [0]


def _text(said: Any) -> str:
    return str(said or "").replace("\x00", "")[:300]
