"""What is stored, what is refused, and what the sender is told."""

import re
from typing import Any

import pytest
from django.db import connection as database

from tests.factories.county import NOW
from tests.factories.exchange import a_connection, a_message, a_pid, received
from xinglin.exchange import connections
from xinglin.exchange.connections import Connection
from xinglin.exchange.envelope import answer_to, open_envelope, reason_in
from xinglin.exchange.models import InboundMessage

pytestmark = pytest.mark.django_db


def answer(raw: bytes, *, address: str = "127.0.0.1") -> str:
    opened = open_envelope(raw, address=address, connections=connections.active())
    (receipt,) = received(raw, address=address)
    told = answer_to(opened, receipt.code, receipt.fault, at=NOW)
    return "" if told is None else told.decode(opened.encoding)


def test_a_message_is_stored_as_it_came_and_encrypted(his: Connection) -> None:
    raw = a_message(a_pid(name="欧阳^小麦"))

    (receipt,) = received(raw)

    stored = InboundMessage.objects.get()
    assert (receipt.code, stored.status, stored.connection, stored.message_type) == ("AA", "RECEIVED", "his", "ADT^A08")
    assert bytes(stored.raw) == raw
    with database.cursor() as cursor:
        cursor.execute("SELECT raw FROM exchange_inboundmessage")
        assert "小麦".encode() not in bytes(cursor.fetchone()[0])


def test_the_same_message_again_gets_the_same_answer_and_is_kept_once(his: Connection) -> None:
    raw = a_message()

    first, again = received(raw)[0], received(raw)[0]
    in_one_breath = received(raw, raw)

    assert [each.code for each in (first, again, *in_one_breath)] == ["AA"] * 4
    assert [first.repeated, again.repeated] == [False, True]
    assert InboundMessage.objects.count() == 1


def test_the_same_control_id_with_other_content_is_kept_apart_and_refused(his: Connection) -> None:
    received(a_message(a_pid(name="王^小麦")))

    told = answer(a_message(a_pid(name="李^四")))
    answer(a_message(a_pid(name="李^四")))

    assert re.search(r"MSA\|AR\|1\r", told)
    assert "ERR||MSH^1^10|205|E|control-id-reused" in told
    assert list(InboundMessage.objects.order_by("id").values_list("status", "answer")) == [
        ("RECEIVED", "AA"), ("REFUSED", "AR"),
    ]  # fmt: skip


def test_two_systems_may_use_the_same_control_id(his: Connection) -> None:
    a_connection(slug="lis", application="LIS", authority="LAB")

    assert [each.code for each in received(a_message(), a_message(application="LIS"))] == ["AA", "AA"]


BAD = {
    "no MSH": (b"PID|1||1001", "no-msh", "AR"),
    "nothing": (b"", "no-msh", "AR"),
    "separators of letters": (b"MSH|abcd|HIS|X|||||ADT^A08|1|P|2.4\r", "separators", "AR"),
    "one separator twice": (b"MSH|^^^^|HIS|X|||||ADT^A08|1|P|2.4\r", "separators", "AR"),
    "no control id": (a_message(control_id=""), "no-control-id", "AR"),
    "control id too long": (a_message(control_id="9" * 300), "control-id", "AR"),
    "unknown sender": (a_message(application="NOBODY"), "unknown-sender", "AR"),
    "no type": (a_message(type=""), "no-type", "AR"),
    "version 3": (a_message(version="3"), "version", "AR"),
    "unknown charset": (a_message(charset="EBCDIC"), "charset", "AR"),
    "says UTF-8 and is not": (a_message(charset="UNICODE UTF-8", encoding="gb18030"), "encoding", "AE"),
    "a line without a name": (a_message("欢迎"), "segment-name", "AE"),
    "a start within": (a_message("NTE|1||\x0b"), "two-messages", "AR"),
    "zero byte": (a_message("NTE|1||\x00"), "nul", "AE"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_refused_with_its_place_and_kept_for_the_engineer(case: str, his: Connection) -> None:
    raw, fault, code = BAD[case]

    told = answer(raw)

    assert f"MSA|{code}|" in told
    assert fault in told
    stored = InboundMessage.objects.get()
    assert (stored.status, stored.fault_code) == ("REFUSED", fault)
    assert set(stored.fault_words) == {"zh-hans", "en"}
    assert received(raw)[0].repeated


def test_the_wrong_encoding_is_named_at_its_field(his: Connection) -> None:
    assert "ERR||PID^1^5|102|E|encoding" in answer(a_message(charset="UTF-8", encoding="gb18030"))


def test_older_versions_get_the_error_where_they_look_for_it(his: Connection) -> None:
    assert "ERR|MSH^1^9^101&no-type&HL70357" in answer(a_message(type="", version="2.3"))


@pytest.mark.parametrize("charset", ["GB 18030-2000", "GB18030", ""])
def test_chinese_in_gb18030_is_read_by_msh_18_or_by_the_connection(charset: str) -> None:
    a_connection(encoding="GB18030")
    raw = a_message(a_pid(name="王^小麦㐂𠮷"), charset=charset, encoding="gb18030")

    assert "MSA|AA|1" in answer(raw)
    assert InboundMessage.objects.get().charset == "gb18030"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_segments_may_end_as_they_like_and_begin_with_a_mark(end: str, his: Connection) -> None:
    assert "MSA|AA|1" in answer(b"\xef\xbb\xbf" + a_message(a_pid(), "PV1|1|O", end=end))


@pytest.mark.parametrize(
    ("ack", "good", "bad"),
    [("AL", "CA", "CR"), ("NE", "", ""), ("ER", "", "CR"), ("SU", "CA", "")],
)
def test_the_enhanced_mode_answers_as_it_was_asked_to(ack: str, good: str, bad: str, his: Connection) -> None:
    assert reason_in(answer(a_message(ack=ack)).encode())[0] == good
    assert reason_in(answer(a_message(ack=ack, version="3", control_id="2")).encode())[0] == bad


def test_the_answer_speaks_the_senders_separators_and_names_him(his: Connection) -> None:
    raw = a_message().replace(b"|", b"#").replace(b"^", b"*")

    told = answer(raw)

    assert told.startswith("MSH#*~\\&#XINGLIN##HIS#XRMYY#")
    assert "ACK*A08" in told
    assert "MSA#AA#1" in told


def test_an_address_that_is_not_on_the_list_is_a_stranger(his: Connection) -> None:
    assert "unknown-sender" in answer(a_message(), address="10.0.0.9")


def test_many_messages_are_stored_by_two_statements(his: Connection, django_assert_max_num_queries: Any) -> None:
    raws = [a_message(control_id=str(each)) for each in range(100)]

    with django_assert_max_num_queries(4):  # savepoint, look, insert, release
        assert {each.code for each in received(*raws)} == {"AA"}
