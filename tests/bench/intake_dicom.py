"""``make bench-intake``, the DICOM part: instances a second committed, beside a bare receiver that writes and syncs.

Both are the same library on the same disk, in processes of their own, fed by one association at a time with the CT of
the pydicom wheel under fresh identifiers. The bare receiver writes the bytes, syncs file and folder, and answers.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
from pynetdicom import AE, build_context
from pynetdicom.sop_class import CTImageStorage

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench" / "intake.json"
N_INSTANCES, WARM = 300, 20
BAR = 0.5


def main() -> None:
    """Measure both, print, and keep the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ours = _ours(Path(name))
        bare = _bare(Path(name))
    figures = {
        "per_second": round(ours, 1),
        "bare_per_second": round(bare, 1),
        "ratio": round(ours / bare, 2),
        "bar": BAR,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    RESULT.write_text(json.dumps({**kept, "dicom": figures}, indent=2))
    print(f"dicom: {ours:.0f} instances/s committed, bare receiver {bare:.0f}/s, ratio {ours / bare:.2f} (bar {BAR})")
    if ours < BAR * bare:
        sys.exit("below the bar")


def _ours(folder: Path) -> float:
    os.environ.update(
        XINGLIN_HOME=str(folder / "home"), XINGLIN_TLS="off", DJANGO_SETTINGS_MODULE="xinglin.project.settings"
    )
    from xinglin.project import database

    database.ensure_url()
    for command in (["-m", "xinglin", "setup"], ["-m", "tests.reliability.images"]):
        subprocess.run([sys.executable, *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    port = free_port()
    listener = subprocess.Popen(
        [sys.executable, "-m", "xinglin", "dicom", "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert listener.stdout is not None
        listener.stdout.readline()
        return send(port)
    finally:
        listener.send_signal(signal.SIGTERM)
        listener.wait(20)


def _bare(folder: Path) -> float:
    port = free_port()
    target = folder / "bare"
    target.mkdir()
    receiver = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_receiver", str(port), str(target)], cwd=ROOT, stdout=subprocess.PIPE,
        text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert receiver.stdout is not None
        receiver.stdout.readline()
        return send(port)
    finally:
        receiver.kill()
        receiver.wait()


def send(port: int) -> float:
    """Send the CT under fresh identifiers in one association; instances a second after the warm-up."""
    entity = AE("DR1")
    image = dcmread(str(get_testdata_file("CT_small.dcm")))
    entity.requested_contexts = [build_context(CTImageStorage, image.file_meta.TransferSyntaxUID)]
    association: Any = entity.associate("127.0.0.1", port, ae_title="XINGLIN")
    assert association.is_established
    # The library sends command and data apart; without this the sender would wait for its own delayed acknowledgement.
    association.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    began = 0.0
    for number in range(N_INSTANCES + WARM):
        if number == WARM:
            began = time.perf_counter()
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        assert association.send_c_store(image).Status == 0
    speed = N_INSTANCES / (time.perf_counter() - began)
    association.release()
    return speed


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
