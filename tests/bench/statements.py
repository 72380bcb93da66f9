"""The statements of the hot endpoints, as the bare endpoints and the bare driver run them: the very same, recorded."""

import os
import pickle
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from xinglin.platform import hot  # noqa: E402

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Parameters = dict[str, Any]
#: A request, and what it is about: values that stand in its statements.
Case = tuple[bytes, Parameters]
#: Where the statements are kept for the server and the processes of the driver.
FILE = Path(__file__).resolve().parents[2] / "build" / "bench" / "recorded.pickle"

#: Parameters travel as JSON; these are read back.
_READ: dict[str, Callable[[Any], Any]] = {
    "resident": uuid.UUID,
    "indexes": lambda texts: [bytes.fromhex(each) for each in texts],
}
#: What differs from run to run by itself.
_FRESH: dict[str, Callable[[], Any]] = {
    "new uuid": uuid.uuid4,
    "new text": lambda: uuid.uuid4().hex[:24],
    "now": lambda: datetime.now(UTC),
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A statement the application ran, and what each of its values is in another run of it."""

    text: str
    values: list[Any]
    kinds: list[str]  # of each value: "" the same again, a parameter, or one of `_FRESH`

    def adapt(self, parameters: Parameters) -> list[Any]:
        """Values for a run with these parameters."""
        return [
            value if not kind else _like(value, _FRESH[kind]() if kind in _FRESH else _read(kind, parameters))
            for value, kind in zip(self.values, self.kinds, strict=True)
        ]


def _like(value: Any, other: Any) -> Any:
    """`other` as text where `value` is text: rows are written as PostgreSQL writes them."""
    return str(other) if isinstance(value, str) else other


def _read(kind: str, parameters: Parameters) -> Any:
    return _READ[kind](parameters[kind]) if kind in _READ else parameters[kind]


#: Requests of which two should run the same statements.
MOST_TRIES = 20


def record(cases: Iterator[Case]) -> list[Recorded]:
    """The statements an endpoint runs, the one that finds who asks included.

    Real requests are run until two come to the same statements (a visit of somebody with a programme writes more rows than another's);
    their values are told apart by what differs, and what they are by the parameters.
    """
    before: dict[tuple[str, ...], tuple[list[list[Any]], Parameters]] = {}
    for raw, parameters in islice(cases, MOST_TRIES):
        ran: list[tuple[str, list[Any]]] = []
        about = {kind: _read(kind, parameters) for kind in parameters}
        with _overheard(ran):
            _answer(raw)
        texts, values = tuple(text for text, _values in ran), [each for _text, each in ran]
        if texts in before:
            first, about_first = before[texts]
            return [
                Recorded(text, one, [_kind(a, b, [about_first, about]) for a, b in zip(one, other, strict=True)])
                for text, one, other in zip(texts, first, values, strict=True)
            ]
        before[texts] = values, about
    raise ValueError(f"no two of {MOST_TRIES} requests ran the same statements")


def _kind(first: Any, second: Any, about: list[Parameters]) -> str:
    if isinstance(first, datetime) or _MOMENT.match(str(first)):
        return "now"
    for kind, value in about[0].items():
        if first == _like(first, value) and second == _like(second, about[1][kind]):
            return kind
    if first == second or str(first).startswith(("{", "[", "\\x")):  # JSON, bytes
        return ""
    if isinstance(first, uuid.UUID) or _UUID.fullmatch(str(first)):
        return "new uuid"
    return "new text" if isinstance(first, str) else ""


@contextmanager
def _overheard(ran: list[tuple[str, list[Any]]]) -> Iterator[None]:
    run = hot.run

    def overhear(text: str, values: Any) -> Any:
        ran.append((text, list(values)))
        return run(text, values)

    hot.run = overhear
    try:
        yield
    finally:
        hot.run = run


def _answer(raw: bytes) -> None:
    """Have the application answer a request in this process."""
    from xinglin.project.wsgi import application  # noqa: PLC0415

    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _version = first.split(" ")
    environ = RequestFactory().generic(method, path, body, content_type="application/json").environ
    environ |= {"HTTP_" + name.upper().replace("-", "_"): value for name, value in (line.split(": ") for line in lines)}
    status: list[str] = []
    answered = b"".join(application(environ, lambda line, _headers: status.append(line)))
    if not status[0].startswith("20"):
        raise RuntimeError(f"{status[0]}: {answered[:300]!r}")


class Runner:
    """Runs the statements of an endpoint on one connection, as the application does: prepared, each by itself."""

    def __init__(self) -> None:
        config = settings.DATABASES["default"]
        self.recorded: dict[str, list[Recorded]] = pickle.loads(FILE.read_bytes())
        # The application's own connection: same role, same tenant, same settings.
        self.connection = psycopg.connect(
            dbname=config["NAME"], user=config["USER"], password=config["PASSWORD"], host=config["HOST"],
            port=config["PORT"] or None, options=config["OPTIONS"]["options"], autocommit=True,
        )  # fmt: skip

    def run(self, name: str, parameters: Parameters) -> list[dict[str, Any]]:
        """Rows of the last statement."""
        rows: list[dict[str, Any]] = []
        for each in self.recorded[name]:
            with psycopg.RawCursor(self.connection, row_factory=dict_row) as cursor:
                rows = cursor.execute(each.text, each.adapt(parameters), prepare=True).fetchall()
        return rows


__all__ = ["FILE", "Recorded", "Runner", "record"]
