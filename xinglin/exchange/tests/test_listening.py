"""The listener on a real socket: bounded, patient with nobody, and never ahead of the database."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError

from tests.factories.exchange import a_connection, a_message, a_pid
from xinglin.exchange import actions, listening
from xinglin.exchange.connections import Connection
from xinglin.exchange.envelope import reason_in
from xinglin.exchange.listening import Listener
from xinglin.exchange.mllp import Framer, deliver, framed
from xinglin.exchange.models import InboundMessage
from xinglin.exchange.models import Listener as ListenerRow
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db(transaction=True)


@contextlib.contextmanager
def listening_at(**limits: Any) -> Iterator[int]:
    """A listener in a thread of its own."""
    loop, ready, port = asyncio.new_event_loop(), threading.Event(), 0
    stop: asyncio.Event

    async def run() -> None:
        nonlocal stop, port
        stop = asyncio.Event()
        started = loop.create_future()
        task = asyncio.create_task(
            Listener("127.0.0.1", 0, max_store_bytes=limits.get("store", 10**12)).run(stop, started=started)
        )
        port = await started
        ready.set()
        await task

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


@pytest.fixture
def port(his: Connection) -> Iterator[int]:
    with listening_at() as port:
        yield port


class Peer:
    """A sender that keeps its connection open."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.framer, self.answers = Framer(1_000_000), []

    def answer(self) -> bytes:
        while not self.answers:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError
            self.answers += self.framer.feed(data)
        return self.answers.pop(0)

    def send(self, raw: bytes) -> tuple[str, str]:
        self.socket.sendall(framed(raw))
        return reason_in(self.answer())

    def is_closed(self) -> bool:
        self.socket.settimeout(20)
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True


def test_a_message_is_in_the_database_when_its_answer_comes(port: int) -> None:
    answer = deliver(a_message(control_id="42"), host="127.0.0.1", port=port, seconds=20)

    assert reason_in(answer) == ("AA", "42")
    assert InboundMessage.objects.get().control_id == "42"


def test_each_answer_names_its_message_however_the_bytes_come(port: int) -> None:
    peer, ids = Peer(port), [str(each) for each in range(1, 6)]
    stream = b"\r\n".join(framed(a_message(control_id=each)) for each in ids)

    for start in range(0, 600):
        peer.socket.sendall(stream[start : start + 1])
    peer.socket.sendall(stream[600:])

    assert [reason_in(peer.answer()) for _ in ids] == [("AA", each) for each in ids]


def test_many_connections_at_once_lose_and_double_nothing(port: int) -> None:
    told: list[tuple[str, str]] = []

    def work(name: int) -> None:
        peer = Peer(port)
        for number in range(20):
            told.append(peer.send(a_message(control_id=f"{name}-{number}")))
            if number % 5 == 0:
                told.append(peer.send(a_message(control_id=f"{name}-{number}")))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)

    assert {code for code, _id in told} == {"AA"}
    assert InboundMessage.objects.count() == 8 * 20
    assert {control_id for _code, control_id in told} == set(
        InboundMessage.objects.values_list("control_id", flat=True)
    )


def test_messages_of_one_connection_keep_their_order(port: int) -> None:
    peer = Peer(port)
    peer.socket.sendall(b"".join(framed(a_message(control_id=str(each))) for each in range(50)))

    for _ in range(50):
        peer.answer()

    assert list(InboundMessage.objects.order_by("id").values_list("control_id", flat=True)) == [
        str(n) for n in range(50)
    ]


def test_a_message_cut_in_the_middle_is_not_stored(port: int) -> None:
    peer = Peer(port)
    peer.socket.sendall(framed(a_message())[:-30])
    peer.socket.close()

    assert Peer(port).send(a_message(control_id="2")) == ("AA", "2")
    assert InboundMessage.objects.get().control_id == "2"


def test_what_is_too_large_is_refused_with_its_control_id_and_dropped(
    his: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "MAX_MESSAGE", 300_000)
    with listening_at() as port:
        peer = Peer(port)
        with contextlib.suppress(ConnectionError):
            peer.socket.sendall(b"\x0b" + a_message(a_pid(), control_id="77") + b"OBX|1|ED|" + b"A" * 400_000)

        assert reason_in(peer.answer()) == ("AR", "77")
        assert peer.is_closed()
    kept = InboundMessage.objects.get()
    assert (kept.status, kept.fault_code) == ("REFUSED", "too-large")
    assert kept.size <= 4096


def test_ten_megabytes_in_one_segment_are_taken(port: int) -> None:
    peer = Peer(port)

    assert peer.send(a_message(a_pid(), "OBX|1|ED|||" + "A" * 10_000_000, control_id="9")) == ("AA", "9")


def test_who_is_slow_in_the_middle_of_a_message_is_left(his: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "MESSAGE_SECONDS", 0.6)
    with listening_at() as port:
        slow, brisk = Peer(port), Peer(port)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for each in framed(a_message()):
                slow.socket.sendall(bytes([each]))
                time.sleep(0.05)
                if time.monotonic() - began > 1.5:
                    break

        assert slow.is_closed()
        assert brisk.send(a_message(control_id="2")) == ("AA", "2")
        assert InboundMessage.objects.count() == 1


def test_who_says_nothing_is_left(his: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "IDLE_SECONDS", 0.3)
    with listening_at() as port:
        assert Peer(port).is_closed()


def test_who_speaks_something_else_is_left(port: int) -> None:
    peer = Peer(port)
    with contextlib.suppress(ConnectionError):
        peer.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" * 200)

    assert peer.is_closed()


def test_an_address_that_no_connection_admits_is_turned_away_and_written_down() -> None:
    a_connection(more="").allow  # noqa: B018
    from django.conf import settings

    path = settings.COUNTY_DEFINITIONS_DIR / "hl7-connections" / "his.toml"
    path.write_text(path.read_text().replace('allow = ["127.0.0.1"]', 'allow = ["10.1.0.0/16"]'))
    with listening_at() as port:
        assert Peer(port).is_closed()
        assert Peer(port).is_closed()
        deadline = time.monotonic() + 10
        while not AuditRecord.objects.filter(event="exchange.peer-refused").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert AuditRecord.objects.filter(event="exchange.peer-refused", object_key="127.0.0.1").count() == 1


def test_while_the_database_is_away_nobody_is_told_that_a_message_is_kept(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, is_away = actions.receive, True

    def away(**given: Any) -> Any:
        if is_away:
            raise DatabaseError("gone")
        return real(**given)

    monkeypatch.setattr(actions, "receive", away)

    with pytest.raises(ConnectionError):
        Peer(port).send(a_message())
    is_away = False
    assert Peer(port).send(a_message()) == ("AA", "1")


def test_a_full_store_takes_nothing_more_and_says_nothing_false(his: Connection) -> None:
    with listening_at(store=1) as port, pytest.raises(ConnectionError):
        Peer(port).send(a_message())
    assert not InboundMessage.objects.exists()


def test_the_listener_signs_while_it_lives_and_tells_the_worker(port: int) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    Peer(port).send(a_message())
    deadline = time.monotonic() + 10
    while not ProcrastinateJob.objects.filter(task_name="exchange.process").exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert ListenerRow.objects.get().address == f"127.0.0.1:{port}"
    assert ProcrastinateJob.objects.get(task_name="exchange.process").args == {"slug": "his"}
