"""``make bench-intake``: messages committed a second over MLLP, beside a bare receiver that only writes and syncs.

The listener runs as its own process on a database of its own under ``build/bench``. Senders wait for each answer before the next
message, as a HIS does. The bare receiver frames the same bytes, appends them to a file, syncs it and answers: what any
receiver that keeps its word must at least do. Results go under the key ``hl7`` of ``build/bench/intake.json``; other parts of the
bench write their own keys beside it.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench" / "intake.json"
BAR = 300
CONNECTIONS = (1, 4)


def main() -> int:
    """Run the HL7 part; 1 when it is below the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    results: dict[str, Any] = {"bar": BAR}
    with Listening() as port:
        rate(port, 1, 1.0, "warm")
        for connections in CONNECTIONS:
            results[f"connections_{connections}"] = {
                "per_second": round(rate(port, connections, options.seconds, "real"), 1)
            }
        results["stored"] = stored()
        results["worked_through_per_second"] = worked_through(port)
    with Bare() as port:
        for connections in CONNECTIONS:
            bare = rate(port, connections, options.seconds, "bare")
            each = results[f"connections_{connections}"]
            each.update(bare_per_second=round(bare, 1), of_bare=round(each["per_second"] / bare, 3))
    keep("hl7", results)
    show(results)
    return 0 if max(results[f"connections_{each}"]["per_second"] for each in CONNECTIONS) >= BAR else 1


def keep(key: str, results: dict[str, Any]) -> None:
    """Write results under one key, leaving the others as they are."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.write_text(json.dumps({**known, key: results}, indent=1))


class Listening:
    """The listener, with a small county and one connection for this machine."""

    def __enter__(self) -> int:
        home = ROOT / "build" / "bench" / "home-intake"
        home.mkdir(parents=True, exist_ok=True)
        os.environ.update(XINGLIN_HOME=str(home), XINGLIN_TLS="off", DJANGO_SETTINGS_MODULE="xinglin.project.settings")
        from xinglin.project import database

        database.ensure_url()
        if not (home / "loaded").exists():
            subprocess.run([sys.executable, "-m", "xinglin", "setup"], check=True, cwd=ROOT)
            subprocess.run(
                [sys.executable, "-m", "tests.reliability.world"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
            )
            (home / "loaded").touch()
        import django

        django.setup()
        from tests.factories.exchange import a_connection

        a_connection(home / "definitions")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "xinglin", "hl7", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().rpartition(":")[2])

    def __exit__(self, *_fault: object) -> None:
        self.process.terminate()
        self.process.wait(15)


class Bare:
    """A receiver that frames, appends, syncs and answers: a thread for each connection, one file each."""

    def __enter__(self) -> int:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.folder = tempfile.TemporaryDirectory(dir=ROOT / "build" / "bench")
        threading.Thread(target=self._accept, daemon=True).start()
        return int(self.server.getsockname()[1])

    def __exit__(self, *_fault: object) -> None:
        self.server.close()
        self.folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                peer, _address = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        from xinglin.exchange.mllp import Framer, framed

        framer = Framer(1_000_000)
        with peer, tempfile.TemporaryFile(dir=self.folder.name) as file:
            while data := peer.recv(65536):
                for raw in framer.feed(data):
                    file.write(raw)
                    file.flush()
                    os.fsync(file.fileno())
                    control_id = raw.split(b"|", 10)[9]
                    peer.sendall(framed(b"MSH|^~\\&|BARE\rMSA|AA|" + control_id + b"\r"))


def rate(port: int, connections: int, seconds: float, name: str) -> float:
    """Messages answered with AA a second; :raises AssertionError: any other answer"""
    counts, run = [0] * connections, f"{name}{time.monotonic_ns()}"
    started = time.perf_counter()

    def work(number: int) -> None:
        from tests.factories.exchange import a_message, a_pid
        from xinglin.exchange.envelope import reason_in
        from xinglin.exchange.mllp import Framer, framed

        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            framer = Framer(1_000_000)
            while time.perf_counter() < started + seconds:
                control_id = f"{run}-{number}-{counts[number]}"
                raw = a_message(
                    "EVN|A03|20261120", a_pid(number=control_id[-12:]), "PV1|1|O", type="ADT^A03", control_id=control_id
                )
                peer.sendall(framed(raw))
                answers: list[bytes] = []
                while not answers:
                    answers = list(framer.feed(peer.recv(65536)))
                assert reason_in(answers[0]) == ("AA", control_id), answers[0]
                counts[number] += 1

    threads = [threading.Thread(target=work, args=(each,)) for each in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def stored() -> int:
    """Messages in the database."""
    from xinglin.exchange.models import InboundMessage

    return InboundMessage.objects.count()


def worked_through(port: int, n: int = 60) -> float:
    """Registrations of new people worked through a second by one job, for comparison with storing."""
    from datetime import date, timedelta

    from tests.factories.exchange import a_message, a_pid, received
    from tests.factories.residents import an_id_number
    from xinglin.exchange import actions, connections
    from xinglin.exchange.models import InboundMessage
    from xinglin.platform import clock

    InboundMessage.objects.filter(status="RECEIVED").update(status="IGNORED")
    connection, run = connections.by_slug("his"), time.monotonic_ns()
    for number in range(n):
        born = date(1950, 1, 1) + timedelta(days=(run // 1000 + number * 37) % 20_000)
        pid = a_pid(
            number=f"{run}-{number}", id_number=an_id_number(born, sequence=run % 500), name="赵^" + chr(0x4E00 + (run + number * 7) % 5000),
            born=f"{born:%Y%m%d}", phone="",
        )  # fmt: skip
        received(a_message(pid, type="ADT^A28", control_id=f"w{run}-{number}"), at=clock.now())
    actor, began = connection.actor(), time.perf_counter()
    while actions.process_oldest(connection=connection, by=actor, at=clock.now()):
        pass
    return round(n / (time.perf_counter() - began), 1)


def show(results: dict[str, Any]) -> None:
    """The table."""
    sys.stdout.write(f"\n{'HL7 over MLLP':<18}{'msg/s':>9}{'bare':>9}{'of bare':>9}\n")
    for connections in CONNECTIONS:
        each = results[f"connections_{connections}"]
        sys.stdout.write(
            f"{connections:>2} connection(s)  {each['per_second']:>9.0f}{each['bare_per_second']:>9.0f}{each['of_bare']:>9.2f}\n"
        )
    sys.stdout.write(f"registrations worked through by one job: {results['worked_through_per_second']:.0f}/s\n")
    sys.stdout.write(f"bar {BAR}/s; written to {OUT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
