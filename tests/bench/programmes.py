"""``make bench-programmes``: the village doctor's day list over HTTP, and the nightly check of everybody, on a county of the size asked for.

Sizes are measured one after another in one run, so that their ratios can be compared: figures of different machines cannot. The
database of each size is made once and kept under ``build/bench``. The nightly check is measured twice: when nothing differs, and after
one enrolment of a hundred was made to say something else, which it must put right.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.county import OUT, ROOT, WORKERS, open_county, serving

#: What the county asks for: list p95 in ms at a million residents, and seconds of the night for 130,000 managed ones on two cores.
BAR_P95_MS, BAR_NIGHT_S = 100, 300
#: Seconds of requests before those that count: each thread has a connection of its own, whose statements are prepared when they came
#: five times.
WARM_UP_S = 10.0


def main() -> None:
    """Measure the size asked for, and a tenth of it when it is large; write ``build/bench/programmes.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--one", action="store_true", help="only this size; print it as JSON")
    options = parser.parse_args()
    if options.one:
        sys.stdout.write(json.dumps(measure(options.residents, options.seconds)) + "\n")
        return
    sizes = [options.residents // 10, options.residents] if options.residents >= 100_000 else [options.residents]
    found = []
    for size in sizes:  # a process for each: settings name one database
        command = [
            sys.executable,
            "-m",
            "tests.bench.programmes",
            "--one",
            "--residents",
            str(size),
            "--seconds",
            str(options.seconds),
        ]
        answer = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(answer.stdout.splitlines()[-1]))
    result: dict[str, Any] = {"sizes": found, "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    if len(found) == 2:
        result["growth"] = {
            name: round(found[1][name] / found[0][name], 2)
            for name in ("residents", "page_p95_ms", "rest_p95_ms", "diseases_p95_ms", "count_s", "night_s")
        }
    (OUT / "programmes.json").write_text(json.dumps(result, indent=1))
    show(result)


def measure(residents: int, seconds: float) -> dict[str, Any]:
    """One size."""
    open_county(residents)
    found: dict[str, Any] = {"residents": residents, **cohort()}
    return found | list_over_http(seconds) | night()


def cohort() -> dict[str, int]:
    """How many are managed, and for how much."""
    from xinglin.programmes.models import Enrolment, ManagedResident, ProgrammeVisit

    return {
        "managed": ManagedResident.objects.count(), "enrolments": Enrolment.objects.count(),
        "visits": ProgrammeVisit.objects.count(),
    }  # fmt: skip


def list_over_http(seconds: float) -> dict[str, Any]:
    """p50 and p95 of the day list as page and as REST, for village doctors who see their own clinic."""
    with serving() as port:
        pages = load_of(port, page_requests(), seconds)
        answers = load_of(port, rest_requests(), seconds)
        counting = counted()
        diseases = load_of(port, page_requests("/programmes/diseases/"), seconds)
    return {
        "page_p50_ms": round(pages.p50_ms, 1), "page_p95_ms": round(pages.p95_ms, 1), "page_n": pages.n,
        "rest_p50_ms": round(answers.p50_ms, 1), "rest_p95_ms": round(answers.p95_ms, 1), "rest_n": answers.n,
        "diseases_p50_ms": round(diseases.p50_ms, 1), "diseases_p95_ms": round(diseases.p95_ms, 1), "count_s": counting,
    }  # fmt: skip


def load_of(port: int, requests: list[bytes], seconds: float) -> Any:
    """The requests in turn, again and again, once every thread of the server has met them."""
    from tests.bench.load import run

    def again() -> Iterator[bytes]:
        while True:
            yield from requests

    run(port, again(), seconds=WARM_UP_S, connections=WORKERS, workers=WORKERS)
    found = run(port, again(), seconds=seconds, connections=WORKERS, workers=WORKERS)
    if found.n_wrong:
        raise SystemExit(f"{found.n_wrong} of {found.n} answers were wrong: {found.sample!r}")
    return found


def doctors() -> list[Any]:
    """Village doctors of ten clinics."""
    from synth.accounts import user_with_role

    return [user_with_role("village-doctor", n) for n in range(1, 11)]


def rest_requests() -> list[bytes]:
    """The day list over REST, for each doctor."""
    from synth.accounts import token_for
    from tests.bench.load import request_bytes
    from xinglin.platform import clock

    return [request_bytes("GET", "/api/v1/programmes/due", token=token_for(each, at=clock.now())) for each in doctors()]


def counted() -> float:
    """Seconds of counting the diagnoses and ages of the whole county, as the night does."""
    from xinglin.platform import clock
    from xinglin.programmes import actions

    started = time.perf_counter()
    actions.keep_counts(at=clock.now())
    return round(time.perf_counter() - started, 1)


def page_requests(path: str = "/programmes/") -> list[bytes]:
    """A page, the day list if none is named, for each doctor, with the session he signed in to."""
    from django.conf import settings
    from django.test import Client

    from tests.bench.load import request_bytes
    from tests.factories.accounts import sign_in

    name = settings.SESSION_COOKIE_NAME
    sessions = [sign_in(Client(), each).cookies[name].value for each in doctors()]
    return [request_bytes("GET", path, headers={"Cookie": f"{name}={each}"}) for each in sessions]


def night() -> dict[str, Any]:
    """The check of everybody with two processes: when nothing differs, and when one enrolment of a hundred does."""
    from xinglin.platform import clock
    from xinglin.programmes import nightly
    from xinglin.programmes.models import Enrolment

    first = nightly.check_everybody(at=clock.now(), processes=2)
    seen = Enrolment.objects.filter(last_visit_on__isnull=False).order_by("pk")
    spoilt = Enrolment.objects.filter(pk__in=list(seen.values_list("pk", flat=True)[::100]))
    n_spoilt = spoilt.values("resident_id").distinct().count()
    spoilt.update(grade="no-such-grade", severity=4)
    started = time.perf_counter()
    second = nightly.check_everybody(at=clock.now(), processes=2)
    took = time.perf_counter() - started
    if first is None or second is None:
        raise SystemExit("a check is running already")
    if first.n_changed or second.n_changed != n_spoilt or spoilt.filter(grade="no-such-grade").exists():
        raise SystemExit(f"put right {first.n_changed} and {second.n_changed}, expected 0 and {n_spoilt}")
    seconds = (first.ended_at - first.started_at).total_seconds()
    return {
        "night_s": round(seconds, 1), "night_looked": first.n_looked, "night_spoilt_s": round(took, 1), "night_put_right": n_spoilt,
    }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """The figures beside their bars."""
    for each in result["sizes"]:
        sys.stdout.write(
            f"{each['residents']:>9,} residents, {each['managed']:,} managed, {each['visits']:,} visits\n"
            f"  day list   page p50 {each['page_p50_ms']} p95 {each['page_p95_ms']} ms, "
            f"REST p50 {each['rest_p50_ms']} p95 {each['rest_p95_ms']} ms (bar {BAR_P95_MS} ms)\n"
            f"  diseases   page p50 {each['diseases_p50_ms']} p95 {each['diseases_p95_ms']} ms, counted in {each['count_s']} s\n"
            f"  night      {each['night_s']} s for {each['night_looked']:,}, {each['night_spoilt_s']} s when "
            f"{each['night_put_right']:,} differ (bar {BAR_NIGHT_S} s at 130,000)\n"
        )
    for name, factor in result.get("growth", {}).items():
        sys.stdout.write(f"  {name} × {factor}\n")
    sys.stdout.write(f"written to {OUT.relative_to(ROOT) / 'programmes.json'}\n")


if __name__ == "__main__":
    main()
