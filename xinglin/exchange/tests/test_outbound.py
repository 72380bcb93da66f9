"""Orders and reports for other systems: made once, sent in order, kept until the other side has answered."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, County
from tests.factories.diagnostics import a_request
from tests.factories.exchange import a_connection
from tests.factories.residents import a_resident
from xinglin.exchange import jobs, queries
from xinglin.exchange.mllp import Framer, framed
from xinglin.exchange.models import OutboundMessage
from xinglin.exchange.reading import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.residents.roster import note_on_roster

pytestmark = pytest.mark.django_db
OUT = '[outbound]\nhost = "127.0.0.1"\nport = {port}\norders = "{orders}"\nresults = "ORU^R01"\nseconds = 1.0\n'


class Receiver:
    """Another system: answers each message as `says` tells."""

    def __init__(self) -> None:
        self.says: Callable[[str], bytes | None] = lambda control_id: ack("AA", control_id)
        self.got: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                peer, _address = self.server.accept()
            except OSError:
                return
            with peer:
                framer = Framer(1_000_000)
                while data := peer.recv(65536):
                    for raw in framer.feed(data):
                        self.got.append(raw)
                        answer = self.says(raw.split(b"|")[9].decode())
                        if answer is not None:
                            peer.sendall(framed(answer))


def ack(code: str, control_id: str) -> bytes:
    return f"MSH|^~\\&|HIS||XINGLIN||20261120||ACK|1|P|2.5\rMSA|{code}|{control_id}\r".encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.close()


def told(
    county: County, receiver: Receiver, *, status: str = "FINAL", encoding: str = "UTF-8", orders: str = "ORM^O01"
) -> Any:
    """A request that was reported, and its messages queued: twice, as a job may run twice."""
    a_connection(encoding=encoding, tables=OUT.format(port=receiver.port, orders=orders))
    resident = a_resident(county)
    note_on_roster(resident=resident, facility_id=county.hospital.pk, basis="VISIT", at=NOW)
    request = a_request(county, status=status, resident=resident, from_facility_id=county.hospital.pk, by=county.sun)
    for event in OutboxEvent.objects.filter(event__in=("request.placed", "report.signed", "report.amended")).order_by(
        "id"
    ):
        job = jobs.order if event.event == "request.placed" else jobs.result
        for _ in range(2):
            job(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
    return request


def test_an_order_and_its_report_go_out_once_each_and_in_order(county: County, receiver: Receiver) -> None:
    request = told(county, receiver)

    jobs.send(slug="his")
    jobs.send(slug="his")

    order, result = (Message(raw, "utf-8") for raw in receiver.got)
    assert (order.value("MSH-9"), order.value("ORC-1"), order.value("OBR-2")) == ("ORM", "NW", request.number)
    assert order.value("PID-5.1") + order.value("PID-5.2") == request.resident.name
    assert (result.value("MSH-9"), result.value("OBR-25"), result.value("OBX-5")) == (
        "ORU",
        "F",
        "窦性心律，心率72次/分，各波段正常。",
    )
    assert list(OutboundMessage.objects.values_list("status", flat=True)) == ["SENT", "SENT"]


def test_gb18030_and_oml_where_the_other_side_wants_them(county: County, receiver: Receiver) -> None:
    request = told(county, receiver, encoding="GB18030", orders="OML^O21", status="REQUESTED")

    jobs.send(slug="his")

    message = Message(receiver.got[0], "gb18030")
    assert message.value("MSH-18") == "GB 18030-2000"
    assert message.value("MSH-9.2") == "O21"
    assert message.value("OBR-13") == request.question


def test_a_correction_says_so(county: County, receiver: Receiver) -> None:
    told(county, receiver, status="AMENDED")

    jobs.send(slug="his")

    assert [Message(raw, "utf-8").value("OBR-25") for raw in receiver.got] == ["", "F", "C"]


@pytest.mark.parametrize("code", ["AE", "AR", "CE"])
def test_a_refusal_is_shown_and_waits_for_a_person(code: str, county: County, receiver: Receiver) -> None:
    receiver.says = lambda control_id: ack(code, control_id)
    told(county, receiver, status="REQUESTED")

    jobs.send(slug="his")
    jobs.send(slug="his")

    message = OutboundMessage.objects.get()
    assert (message.status, message.answer, len(receiver.got)) == ("REFUSED", code, 1)
    engineer = sign_in(Client(), county.user("eng", "system-administrator", county.hospital, everywhere=True))
    page = engineer.get(f"/exchange/outbound/{message.uuid}/").content.decode()
    assert "对方拒收" in page
    assert "王" not in page
    assert engineer.post(f"/exchange/outbound/{message.uuid}/send-again/").status_code == 302
    receiver.says = lambda control_id: ack("AA", control_id)
    jobs.send(slug="his")
    message.refresh_from_db()
    assert message.status == "SENT"
    assert receiver.got[0].split(b"|")[9] == receiver.got[1].split(b"|")[9], "the same control id"
    assert engineer.post(f"/exchange/outbound/{message.uuid}/discard/", {"reason": "TEST"}).status_code == 409


TROUBLES: dict[str, tuple[Callable[[str], bytes | None], str]] = {
    "no answer": (lambda _id: None, "timeout"),
    "an answer to another message": (lambda _id: ack("AA", "other"), "foreign-answer"),
    "no acknowledgement": (lambda _id: b"MSH|^~\\&|HELLO\r", "foreign-answer"),
}


@pytest.mark.parametrize("case", TROUBLES)
def test_without_its_own_answer_it_is_sent_again_later_and_nothing_overtakes_it(
    case: str, county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    says, trouble = TROUBLES[case]
    receiver.says = says
    told(county, receiver)

    jobs.send(slug="his")
    jobs.send(slug="his")  # too early: nothing is tried

    first, second = OutboundMessage.objects.order_by("id")
    assert (first.status, first.trouble, first.n_tries, second.n_tries, len(receiver.got)) == (
        "QUEUED",
        trouble,
        1,
        0,
        1,
    )
    assert queries.next_to_send("his", at=first.tried_at) is None
    receiver.says = lambda control_id: ack("AA", control_id)
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.send(slug="his")
    assert [raw.split(b"|")[9] for raw in receiver.got] == [
        each.encode() for each in (first.control_id, first.control_id, second.control_id)
    ]
    assert set(OutboundMessage.objects.values_list("status", flat=True)) == {"SENT"}


def test_an_unreachable_system_is_tried_after_longer_and_longer_times(
    county: County, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(county, receiver, status="REQUESTED")
    receiver.server.shutdown(socket.SHUT_RDWR)
    receiver.server.close()
    waits, at = [], clock.now()
    for _ in range(6):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        jobs.send(slug="his")
        message = OutboundMessage.objects.get()
        waits.append((message.next_try_at - at).total_seconds())
        at = message.next_try_at

    assert waits == [5, 15, 60, 300, 900, 900]
    assert message.trouble in {"unreachable", "timeout"}


def test_facilities_of_others_are_told_nothing(county: County, receiver: Receiver) -> None:
    a_connection(tables=OUT.format(port=receiver.port, orders=""))
    a_request(county, status="FINAL")  # sent by a village clinic, not by the hospital
    for event in OutboxEvent.objects.filter(event__in=("request.placed", "report.signed")):
        job = jobs.order if event.event == "request.placed" else jobs.result
        job(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    assert not OutboundMessage.objects.exists()
