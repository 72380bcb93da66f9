"""A small HTTP load generator: keep-alive connections on loopback, one process, latencies of every answer.

Bounded by time; it talks to 127.0.0.1 only.
"""

import itertools
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

HOST = "127.0.0.1"
#: Connections too many at a process, and looks for who took one, before it is given up.
ATTEMPTS = 64


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second, latency in milliseconds, and how many answers were not the status wanted."""

    rps: float
    p50_ms: float
    p95_ms: float
    n: int
    n_wrong: int
    seconds: float
    latencies: tuple[float, ...]  # sorted, seconds
    sample: bytes = b""


def request_bytes(
    method: str, path: str, *, token: str = "", body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """One HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0

    def send(self, data: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.buffer = b""
        self.socket.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """Status and body when the answer is whole."""
        block = self.socket.recv(1 << 16)
        if not block:
            raise ConnectionError("the server closed the connection")
        self.buffer += block
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at >= 0:
            length = int(lower[at + 15 : lower.find(b"\r\n", at) if lower.find(b"\r\n", at) > 0 else None])
            if len(body) < length:
                return None
        elif b"chunked" in lower and not body.endswith(b"0\r\n\r\n"):
            return None
        return int(head[9:12]), body


def run(
    port: int, requests: Iterator[bytes], *, seconds: float, connections: int = 8, want: int = 200, workers: int = 0
) -> Measured:
    """Send `requests` one after another over each of `connections` for `seconds`, or until there are no more.

    :param workers: processes of the server that must have the same number of the connections each; 0 leaves it to chance, which at two
        connections puts both at one of two processes every other time, so that the same page is measured alone or beside another
    """
    selector = selectors.DefaultSelector()
    open_connections = (
        _spread(port, connections, workers) if workers else [_Connection(port) for _ in range(connections)]
    )
    latencies: list[float] = []
    n_wrong, sample = 0, b""
    started = time.perf_counter()
    for each in open_connections:
        selector.register(each.socket, selectors.EVENT_READ, each)
        each.send(next(requests))
    waiting = len(open_connections)
    while waiting:
        for key, _events in selector.select(timeout=30):
            each = key.data
            answer = each.receive()
            if answer is None:
                continue
            now = time.perf_counter()
            latencies.append(now - each.sent_at)
            if answer[0] != want:
                n_wrong += 1
                sample = answer[1][:400]
            following = next(requests, None) if now - started < seconds else None
            if following is not None:
                each.send(following)
            else:
                waiting -= 1
                selector.unregister(each.socket)
                each.socket.close()
    return _measured(latencies, time.perf_counter() - started, n_wrong, sample)


def _spread(port: int, connections: int, workers: int) -> list[_Connection]:
    """So many connections, as many at each of the server's processes."""
    kept: dict[int, list[_Connection]] = {}
    others: list[_Connection] = []
    while sum(map(len, kept.values())) < connections:
        if len(others) == ATTEMPTS:
            raise ConnectionError(f"{ATTEMPTS} connections reached {len(kept)} of {workers} processes at port {port}")
        each = _Connection(port)
        mine = kept.setdefault(_holder(port, each), [])
        (mine if len(mine) < connections // workers else others).append(each)
    for each in others:
        each.socket.close()
    return list(itertools.chain.from_iterable(kept.values()))


def _holder(port: int, connection: _Connection) -> int:
    """The process that took the connection. :raises ConnectionError: none did"""
    here = connection.socket.getsockname()
    for _ in range(ATTEMPTS):
        for each in psutil.net_connections(kind="tcp4"):
            if each.raddr == here and each.laddr.port == port and each.pid:
                return int(each.pid)
        time.sleep(0.01)  # not taken yet
    raise ConnectionError(f"nobody takes connections at port {port}")


def together(rounds: Sequence[Measured]) -> Measured:
    """Several rounds as one measurement."""
    latencies = [latency for each in rounds for latency in each.latencies]
    wrong = sum(each.n_wrong for each in rounds)
    return _measured(latencies, sum(each.seconds for each in rounds), wrong, rounds[-1].sample)


def _measured(latencies: list[float], took: float, n_wrong: int, sample: bytes) -> Measured:
    latencies.sort()
    return Measured(
        rps=len(latencies) / took,
        p50_ms=1000 * latencies[len(latencies) // 2],
        p95_ms=1000 * latencies[int(len(latencies) * 0.95)],
        n=len(latencies),
        n_wrong=n_wrong,
        seconds=took,
        latencies=tuple(latencies),
        sample=sample,
    )
