"""Results of a LIS in messages: taken once, in our items and units, for the right person; or in the dead letters."""

import os
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories.county import County, later
from tests.factories.exchange import a_connection, a_message, a_pid, processed
from tests.factories.laboratory import ELECTROLYTES, luo, received, released, specimens_of
from xinglin.laboratory import queries
from xinglin.laboratory.models import Release, Result

pytestmark = pytest.mark.django_db
TABLES = """
[tables.lab_items]
XJ = "K"
[tables.lab_units]
"mmol/l." = "mmol/L"
[tables.lab_values]
POS = "阳性"
"""
LOINC = {"K": "2823-3", "NA": "2951-2", "CL": "2075-0", "CA": "2000-8"}


@pytest.fixture(autouse=True)
def _lis(county: County, settings, tmp_path: Path):
    settings.COUNTY_DEFINITIONS_DIR = tmp_path
    a_connection(slug="lis", application="LIS", authority="LIS", tables=TABLES)


def obx(
    number: int, code: str, value: str, *, unit: str = "mmol/L", state: str = "F", kind: str = "NM", more: str = ""
):
    return f"OBX|{number}|{kind}|{code}||{value}|{unit}|||||{state}|||20261120033000{more}"


def electrolytes(**values: str) -> list[str]:
    return [
        obx(number, f"{LOINC[code]}^^LN", value)
        for number, (code, value) in enumerate({**ELECTROLYTES, **values}.items(), 1)
    ]


def message(order, *observations: str, control_id: str = "L1", pid: str = "", number: str = "", spm: str = ""):
    resident = order.resident
    pid = pid or a_pid(
        number="", name=f"{resident.name[0]}^{resident.name[1:]}", born=f"{resident.born_on:%Y%m%d}", sex="M",
        id_number=resident.id_number,
    )  # fmt: skip
    segments = [pid, f"OBR|1|{number or order.number}||CHEM", *observations]
    return a_message(*segments, *([spm] if spm else []), type="ORU^R01", control_id=control_id, application="LIS")


def fault(stored):
    return stored.status, stored.fault_code, f"{stored.fault_segment}-{stored.fault_field}"


def test_results_are_taken_released_by_the_rules_and_the_same_message_is_once(county: County):
    order = received(county)

    first = processed(county, message(order, *electrolytes()), at=later(120))
    processed(county, message(order, *electrolytes()), at=later(121))
    again = processed(county, message(order, *electrolytes(), control_id="L2"), at=later(122))

    order.refresh_from_db()
    assert (first.status, again.status) == ("PROCESSED", "PROCESSED")
    assert first.resident == order.resident
    assert order.status == "FINAL"
    assert Result.objects.count() == 4
    assert {(each.source, each.source_key) for each in Result.objects.all()} == {("ORU", "lis L1")}
    assert Release.objects.get().rule_set.startswith("auto-verification@")


def test_an_order_is_found_by_the_barcode_of_a_specimen(county: County):
    order = received(county)
    (specimen,) = specimens_of(order)

    stored = processed(
        county, message(order, *electrolytes(), number="4711", spm=f"SPM|1|{specimen.barcode}"), at=later(120)
    )

    assert stored.status == "PROCESSED"
    assert Result.objects.filter(specimen=specimen).count() == 4


