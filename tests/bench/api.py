"""``make bench-api``: requests a second of the hot endpoints, as a scoped user, beside bare SQL and the bare driver.

In one run, on one database of the size asked for (made once and kept under ``build/bench``): the REST endpoint with a
village doctor's token over HTTP with two workers; a bare endpoint in the same server that runs the same SQL, token look-up and log
row included; and the driver alone running it from two processes. Ratios of one run can be compared; rates of different
machines cannot.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import pickle
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from tests.bench.county import OUT, ROOT, open_county, serving

#: The best measured of the peers (50,000 patients, 4 connections), requests a second.
BEST_PEER = {
    "read": 140,
    "search_name": 37,
    "search_pinyin": 37,
    "search_identifier": 207,
    "create_visit": 152,
    "create_referral": 113,
}
CONNECTIONS = 8
#: How often an endpoint and its bare twin are timed in turn.
TURNS = 5


def main() -> None:
    """Run the benchmark and write ``build/bench/api.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--only", choices=BEST_PEER, help="one endpoint; the results of the others are left as they are"
    )
    options = parser.parse_args()
    open_county(options.residents)
    world = World()
    keep_recorded(world)
    names = [options.only] if options.only else list(BEST_PEER)
    with serving("tests.bench.bare:application") as port:
        results = {name: measure(name, port, world, options.seconds) for name in names}
    show(results, options.residents)
    out = OUT / "api.json"
    former = json.loads(out.read_text()) if options.only and out.exists() else {}
    out.write_text(json.dumps(former | results, indent=1))
    sys.stdout.write(f"written to {out.relative_to(ROOT)}\n")


def keep_recorded(world: "World") -> None:
    """Record what each endpoint runs, for the bare endpoints and the driver."""
    from tests.bench.statements import FILE, record

    clear_open_ways(world)
    FILE.write_bytes(pickle.dumps({name: record(world.cases(name)) for name in BEST_PEER}))
    clear_open_ways(world)


