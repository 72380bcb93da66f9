"""The listener: takes messages over MLLP, stores them, and only then says so.

One event loop reads and answers; one thread with one database connection stores. While it commits, what arrives on any
connection gathers, and is committed together next: the disk is waited for once for many messages.
"""

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from django.db import DatabaseError, DataError
from django.db import connection as database

from xinglin.exchange import actions, connections, envelope, jobs, queries
from xinglin.exchange.events import Event
from xinglin.exchange.mllp import Framer, Noise, Oversize, framed
from xinglin.platform import audit, clock
from xinglin.platform.actors import system_actor
from xinglin.platform.definitions import DefinitionError

logger = logging.getLogger(__name__)
LISTENER = system_actor("HL7接收")  # read by people, in the audit trail

MAX_MESSAGE = 16 * 1024 * 1024
#: All connections together hold at most so much of messages that are not complete or not stored yet.
MAX_HELD = 32 * 1024 * 1024
MAX_PEERS, MAX_PEERS_OF_ADDRESS = 200, 50
#: Seconds: between two messages, for one message from its first byte to its last, and for taking an answer.
IDLE_SECONDS, MESSAGE_SECONDS, ANSWER_SECONDS = 900.0, 30.0, 10.0
BATCH_MESSAGES, BATCH_BYTES = 200, 8 * 1024 * 1024
#: Seconds between two signs of life, and until waiting messages are announced to the worker.
SIGN_SECONDS, TELL_SECONDS = 5.0, 0.2
CHUNK = 65536


class NotStored(Exception):
    """The message was not stored: nothing is answered, and the sender sends it again."""


@dataclass(slots=True)
class _Delivery:
    """One message on its way to the store, and where its answer is awaited."""

    raw: bytes
    address: str
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[bytes | None]"

    def settle(self, answer: bytes | None, error: Exception | None = None) -> None:
        """Hand the answer to the event loop; who waits may have gone."""

        def set_it() -> None:
            if self.answer.done():
                return
            if error is None:
                self.answer.set_result(answer)
            else:
                self.answer.set_exception(error)

        with contextlib.suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(set_it)


