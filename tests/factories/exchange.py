"""Messages of a hospital's HIS, as they come over the wire; written by us, about nobody."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.factories.county import NOW, County
from xinglin.exchange import actions, connections
from xinglin.exchange.connections import Connection
from xinglin.exchange.envelope import open_envelope
from xinglin.exchange.faults import words_of
from xinglin.exchange.models import InboundMessage
from xinglin.platform.actors import system_actor

STORE = system_actor("HL7接收")
HOSPITAL = """
slug = "{slug}"
title.zh = "县医院 HIS"
title.en = "HIS of the county hospital"
source = "test"
mark = "default"
author = "a"
checker = "b"
valid_from = 2026-01-01
next_review = 2030-01-01
active = true
facility_code = "H01"
managing_facility_code = "V01"
allow = ["127.0.0.1"]
sending_application = "{application}"
sending_facility = "{facility}"
assigning_authority = "{authority}"
encoding = "{encoding}"
may_write = ["phone", "address"]
{more}
[tables.sex]
M = "1"
F = "2"
[tables.id_kinds]
NI = "RESIDENT_ID"
{tables}
"""


def a_connection(
    folder: Path | None = None, *, slug: str = "his", application: str = "HIS", facility: str = "", authority: str = "XRMYY",
    encoding: str = "UTF-8", more: str = "", tables: str = "",
) -> Connection:  # fmt: skip
    """A connection of the county hospital, switched on by a file of the county's own."""
    target = Path(folder or settings.COUNTY_DEFINITIONS_DIR) / "hl7-connections" / f"{slug}.toml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        HOSPITAL.format(
            slug=slug, application=application, facility=facility, authority=authority, encoding=encoding, more=more,
            tables=tables,
        ),
        encoding="utf-8",
    )  # fmt: skip
    return connections.by_slug(slug)


def a_pid(
    *, number: str = "1001", id_number: str = "", name: str = "王^小麦", born: str = "19630415", sex: str = "M",
    phone: str = "13700001234", address: str = "东沟村8号", authority: str = "XRMYY",
) -> str:  # fmt: skip
    """A PID segment."""
    numbers = [f"{number}^^^{authority}^MR"] if number else []
    numbers += [f"{id_number}^^^MPS^NI"] if id_number else []
    return f"PID|1||{'~'.join(numbers)}||{name}||{born}|{sex}|||{address}||{phone}"


def a_message(
    *segments: str, type: str = "ADT^A08", control_id: str = "1", charset: str = "", encoding: str = "utf-8",  # noqa: A002
    application: str = "HIS", facility: str = "XRMYY", version: str = "2.5.1", ack: str = "", end: str = "\r",
) -> bytes:  # fmt: skip
    """A message as bytes."""
    header = f"MSH|^~\\&|{application}|{facility}|XINGLIN||20261120100000||{type}|{control_id}|P|{version}|||{ack}||CHN|{charset}"
    return (end.join([header, *(segments or (a_pid(),))]) + end).encode(encoding)


def received(*raws: bytes, address: str = "127.0.0.1", at: datetime = NOW) -> list[Any]:
    """The receipts of messages, stored as the listener stores them."""
    known = connections.active()
    opened = [open_envelope(raw, address=address, connections=known) for raw in raws]
    return actions.receive(envelopes=opened, by=STORE, at=at)


def processed(county: County, raw: bytes, *, at: datetime = NOW) -> InboundMessage:
    """A message stored and worked through, with all before it."""
    received(raw, at=at)
    last = InboundMessage.objects.latest("id")
    connection = connections.by_slug(last.connection)
    while actions.process_oldest(connection=connection, by=connection.actor(), at=at):
        pass
    last.refresh_from_db()
    return last


def a_failed_message(*, at: datetime = NOW, slug: str = "his") -> InboundMessage:
    """A message that failed for a code nobody has mapped, of a connection whose definition need not exist."""
    raw = a_message(a_pid(sex="X"), control_id=f"failed-{InboundMessage.objects.count()}")
    row = InboundMessage(
        connection=slug, control_id=f"failed-{InboundMessage.objects.count()}", message_type="ADT^A08", version="2.5.1",
        charset="utf-8", raw=raw, size=len(raw), digest=b"0" * 32, address="127.0.0.1", answer="AA", received_at=at,
        status_changed_at=at, status="FAILED", n_tries=1, fault_code="no-sex-code", fault_segment="PID", fault_field=8,
        fault_words=words_of("代码不在对照表中"),
    )  # fmt: skip
    row.save()
    return row
