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
    now = f"{timezone.localtime(at):%Y%m%d%H%M%S}"
    message = "\r".join(
        [
            f"MSH|^~\\&|HIS|XRMYY|XINGLIN||{now}||ADT^A08^ADT_A01|{control_id}|P|2.5.1||||||GB 18030-2000",
            f"EVN|A08|{now}",
            f"PID|1||{person['hospital_number']}^^^XRMYY^MR~{person['id_number']}^^^MPS^NI||{person['name'][0]}^{person['name'][1:]}"
            f"||{person['born_on']:%Y%m%d}|{sex}|||||{phone}",
        ]
    )
    answer = deliver(f"{message}\r".encode("gb18030"), host="127.0.0.1", port=port, seconds=20)
    return reason_in(answer)[0]
