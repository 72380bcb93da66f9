"""A hospital's HIS for the demonstration: its connection switched on, and the messages it sends."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from xinglin.exchange.envelope import reason_in
from xinglin.exchange.mllp import deliver

SLUG = "demo-his"
#: What the shipped table of sexes lacks, and this HIS sends.
SEX_WORDS = {"1": "男", "2": "女", "0": "不详", "9": "不详"}


def path() -> Path:
    """The county's own definition of the connection."""
    return Path(settings.COUNTY_DEFINITIONS_DIR) / "hl7-connections" / f"{SLUG}.toml"


def switch_on(facility_code: str) -> None:
    """Put the shipped definition, switched on for this hospital, into the county's own folder."""
    shipped = Path(settings.DEFINITIONS_DIR, "hl7-connections", f"{SLUG}.toml").read_text(encoding="utf-8")
    text = shipped.replace("active = false", "active = true").replace(
        'facility_code = "H01"', f'facility_code = "{facility_code}"'
    )
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_text(text, encoding="utf-8")


def mend() -> None:
    """Write the words this HIS sends for a sex into the table of its connection."""
    rows = "".join(f'"{word}" = "{code}"\n' for code, word in SEX_WORDS.items() if code in {"1", "2"})
    path().write_text(
        path().read_text(encoding="utf-8").replace("[tables.sex]\n", f"[tables.sex]\n{rows}"), encoding="utf-8"
    )


def send(port: int, person: dict[str, Any], *, control_id: str, sex: str, phone: str, at: datetime) -> str:
    """Send an ADT^A08 in GB18030 about a person, written at a moment; returns the acknowledgement code."""
    now = _stamp(at)
    return _deliver(port, _head("ADT^A08^ADT_A01", control_id, now), f"EVN|A08|{now}", _person(person, sex, phone))


def order(port: int, person: dict[str, Any], *, control_id: str, sex: str, control: str, at: datetime) -> str:
    """Send an OML^O21 that orders, or cancels, a blood count and liver function; returns the acknowledgement code."""
    segments = [_head("OML^O21^OML_O21", control_id, _stamp(at)), _person(person, sex, "")]
    for number, code in enumerate(("58410-2^血常规^LN", "24323-8^肝功能^LN"), 1):
        segments.append(f"ORC|{control}|HIS-1-{number}||HIS-1||||||||7^林医生")
        segments.append(f"OBR|{number}|HIS-1-{number}||{code}|S||||||||发热3天，乏力")
    return _deliver(port, *segments)


def _stamp(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y%m%d%H%M%S}"


def _head(message_type: str, control_id: str, now: str) -> str:
    return f"MSH|^~\\&|HIS|XRMYY|XINGLIN||{now}||{message_type}|{control_id}|P|2.5.1||||||GB 18030-2000"


def _person(person: dict[str, Any], sex: str, phone: str) -> str:
    return (
        f"PID|1||{person['hospital_number']}^^^XRMYY^MR~{person['id_number']}^^^MPS^NI||{person['name'][0]}^{person['name'][1:]}"
        f"||{person['born_on']:%Y%m%d}|{sex}|||||{phone}"
    )


def _deliver(port: int, *segments: str) -> str:
    message = "\r".join([*segments, ""]).encode("gb18030")
    return reason_in(deliver(message, host="127.0.0.1", port=port, seconds=20))[0]