class World:
    """What the requests are made of: a village doctor, his token, his residents, the county hospital."""

    def __init__(self) -> None:
        from synth.accounts import token_for, user_with_role
        from xinglin.accounts.queries import actor_of_user
        from xinglin.network.models import Facility
        from xinglin.platform import clock
        from xinglin.residents.identity import possible_indexes
        from xinglin.residents.models import Resident, RosterEntry

        now = clock.now()
        user = user_with_role("village-doctor", 1)
        self.token = token_for(user, at=now)
        self.actor = actor_of_user(user, at=now)
        self.places = sorted(self.actor.places_where("resident:view") or ())
        ids = RosterEntry.objects.filter(facility_id__in=self.places, basis="MANAGED").values_list(
            "resident_id", flat=True
        )
        self.residents = list(Resident.objects.filter(pk__in=list(ids)[:2000], status="ACTIVE", died_on=None))
        self.documents = [each for each in self.residents if each.id_number and each.id_kind == "RESIDENT_ID"]
        self.indexes = {each.pk: [index.hex() for index in possible_indexes(each.id_number)] for each in self.documents}
        self.target = Facility.objects.get(pk=user_with_role("referral-desk", 1).facility_id)
        self.dice = random.Random(7)

    def cases(self, name: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
        """Requests to an endpoint, each with what it is about, without end."""
        order = self.dice.sample(self.residents, len(self.residents))
        for number, each in enumerate(itertools.cycle(order)):
            if name == "read":
                yield self._get(f"/{each.uuid}"), {"resident": str(each.uuid)}
            elif name == "search_identifier":
                document = self.dice.choice(self.documents)
                yield self._get(f"?q={document.id_number}"), {"indexes": self.indexes[document.pk]}
            elif name.startswith("search"):
                text = each.name[:2] if name == "search_name" else each.initials[:2]
                yield self._get(f"?q={quote(text)}"), {"low": text, "high": text + "\U0010ffff"}
            else:
                yield self._write(name, each, number), {"resident": str(each.uuid), "resident_id": each.pk}

    def _get(self, rest: str) -> bytes:
        from tests.bench.load import request_bytes

        return request_bytes("GET", "/api/v1/residents" + rest, token=self.token)

    def _write(self, name: str, each: Any, number: int) -> bytes:
        from tests.bench.load import request_bytes

        key = {"Idempotency-Key": f"bench-{os.getpid()}-{name}-{number}-{time.monotonic_ns()}"}
        if name == "create_visit":
            body = {
                "resident": str(each.uuid), "systolic": 138, "diastolic": 86, "complaint": "头晕",
                "diagnoses": [{"code": "I10.x00"}], "confirmed_unusual": True, **_variety(number),
            }  # fmt: skip
            return request_bytes(
                "POST", "/api/v1/visits", token=self.token, body=json.dumps(body).encode(), headers=key
            )
        body = {
            "resident": str(each.uuid), "to_facility": str(self.target.uuid), "channel": "emergency", "reason_code": "suspected-acs",
            "impression": "急性冠脉综合征？", "consent_waived": "病情危重，先救治后补签",
        }  # fmt: skip
        return request_bytes("POST", "/api/v1/referrals", token=self.token, body=json.dumps(body).encode(), headers=key)


def _variety(number: int) -> dict[str, Any]:
    """What visits have beside the pressure: most have something else. The first two, which are recorded, have not."""
    more: dict[str, Any] = {}
    if number % 3 == 2:
        more |= {"pulse": 60 + number % 50}
    if number % 5 == 3:
        more |= {"temperature": 36.5, "weight": 61.5, "height": 160}
    if number % 4 > 1:
        medicine = {"medicine": "苯磺酸氨氯地平片", "dose": "5mg", "frequency": "每日1次", "days": 28}
        more |= {"prescriptions": [medicine] * (number % 4 - 1)}
    if number % 7 == 6:
        more |= {"glucose": 6.1, "glucose_when": "FASTING", "advice": "低盐饮食"}
    return more


def measure(name: str, port: int, world: World, seconds: float) -> dict[str, float]:
    """One endpoint and its bare twin in turn, so that a machine that is slow for a while is slow for both; then the driver.

    The ratio to the bare twin is the median of the turns.
    """
    from tests.bench.load import request_bytes, together

    want = 201 if name.startswith("create") else 200

    def requests() -> Iterator[bytes]:
        for raw, _about in world.cases(name):
            yield raw

    def bare_requests() -> Iterator[bytes]:
        for _raw, parameters in world.cases(name):
            yield request_bytes("POST", f"/bare/{name}", body=json.dumps(parameters).encode())

    warm = min(1.0, seconds)
    load(name, port, world, requests, seconds=warm, want=want)
    load(name, port, world, bare_requests, seconds=warm)
    turns = []
    for _ in range(TURNS):
        one = load(name, port, world, requests, seconds=seconds / TURNS, want=want)
        turns.append((one, load(name, port, world, bare_requests, seconds=seconds / TURNS)))
    real, bare = (together(each) for each in zip(*turns, strict=True))
    driver = drive(name, world, seconds)
    for each, sort in ((real, "answers"), (bare, "bare answers")):
        if each.n_wrong:
            sys.stdout.write(f"{name}: {each.n_wrong} of {each.n} {sort} were not as wanted: {each.sample!r}\n")
    return {
        "rps": round(real.rps, 1), "p50_ms": round(real.p50_ms, 2), "p95_ms": round(real.p95_ms, 2), "n": real.n,
        "n_wrong": real.n_wrong, "bare_sql_rps": round(bare.rps, 1), "driver_rps": round(driver, 1),
        "of_bare": round(statistics.median(one.rps / other.rps for one, other in turns), 3),
        "of_driver": round(real.rps / driver, 3), "times_best_peer": round(real.rps / BEST_PEER[name], 1),
    }  # fmt: skip


def load(
    name: str, port: int, world: World, requests: Callable[[], Iterator[bytes]], *, seconds: float, want: int = 200
) -> Any:
    """Load for `seconds`. A resident is referred once on a way that is open: the ways are closed between rounds."""
    from tests.bench.load import run, together

    if name != "create_referral":
        return run(port, requests(), seconds=seconds, connections=CONNECTIONS, want=want)
    rounds = []
    while sum(each.seconds for each in rounds) < seconds:
        clear_open_ways(world)
        once = itertools.islice(requests(), len(world.residents))
        left = seconds - sum(each.seconds for each in rounds)
        rounds.append(run(port, once, seconds=left, connections=CONNECTIONS, want=want))
    clear_open_ways(world)
    return together(rounds)


def clear_open_ways(world: World) -> None:
    """End open referrals of the clinic, so that each resident may be referred again (superuser, outside the clock)."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "UPDATE referrals_referral SET status = 'CLOSED' WHERE from_facility_id = ANY(%s) AND status = 'SUBMITTED'",
            [world.places],
        )


def drive(name: str, world: World, seconds: float) -> float:
    """Runs a second of the bare driver: two processes of four threads, each resident at most once for a referral."""
    parameters = [about for _raw, about in itertools.islice(world.cases(name), len(world.residents))]
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    halves = [parameters[::2], parameters[1::2]]
    processes = [context.Process(target=_drive, args=(name, each, seconds, queue)) for each in halves]
    for process in processes:
        process.start()
    rates = [queue.get() for _ in processes]
    for process in processes:
        process.join()
    if name == "create_referral":
        clear_open_ways(world)
    return float(sum(rates))


def _drive(name: str, parameters: list[dict[str, Any]], seconds: float, queue: Any) -> None:
    from tests.bench.statements import Runner

    counts = [0] * 4
    runners = [Runner() for _ in counts]
    started = time.perf_counter()

    def work(number: int) -> None:
        mine = parameters[number::4]
        for each in mine if name == "create_referral" else itertools.cycle(mine):
            if time.perf_counter() > started + seconds:
                break
            runners[number].run(name, each)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put(sum(counts) / (time.perf_counter() - started))


def show(results: dict[str, dict[str, float]], residents: int) -> None:
    """The table."""
    sys.stdout.write(f"\n{residents:,} residents, village doctor's token, 2 workers, {CONNECTIONS} connections\n")
    sys.stdout.write(
        f"{'':<18}{'req/s':>8}{'p50 ms':>8}{'p95 ms':>8}{'bare':>8}{'of bare':>9}{'driver':>8}{'of driver':>10}{'× peer':>8}\n"
    )
    for name, each in results.items():
        sys.stdout.write(
            f"{name:<18}{each['rps']:>8.0f}{each['p50_ms']:>8.1f}{each['p95_ms']:>8.1f}{each['bare_sql_rps']:>8.0f}"
            f"{each['of_bare']:>9.2f}{each['driver_rps']:>8.0f}{each['of_driver']:>10.2f}{each['times_best_peer']:>8.1f}\n"
        )


if __name__ == "__main__":
    main()
