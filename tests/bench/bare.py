"""The server of the benchmark: Xinglin, and beside it, in the same processes, bare endpoints that run the same SQL.

A bare endpoint reads its parameters as JSON from the body, runs the statements the real endpoint runs (who asks, and
the log row, included) on a connection of its own thread, and writes the rows back. No checks, no masking.
"""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from tests.bench.statements import Runner
from xinglin.project.wsgi import application as xinglin

_own = threading.local()
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def _runner() -> Runner:
    if not hasattr(_own, "runner"):
        _own.runner = Runner()
    return _own.runner


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Bare endpoints under /bare/, everything else is Xinglin."""
    path: str = environ["PATH_INFO"]
    if not path.startswith("/bare/"):
        return xinglin(environ, start_response)
    parameters = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    rows = _runner().run(path.removeprefix("/bare/"), parameters)
    body = orjson.dumps(rows, default=lambda value: value.hex() if isinstance(value, bytes) else str(value))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
