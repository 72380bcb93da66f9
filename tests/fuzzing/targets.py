"""What is fed: each way by which a file or message of somebody else comes in, up to the domain call.

A target takes bytes and returns, or raises only what its parser says it raises. Anything else that comes out, or more than a
second of processor time, is a fault.
"""

import io
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pydicom.data import get_testdata_file

from tests.factories.exchange import a_message, a_pid
from xinglin.diagnostics.ecg import read_ecg
from xinglin.diagnostics.ecg.tests import building
from xinglin.exchange import connections, demographics, mllp
from xinglin.exchange.envelope import answer_to, open_envelope
from xinglin.exchange.faults import Fault
from xinglin.exchange.reading import Message
from xinglin.imaging.dicom import read_header
from xinglin.imaging.dicom.metadata import metadata
from xinglin.imaging.unpacking import pieces_of
from xinglin.laboratory.oru import groups_of
from xinglin.platform import clock
from xinglin.platform.errors import DomainError
from xinglin.web.sheets import Sheet, read_lines, workbook

#: Seconds of processor time one input may take, and bytes it may ask for beyond what the process has.
MOST_SECONDS, MOST_BYTES = 1.0, 512 * 1024 * 1024
_IMAGES = ("CT_small.dcm", "MR_small_RLE.dcm", "examples_ybr_color.dcm", "waveform_ecg.dcm", "SC_rgb_jpeg_dcmtk.dcm")
_LIS = ("ORC|RE|E1", "OBR|1|E1|L9|24331-1^血脂^LN", "OBX|1|NM|2093-3^胆固醇^LN||5.2|mmol/L|3.1-5.7|N|||F")


class TooSlow(Exception):
    """An input took more than `MOST_SECONDS`."""


@dataclass(frozen=True)
class Target:
    """One parser: what it is fed with to begin from, and how."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    feed: Callable[[bytes], None]

    def run(self, data: bytes) -> None:
        """Feed once. :raises TooSlow: it took too long"""
        began = time.process_time()
        self.feed(data)
        if (took := time.process_time() - began) > MOST_SECONDS:
            raise TooSlow(f"{took:.1f} s for {len(data)} bytes")


def hl7(data: bytes) -> None:
    """A stream as the listener gets it, cut into messages; each is answered, and read as far as the database."""
    framer = mllp.Framer(1 << 20)
    try:
        frames = [frame for start in range(0, len(data), 4096) for frame in framer.feed(data[start : start + 4096])]
    except (mllp.Oversize, mllp.Noise):
        return
    for raw in frames or [data]:
        envelope = open_envelope(raw, address="127.0.0.1", connections=_connections())
        answer_to(envelope, "AA", envelope.fault, at=clock.now())
        with suppress(Fault, DomainError):
            message = Message(raw, envelope.encoding)
            for group in groups_of(message):
                _read_all(group.observations)
            demographics.person_in(message, envelope.connection or _connections()[0])


def _read_all(segments: Sequence[object]) -> None:
    for segment in segments:
        for number in range(1, 20):
            segment.value(number)  # type: ignore[attr-defined]
            segment.value(number, 2)  # type: ignore[attr-defined]


def dicom(data: bytes) -> None:
    """A file as the image listener keeps it: its header, and what the viewer is told of it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.dcm")
        path.write_bytes(data)
        try:
            header = read_header(path)
        except DomainError:
            return
        metadata(path, url="http://127.0.0.1/", syntax=header.transfer_syntax)


def ecg(data: bytes) -> None:
    """An ECG somebody uploads, DICOM or XML."""
    with suppress(DomainError):
        read_ecg(io.BytesIO(data))


def table(data: bytes) -> None:
    """A table somebody uploads, .xlsx or .csv."""
    with suppress(DomainError):
        for _line in read_lines(data):
            pass


def archive(data: bytes) -> None:
    """A zip of images somebody uploads."""
    file = io.BytesIO(data)
    file.name, file.size = "images.zip", len(data)  # type: ignore[attr-defined]
    with suppress(DomainError):
        for piece in pieces_of(file):
            if piece.content is not None and piece.error is None:
                piece.content.read(1 << 20)


@cache
def _connections() -> list[connections.Connection]:
    return connections.all_connections()


def _messages() -> list[bytes]:
    plain = a_message()
    results = a_message(a_pid(), *_LIS, type="ORU^R01", application="LIS", facility="JYZX")
    chinese = a_message(charset="GB18030", encoding="gb18030")
    merged = a_message(a_pid(), "MRG|1002^^^XRMYY^MR", type="ADT^A40")
    return [mllp.framed(each) for each in (plain, results, chinese, merged)] + [plain]


def _images() -> list[bytes]:
    found = [get_testdata_file(name) for name in _IMAGES]
    return [Path(str(each)).read_bytes() for each in found if each]


def _ecgs() -> list[bytes]:
    return [Path(str(get_testdata_file("waveform_ecg.dcm"))).read_bytes(), building.aecg()]


def _tables() -> list[bytes]:
    rows = [["东沟村卫生室", "370612", 3], ["=1+1", "", None]]
    sheet = workbook([Sheet("机构", ["名称", "编码", "床位"], rows)])
    text = '名称,编码,床位\r\n东沟村卫生室,370612,3\r\n"a""b",\'=1,\r\n'
    return [sheet, text.encode("utf-8-sig"), text.encode("gb18030")]


def _archives() -> list[bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("胸片/1.dcm", _images()[0][:2000])
        file.writestr("../2.dcm", b"DICM")
    return [buffer.getvalue()]


TARGETS = {
    each.name: each
    for each in (
        Target("hl7", _messages, hl7),
        Target("dicom", _images, dicom),
        Target("ecg", _ecgs, ecg),
        Target("table", _tables, table),
        Target("archive", _archives, archive),
    )
}
