"""The synthetic counties of the benchmarks, one of each size, and the server that is measured on one.

A county is made once and kept as a home under ``build/bench``; every benchmark of that size uses the same.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Processes of the server that is measured: one for each of two cores.
WORKERS = 2
ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench"


def open_county(residents: int, *, home: Path | None = None) -> None:
    """Make this process work in the county of this size, loaded if it is not there yet, its tables brought up to date.

    :param home: a home with a county in it already, used as it is
    """
    folder = home or OUT / f"home-{residents}"
    for each in (OUT, folder):
        each.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        XINGLIN_HOME=str(folder.resolve()), XINGLIN_TLS="off", DJANGO_SETTINGS_MODULE="xinglin.project.settings"
    )
    from xinglin.project import database

    database.ensure_url()
    if home is None:
        loaded = folder / "loaded"
        for command in [["setup"]] if loaded.exists() else [["setup"], ["synth", "--residents", str(residents)]]:
            subprocess.run([sys.executable, "-m", "xinglin", *command], check=True, cwd=ROOT, stdout=sys.stderr)
        loaded.touch()
    import django

    django.setup()


@contextmanager
def serving(application: str = "xinglin.project.wsgi:application", *, threads: int = 4) -> Iterator[int]:
    """The server as `serve` starts it, with two workers, on a port of its own, which is given."""
    port = 18000 + os.getpid() % 1000
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS),
            "--blocking-threads", str(threads), "--log-level", "error", application,
        ],
        cwd=ROOT,
    )  # fmt: skip
    try:
        from xinglin.project.demo.client import wait_until_up

        wait_until_up(port, 120)
        yield port
    finally:
        server.terminate()
        server.wait(15)
