"""R1 and R2: kill -9 of the whole database, of web workers and of the job worker, under load, on real processes."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.reliability.cluster import ROOT, Cluster

#: On a machine of its own; where others compete for the processors, in proportion.
RECOVERY_SECONDS = 10 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
CLIENTS = 8
pytestmark = pytest.mark.slow


@dataclass
class Place:
    """A prepared server and what is in it."""

    cluster: Cluster
    world: dict[str, Any]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not below pytest's own folder: each session that begins closes that to other accounts, the server's among them.
    with tempfile.TemporaryDirectory(prefix="xinglin-killed-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            cluster.prepare()
            yield Place(cluster, cluster.world())
        finally:
            cluster.kill()


@pytest.fixture(autouse=True)
def _alive(place: Place) -> None:
    """A test that failed in the middle of a kill leaves no dead server to the next."""
    try:
        place.cluster.one("SELECT 1")
    except psycopg.OperationalError:
        place.cluster.kill()
        place.cluster.start()


# R1 ------------------------------------------------------------------------------------------------------------------
@dataclass
class Outcome:
    """What a series of kills left."""

    acknowledged: int
    lost: int
    unanswered: int
    without_audit: int
    recoveries: list[float]
    seed: int

    def __str__(self) -> str:
        return (
            f"R1: {len(self.recoveries)} kills of the database, {self.acknowledged} acknowledged writes, {self.lost} lost, "
            f"{self.without_audit} visits without audit record, {self.unanswered} committed without an answer, "
            f"slowest recovery {max(self.recoveries):.1f} s (seed {self.seed})"
        )


def acknowledged(folder: Path) -> set[str]:
    """What the writers were told is kept; a line still being written does not count yet."""
    found: set[str] = set()
    for path in folder.glob("writer-*.log"):
        found.update(line.strip() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n"))
    return found


def kill_under_load(place: Place, folder: Path, *, rounds: int) -> Outcome:
    """Kill the server `rounds` times at random moments while eight writers write."""
    cluster, seed = place.cluster, random.SystemRandom().randrange(10**6)
    chance, recoveries = random.Random(seed), []
    n_before = cluster.one("SELECT count(*) FROM visits_visit")
    writers = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.writers", json.dumps(place.world), str(folder)],
        cwd=ROOT, env=cluster.environment(), stdin=subprocess.PIPE,
    )  # fmt: skip
    try:
        for _ in range(rounds):
            _wait_for(lambda had=len(acknowledged(folder)): len(acknowledged(folder)) > had + 8, seconds=180)  # noqa: B008
            time.sleep(chance.uniform(0.1, 0.9))
            assert cluster.kill() > CLIENTS, "the server was not under load"
            recoveries.append(cluster.start())
        _wait_for(lambda had=len(acknowledged(folder)): len(acknowledged(folder)) > had + 8, seconds=180)  # noqa: B008
    finally:
        writers.communicate(timeout=60)
    assert writers.returncode == 0
    told = acknowledged(folder)
    kept = {str(row[0]) for row in cluster.all("SELECT uuid FROM visits_visit")}
    without_audit = cluster.one(
        "SELECT count(*) FROM visits_visit v WHERE NOT EXISTS "
        "(SELECT FROM platform_auditrecord a WHERE a.object_kind = 'visits.visit' AND a.object_key = v.uuid::text)"
    )
    return Outcome(
        len(told), len(told - kept), len(kept) - n_before - len(told & kept), without_audit, recoveries, seed
    )


def check(outcome: Outcome) -> None:
    print(outcome)
    assert outcome.lost == 0
    assert outcome.without_audit == 0
    assert max(outcome.recoveries) < RECOVERY_SECONDS


def test_no_acknowledged_write_is_lost_when_the_database_is_killed(place: Place, tmp_path: Path) -> None:
    check(kill_under_load(place, tmp_path, rounds=3))


@pytest.mark.timeout(1500)
def test_no_acknowledged_write_is_lost_in_fifty_kills(place: Place, tmp_path: Path) -> None:
    check(kill_under_load(place, tmp_path, rounds=50))


@pytest.mark.timeout(600)
def test_without_synchronous_commit_the_service_refuses_to_start(place: Place, tmp_path: Path) -> None:
    """The proof that R1 can fail: with the setting off, kills do lose writes (how many is chance; the figure is printed)."""
    cluster = place.cluster

    try:
        _set(cluster, "ALTER SYSTEM SET synchronous_commit = off")
        refused = cluster.run("check", "--database", "default", check=False)
        outcome = kill_under_load(place, tmp_path, rounds=6)
    finally:
        _set(cluster, "ALTER SYSTEM SET synchronous_commit = on")

    print(f"with synchronous_commit=off: {outcome}")
    assert refused.returncode != 0
    assert "xinglin.E001" in refused.stderr


def _set(cluster: Cluster, statement: str) -> None:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")


# R2 ------------------------------------------------------------------------------------------------------------------
@contextmanager
def served(cluster: Cluster) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The real server on a free port of loopback: (port, process)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "xinglin", "serve", "--port", str(port), "--no-jobs", "--no-dicom",
         "--hl7-port", "0"],
        cwd=ROOT, env=cluster.environment(XINGLIN_LOG="CRITICAL"), stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for(lambda: _status(port, "GET", "/healthz") == 200, seconds=180)
        yield port, server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _status(port: int, method: str, path: str) -> int:
    try:
        return _send(port, method, path)[0]
    except OSError:
        return 0


def _send(
    port: int, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body.encode() or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@dataclass
class Tally:
    """What the clients saw."""

    acknowledged: dict[str, str]
    retries: int = 0


def post_visits(port: int, world: dict[str, Any], number: int, tally: Tally, stop: threading.Event) -> None:
    """One client: a visit for each key; a key without an answer is sent again, the same, until there is one."""
    headers = {"Authorization": f"Bearer {world['token']}", "Content-Type": "application/json"}
    sequence = 0
    while not stop.is_set():
        sequence += 1
        key = f"r2-{number}-{sequence}-{time.time_ns()}"
        body = json.dumps({"resident": world["residents"][number], "systolic": 150, "diastolic": 92, "complaint": key,
                           "diagnoses": [{"code": "I10.x00"}]})  # fmt: skip
        while not stop.is_set():
            try:
                status, said = _send(port, "POST", "/api/v1/visits", body, {**headers, "Idempotency-Key": key})
            except (OSError, http.client.HTTPException):
                tally.retries += 1
                time.sleep(0.1)
                continue
            assert status == 201, said
            tally.acknowledged[key] = json.loads(said)["uuid"]
            break


def web_workers(server: psutil.Process) -> list[psutil.Process]:
    """The processes that answer requests: leaves of the tree below ``serve``."""
    return [each for each in server.children(recursive=True) if _is_worker(each)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        is_there = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return is_there and not process.children() and "resource_tracker" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False  # it went while we looked


def kill_web_workers(place: Place, *, kills: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance, tally, stop, done = random.Random(seed), Tally({}), threading.Event(), 0
    with served(place.cluster) as (port, server):
        clients = [
            threading.Thread(target=post_visits, args=(port, place.world, number, tally, stop), daemon=True)
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        try:
            for _ in range(kills):
                _wait_for(lambda had=len(tally.acknowledged): len(tally.acknowledged) > had + 8, seconds=180)  # noqa: B008
                time.sleep(chance.uniform(0.0, 0.4))
                # For a moment there may be none: what was killed is being started again.
                _wait_for(lambda: web_workers(psutil.Process(server.pid)), seconds=180)
                with contextlib.suppress(psutil.NoSuchProcess, IndexError):
                    chance.choice(web_workers(psutil.Process(server.pid))).kill()
                done += 1
            _wait_for(lambda had=len(tally.acknowledged): len(tally.acknowledged) > had + 8, seconds=180)  # noqa: B008
        finally:
            stop.set()
            for client in clients:
                client.join(60)
    kept = place.cluster.all("SELECT complaint, uuid::text FROM visits_visit WHERE complaint LIKE 'r2-%%'")
    of_this_run = [(key, uuid) for key, uuid in kept if key in tally.acknowledged]
    lost = sum(1 for key, uuid in tally.acknowledged.items() if (key, uuid) not in set(kept))
    doubled = len(of_this_run) - len({key for key, _ in of_this_run})
    print(
        f"R2: {done} kills of a web worker, {len(tally.acknowledged)} acknowledged writes, {tally.retries} tries repeated, "
        f"{lost} lost, {doubled} doubled (seed {seed})"
    )
    assert tally.retries > 0, "no kill hit a request"
    assert (lost, doubled) == (0, 0)


@pytest.mark.timeout(900)
def test_thirty_killed_web_workers_lose_and_double_nothing(place: Place) -> None:
    kill_web_workers(place, kills=30)


# Jobs ----------------------------------------------------------------------------------------------------------------


def worker_of(cluster: Cluster) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "xinglin", "worker"], cwd=ROOT, env=cluster.environment())


@pytest.mark.timeout(300)
def test_a_job_whose_worker_is_killed_is_done_once_by_the_next(place: Place) -> None:
    """The job is stopped in its middle by a lock on the table it writes to; there its worker is killed."""
    cluster = place.cluster
    made = subprocess.run(
        [sys.executable, "-m", "tests.reliability.referral", json.dumps(place.world)], cwd=ROOT, env=cluster.environment(),
        text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    referral = made.stdout.strip().splitlines()[-1]
    messages = "SELECT count(*) FROM notifications_message WHERE object_uuid = %s"
    doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND args->>'object_uuid' = %s"

    with psycopg.connect(cluster.url) as holder:
        holder.execute("LOCK TABLE notifications_message IN ACCESS EXCLUSIVE MODE")
        first = worker_of(cluster)
        _wait_for(lambda: cluster.one(doing, referral) > 0, seconds=180)
        time.sleep(0.5)
        first.kill()
        first.wait()
        in_the_middle = cluster.one(doing, referral)
        holder.rollback()
    began = time.monotonic()
    second = worker_of(cluster)
    try:
        _wait_for(lambda: cluster.one(messages, referral) > 0 and cluster.one(doing, referral) == 0, seconds=300)
        took = time.monotonic() - began
        time.sleep(5)
        effects = cluster.one(messages, referral)
    finally:
        second.terminate()
        second.wait(30)

    print(
        f"R2, jobs: killed in the middle of {in_the_middle} job, taken up again after {took:.0f} s, {effects} message kept"
    )
    assert in_the_middle == 1
    assert effects == 1


def _wait_for(true: Any, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
