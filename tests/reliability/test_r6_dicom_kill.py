"""Nothing acknowledged is lost: the listener is killed (-9) in mid-association, again and again."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
from pynetdicom import AE, build_context

from tests.bench.intake_dicom import free_port
from tests.reliability.cluster import ROOT, Cluster


def _listener(cluster: Cluster, port: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "xinglin", "dicom", "--port", str(port)], cwd=ROOT, env=cluster.environment(),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def _send(port: int, acknowledged: list[str], ended: threading.Event) -> None:
    image = dcmread(str(get_testdata_file("CT_small.dcm")))
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    entity = AE("DR1")
    entity.requested_contexts = [build_context(image.SOPClassUID, image.file_meta.TransferSyntaxUID)]
    association: Any = entity.associate("127.0.0.1", port, ae_title="XINGLIN")
    try:
        while association.is_established and not ended.is_set():
            image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            answer = association.send_c_store(image)
            if "Status" in answer and answer.Status == 0x0000:
                acknowledged.append(image.SOPInstanceUID)
    except (RuntimeError, OSError):
        pass  # the listener is gone
    finally:
        association.abort()


def _rounds(folder: Path, n_kills: int) -> tuple[int, int]:
    cluster = Cluster(folder / "home")
    cluster.start()
    acknowledged: list[str] = []
    try:
        cluster.prepare()
        subprocess.run(
            [sys.executable, "-m", "tests.reliability.images"], cwd=ROOT, env=cluster.environment(), check=True,
            capture_output=True,
        )  # fmt: skip
        for _ in range(n_kills):
            port, ended = free_port(), threading.Event()
            listener = _listener(cluster, port)
            sender = threading.Thread(target=_send, args=(port, acknowledged, ended))
            before = len(acknowledged)
            sender.start()
            deadline = time.monotonic() + 30
            while len(acknowledged) == before and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(random.uniform(0.05, 0.5))
            listener.send_signal(signal.SIGKILL)
            listener.wait()
            ended.set()
            sender.join(60)
        kept = dict(
            cluster.all(
                "SELECT i.sop_uid, f.sha256 FROM imaging_instance i JOIN platform_storedfile f ON f.id = i.file_id"
            )
        )
        files = cluster.home / "files"
        whole = [uid for uid in acknowledged if (sha := kept.get(uid)) and (files / sha[:2] / sha[2:4] / sha).is_file()]
        audited = cluster.one("SELECT count(*) FROM platform_auditrecord WHERE event = 'study.instance-stored'")
        assert audited == len(kept)
        return len(acknowledged), len(acknowledged) - len(whole)
    finally:
        cluster.kill()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_acknowledged_image_is_lost_in_twenty_kills(tmp_path: Path):
    acknowledged, lost = _rounds(tmp_path, 20)

    print(f"dicom: 20 kills, {acknowledged} acknowledged, {lost} lost")
    assert acknowledged > 20
    assert lost == 0
