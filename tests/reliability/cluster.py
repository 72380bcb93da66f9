"""A database server of its own, in a folder of its own, that may be killed without asking."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from xinglin.project import database
from xinglin.project.management.commands import setup as set_up

ROOT = Path(__file__).resolve().parents[2]
#: Starts or joins the server as the product does, says where it is, and holds it until its input ends.
KEEPER = (
    "import sys; from pathlib import Path; from xinglin.project import database; "
    "print(database.start_embedded(Path(sys.argv[1])), flush=True); sys.stdin.read()"
)


class Cluster:
    """The server, its home folder, and the process that keeps it."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.pgdata = self.home / "postgres"
        self.url = ""
        self.keeper: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        """Of processes that use this server."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "XINGLIN_", "DJANGO_"))
        }
        return {
            **kept, "XINGLIN_HOME": str(self.home), "DATABASE_URL": self.url, "XINGLIN_TLS": "off",
            "DJANGO_SETTINGS_MODULE": "xinglin.project.settings", **more,
        }  # fmt: skip

    def start(self) -> float:
        """Start, or restart after a kill; returns the seconds until the first query was answered."""
        began = time.monotonic()
        environment = {key: value for key, value in self.environment().items() if key != "DATABASE_URL"}
        self.keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(self.pgdata)], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.keeper.stdout is not None
        url = self.keeper.stdout.readline().strip()
        assert url, "the server did not start"
        assert self.url in {"", url}, "the server moved"
        self.url = url
        self.one("SELECT 1")
        return time.monotonic() - began

    def kill(self) -> int:
        """SIGKILL to every process of the server and to its keeper, in one breath; returns how many there were."""
        found = [
            each for each in psutil.process_iter(["name", "cwd", "status"]) if database._works_in(each, self.pgdata)
        ]
        for process in found:  # first looked for, then killed: the children of a killed server go by themselves
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        if self.keeper:
            self.keeper.kill()
            self.keeper.wait()
        return len(found)

    def prepare(self) -> None:
        """Roles, tables and grants."""
        set_up.make_roles(self.url)
        self.run("migrate", "--verbosity", "0", "--skip-checks", XINGLIN_DATABASE_ROLE=database.OWNER_ROLE)
        set_up.give_rights(self.url)

    def run(self, *command: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """One command of the product on this server."""
        return subprocess.run(
            [sys.executable, "-m", "xinglin", *command], cwd=ROOT, env=self.environment(**more), text=True,
            capture_output=True, check=check, timeout=600,
        )  # fmt: skip

    def world(self) -> dict[str, Any]:
        """A small county with residents and a token, made by the factories."""
        made = subprocess.run(
            [sys.executable, "-m", "tests.reliability.world"], cwd=ROOT, env=self.environment(), text=True,
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return json.loads(made.stdout.splitlines()[-1])

    def all(self, query: str, *values: Any) -> list[Any]:
        """Rows, as the superuser sees them."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def one(self, query: str, *values: Any) -> Any:
        """The first value."""
        return self.all(query, *values)[0][0]
