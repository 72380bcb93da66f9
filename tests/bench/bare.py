"""The server of the benchmark: Xinglin, and beside it, in the same processes, bare endpoints that run the same SQL.

A bare endpoint reads its parameters as JSON from the body, runs the statement the real endpoint runs (log row
included) on a connection of its own thread, and writes the rows back. No authentication, no checks, no masking.
"""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from tests.bench.statements import STATEMENTS, connection_parameters
from xinglin.project.wsgi import application as xinglin

_own = threading.local()
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def _connection() -> psycopg.Connection[dict[str, Any]]:
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(
            **connection_parameters(), autocommit=True, prepare_threshold=1, row_factory=dict_row
        )
    return _own.connection


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Bare endpoints under /bare/, everything else is Xinglin."""
    path: str = environ["PATH_INFO"]
    if not path.startswith("/bare/"):
        return xinglin(environ, start_response)
    parameters = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    statement, adapt = STATEMENTS[path.removeprefix("/bare/")]
    rows = _connection().execute(statement, adapt(parameters)).fetchall()
    body = orjson.dumps(rows, default=lambda value: value.hex() if isinstance(value, bytes) else str(value))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
