"""Orders of a hospital's own system: placed once, cancelled by their number, and never guessed."""

from datetime import date

import pytest

from tests.factories.county import County, later
from tests.factories.exchange import a_connection, a_message, a_pid, processed
from tests.factories.imaging import an_imaging_centre
from tests.factories.laboratory import a_laboratory
from tests.factories.residents import an_id_number
from xinglin.centres.models import OutsideOrder
from xinglin.diagnostics.models import Request
from xinglin.laboratory.models import Specimen
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db
FIRST, SECOND = (an_id_number(date(1963, 4, 15), "1", sequence=number) for number in (71, 72))
TABLES = """
[tables.orders]
"24323-8" = "LAB/liver"
"58410-2" = "LAB/cbc"
CT01 = "IMAGING/ct-head"
"""


@pytest.fixture(autouse=True)
def his(county: County, settings, tmp_path) -> None:
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    a_connection(tables=TABLES)
    a_laboratory(county)
    an_imaging_centre(county)
    processed(county, a_message(a_pid(id_number=FIRST), type="ADT^A04", control_id="adt"))


def an_order(
    *codes: str, number: str = "HIS-1", control: str = "NW", question: str = "乏力3天", pid: str = "", priority: str = "R",
    control_id: str = "1", kind: str = "OML^O21",
) -> bytes:  # fmt: skip
    segments = [pid or a_pid()]
    for n, code in enumerate(codes or ("58410-2",), 1):
        segments.append(f"ORC|{control}|{number}-{n}||{number}||||||||7^林医生")
        segments.append(f"OBR|{n}|{number}-{n}||{code}^项目^L|{priority}||||||||{question}")
    return a_message(*segments, type=kind, control_id=control_id)


@pytest.mark.parametrize("kind", ["ORM^O01", "OML^O21"])
def test_panels_under_one_group_number_are_one_order_with_its_tubes(county: County, kind: str):
    message = processed(county, an_order("58410-2", "24323-8", priority="S", kind=kind))

    assert message.status == "PROCESSED", message.fault_words
    request = Request.objects.get(kind="LAB")
    assert [each["code"] for each in request.items] == ["cbc", "liver"]
    assert (request.priority, request.question, request.from_facility) == ("EMERGENCY", "乏力3天", county.hospital)
    assert "林医生" in request.clinical
    assert set(Specimen.objects.values_list("tube", flat=True)) == {"edta", "serum"}
    assert AuditRecord.objects.filter(event="outside-order.taken", subject_uuid=request.resident.uuid).exists()


def test_an_examination_is_asked_of_the_imaging_centre(county: County):
    assert processed(county, an_order("CT01")).status == "PROCESSED"
    assert Request.objects.get().kind == "IMAGING"


def test_the_same_order_again_changes_nothing_and_another_one_under_its_number_waits(county: County):
    processed(county, an_order())
    again = processed(county, an_order(control_id="2"), at=later(1))
    changed = processed(county, an_order("24323-8", control_id="3"), at=later(2))

    assert Request.objects.count() == OutsideOrder.objects.count() == 1
    assert again.status == "IGNORED"
    assert (changed.status, changed.fault_code) == ("FAILED", "order-changed")


def test_a_cancellation_finds_its_order_and_says_when_it_is_too_late(county: County):
    processed(county, an_order())
    assert processed(county, an_order(control="CA", control_id="2"), at=later(1)).status == "PROCESSED"
    assert Request.objects.get().status == "CANCELLED"
    assert processed(county, an_order(control="CA", control_id="3"), at=later(2)).status == "IGNORED"

    unknown = processed(county, an_order(control="CA", number="HIS-9", control_id="4"), at=later(3))
    assert (unknown.fault_code, unknown.fault_segment, unknown.fault_field) == ("unknown-order", "ORC", 2)
    processed(county, an_order(number="HIS-2", control_id="5"), at=later(4))
    Request.objects.filter(outside_order__number="HIS-2").update(status="PERFORMED")
    late = processed(county, an_order(number="HIS-2", control="CA", control_id="6"), at=later(5))
    assert (late.status, late.fault_code) == ("FAILED", "transition-not-allowed")


@pytest.mark.parametrize(
    ("raw", "code", "place"),
    [
        (an_order("NONE"), "item-unknown", ("OBR", 4)),
        (an_order("58410-2", "CT01"), "two-kinds", ("OBR", 4)),
        (an_order(question=""), "no-question", ("OBR", 13)),
        (an_order(control="XO"), "order-control", ("ORC", 1)),
        (an_order(number=""), "no-order-number", ("ORC", 2)),
        (an_order(pid=a_pid(number="4711")), "unknown-person", ("PID", 3)),
        (a_message(a_pid(), type="OML^O21"), "no-order", ("ORC", None)),
    ],
)  # fmt: skip
def test_what_is_not_certain_waits_with_its_field(county: County, raw: bytes, code: str, place: tuple[str, int]):
    if code == "no-order-number":
        raw = raw.replace(b"|-1|", b"||")
    message = processed(county, raw)

    assert (message.status, message.fault_code) == ("FAILED", code)
    assert (message.fault_segment, message.fault_field) == place
    assert not Request.objects.exists()


def test_another_name_under_a_known_number_is_never_given_the_order(county: County):
    message = processed(county, an_order(pid=a_pid(name="李^四")))

    assert message.status == "FAILED"
    assert not Request.objects.exists()


def test_a_number_of_one_person_is_not_used_for_another(county: County):
    processed(county, an_order())
    processed(
        county,
        a_message(a_pid(number="2002", name="李^四", phone="", id_number=SECOND), type="ADT^A04", control_id="adt2"),
        at=later(1),
    )
    other = an_order(pid=a_pid(number="2002", name="李^四"), control_id="2")
    assert processed(county, other, at=later(2)).fault_code == "another-person"
