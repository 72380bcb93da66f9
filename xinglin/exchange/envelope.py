"""The outside of a message: who sent it, in which encoding, under which control id; and the answer to it.

Only what an acknowledgement needs is read here, by cutting the first segment; fields of the content are read later, with
the library (`xinglin.exchange.reading`).
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.exchange import faults
from xinglin.exchange.connections import ENCODINGS, Connection, sender
from xinglin.exchange.faults import Fault, words_of
from xinglin.platform.ids import new_uuid

BOM = b"\xef\xbb\xbf"
ACCEPT, ERROR, REJECT = "AA", "AE", "AR"
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_OUR_NAME = "XINGLIN"
#: In the enhanced mode the same answers are called so.
_ENHANCED = {ACCEPT: "CA", ERROR: "CE", REJECT: "CR"}


@dataclass(slots=True)
class Envelope:
    """One message as it came. `fault` says why it cannot be taken; then the other facts are what could be read."""

    raw: bytes
    address: str
    connection: Connection | None = None
    application: str = ""
    facility: str = ""
    control_id: str = ""
    message_type: str = ""
    version: str = ""
    encoding: str = "utf-8"
    charset: str = ""  # MSH-18 as it stood
    separator: str = "|"
    encoding_characters: str = "^~\\&"
    processing_id: str = "P"
    accept_when: str = ""  # MSH-15: AL, NE, ER, SU; empty in the original mode
    fault: Fault | None = None
    digest: bytes = field(default=b"", repr=False)

    @property
    def slug(self) -> str:
        """The connection's name, or nothing."""
        return self.connection.slug if self.connection else ""


def open_envelope(raw: bytes, *, address: str, connections: list[Connection]) -> Envelope:
    """Read the outside of a message. Never raises: what is wrong stands in `fault`."""
    envelope = Envelope(raw=raw, address=address, digest=hashlib.sha256(raw).digest())
    try:
        _read(envelope, connections)
    except Fault as fault:
        envelope.fault = fault
    return envelope


def _read(envelope: Envelope, connections: list[Connection]) -> None:
    body = envelope.raw.removeprefix(BOM).lstrip(b"\r\n ")
    header = re.split(rb"[\r\n]", body, maxsplit=1)[0]
    if not header.startswith(b"MSH") or len(header) < 9:  # noqa: PLR2004 - MSH, separator, four characters
        raise Fault("no-msh", _("消息不以 MSH 段开头。"), "MSH", hl7_code=faults.SEQUENCE, rejects=True)
    text = header.decode("ascii", errors="replace")
    envelope.separator = text[3]
    parts = text[3:].split(text[3])
    parts[0] = text[3]
    fields = {number: value for number, value in enumerate(parts, 1)}  # noqa: C416 - MSH counts its separator as field 1
    _read_header(envelope, fields)
    envelope.connection = sender(
        connections, application=envelope.application, facility=envelope.facility, address=envelope.address
    )
    envelope.encoding = ENCODINGS.get(envelope.charset, "") or (
        envelope.connection.encoding if envelope.connection else "utf-8"
    )
    _check(envelope, fields)
    _check_text(envelope)


def _read_header(envelope: Envelope, fields: dict[int, str]) -> None:
    characters = fields.get(2, "")
    if len(set(characters[:4] + envelope.separator)) != 5 or any(c.isalnum() for c in characters):  # noqa: PLR2004
        raise Fault("separators", _("MSH-1、MSH-2 的分隔符无效。"), "MSH-2", hl7_code=faults.DATA_TYPE, rejects=True)
    envelope.encoding_characters = characters

    def first(number: int, component: int = 0) -> str:
        value = fields.get(number, "").split(characters[1])[0].split(characters[0])
        return value[component].strip()[:199] if component < len(value) else ""

    envelope.application, envelope.facility = first(3), first(4)
    event = first(9, 1)
    envelope.message_type = f"{first(9)}^{event}"[:20] if event else first(9)[:20]
    envelope.control_id, envelope.processing_id = fields.get(10, "").strip()[:200], first(11)
    envelope.version, envelope.charset = first(12)[:10], first(18).upper()
    envelope.accept_when = first(15) or ("AL" if first(16) else "")


def _check(envelope: Envelope, fields: dict[int, str]) -> None:
    if not envelope.control_id:
        raise Fault("no-control-id", _("没有消息控制号。"), "MSH-10", hl7_code=faults.REQUIRED, rejects=True)
    if len(envelope.control_id) > 199 or not envelope.control_id.isprintable() or "�" in envelope.control_id:  # noqa: PLR2004
        envelope.control_id = ""
        raise Fault("control-id", _("消息控制号太长，或含有无效字符。"), "MSH-10", rejects=True)
    if envelope.connection is None:
        raise Fault(
            "unknown-sender", _("不认识这个发送方：发送系统、发送机构或来源地址不在任何连接的定义中。"), "MSH-3",
            hl7_code=faults.UNKNOWN_KEY, rejects=True,
        )  # fmt: skip
    if not re.fullmatch(r"[A-Z]{3}(\^[A-Z0-9]{3})?", envelope.message_type):
        raise Fault("no-type", _("没有消息类型，或类型无效。"), "MSH-9", hl7_code=faults.REQUIRED, rejects=True)
    if not envelope.version.startswith("2."):
        raise Fault(
            "version", _("只接受 HL7 2.x 版本的消息。"), "MSH-12", hl7_code=faults.UNSUPPORTED_VERSION, rejects=True
        )
    if envelope.charset and envelope.charset not in ENCODINGS:
        raise Fault("charset", _("不支持 MSH-18 写明的字符集。"), "MSH-18", hl7_code=faults.NOT_IN_TABLE, rejects=True)


