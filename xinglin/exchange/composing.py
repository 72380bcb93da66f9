"""Messages for other systems: an order (ORM^O01 or OML^O21) and a final report (ORU^R01)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from xinglin.diagnostics import api as diagnostics
from xinglin.exchange.connections import Connection
from xinglin.platform.actors import Actor
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import OutboxEvent

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": "\\.br\\", "\n": "\\.br\\"}
_SEX = {"1": "M", "2": "F", "0": "U", "9": "O"}
_PRIORITY = {"EMERGENCY": "S", "URGENT": "A", "ROUTINE": "R"}
#: Measurements of a recording that are sent: name in its summary → title, unit.
MEASURED = {
    "heart-rate": ("心率", "bpm"), "pr-interval": ("PR间期", "ms"), "qrs-duration": ("QRS时限", "ms"),
    "qt-interval": ("QT间期", "ms"), "qtc-interval": ("QTc间期", "ms"), "qrs-axis": ("QRS电轴", "deg"),
}  # fmt: skip
_CHARSETS = {"utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}
_OUR_AUTHORITY = "XINGLIN"


def report_of(actor: Actor, event: OutboxEvent) -> tuple[diagnostics.Request, Any] | None:
    """The request and the version of its report that an event tells of; None when that is not final."""
    request = diagnostics.visible_request(actor, event.object_uuid)
    report = request.reports.exclude(stage="PRELIMINARY").filter(version=event.detail.get("version")).first()
    return (request, report) if report is not None else None


def order(request: diagnostics.Request, connection: Connection, *, at: datetime) -> tuple[str, bytes]:
    """A new order. Returns its control id and its bytes."""
    assert connection.outbound is not None
    placed = _stamp(request.requested_at)
    doctor = _field([("", request.requested_by_name)])
    segments = [
        _pid(request, connection), _pv1(request),
        ["ORC", "NW", _number(request), "", "", "", "", "", "", placed, "", "", doctor],
        *_ordered(request, connection, placed=placed, doctor=doctor),
    ]  # fmt: skip
    if request.clinical:
        segments.append(["NTE", "1", "", text(request.clinical)])
    return _message(connection, connection.outbound.orders, segments, at=at)


def result(request: diagnostics.Request, report: Any, connection: Connection, *, at: datetime) -> tuple[str, bytes]:
    """A final report, or its correction. Returns its control id and its bytes."""
    assert connection.outbound is not None
    state = "C" if report.stage == "AMENDMENT" else "F"
    signed = _stamp(report.signed_at)
    obr = _obr(request, connection, placed=_stamp(request.requested_at), doctor="")
    obr += [""] * (33 - len(obr))
    obr[22], obr[25], obr[32] = signed, state, _field([("", report.author_name)])
    segments = [_pid(request, connection), _pv1(request), ["ORC", "RE", _number(request)], obr]
    observations = [
        ("TX", "FINDINGS^检查所见^L", text(report.findings), ""),
        ("TX", "CONCLUSION^诊断意见^L", text(report.conclusion), ""),
    ]
    recording = request.recordings.order_by("uploaded_at", "id").last()
    observations += _measurements(recording.summary.get("measurements", {}) if recording else {}, connection)
    for number, (kind, code, value, unit) in enumerate(observations, 1):
        abnormal = "A" if report.is_abnormal and code.startswith("CONCLUSION") else ""
        segments.append(["OBX", str(number), kind, code, "", value, unit, "", abnormal, "", "", state, "", "", signed])
    return _message(connection, connection.outbound.results, segments, at=at)


def text(value: str) -> str:
    """A text with its separators escaped; line ends as HL7 writes them."""
    return "".join(_ESCAPES.get(each, each) for each in value.replace("\r\n", "\n"))


def _measurements(measured: dict[str, float], connection: Connection) -> Iterable[tuple[str, str, str, str]]:
    for name, (title, unit) in MEASURED.items():
        if name in measured:
            code = f"{connection.translate('observations', name) or name.upper()}^{title}^L"
            yield "NM", code, f"{measured[name]:g}", text(connection.translate("units", unit) or unit)


def _pid(request: diagnostics.Request, connection: Connection) -> list[str]:
    resident = request.resident
    numbers = [f"{resident.number}^^^{_OUR_AUTHORITY}^PI"]
    kind = next(
        (k for k, v in connection.tables.get("id_kinds", {}).items() if v == resident.id_kind and k != "card_number"),
        "",
    )
    if resident.id_number and kind:
        numbers.append(f"{resident.id_number}^^^^{kind}")
    return [
        "PID", "1", "", "~".join(numbers), "", f"{text(resident.name[:1])}^{text(resident.name[1:])}", "",
        f"{resident.born_on:%Y%m%d}", _SEX[resident.sex], "", "", text(resident.address), "", resident.phone or "",
    ]  # fmt: skip


def _pv1(request: diagnostics.Request) -> list[str]:
    return ["PV1", "1", "O", f"^^^{text(str(request.from_facility))}"]


def _obr(request: diagnostics.Request, connection: Connection, *, placed: str, doctor: str) -> list[str]:
    code = connection.translate("examinations", request.kind) or request.kind
    return [
        "OBR", "1", _number(request), "", f"{code}^{text(request.kind)}^L", _PRIORITY.get(request.priority, "R"), placed,
        "", "", "", "", "", "", text(request.question), "", "", doctor,
    ]  # fmt: skip


def _ordered(request: diagnostics.Request, connection: Connection, *, placed: str, doctor: str) -> list[list[str]]:
    """An OBR for each item, in the receiver's code where its table ``orders`` has one; one of the kind where there is
    nothing to choose."""
    first = _obr(request, connection, placed=placed, doctor=doctor)
    theirs = {ours: code for code, ours in connection.tables.get("orders", {}).items()}
    found = []
    for number, item in enumerate(request.items, 1):
        code = theirs.get(f"{request.kind}/{item['code']}", item["code"])
        obr = [*first]
        obr[1], obr[4] = str(number), f"{text(code)}^{text(item['title'])}^L"
        found.append(obr)
    return found or [first]


def _number(request: diagnostics.Request) -> str:
    return f"{request.number}^{_OUR_AUTHORITY}"


def _field(people: list[tuple[str, str]]) -> str:
    return "~".join(f"{text(number)}^{text(name)}" for number, name in people)


def _stamp(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y%m%d%H%M%S%z}"


def _message(
    connection: Connection, message_type: str, segments: list[list[str]], *, at: datetime
) -> tuple[str, bytes]:
    control_id = new_uuid().hex[-20:]
    header = [
        "MSH", "^~\\&", _OUR_AUTHORITY, "", connection.sending_application, connection.sending_facility, _stamp(at), "",
        message_type, control_id, "P", "2.5.1", "", "", "", "", "CHN", _CHARSETS.get(connection.encoding, ""),
    ]  # fmt: skip
    lines = ["|".join(each).rstrip("|") for each in [header, *segments]]
    return control_id, ("\r".join(lines) + "\r").encode(connection.encoding, errors="replace")
