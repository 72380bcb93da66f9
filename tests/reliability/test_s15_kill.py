"""S15: the process that takes an upload is killed in the middle of it, again and again; sent again, everything stands once."""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.cluster import ROOT, Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROUNDS = 12


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="xinglin-upload-", ignore_cleanup_errors=True) as folder:
        made = Cluster(Path(folder))
        made.start()
        try:
            made.prepare()
            yield made
        finally:
            made.kill()


def uploader(cluster: Cluster, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.uploader", what], cwd=ROOT, env=cluster.environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def test_an_upload_killed_in_the_middle_is_sent_again_and_stands_once(cluster: Cluster):
    said = json.loads(uploader(cluster, "make").communicate(timeout=600)[0].splitlines()[-1])
    wanted, told, chosen = {each["client_id"] for each in said["changes"]}, set(), random.Random(15)
    for _round in range(ROUNDS):
        process = uploader(cluster, "send")
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(said) + "\n")
        process.stdin.flush()
        new = 0
        for line in process.stdout:  # until it has taken some it did not have, then it is killed within the next
            client_id, status, _again = line.split()
            assert status == "DONE", "each change is one that becomes a visit"
            told.add(client_id)
            new += line.strip().endswith("first")
            if new >= 4:
                break
        time.sleep(chosen.uniform(0, 0.12))
        process.kill()
        process.wait(timeout=30)
    kept = {str(row[0]) for row in cluster.all("SELECT client_id FROM programmes_programmevisit")}
    assert told <= kept, "what was acknowledged is gone"
    half = cluster.one("SELECT count(*) FROM pocket_change WHERE status = 'RECEIVED'")

    done = uploader(cluster, "send").communicate(json.dumps(said) + "\n", timeout=600)[0]

    n_visits = cluster.one("SELECT count(*) FROM programmes_programmevisit")
    print(
        f"S15: {ROUNDS} kills in mid-upload, {len(told)} acknowledged before the last, {n_visits} visits of {len(wanted)} changes"
    )
    assert half == 0
    assert len(done.splitlines()) == len(wanted)
    assert n_visits == len(wanted) == cluster.one("SELECT count(DISTINCT client_id) FROM programmes_programmevisit")
    assert cluster.one("SELECT count(*) FROM pocket_change WHERE status = 'DONE'") == len(wanted)
