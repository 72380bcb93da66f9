"""People told of by a hospital: registered, known again, changed and merged; never guessed."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.exchange import a_connection, a_message, a_pid, processed, received
from tests.factories.residents import a_resident, an_id_number
from xinglin.exchange import actions
from xinglin.exchange.connections import Connection
from xinglin.exchange.models import ForeignIdentifier, InboundMessage
from xinglin.platform.models import AuditRecord
from xinglin.residents.models import Resident, RosterEntry

pytestmark = pytest.mark.django_db
ID = an_id_number(date(1963, 4, 15), "1", sequence=73)


def test_an_unknown_person_is_registered_where_the_connection_says(county: County, his: Connection) -> None:
    message = processed(county, a_message(a_pid(id_number=ID), type="ADT^A04"))

    resident = Resident.objects.get()
    assert (message.status, message.resident) == ("PROCESSED", resident)
    assert (resident.name, resident.id_number, resident.managed_by, resident.phone) == (
        "王小麦", ID, county.clinic, "13700001234",
    )  # fmt: skip
    assert RosterEntry.objects.filter(resident=resident, facility=county.hospital, basis="VISIT").exists()
    assert ForeignIdentifier.objects.get().number == "1001"


def test_who_shows_a_registered_document_is_known_again_and_changed(county: County, his: Connection) -> None:
    resident = a_resident(county, id_number=ID)

    processed(county, a_message(a_pid(id_number=ID, phone="13900005678", address="西沟村1号")))

    resident.refresh_from_db()
    assert (resident.phone, resident.address) == ("13900005678", "西沟村1号")
    assert Resident.objects.count() == 1
    assert not RosterEntry.objects.filter(facility=county.hospital).exists(), "a message is no visit"


def test_the_change_names_the_system_in_the_trail(county: County, his: Connection) -> None:
    resident = a_resident(county, id_number=ID)

    processed(county, a_message(a_pid(id_number=ID, phone="13900005678")))

    records = AuditRecord.objects.filter(subject_uuid=resident.uuid, actor_name="县医院 HIS")
    assert {"resident.edited", "exchange.matched", "exchange.processed"} <= set(records.values_list("event", flat=True))
    assert set(records.values_list("place", flat=True)) == {county.hospital.pk}


def test_afterwards_the_hospitals_own_number_is_enough(county: County, his: Connection) -> None:
    processed(county, a_message(a_pid(id_number=ID)))

    message = processed(county, a_message(a_pid(phone="13900005678"), control_id="2"))

    assert message.status == "PROCESSED"
    assert Resident.objects.get().phone == "13900005678"


FAULTS = {
    "another name on the document": (a_pid(id_number=ID, name="李^四"), "name-differs", "PID", 5),
    "another birth date": (a_pid(id_number=ID, born="19630416"), "born_on-differs", "PID", 7),
    "another sex": (a_pid(id_number=ID, sex="F"), "sex-differs", "PID", 8),
    "a code that is not in the table": (a_pid(id_number=ID, sex="X"), "no-sex-code", "PID", 8),
    "no date": (a_pid(id_number=ID, born="1963年"), "date", "PID", 7),
    "a telephone that is none": (a_pid(id_number=ID, phone="12"), "id-phone", "PID", 13),
    "probably the same person": (a_pid(), "probable-matches", "", None),
    "no PID": ("PV1|1|O", "no-pid", "PID", None),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_not_certain_waits_for_a_person(case: str, county: County, his: Connection) -> None:
    resident = a_resident(county, id_number=ID)
    segment, code, at_segment, at_field = FAULTS[case]

    message = processed(county, a_message(segment))

    assert (message.status, message.fault_code) == ("FAILED", code)
    assert (message.fault_segment, message.fault_field) == (at_segment, at_field)
    assert Resident.objects.get() == resident
    assert not ForeignIdentifier.objects.exists()


def test_a_number_that_brings_another_document_waits_for_a_person(county: County, his: Connection) -> None:
    processed(county, a_message(a_pid(id_number=ID)))
    other = an_id_number(date(1963, 4, 15), "1", sequence=74)

    message = processed(county, a_message(a_pid(id_number=other), control_id="2"))

    assert message.fault_code == "another-document"
    assert Resident.objects.get().id_number == ID


def test_a_failed_message_does_not_hold_up_the_next(county: County, his: Connection) -> None:
    received(a_message(a_pid(sex="X"), control_id="1"))

    processed(county, a_message(a_pid(id_number=ID), control_id="2"))

    assert list(InboundMessage.objects.order_by("id").values_list("status", flat=True)) == ["FAILED", "PROCESSED"]


def test_after_the_mapping_is_mended_the_message_goes_through(county: County, his: Connection) -> None:
    message = processed(county, a_message(a_pid(id_number=ID, sex="男")))
    assert message.fault_code == "no-sex-code"
    engineer = county.actor(county.user("eng", "system-administrator", county.hospital, everywhere=True))

    mended = a_connection(tables='[tables.ethnicity]\n"汉" = "01"\n').definition
    assert mended.slug == "his"
    path = Path(__import__("django.conf").conf.settings.COUNTY_DEFINITIONS_DIR) / "hl7-connections" / "his.toml"
    path.write_text(path.read_text().replace('F = "2"', 'F = "2"\n"男" = "1"'))
    assert actions.replay_fault(connection="his", fault_code="no-sex-code", by=engineer, at=later(5)) == 1
    from xinglin.exchange import connections

    connection = connections.by_slug("his")
    actions.process_oldest(connection=connection, by=connection.actor(), at=later(6))

    message.refresh_from_db()
    assert (message.status, message.n_tries, message.fault_code) == ("PROCESSED", 2, "")
    assert Resident.objects.get().sex == "1"


def test_an_old_message_replayed_does_not_undo_a_newer_one(county: County, his: Connection) -> None:
    processed(county, a_message(a_pid(id_number=ID)))
    old = processed(county, a_message(a_pid(phone="1", id_number=ID), control_id="2"))
    processed(county, a_message(a_pid(phone="13900005678", address="新址"), control_id="3"))
    engineer = county.actor(county.user("eng", "system-administrator", county.hospital, everywhere=True))

    actions.replay(message=old, by=engineer, at=NOW)
    actions.process_oldest(connection=his, by=his.actor(), at=NOW)

    old.refresh_from_db()
    assert old.status == "IGNORED"
    assert Resident.objects.get().address == "新址"


def test_two_numbers_of_the_hospital_become_one_person(county: County, his: Connection) -> None:
    processed(county, a_message(a_pid(id_number=ID)))
    born = date(1990, 5, 6)
    processed(
        county,
        a_message(
            a_pid(number="1002", name="赵^云", born="19900506", phone="13811112222"), control_id="2", type="ADT^A04"
        ),
    )
    assert ForeignIdentifier.objects.count() == 2

    message = processed(
        county, a_message(a_pid(number="1001", id_number=ID), "MRG|1002^^^XRMYY^MR", control_id="3", type="ADT^A40")
    )

    merged = Resident.objects.get(born_on=born)
    assert message.status == "PROCESSED"
    assert (merged.status, merged.merged_into.id_number) == ("MERGED", ID)


def test_a_merge_of_a_number_nobody_knows_waits_for_a_person(county: County, his: Connection) -> None:
    processed(county, a_message(a_pid(id_number=ID)))

    message = processed(county, a_message(a_pid(), "MRG|404^^^XRMYY^MR", control_id="2", type="ADT^A40"))

    assert (message.fault_code, message.fault_segment, message.fault_field) == ("unknown-number", "MRG", 1)


@pytest.mark.parametrize("message_type", ["ADT^A03", "MDM^T02", "SIU^S12"])
def test_what_nobody_handles_is_kept_with_the_reason(message_type: str, county: County, his: Connection) -> None:
    message = processed(county, a_message(type=message_type))

    assert message.status == "IGNORED"
    assert "处理这类消息" in message.fault_words["zh-hans"]


def test_repetitions_and_escapes_are_read(county: County, his: Connection) -> None:
    pid = f"PID|1||77^^^OTHER^MR~1001^^^XRMYY^MR~{ID}^^^MPS^NI||王^小麦~WANG^XIAOMAI||19630415|M|||东沟村\\T\\8号\\F\\甲||13700001234~13900000000"

    processed(county, a_message(pid))

    assert ForeignIdentifier.objects.get().number == "1001"
    assert Resident.objects.get().address == "东沟村&8号|甲"


@pytest.mark.parametrize(
    ("segment", "code"),
    [("NTE|1||" + "^" * 60_000, "too-many-parts"), ("NTE|1||\\.sp99999999\\", "escape"), ("NTE|1||" + "x" * 10_000_000, "")],
    ids=["separators", "endless escape", "ten megabytes"],
)  # fmt: skip
def test_what_would_cost_too_much_is_refused_or_read_in_a_moment(
    segment: str, code: str, county: County, his: Connection
) -> None:
    message = processed(county, a_message(a_pid(id_number=ID), segment))

    assert message.fault_code == code
    assert message.status == ("FAILED" if code else "PROCESSED")


#: A folder of messages nobody here wrote, named after their types (``ADT-A08-01.hl7``); see TESTING.md.
FOREIGN = sorted(Path(os.environ.get("XINGLIN_HL7_COLLECTION", "no collection")).glob("*.hl7"))


@pytest.mark.skipif(not FOREIGN, reason="XINGLIN_HL7_COLLECTION names no folder of messages")
@pytest.mark.parametrize("path", FOREIGN, ids=lambda each: each.stem)
def test_messages_nobody_here_wrote_have_a_definite_outcome(path: Path, county: County) -> None:
    raw = path.read_bytes()
    application = raw.removeprefix(b"\xef\xbb\xbf").split(b"|")[2].split(b"^")[0].decode()
    a_connection(application=application, authority="test")

    message = processed(county, raw)

    handled = {"ADT-A01", "ADT-A04", "ADT-A08", "ADT-A28", "ADT-A31", "ADT-A40", "OML-O21", "ORM-O01", "ORU-R01"}
    assert message.status == ("FAILED" if path.stem[:7] in handled else "IGNORED")
    assert message.fault_words["en"]
    if message.status == "FAILED":
        assert message.fault_segment in {"PID", "MRG"}
