"""R5: the HL7 listener is killed in mid-stream; nothing acknowledged is lost, nothing is kept or worked through twice.

R6: its memory stays bounded whatever is sent.
"""

import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest

from tests.factories.exchange import a_connection, a_message, a_pid
from tests.reliability.cluster import ROOT, Cluster
from xinglin.exchange.envelope import reason_in
from xinglin.exchange.mllp import Framer, framed

SENDERS = 4
MB = 1024 * 1024
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("hl7"))
    found.start()
    try:
        found.prepare()
        found.world()
        target = found.home / "definitions"
        with contextlib.suppress(KeyError):  # the settings of this process know another county
            a_connection(target)
        yield found
    finally:
        found.kill()


@dataclass
class Service:
    """The listener as a process, started again after each kill on the same port."""

    cluster: Cluster
    port: int = 0
    process: Any = None

    def start(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xinglin", "hl7", "--port", str(self.port)], cwd=ROOT, text=True,
                env=self.cluster.environment(XINGLIN_LOG="ERROR"), stdout=subprocess.PIPE,
            )  # fmt: skip
            line = self.process.stdout.readline()
            if line.startswith("HL7:"):
                self.port = int(line.rpartition(":")[2])
                return
            self.process.kill()
            self.process.wait(30)
        raise AssertionError("the listener did not come up")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        self.process.terminate()
        return int(self.process.wait(30))


@pytest.fixture
def service(cluster: Cluster) -> Iterator[Service]:
    found = Service(cluster)
    found.start()
    yield found
    if found.process.poll() is None:
        found.stop()


@dataclass
class Sender(threading.Thread):
    """A HIS: sends its messages one after the other, cuts some in the middle, and sends again until each has its AA."""

    service: Service
    name_: str
    stop: threading.Event
    seed: int
    acknowledged: list[str] = field(default_factory=list)
    n_again: int = 0
    n_cut: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        dice, number = random.Random(self.seed), 0
        while not self.stop.is_set():
            control_id = f"{self.name_}-{number}"
            raw = framed(a_message(a_pid(number=control_id), control_id=control_id, type="ADT^A03"))
            while not self._deliver(raw, control_id, cut=dice.random() < 0.05):
                self.n_again += 1
                if self.stop.is_set():
                    return
                time.sleep(0.02)
            self.acknowledged.append(control_id)
            number += 1

    def _deliver(self, raw: bytes, control_id: str, *, cut: bool) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.service.port), timeout=10) as peer:
                if cut:
                    self.n_cut += 1
                    peer.sendall(raw[: len(raw) // 2])
                    return False
                peer.sendall(raw)
                framer = Framer(100_000)
                while data := peer.recv(65536):
                    for answer in framer.feed(data):
                        if reason_in(answer) != ("AA", control_id):
                            self.wrong.append(answer.decode())
                        return True
        except OSError:
            pass
        return False


def kill_in_mid_stream(service: Service, *, rounds: int) -> dict[str, int]:
    """Kill the listener `rounds` times at random moments while four systems send; compare what was told with what is kept."""
    cluster, seed = service.cluster, random.SystemRandom().randrange(10**6)
    chance, stop = random.Random(seed), threading.Event()
    senders = [Sender(service, f"k{seed}-{each}", stop, seed + each) for each in range(SENDERS)]
    for each in senders:
        each.start()
    try:
        for _ in range(rounds):
            had = sum(len(each.acknowledged) for each in senders)
            deadline = time.monotonic() + 60
            while sum(len(each.acknowledged) for each in senders) < had + 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.0, 0.3))
            service.kill()
            service.start()
        time.sleep(0.5)
    finally:
        stop.set()
        for each in senders:
            each.join(30)
    told = {control_id for each in senders for control_id in each.acknowledged}
    kept = [
        row[0]
        for row in cluster.all("SELECT control_id FROM exchange_inboundmessage WHERE control_id LIKE %s", f"k{seed}-%")
    ]
    outcome = {
        "kills": rounds, "acknowledged": len(told), "lost": len(told - set(kept)), "doubled": len(kept) - len(set(kept)),
        "sent_again": sum(each.n_again for each in senders), "cut": sum(each.n_cut for each in senders),
        "wrong_answers": sum(len(each.wrong) for each in senders), "seed": seed,
    }  # fmt: skip
    print("R5:", json.dumps(outcome))
    return outcome