def test_own_codes_units_and_structured_numbers_are_translated(county: County):
    order = received(county, panels=["electrolytes", "crp", "hepatitis-b"])
    rows = [
        obx(1, "XJ^钾^L", "4.1", unit="mmol/l."),
        obx(2, "2000-8^^LN", "9.2", unit="mg/dL"),
        obx(3, "1988-5^^LN", "<^0.5", unit="mg/L", kind="SN"),
        obx(4, "5195-3^^LN", "POS", unit="", kind="CWE", more="||||AU5800^^^X"),
    ]

    stored = processed(county, message(order, *rows), at=later(120))

    assert stored.status == "PROCESSED", stored.fault_words
    texts = dict(Result.objects.values_list("analyte", "text"))
    assert texts == {"K": "4.10", "CA": "2.30", "CRP": "<0.5", "HBSAG": "阳性"}
    assert Result.objects.get(analyte="HBSAG").instrument == "AU5800"


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([obx(1, "2823-3^^LN", "4.2", unit="mg/L")], "unit-unknown", "OBX-6"),
        ([obx(1, "2823-3^^LN", "vier")], "value", "OBX-5"),
        ([obx(1, "2823-3^^LN", "42")], "implausible", "OBX-5"),
        ([obx(1, "99999-9^^LN", "4.2")], "unknown-item", "OBX-3"),
        ([obx(1, "718-7^^LN", "120", unit="g/L")], "not-ordered", "OBX-3"),
        ([obx(1, "2823-3^^LN", "4.2", state="X")], "state", "OBX-11"),
        ([obx(1, "2823-3^^LN", "4.2"), obx(2, "2823-3^^LN", "4.3")], "twice", "OBX-3"),
    ],
)
def test_what_is_wrong_is_a_dead_letter_that_names_the_field(county: County, rows: list[str], code: str, place: str):
    order = received(county)

    stored = processed(county, message(order, *rows), at=later(120))

    assert fault(stored) == ("FAILED", code, place)
    assert Result.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"name": "李^四"}, "name-differs", "PID-5"),
        ({"born": "19640415"}, "born_on-differs", "PID-7"),
        ({"sex": "F"}, "sex-differs", "PID-8"),
        ({"id_number": "370403196304151013"}, "document-differs", "PID-3"),
        ({"name": ""}, "no-name", "PID-5"),
    ],
)
def test_another_person_is_a_dead_letter(county: County, change: dict[str, str], code: str, place: str):
    order = received(county)
    facts = {"number": "", "name": "王^小麦", "born": "19630415", "sex": "M", **change}

    stored = processed(county, message(order, *electrolytes(), pid=a_pid(**facts)), at=later(120))

    assert fault(stored) == ("FAILED", code, place)
    assert Result.objects.count() == 0


def test_an_unknown_order_and_one_of_another_hospital_are_dead_letters(county: County):
    order = received(county)
    a_connection(slug="tcm", application="TCM", authority="TCM", more="")
    path = Path(settings.COUNTY_DEFINITIONS_DIR) / "hl7-connections" / "tcm.toml"
    path.write_text(path.read_text().replace('facility_code = "H01"', 'facility_code = "H02"'))

    nobody = processed(county, message(order, *electrolytes(), number="J260101-NONE"), at=later(120))
    foreign = processed(
        county, message(order, *electrolytes(), control_id="T1").replace(b"|LIS|", b"|TCM|"), at=later(121)
    )

    assert fault(nobody) == ("FAILED", "unknown-order", "OBR-2")
    assert fault(foreign) == ("FAILED", "unknown-order", "OBR-2")


def test_what_is_not_final_is_waited_for(county: County):
    order = received(county)

    stored = processed(county, message(order, obx(1, "2823-3^^LN", "4.2", state="P")), at=later(120))

    assert stored.status == "IGNORED"
    assert Result.objects.count() == 0


def test_a_correction_is_a_new_version_that_a_person_releases(county: County):
    order = received(county)
    processed(county, message(order, *electrolytes()), at=later(120))
    changed = processed(county, message(order, obx(1, "2823-3^^LN", "4.6"), control_id="L2"), at=later(130))
    assert fault(changed) == ("FAILED", "reason-wanted", "OBX-11")

    corrected = processed(
        county, message(order, obx(1, "2823-3^^LN", "4.6", state="C"), control_id="L3"), at=later(131)
    )

    assert corrected.status == "PROCESSED"
    newest = queries.newest_results(order)[0]
    assert (newest.text, newest.version, newest.reason) == ("4.60", 2, "LIS更正（lis L3）")
    assert queries.review_queue(luo(county)) == [order]
    order.refresh_from_db()
    assert order.status == "FINAL"


def test_a_result_before_the_specimen_is_a_dead_letter_and_can_be_replayed(county: County):
    from tests.factories.laboratory import sent

    stored = processed(county, message(sent(county), *electrolytes()), at=later(50))

    assert fault(stored) == ("FAILED", "not-received", "OBR-3")


def test_a_message_nobody_here_wrote_has_a_definite_outcome(county: County):
    released(county)
    folder = os.environ.get("XINGLIN_HL7_COLLECTION", "")
    found = sorted(Path(folder).glob("ORU*.hl7")) if folder else []
    if not found:
        pytest.skip("no collection of messages is named")
    for path in found:
        raw = path.read_bytes().lstrip(b"\xef\xbb\xbf").replace(b"\r\n", b"\r").replace(b"\n", b"\r")
        raw = raw.replace(raw.split(b"|")[2], b"LIS", 1)
        stored = processed(county, raw, at=later(300))
        assert stored.status in {"FAILED", "IGNORED"}
        assert stored.fault_words.get("zh-hans")
    assert Result.objects.count() == 4