def _check_text(envelope: Envelope) -> None:
    """The bytes are text in their encoding, line by line a segment."""
    if b"\x0b" in envelope.raw:
        raise Fault("two-messages", _("消息中间又出现起始符：可能两条消息连在了一起。"), rejects=True)
    try:
        text = text_of(envelope.raw, envelope.encoding)
    except UnicodeDecodeError as error:
        before = re.split(rb"[\r\n]", envelope.raw[: error.start])[-1]
        segment = before[:3].decode("ascii", errors="replace")
        number = before.count(envelope.separator.encode()) + (segment == "MSH")
        path = f"{segment}-{number}" if _SEGMENT.fullmatch(segment) and number else "MSH-18"
        raise Fault(
            "encoding", _("内容不是 %(encoding)s 编码。"), path, values={"encoding": envelope.encoding}
        ) from error
    for line in text.split("\r"):
        if line and not (_SEGMENT.fullmatch(line[:3]) and line[3:4] in {"", envelope.separator}):
            raise Fault("segment-name", _("有一行不以三个字符的段名开头。"), hl7_code=faults.SEQUENCE)
    if "\x00" in text:
        raise Fault("nul", _("内容含有无效的零字节。"))


def too_large(limit: int) -> Fault:
    """What is said of a message beyond the limit."""
    return Fault("too-large", _("消息太大：最多 %(n)d MB。"), rejects=True, values={"n": limit // 1024 // 1024})


def text_of(raw: bytes, encoding: str) -> str:
    """The message as text, segments ended by CR whatever the sender ends them with.

    :raises UnicodeDecodeError: it is not in this encoding
    """
    text = raw.removeprefix(BOM).decode(encoding)
    return text.replace("\r\n", "\r").replace("\n", "\r").strip("\r ") + "\r"


def answer_to(envelope: Envelope, code: str, fault: Fault | None, *, at: datetime) -> bytes | None:
    """The acknowledgement, in the sender's own separators and encoding; None when it asked for none."""
    if envelope.accept_when:
        wanted = {"NE": False, "ER": code != ACCEPT, "SU": code == ACCEPT}.get(envelope.accept_when, True)
        if not wanted:
            return None
        code = _ENHANCED[code]
    fs, cs = envelope.separator, envelope.encoding_characters[0]
    trigger = envelope.message_type.partition("^")[2]
    stamp = f"{timezone.localtime(at):%Y%m%d%H%M%S%z}"
    header = [
        "MSH", envelope.encoding_characters, _OUR_NAME, "", envelope.application, envelope.facility, stamp, "",
        f"ACK{cs}{trigger}" if trigger else "ACK", new_uuid().hex[:20], envelope.processing_id or "P",
        envelope.version or "2.4", "", "", "", "", "", envelope.charset,
    ]  # fmt: skip
    lines = [fs.join(header).rstrip(fs), fs.join(["MSA", code, envelope.control_id])]
    if fault is not None:
        lines.append(fs.join(_error_segment(envelope, fault)).rstrip(fs))
    return ("\r".join(lines) + "\r").encode(envelope.encoding, errors="replace")


def _error_segment(envelope: Envelope, fault: Fault) -> list[str]:
    cs, sub = envelope.encoding_characters[0], envelope.encoding_characters[3]
    segment, number, component = fault.place
    location = [segment, "1", *(str(each) for each in (number, component) if each)] if segment else []
    if envelope.version in {"2.1", "2.2", "2.3", "2.3.1", "2.4"}:
        code = sub.join([str(fault.hl7_code), fault.code, "HL70357"])
        return ["ERR", cs.join([segment, "1", str(number or ""), code])]
    if number and component:
        location = [segment, "1", str(number), "1", str(component)]
    words = words_of(fault.message)["zh-hans"]
    text = "".join(each for each in words if each not in envelope.separator + envelope.encoding_characters + "\r\n")
    return ["ERR", "", cs.join(location), str(fault.hl7_code), "E", fault.code, "", "", text]


def reason_in(answer: bytes) -> tuple[str, str]:
    """Code and control id of an acknowledgement that came back; empty where there is none."""
    match = re.search(rb"(?:^|[\r\n])MSA(.)(\w{2})\1([^\r\n]*)", answer)
    if not match:
        return "", ""
    code = match[2].decode("ascii", errors="replace")
    return code, match[3].split(match[1])[0].decode("utf-8", errors="replace").strip()
