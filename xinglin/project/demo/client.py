"""A REST client of one person: bearer token, idempotency keys, answers as dictionaries."""

import http.client
import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

API = "/api/v1"
#: Seconds.
COMPUTED_WITHIN = 60


class Refused(Exception):
    """The server said something else than expected; the text carries its words."""


@dataclass(frozen=True)
class Client:
    """Speaks for one account."""

    port: int
    who: str
    token: str

    def get(self, path: str, *, want: int = 200) -> Any:
        """Read. :raises Refused: another status than `want`"""
        return self._send("GET", path, b"", {}, want)

    def post(self, path: str, body: Any = None, *, want: int = 200, key: str = "") -> Any:
        """Write, with an idempotency key of its own unless given. :raises Refused: another status than `want`"""
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid.uuid4())}
        return self._send("POST", path, content, headers, want)

    def upload(self, path: str, file: Path, *, want: int = 201, **fields: str) -> Any:
        """Send one file as a form's ``file``, with other fields of the form."""
        boundary = uuid.uuid4().hex
        said = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        content = (
            said.encode()
            + (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
                f"Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            + file.read_bytes()
            + f"\r\n--{boundary}--\r\n".encode()
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": str(uuid.uuid4())}
        return self._send("POST", path, content, headers, want)

    def _send(self, method: str, path: str, content: bytes, headers: dict[str, str], want: int) -> Any:
        """What the worker is still computing is asked for again."""
        until = time.monotonic() + COMPUTED_WITHIN
        while True:
            try:
                return self._send_once(method, path, content, headers, want)
            except Refused as refused:
                if "being-computed" not in str(refused) or time.monotonic() > until:
                    raise
            time.sleep(0.3)

    def _send_once(self, method: str, path: str, content: bytes, headers: dict[str, str], want: int) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method,
                API + path,
                content,
                {**headers, "Authorization": f"Bearer {self.token}", "Accept-Language": "en"},
            )
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != want:
            raise Refused(f"{method} {path} as {self.who}: {answer.status} {body[:300].decode(errors='replace')}")
        if "json" not in (answer.headers.get("Content-Type") or ""):
            return body
        return json.loads(body)


def wait_until_up(port: int, seconds: float = 180) -> None:
    """Wait until the server answers. :raises Refused: it does not come up in time"""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:  # noqa: PLR2004
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise Refused(f"the server does not answer on port {port}")