@dataclass
class Store(threading.Thread):
    """The thread that stores: batches of what has arrived, in order of arrival."""

    address: str
    max_store_bytes: int
    waiting: "queue.Queue[_Delivery | None]" = field(default_factory=queue.Queue)
    n_open: int = 0
    n_received: int = 0
    is_full: bool = False

    def __post_init__(self) -> None:
        super().__init__(name="hl7-store", daemon=True)
        self.connections = connections.active()
        self._untold: set[str] = set()
        self._told_at = self._signed_at = 0.0
        self._has_started = False

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until None comes."""
        while True:
            self._between()
            try:
                first = self.waiting.get(timeout=TELL_SECONDS)
            except queue.Empty:
                continue
            if first is None:
                break
            if not self._take(self._batch(first)):
                break
        self._tell()
        database.close()

    def _batch(self, first: _Delivery) -> list[_Delivery | None]:
        batch: list[_Delivery | None] = [first]
        size = len(first.raw)
        while len(batch) < BATCH_MESSAGES and size < BATCH_BYTES:
            try:
                following = self.waiting.get_nowait()
            except queue.Empty:
                break
            batch.append(following)
            if following is None:
                break
            size += len(following.raw)
        return batch

    def _take(self, batch: list[_Delivery | None]) -> bool:
        """Store a batch and answer; False when it ended with the sign to stop."""
        deliveries = [each for each in batch if each is not None]
        try:
            if self.is_full:
                raise NotStored("the store is full")
            self._keep(deliveries)
        except (DataError, ValueError) as error:  # one of them cannot be stored: find out which
            if len(deliveries) > 1:
                for each in deliveries:
                    self._take([each])
            else:
                logger.warning("a message could not be stored: %s", type(error).__name__)
                deliveries[0].settle(None, NotStored("not storable"))
        except (DatabaseError, NotStored, DefinitionError) as error:
            logger.warning("messages not stored, their connections are closed: %s", type(error).__name__)
            for each in deliveries:
                each.settle(None, NotStored("not stored"))
            with contextlib.suppress(DatabaseError):
                database.close()
        return batch[-1] is not None

    def _keep(self, deliveries: list[_Delivery]) -> None:
        at = clock.now()
        opened = [
            envelope.open_envelope(each.raw, address=each.address, connections=self.connections) for each in deliveries
        ]
        receipts = actions.receive(envelopes=opened, by=LISTENER, at=at)
        # Committed. From here on the sender may be told.
        for delivery, each, receipt in zip(deliveries, opened, receipts, strict=True):
            delivery.settle(envelope.answer_to(each, receipt.code, receipt.fault, at=at))
            if receipt.code == envelope.ACCEPT and not receipt.repeated:
                self._untold.add(each.slug)
        self.n_received += sum(not receipt.repeated for receipt in receipts)

    def _between(self) -> None:
        """Tell the worker what waits, and give a sign of life; trouble with either never stops the store."""
        now = time.monotonic()
        if self._untold and now - self._told_at > TELL_SECONDS:
            self._told_at = now
            self._tell()
        if now - self._signed_at < SIGN_SECONDS:
            return
        self._signed_at = now
        try:
            self.connections = connections.active()
            self.is_full = queries.store_bytes() > self.max_store_bytes
            actions.note_listening(
                address=self.address, n_open=self.n_open, n_received=self.n_received, is_start=not self._has_started,
                by=LISTENER, at=clock.now(),
            )  # fmt: skip
            self._has_started = True
        except DatabaseError:
            database.close()
        except DefinitionError as error:
            logger.error("a definition of a connection is broken, the former ones stay: %s", error)

    def _tell(self) -> None:
        try:
            for slug in sorted(self._untold):
                jobs.wake(slug)
            self._untold.clear()
        except DatabaseError:  # the periodic job finds them
            database.close()


class Listener:
    """Accepts peers, frames their bytes and answers; bounded in number, memory and time."""

    def __init__(self, host: str, port: int, *, max_store_bytes: int) -> None:
        self.host, self.port, self._max_store_bytes = host, port, max_store_bytes
        self._peers: Counter[str] = Counter()
        self._held = 0
        self._refused_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event, *, started: "asyncio.Future[int] | None" = None) -> None:
        """Listen until `stop` is set; then what was begun is finished."""
        server = await asyncio.start_server(self._serve, self.host, self.port, limit=CHUNK, backlog=256)
        self.port = server.sockets[0].getsockname()[1]
        self._store = await asyncio.to_thread(Store, f"{self.host}:{self.port}", self._max_store_bytes)
        self._store.start()
        if started is not None:
            started.set_result(self.port)
        await stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._store.waiting.put(None)
        await asyncio.to_thread(self._store.join, 10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("peername")[0]
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._peers[address] += 1
        self._store.n_open = self._peers.total()
        framer = Framer(MAX_MESSAGE)
        try:
            if self._admit(address):
                await self._converse(reader, writer, framer, address)
        except (TimeoutError, ConnectionError, Noise, NotStored) as error:
            logger.info("connection from %s closed: %s", address, type(error).__name__)
        finally:
            self._held -= framer.held
            self._peers[address] -= 1
            self._peers += Counter()  # drops what is zero
            self._store.n_open = self._peers.total()
            self._tasks.discard(task)
            writer.transport.abort() if framer.held else writer.close()

    def _admit(self, address: str) -> bool:
        if any(each.admits(address) for each in self._store.connections):
            return self._peers.total() <= MAX_PEERS and self._peers[address] <= MAX_PEERS_OF_ADDRESS
        last = self._refused_at.get(address, 0.0)
        if time.monotonic() - last > 60 or not last:  # noqa: PLR2004 - a record a minute, however often it knocks
            if len(self._refused_at) > 1000:  # noqa: PLR2004
                self._refused_at.clear()
            self._refused_at[address] = time.monotonic()
            threading.Thread(target=_record_refused, args=(address,), daemon=True).start()
        return False

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, framer: Framer, address: str
    ) -> None:
        deadline = 0.0
        while True:
            now = time.monotonic()
            if not framer.is_inside:
                deadline = now + IDLE_SECONDS
            async with asyncio.timeout(max(deadline - now, 0.001)):
                data = await reader.read(CHUNK)
            if not data:
                return
            was_inside, held = framer.is_inside, framer.held
            try:
                blocks = list(framer.feed(data))
            except Oversize as oversize:
                await self._answer_oversized(writer, oversize, address)
                raise ConnectionError("oversized") from None
            finally:
                self._held += framer.held - held
            if framer.is_inside and (blocks or not was_inside):
                deadline = time.monotonic() + MESSAGE_SECONDS
            await self._deliver(writer, blocks, address)
            if self._held > MAX_HELD:
                raise ConnectionError("too much at once")

    async def _deliver(self, writer: asyncio.StreamWriter, blocks: list[bytes], address: str) -> None:
        """Store what came in one breath together, and answer in its order."""
        loop = asyncio.get_running_loop()
        deliveries = [_Delivery(raw, address, loop, loop.create_future()) for raw in blocks]
        size = sum(map(len, blocks))
        self._held += size
        try:
            for each in deliveries:
                self._store.waiting.put(each)
            answers = await asyncio.gather(*(each.answer for each in deliveries), return_exceptions=True)
        finally:
            self._held -= size
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                writer.write(framed(answer))
        async with asyncio.timeout(ANSWER_SECONDS):
            await writer.drain()

    async def _answer_oversized(self, writer: asyncio.StreamWriter, oversize: Oversize, address: str) -> None:
        """Refuse with AR by what the message began with, and keep that."""
        answer = await asyncio.to_thread(_refuse_oversized, oversize.head, address, self._store.connections)
        if answer is not None:
            writer.write(framed(answer))
            async with asyncio.timeout(ANSWER_SECONDS):
                await writer.drain()


def _refuse_oversized(head: bytes, address: str, known: list[connections.Connection]) -> bytes | None:
    opened = envelope.open_envelope(head, address=address, connections=known)
    opened.fault = envelope.too_large(MAX_MESSAGE)
    try:
        (receipt,) = actions.receive(envelopes=[opened], by=LISTENER, at=clock.now())
    except DatabaseError:
        return None
    finally:
        database.close()
    return envelope.answer_to(opened, receipt.code, receipt.fault, at=clock.now())


def _record_refused(address: str) -> None:
    try:
        audit.record(
            Event.PEER_REFUSED, by=LISTENER, at=clock.now(), outcome=audit.REFUSED, kind="exchange.peer", key=address
        )
    except DatabaseError:
        logger.warning("a peer from %s was refused", address)
    finally:
        database.close()
