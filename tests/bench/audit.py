"""``make bench-audit``: what the seal chain costs while writing, and how fast it is verified (S12).

Writers add audit records as fast as they can for some seconds, in turn without and with a sealer beside them; the
ratio of the medians is the cost. Then the whole chain is verified.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the benchmark and write ``build/bench/audit.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000, help="records to verify at the end, at least")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    home = ROOT / "build" / "bench" / "home-audit"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(XINGLIN_HOME=str(home), XINGLIN_TLS="off", DJANGO_SETTINGS_MODULE="xinglin.project.settings")
    from xinglin.project import database

    database.ensure_url()
    subprocess.run([sys.executable, "-m", "xinglin", "setup"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    from xinglin.platform import chain, clock

    without, beside = [], []
    for _round in range(options.rounds):
        chain.seal(at=clock.now())
        without.append(write(options.seconds, sealed=False))
        beside.append(write(options.seconds, sealed=True))
    fill(options.records)
    while chain.seal(at=clock.now()):
        pass
    finding = chain.verify()
    cost = 1 - statistics.median(beside) / statistics.median(without)
    result = {
        "write_rps": round(statistics.median(without)), "write_rps_with_sealer": round(statistics.median(beside)),
        "cost": round(cost, 3), "verified": finding.n_records, "verify_rps": round(finding.n_records / finding.seconds),
        "is_whole": finding.is_whole,
    }  # fmt: skip
    out = ROOT / "build" / "bench" / "audit.json"
    out.write_text(json.dumps(result, indent=1))
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def write(seconds: float, *, sealed: bool) -> float:
    """Records a second from four writers, each its own transaction."""
    from django.db import connection, transaction

    from xinglin.platform import audit, chain, clock
    from xinglin.platform.actors import system_actor

    by, counts, stop = system_actor("bench"), [0] * 4, threading.Event()

    def work(number: int) -> None:
        while not stop.is_set():
            with transaction.atomic():
                audit.record(
                    "bench.written", by=by, at=clock.now(), kind="bench", key=str(number), detail={"n": counts[number]}
                )
            counts[number] += 1
        connection.close()

    def seal() -> None:
        while not stop.wait(2.0):
            chain.seal(at=clock.now(), wait_seconds=1.0)
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    threads += [threading.Thread(target=seal)] if sealed else []
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def fill(n_records: int) -> None:
    """Records enough to time the verification."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_auditrecord (at, event, outcome, actor_kind, actor_id, actor_name, object_kind, object_key, reason,"
            " emergency, detail, address, request_id) SELECT now(), 'resident.viewed', 'ok', 'user', n %% 500, '某某', 'residents.resident',"
            " gen_random_uuid()::text, '', false, '{\"n\": 1}', '10.0.0.1', gen_random_uuid() FROM generate_series(1, %s) n",
            [n_records],
        )


if __name__ == "__main__":
    main()
