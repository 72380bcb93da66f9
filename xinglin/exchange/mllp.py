"""MLLP: where a message begins and ends in a stream of bytes.

``<VT> message <FS><CR>``. Neither byte occurs inside a character of UTF-8 or GB18030, so frames are found without
knowing the encoding. Nothing here waits, reads a clock or knows HL7; `deliver` is the one that opens a connection.
"""

import socket
from collections.abc import Iterator

VT, END = b"\x0b", b"\x1c\r"
#: Bytes that may stand between two frames before the peer is taken for something else.
MAX_NOISE = 1024
#: Of an oversized message so much is kept, enough to answer it.
HEAD = 4096
_BLANK = b" \t\r\n\x00"


class Oversize(Exception):
    """A message beyond the limit; `head` is how it began."""

    def __init__(self, head: bytes) -> None:
        super().__init__("message too large")
        self.head = head


class Noise(Exception):
    """Bytes outside any frame: this peer does not speak MLLP."""


class Framer:
    """Cuts a stream into messages. Holds at most `limit` bytes and one chunk."""

    def __init__(self, limit: int) -> None:
        self._limit, self._buffer, self._searched, self._noise = limit, bytearray(), 0, 0
        self.is_inside = False

    @property
    def held(self) -> int:
        """Bytes of a message that is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that `data` completes.

        :raises Oversize: a message is larger than the limit
        :raises Noise: too much outside any frame
        """
        self._buffer += data
        while self._buffer and (self.is_inside or self._begin()):
            end = self._buffer.find(END, self._searched)
            if max(end, 0 if end >= 0 else len(self._buffer)) > self._limit:
                raise Oversize(bytes(self._buffer[:HEAD]))
            if end < 0:
                self._searched = max(len(self._buffer) - 1, 0)
                return
            block = bytes(memoryview(self._buffer)[:end])
            del self._buffer[: end + len(END)]
            self.is_inside, self._searched = False, 0
            yield block

    def _begin(self) -> bool:
        """Drop what stands before the next frame; whether there is one."""
        start = self._buffer.find(VT)
        between = self._buffer[: start if start >= 0 else len(self._buffer)]
        self._noise += len(between.strip(_BLANK))
        if self._noise > MAX_NOISE:
            raise Noise
        del self._buffer[: start + 1 if start >= 0 else len(self._buffer)]
        self.is_inside, self._searched = start >= 0, 0
        return self.is_inside


def framed(message: bytes) -> bytes:
    """A message in its frame."""
    return VT + message + END


def deliver(message: bytes, *, host: str, port: int, seconds: float, limit: int = 1_000_000) -> bytes:
    """Send one message on a connection of its own and return the answer.

    One connection for each message: an answer that comes too late dies with its connection, and can never be taken
    for the answer to the next one.

    :raises TimeoutError: no whole answer in time
    :raises OSError: not reachable, or cut
    """
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(framed(message))
        framer = Framer(limit)
        while data := connection.recv(65536):
            for answer in framer.feed(data):
                return answer
    raise ConnectionError("the peer closed without an answer")