def check(outcome: dict[str, int]) -> None:
    assert outcome["acknowledged"] > 20 * outcome["kills"]
    assert (outcome["lost"], outcome["doubled"], outcome["wrong_answers"]) == (0, 0, 0)


@pytest.mark.timeout(900)
def test_twenty_kills_of_the_listener_lose_and_double_nothing(service: Service) -> None:
    check(kill_in_mid_stream(service, rounds=20))


def test_a_killed_worker_works_nothing_through_twice(service: Service) -> None:
    """Each registration is one person and one status change, though the worker is killed among them."""
    cluster, run = service.cluster, str(time.monotonic_ns())
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as peer:
        framer, answers = Framer(100_000), 0
        people = json.loads(
            subprocess.run(
                [sys.executable, "-c", _PEOPLE], cwd=ROOT, env=cluster.environment(), text=True, capture_output=True, check=True
            ).stdout
        )  # fmt: skip
        for number, (name, document, born) in enumerate(people):
            pid = a_pid(number=f"{run}-{number}", id_number=document, name=name, born=born, phone="")
            peer.sendall(framed(a_message(pid, type="ADT^A28", control_id=f"p{run}-{number}")))
        while answers < len(people):
            answers += len(list(framer.feed(peer.recv(65536))))
    query = "SELECT count(*) FROM exchange_inboundmessage WHERE control_id LIKE %s AND status = 'PROCESSED'"
    worker = subprocess.Popen([sys.executable, "-m", "xinglin", "worker"], cwd=ROOT, env=cluster.environment())
    deadline = time.monotonic() + 60
    while cluster.one(query, f"p{run}-%") == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.kill()
    worker.wait(20)
    assert 0 < cluster.one(query, f"p{run}-%") < len(people), "the worker was not killed in the middle"
    subprocess.run([sys.executable, "-c", _FINISH], cwd=ROOT, env=cluster.environment(), check=True, timeout=120)

    assert cluster.one(query, f"p{run}-%") == len(people)
    assert cluster.one("SELECT count(*) FROM exchange_foreignidentifier") == len(people)
    changes = cluster.all(
        "SELECT count(*) FROM exchange_inboundstatuschange c JOIN exchange_inboundmessage m ON m.id = c.subject_id "
        "WHERE m.control_id LIKE %s GROUP BY m.id", f"p{run}-%",
    )  # fmt: skip
    assert {row[0] for row in changes} == {1}


#: Forty people who resemble nobody, as JSON: name, document, birth date.
_PEOPLE = """
import json, random
import django; django.setup()
from datetime import date, timedelta
from tests.factories.residents import an_id_number
dice = random.Random(7)
days = [date(1940, 1, 1) + timedelta(days=37 * each) for each in range(40)]
names = [dice.choice("赵钱孙李周吴郑") + "^" + chr(0x5000 + 311 * each) + chr(0x6000 + 97 * each) for each in range(40)]
print(json.dumps([[name, an_id_number(day, "1", sequence=number), f"{day:%Y%m%d}"] for number, (name, day) in enumerate(zip(names, days))]))
"""
#: What the next worker's job does: the rest, in order.
_FINISH = """
import django; django.setup()
from xinglin.exchange import jobs
jobs.process(slug="his")
"""


def test_memory_stays_bounded_whatever_is_sent(service: Service) -> None:
    """R6: 100 MB without an end on each of four connections, beside a peer that speaks properly."""
    process = psutil.Process(service.process.pid)
    Sender(service, "warm", threading.Event(), 1)._deliver(framed(a_message(control_id="warm")), "warm", cut=False)
    base, most, done = process.memory_info().rss, [0], threading.Event()

    def flood() -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", service.port), timeout=10) as peer:
            peer.sendall(b"\x0b" + a_message(control_id="big"))
            for _ in range(100):
                peer.sendall(b"A" * MB)

    def watch() -> None:
        while not done.wait(0.02):
            most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    floods = [threading.Thread(target=flood) for _ in range(4)]
    for each in floods:
        each.start()
    for each in floods:
        each.join(60)
    proper = Sender(service, "proper", threading.Event(), 1)
    is_answered = proper._deliver(framed(a_message(control_id="proper")), "proper", cut=False)
    done.set()
    watcher.join()

    print(f"R6: {(most[0] - base) / MB:.0f} MB over base")
    assert is_answered
    assert proper.wrong == []
    assert most[0] - base < 64 * MB


def test_the_listener_ends_when_asked_to(service: Service) -> None:
    assert service.stop() == 0
