"""``make bench-board``: pages of the county board from computed figures, as a scoped user and as one who sees the whole county.

In one run, on one county (that of ``make bench-api``, made once): each page over HTTP with two workers, in turn with a bare
endpoint of the same server, so that ratios can be compared. The first opening, which computes what was not kept, is timed
apart. Results go to ``build/bench/board.json``; 1 where a page takes more than 300 ms (95 of 100).
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.bench.county import OUT, ROOT, WORKERS, open_county, serving

BAR_MS = 300
#: Seconds a page may wait for the worker before the measurement is given up.
PATIENCE = 900
FIGURE = "/board/figures/grassroots-share/"
PAGES = {
    "board": "/board/", "national": "/board/?group=national-2024", "figure": FIGURE,
    "ranking": f"{FIGURE}?level=facility&view=ranking", "funnel": f"{FIGURE}?level=facility&view=funnel",
    "map": f"{FIGURE}?level=township&view=map", "map of facilities": f"{FIGURE}?level=facility&view=map", "flow": "/board/flow/",
    "wall": "/board/wall/",
}  # fmt: skip


def main() -> int:
    """Measure, and write ``build/bench/board.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--home", help="a home that is there already, with a county in it")
    options = parser.parse_args()
    open_county(options.residents, home=Path(options.home) if options.home else None)
    extracted = facts()
    cookies = {"scoped": session("township-doctor"), "whole": session("bureau-officer")}
    asked = [(f"{name} ({who})", path, cookie) for who, cookie in cookies.items() for name, path in PAGES.items()]
    with serving(threads=2) as port:
        with worker():
            waited = {name: shown(port, path, cookie) for name, path, cookie in asked}
        results = {
            name: {"first_s": waited[name], **measure(port, path, cookie, options.seconds)}
            for name, path, cookie in asked
        }
    (OUT / "board.json").write_text(
        json.dumps({"bar_ms": BAR_MS, "cores": os.cpu_count(), "extracted": extracted, "pages": results}, indent=1)
    )
    show(results)
    return 0 if all(each["p95_ms"] <= BAR_MS and not each["n_wrong"] for each in results.values()) else 1


def facts() -> dict[str, Any]:
    """Bring the facts up to date, and compute what the worker computes."""
    from xinglin.indicators.facts.extraction import extract
    from xinglin.indicators.jobs import warm
    from xinglin.platform import clock

    now, began = clock.now(), time.perf_counter()
    version = extract(at=now).version
    took = time.perf_counter() - began
    assert version is not None
    began = time.perf_counter()
    warm(version, at=now)
    return {"rows": version.n_rows, "seconds": round(took, 2), "warm_seconds": round(time.perf_counter() - began, 2)}


def session(role: str) -> str:
    """The cookie of somebody signed in."""
    from django.test import Client

    from synth.accounts import user_with_role
    from tests.factories.accounts import sign_in

    user = user_with_role(role)
    return f"sessionid={sign_in(Client(), user).cookies['sessionid'].value}"


@contextmanager
def worker() -> Iterator[None]:
    """The job worker, as `worker` starts it."""
    process = subprocess.Popen([sys.executable, "-m", "xinglin", "worker"], cwd=ROOT, stdout=sys.stderr)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)  # it ends with the job it is at


def shown(port: int, path: str, cookie: str) -> float:
    """Seconds until the page shows its figures: 202 says that the worker is asked for them."""
    began = time.perf_counter()
    while (taken := time.perf_counter() - began) < PATIENCE:
        connection = HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            return round(time.perf_counter() - began, 2)
        if answer.status != 202:
            raise SystemExit(f"{path} answered {answer.status}")
        time.sleep(0.5)
    raise SystemExit(f"{path} showed no figures in {taken:.0f} s")


def measure(port: int, path: str, cookie: str, seconds: float) -> dict[str, float]:
    """One page again and again; and a bare endpoint beside it."""
    from tests.bench.load import request_bytes, run

    def again(where: str) -> Iterator[bytes]:
        return itertools.repeat(request_bytes("GET", where, headers={"Cookie": cookie, "Accept-Language": "zh-CN"}))

    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", path, headers={"Cookie": cookie})
    size = len(connection.getresponse().read())
    run(port, again(path), seconds=min(1.0, seconds), connections=WORKERS, workers=WORKERS)
    page = run(port, again(path), seconds=seconds, connections=WORKERS, workers=WORKERS)
    bare = run(port, again("/healthz"), seconds=min(2.0, seconds), connections=WORKERS, workers=WORKERS)
    return {
        "p50_ms": round(page.p50_ms, 1), "p95_ms": round(page.p95_ms, 1),
        "rps": round(page.rps, 1), "bare_p95_ms": round(bare.p95_ms, 1), "ratio": round(page.p95_ms / bare.p95_ms, 1),
        "n": page.n, "n_wrong": page.n_wrong, "bytes": size,
    }  # fmt: skip


def show(results: dict[str, dict[str, float]]) -> None:
    """A line for each page."""
    sys.stdout.write(f"{'page':<28}{'first s':>10}{'p50':>8}{'p95':>8}{'bare p95':>10}{'ratio':>8}{'kB':>7}\n")
    for name, each in results.items():
        wrong = f"  {each['n_wrong']} wrong" if each["n_wrong"] else ""
        sys.stdout.write(
            f"{name:<28}{each['first_s']:>10}{each['p50_ms']:>8}{each['p95_ms']:>8}{each['bare_p95_ms']:>10}"
            f"{each['ratio']:>8}{each['bytes'] / 1000:>7.0f}{wrong}\n"
        )


if __name__ == "__main__":
    sys.exit(main())
