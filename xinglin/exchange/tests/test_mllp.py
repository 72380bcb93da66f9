"""Frames in a stream: however the bytes fall, the messages are the same, and nothing grows without bound."""

import pytest

from xinglin.exchange.mllp import MAX_NOISE, Framer, Noise, Oversize, framed

MESSAGES = [b"MSH|one\rPID|1", "MSH|two\r姓名".encode("gb18030"), b"MSH|three"]
STREAM = b"".join(framed(each) for each in MESSAGES)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, len(STREAM)])
def test_messages_are_found_however_the_bytes_are_cut(size: int) -> None:
    framer, found = Framer(1000), []

    for start in range(0, len(STREAM), size):
        found += framer.feed(STREAM[start : start + size])

    assert found == MESSAGES
    assert framer.held == 0
    assert not framer.is_inside


def test_a_message_cut_in_the_middle_is_never_delivered() -> None:
    framer = Framer(1000)

    assert list(framer.feed(framed(b"MSH|cut")[:-1])) == []
    assert framer.is_inside


def test_line_ends_and_blanks_between_messages_are_no_noise() -> None:
    framer = Framer(1000)

    assert list(framer.feed(b"\r\n" + framed(b"MSH|1") + b"\n" * 5000 + framed(b"MSH|2"))) == [b"MSH|1", b"MSH|2"]


def test_a_peer_that_speaks_something_else_is_left() -> None:
    with pytest.raises(Noise):
        list(Framer(1000).feed(b"GET / HTTP/1.1\r\n" * (MAX_NOISE // 8)))


def test_a_message_beyond_the_limit_is_given_up_with_its_head() -> None:
    framer = Framer(1000)
    list(framer.feed(b"\x0bMSH|^~\\&|HIS" + b"x" * 900))

    with pytest.raises(Oversize) as raised:
        list(framer.feed(b"x" * 100))

    assert raised.value.head.startswith(b"MSH|^~")
    assert framer.held < 1200


def test_a_whole_message_beyond_the_limit_is_given_up_too() -> None:
    with pytest.raises(Oversize):
        list(Framer(1000).feed(framed(b"x" * 1001)))


def test_a_message_at_the_limit_passes() -> None:
    assert list(Framer(1000).feed(framed(b"x" * 1000))) == [b"x" * 1000]
