"""The engineer's pages: what failed, where, and again; what stands about people stays covered."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.exchange import a_message, a_pid, processed, received
from tests.factories.residents import an_id_number
from xinglin.exchange.connections import Connection
from xinglin.exchange.masking import covered, segments_of
from xinglin.exchange.models import InboundMessage
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db
ID = an_id_number(date(1963, 4, 15), "1", sequence=76)


@pytest.fixture
def engineer(county: County) -> Client:
    return sign_in(Client(), county.user("eng", "system-administrator", county.hospital, everywhere=True))


@pytest.fixture
def failed(county: County, his: Connection) -> InboundMessage:
    return processed(county, a_message(a_pid(id_number=ID, sex="X")))


def test_the_engineer_sees_connections_and_what_waits(engineer: Client, failed: InboundMessage) -> None:
    html = engineer.get("/exchange/").content.decode()

    assert "县医院 HIS" in html
    assert "没有进程在监听" in html
    assert "status=FAILED" in html


def test_a_list_shows_the_fault_and_nobodys_name(engineer: Client, failed: InboundMessage) -> None:
    html = engineer.get("/exchange/messages/?status=FAILED&connection=his&type=ADT^A08").content.decode()

    assert "PID-8" in html
    assert "sex" in html
    assert "小麦" not in html
    assert ID not in html


def test_filters_leave_out_the_others(engineer: Client, failed: InboundMessage) -> None:
    for query in ("status=PROCESSED", "type=ORU^R01", "day=2020-01-01", "connection=lis"):
        assert "没有符合条件的消息" in engineer.get(f"/exchange/messages/?{query}").content.decode()
    assert engineer.get("/exchange/messages/?day=soon").status_code == 422


def test_one_message_has_its_fault_marked_and_persons_covered(engineer: Client, failed: InboundMessage) -> None:
    html = engineer.get(f"/exchange/messages/{failed.uuid}/").content.decode()

    assert "<mark" in html
    assert "PID-8: •••" in html
    assert "ADT^A08" in html
    for secret in ("小麦", ID, "13700001234", "东沟村"):
        assert secret not in html


def test_the_original_is_shown_for_a_written_reason_only(engineer: Client, failed: InboundMessage) -> None:
    refused = engineer.post(f"/exchange/messages/{failed.uuid}/reveal/", {"why": "看"})
    shown = engineer.post(f"/exchange/messages/{failed.uuid}/reveal/", {"why": "核对性别代码"})

    assert refused.status_code == 422
    assert ID not in refused.content.decode()
    assert ID in shown.content.decode()
    assert AuditRecord.objects.get(event="exchange.revealed").reason == "核对性别代码"
    assert ID not in engineer.get(f"/exchange/messages/{failed.uuid}/").content.decode()


def test_the_engineer_replays_one_and_all_and_gives_up(engineer: Client, failed: InboundMessage) -> None:
    address = f"/exchange/messages/{failed.uuid}/"

    assert engineer.post(address + "discard/", {"reason": "OTHER"}).status_code == 422
    assert engineer.post(address + "replay/").status_code == 302
    assert engineer.post(address + "replay/").status_code == 409
    failed.refresh_from_db()
    assert failed.status == "RECEIVED"
    InboundMessage.objects.filter(pk=failed.pk).update(status="FAILED")
    engineer.post("/exchange/messages/replay-fault/", {"connection": "his", "fault": "no-sex-code"})
    failed.refresh_from_db()
    assert failed.status == "RECEIVED"
    InboundMessage.objects.filter(pk=failed.pk).update(status="FAILED")
    assert engineer.post(address + "discard/", {"reason": "TEST"}).status_code == 302
    failed.refresh_from_db()
    assert (failed.status, failed.status_changes.last().reason_code) == ("DISCARDED", "TEST")


def test_who_was_found_is_a_number_not_a_link(engineer: Client, county: County, his: Connection) -> None:
    message = processed(county, a_message(a_pid(id_number=ID)))

    html = engineer.get(f"/exchange/messages/{message.uuid}/").content.decode()

    assert message.resident.number in html
    assert "/residents/" not in html


def test_nobody_else_sees_anything(county: County, failed: InboundMessage) -> None:
    for actor in ("alma", "bo", "mei"):
        getattr(county, actor)
        other = sign_in(Client(), county.users[actor])
        assert other.get("/exchange/").status_code == 403
        assert other.get("/exchange/messages/").status_code == 403
        assert other.get("/exchange/outbound/").status_code == 403
        assert other.get(f"/exchange/messages/{failed.uuid}/").status_code == 404
        assert other.post(f"/exchange/messages/{failed.uuid}/reveal/", {"why": "核对性别代码"}).status_code == 404
        assert other.post(f"/exchange/messages/{failed.uuid}/replay/").status_code == 404


def test_a_list_pages_by_keyset_without_more_queries(
    engineer: Client, his: Connection, django_assert_max_num_queries: Any
) -> None:
    received(*(a_message(control_id=str(each)) for each in range(45)))

    with django_assert_max_num_queries(25):
        first = engineer.get("/exchange/messages/").content.decode()

    assert "ADT^A08 · 44" in first
    assert "ADT^A08 · 24" not in first
    assert "cursor=" in first


def test_pages_speak_english(engineer: Client, failed: InboundMessage) -> None:
    html = engineer.get(f"/exchange/messages/{failed.uuid}/", headers={"accept-language": "en"}).content.decode()

    assert "is not in the table" in html
    assert "Replay this one" in html


def test_what_is_refused_at_the_door_can_be_looked_at(engineer: Client, his: Connection) -> None:
    for number, raw in enumerate((b"", b"\xff\xfe\x00rubbish", b"MSH", "MSH|^~\\&|无".encode("gb18030"))):
        received(raw)
        assert InboundMessage.objects.count() == number + 1
    for each in InboundMessage.objects.all():
        assert engineer.get(f"/exchange/messages/{each.uuid}/").status_code == 200


def test_structure_is_left_and_values_are_covered() -> None:
    assert covered("王^小麦~WANG^X&Y", "^~\\&") == "•••^•••~•••^•••&•••"
    (segment,) = segments_of("ZZZ|secret|1", fault_segment="ZZZ", fault_field=9)
    assert [each.text for each in segment.fields] == ["•••", "•••", ""]
    assert segment.fields[-1].is_faulty
